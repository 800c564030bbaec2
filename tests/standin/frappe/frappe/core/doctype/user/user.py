# SPDX-License-Identifier: GPL-3.0-or-later
"""User (imitates `frappe/core/doctype/user/user.py`)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils.password import check_password, update_password

COMMON = ("password", "passwort", "admin", "123456", "qwerty", "letmein", "welcome", "secret")


class User(Document):
    def autoname(self) -> None:
        """The e-mail address in lower case; Administrator and Guest keep their names."""
        if self.get("name") in frappe.STANDARD_USERS or self.first_name in frappe.STANDARD_USERS:
            self.name = self.get("name") or self.first_name
        else:
            self.email = (self.email or "").strip().lower()
            self.name = self.email

    def before_insert(self) -> None:
        """More than `throttle_user_limit` (60) users within an hour are refused."""
        since = frappe.utils.add_to_date(None, hours=-1)
        young = 0 if frappe.flags.in_import else frappe.db.count("User", {"creation": [">=", since]})
        if young > frappe.utils.cint(frappe.conf.get("throttle_user_limit", 60)):
            frappe.throw("Throttled")

    def validate(self) -> None:
        self.__new_password = self.new_password
        self.new_password = ""
        if self.__new_password and not self.flags.ignore_password_policy:
            check_password_policy(self.__new_password, [self.first_name, self.last_name, self.email])
        if self.name not in frappe.STANDARD_USERS:
            self.email = self.name
        self.full_name = " ".join(filter(None, [self.first_name, self.last_name]))
        gone = frappe.get_all("Role", filters={"disabled": 1}, pluck="name")
        seen: set[str] = set()
        for row in list(self.roles or []):
            if not row.role or row.role in seen or row.role in gone:
                self.remove(row)
            seen.add(row.role)
        self._set_user_type()
        self._set_username()

    def _set_username(self) -> None:
        """A new user gets the scrubbed first name, unless somebody else has it."""
        if not self.username and self.is_new() and self.first_name:
            self.username = frappe.scrub(self.first_name)
        others = {"username": self.username, "name": ["!=", self.name]}
        if self.username and frappe.db.exists("User", others):
            self.username = ""

    def _set_user_type(self) -> None:
        """A role with desk access makes a System User, none a Website User."""
        if self.name in frappe.STANDARD_USERS:
            self.user_type = "System User" if self.name == "Administrator" else "Website User"
            return
        roles = [row.role for row in self.roles or []]
        desk = frappe.get_all("Role", filters={"name": ["in", roles], "desk_access": 1}, pluck="name")
        self.user_type = "System User" if [r for r in desk if r not in ("All", "Guest")] else "Website User"

    def on_update(self) -> None:
        if self.__new_password:
            update_password(self.name, self.__new_password, logout_all_sessions=self.logout_all_sessions)

    def on_trash(self) -> None:
        if self.name in frappe.STANDARD_USERS:
            frappe.throw(f"User {self.name} cannot be deleted")
        frappe.db.delete("Sessions", {"user": self.name})

    def append_roles(self, *roles: str) -> None:
        current = {row.role for row in self.get("roles") or []}
        for role in roles:
            if role not in current:
                self.append("roles", {"role": role})

    def add_roles(self, *roles: str) -> None:
        self.append_roles(*roles)
        self.save()

    def remove_roles(self, *roles: str) -> None:
        for row in list(self.get("roles") or []):
            if row.role in roles:
                self.remove(row)
        self.save()

    @classmethod
    def find_by_credentials(cls, user_name: str, password: str, validate_password: bool = True) -> Any:
        """User by name or e-mail, with `is_authenticated`."""
        filters = {"name": user_name} if frappe.db.exists("User", user_name) else {"email": user_name}
        user = frappe.db.get_value("User", filters, ["name", "enabled"], as_dict=True)
        if not user:
            return None
        user["is_authenticated"] = True
        try:
            check_password(user.name, password)
        except frappe.AuthenticationError:
            user["is_authenticated"] = False
        return user


def check_password_policy(password: str, personal: list[str | None]) -> None:
    """A rough stand-in for zxcvbn: short, monotonous, common or personal passwords are too weak."""
    settings = frappe.db.get_singles_dict("System Settings")
    if not frappe.utils.cint(settings.enable_password_policy):
        return
    words = [*COMMON, *(str(word).split("@")[0].lower() for word in personal if word)]
    rest = password.lower()
    for word in words:
        rest = rest.replace(word, "") if len(word) > 3 else rest
    if len(set(rest)) < 4 + frappe.utils.cint(settings.minimum_password_score) // 2 or len(password) < 6:
        frappe.throw("Better add a few more letters or another word", title="Invalid Password")


@frappe.whitelist()
def generate_keys(user: str) -> dict[str, str]:
    """New secret, at once and on every call; the key is made only once. Needs System Manager."""
    frappe.only_for("System Manager")
    user_details = frappe.get_doc("User", user)
    api_secret = frappe.generate_hash(length=15)
    if not user_details.api_key:
        user_details.api_key = frappe.generate_hash(length=15)
    user_details.api_secret = api_secret
    user_details.save()
    return {"api_key": user_details.api_key, "api_secret": api_secret}
