# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document must satisfy before it is written (the `_validate*` family of real documents)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model import table_fields
from frappe.utils import cstr, flt, strip_html, validate_email_address, validate_url


class ValidationMixin:
    """Checks of one row; `Document` calls them for itself and for its children."""

    doctype: str
    name: Any
    meta: Any
    flags: Any
    get: Any
    set: Any

    def _missing_mandatory(self) -> list[tuple[str, str]]:
        missing = []
        for df in self.meta.fields:
            if not df.reqd:
                continue
            value = self.get(df.fieldname)
            if value in (None, []) or not strip_html(cstr(value)).strip():
                if df.fieldtype in table_fields:
                    text = f"Error: Data missing in table: {df.label}"
                elif self.get("parentfield"):
                    row = f"{frappe.bold(self.doctype)} Row #{self.get('idx')}"
                    text = f"Error: {row}: Value missing for: {df.label}"
                else:
                    text = f"Error: Value missing for {df.parent}: {df.label}"
                missing.append((df.fieldname, text))
        return missing

    def _validate_mandatory(self) -> None:
        if self.flags.ignore_mandatory:
            return
        missing = self._missing_mandatory()
        for child in self.get_all_children():
            missing += child._missing_mandatory()
        if not missing:
            return
        for _fieldname, text in missing:
            frappe.msgprint(text)
        names = ", ".join(fieldname for fieldname, _text in missing)
        raise frappe.MandatoryError(f"[{self.doctype}, {self.name}]: {names}")

    def _validate_data_fields(self) -> None:
        for df in self.meta.get_data_fields():
            value = self.get(df.fieldname)
            if not value:
                continue
            if df.options == "Email" and value not in frappe.STANDARD_USERS:
                for address in cstr(value).split(","):
                    validate_email_address(address.strip(), throw=True)
            elif df.options == "URL":
                validate_url(value, throw=True)

    def _validate_selects(self) -> None:
        if frappe.flags.in_import:
            return
        for df in self.meta.get_select_fields():
            value = self.get(df.fieldname)
            if df.fieldname == "naming_series" or not (value and df.options):
                continue
            options = df.options.split("\n")
            if not any(options):
                continue
            value = cstr(value).strip()
            self.set(df.fieldname, value)
            if value not in options:
                prefix = f"Row #{self.get('idx')}: " if self.get("parentfield") else ""
                choices = '", "'.join(options)
                frappe.throw(f'{prefix} {df.label} cannot be "{value}". It should be one of "{choices}"')

    def _validate_non_negative(self) -> None:
        for df in self.meta.fields:
            if df.non_negative and flt(self.get(df.fieldname)) < 0:
                label = frappe.bold(df.label)
                frappe.throw(f"Value cannot be negative for {df.parent}: {label}", frappe.NonNegativeError)

    def _validate_length(self) -> None:
        if frappe.flags.in_install or self.meta.issingle:
            return
        from frappe.database.schema import column_of

        for df in self.meta.fields:
            kind = column_of(df) or ""
            value = self.get(df.fieldname)
            if value is None or df.fieldtype == "Check":
                continue
            if kind.startswith("varchar"):
                limit = int(kind[8 : kind.index(")")])
                if len(cstr(value)) > limit:
                    self._too_long(df, limit, value)
            elif kind.startswith("int(11)") and abs(frappe.utils.cint(value)) > 2**31 - 1:
                self._too_long(df, 2**31 - 1, value)

    def _too_long(self, df: Any, limit: int, value: Any) -> None:
        where = f"{self.doctype} {self.name}"
        if self.get("parentfield"):
            where = f"{self.doctype}, Row {self.get('idx')}"
        label = frappe.bold(df.label)
        frappe.throw(
            f"{where}: '{label}' ({value}) will get truncated, as max characters allowed is {limit}",
            frappe.CharacterLengthExceededError,
            title="Value too big",
        )

    def _sync_autoname_field(self) -> None:
        autoname = self.meta.autoname or ""
        if autoname.startswith("field:") and self.name and self.name != self.get(autoname[6:]):
            self.set(autoname[6:], self.name)

    def _invalid_links(self) -> list[str]:
        """Texts `Label: name` of links that lead nowhere; also sets fetched values."""
        out = []
        for df in self.meta.fields:
            if df.fieldtype not in ("Link", "Dynamic Link"):
                continue
            target = self.get(df.fieldname)
            if not target:
                continue
            doctype = df.options if df.fieldtype == "Link" else self.get(df.options)
            if not doctype:
                frappe.throw(f"{self.meta.get_label(df.options)} must be set first")
            if not frappe.db.exists("DocType", doctype):
                continue  # the stand-in does not model every linked DocType
            found = doctype if frappe.get_meta(doctype).issingle else frappe.db.exists(doctype, target)
            if found:
                self.set(df.fieldname, found)
                self._fetch(df.fieldname, doctype, found)
                continue
            label = f"{df.label}: {target}"
            out.append(f"Row #{self.get('idx')}: {label}" if self.get("parentfield") else label)
        return out

    def _fetch(self, link: str, doctype: str, name: str) -> None:
        for df in self.meta.fields:
            source = df.fetch_from or ""
            if source.startswith(link + ".") and not (df.fetch_if_empty and self.get(df.fieldname)):
                field = source.split(".", 1)[1]
                if frappe.get_meta(doctype).has_field(field):
                    self.set(df.fieldname, frappe.db.get_value(doctype, name, field))

    def _validate_links(self) -> None:
        if self.flags.ignore_links:
            return
        invalid = self._invalid_links()
        for child in self.get_all_children():
            invalid += child._invalid_links()
        if invalid:
            frappe.throw("Could not find {}".format(", ".join(invalid)), frappe.LinkValidationError)

    def _save_passwords(self) -> None:
        """Stars in the table, the secret in `__Auth`; an EMPTY value deletes the stored secret."""
        from frappe.utils.password import remove_encrypted_password, set_encrypted_password

        ignore = self.flags.ignore_save_passwords
        if ignore is True:
            return
        for df in self.meta.get_password_fields():
            if ignore and df.fieldname in ignore:
                continue
            secret = self.get(df.fieldname)
            if not secret:
                remove_encrypted_password(self.doctype, self.name, df.fieldname)
            elif not self.is_dummy_password(secret):
                set_encrypted_password(self.doctype, self.name, secret, df.fieldname)
                self.set(df.fieldname, "*" * len(secret))
