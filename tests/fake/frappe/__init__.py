# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of Frappe's interface as the site agent uses, for tests of the agent alone.

A database is a JSON file, ``<bench>/databases/<db_name>.json``; what is not committed is lost. Faults are switched
on by ``<bench>/switches.json``. Not the stand-in of tests/standin: nothing here is proven against real Frappe.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

__version__ = "15.0.0"


class ValidationError(Exception):
    http_status_code = 417


class DuplicateEntryError(ValidationError):
    http_status_code = 409


class AuthenticationError(Exception):
    http_status_code = 401


class OperationalError(Exception):
    """What a database driver raises."""


def field(fieldname: str, fieldtype: str = "Data", options: str = "", reqd: int = 0) -> dict[str, Any]:
    return {"fieldname": fieldname, "fieldtype": fieldtype, "options": options, "reqd": reqd}


# The framework's own DocTypes.
DOCTYPES: dict[str, dict[str, Any]] = {
    "DocType": {"fields": [field("module"), field("custom", "Check"), field("is_virtual", "Check")]},
    "Module Def": {"fields": [field("app_name")]},
    "Role": {"autoname": "field:role_name", "fields": [field("role_name", reqd=1), field("desk_access", "Check")]},
    "Has Role": {"fields": [field("role", "Link", "Role", 1), field("note")]},
    "User": {
        "autoname": "field:email",
        "fields": [
            field("email", reqd=1),
            field("first_name"),
            field("enabled", "Check"),
            field("api_key"),
            field("api_secret", "Password"),
            field("new_password", "Password"),
            field("roles", "Table", "Has Role"),
            field("details", "Section Break"),
        ],
    },
    "System Settings": {"issingle": 1, "fields": [field("enable_scheduler", "Check"), field("token", "Password")]},
    "Note": {"autoname": "hash", "fields": [field("title"), field("public", "Check")]},
    "Custom Field": {"fields": [field("dt"), field("fieldname"), field("fieldtype"), field("options")]},
    "Error Log": {"fields": []},
    "Scheduled Job Type": {
        "fields": [field(name) for name in ("method", "frequency", "cron_format", "last_execution")]
        + [field("stopped", "Check")]
    },
}

_dict = dict
local = SimpleNamespace(site="")
flags = SimpleNamespace()
session = SimpleNamespace(user="Administrator")
conf: dict[str, Any] = {}
db: Any = None


def switch(name: str) -> Any:
    """What the test asked to go wrong."""
    path = Path("../switches.json")
    return json.loads(path.read_text()).get(name) if path.exists() else None


def get_conf(site: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in ("common_site_config.json", f"{site}/site_config.json" if site else ""):
        if path and Path(path).exists():
            found.update(json.loads(Path(path).read_text()))
    return found


def init(site: str, sites_path: str = ".") -> None:
    conf.clear()
    conf.update(get_conf(site))
    local.site = site


def connect() -> None:
    from frappe.database import Database

    globals()["db"] = Database(f"../databases/{conf['db_name']}.json")


def destroy() -> None:
    globals()["db"] = None
    local.site = ""


def set_user(user: str) -> None:
    session.user = user


def clear_cache(doctype: str | None = None) -> None:
    """There is none."""


def get_installed_apps() -> list[str]:
    return list(db.data["installed"])


def get_app_path(app: str) -> str:
    return str(Path(str(importlib.import_module(app).__file__)).parent)


def get_hooks(app_name: str) -> dict[str, Any]:
    return {key: value for key, value in vars(importlib.import_module(app_name + ".hooks")).items() if key[0] != "_"}


def get_attr(dotted: str) -> Any:
    module, _dot, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


class Meta:
    """A DocType's definition, custom fields included."""

    def __init__(self, doctype: str) -> None:
        row = db.data["docs"]["DocType"][doctype]
        custom = [item for item in db.rows("Custom Field").values() if item["dt"] == doctype]
        self.fields = [
            SimpleNamespace(**{**field(""), **{key: item[key] for key in field("") if item.get(key)}})
            for item in [*row.get("fields", []), *custom]
        ]
        self.issingle = row.get("issingle", 0)
        self.autoname = row.get("autoname", "")

    def has_field(self, name: str) -> bool:
        return any(df.fieldname == name for df in self.fields)

    def get(self, _key: str, filters: dict[str, Any]) -> list[Any]:
        return [df for df in self.fields if df.fieldtype == filters["fieldtype"][1]]


def get_meta(doctype: str) -> Meta:
    return Meta(doctype)


def _fits(row: dict[str, Any], filters: dict[str, Any]) -> bool:
    tests = {"in": lambda a, b: a in b, ">": lambda a, b: str(a) > str(b), "=": lambda a, b: a == b}
    return all(
        tests[wanted[0]](row.get(name), wanted[1]) if isinstance(wanted, list) else row.get(name) == wanted
        for name, wanted in filters.items()
    )


def get_all(doctype: str, filters: Any = None, fields: Any = ("name",), pluck: str = "", limit: int = 0) -> list[Any]:
    rows = [row for row in db.rows(doctype).values() if _fits(row, filters or {})][: limit or None]
    return [row.get(pluck) for row in rows] if pluck else [{name: row.get(name) for name in fields} for row in rows]


class Document:
    """A record; saving an empty Password field deletes the stored one, as in Frappe."""

    def __init__(self, doctype: str, values: dict[str, Any]) -> None:
        self.doctype, self.values, self.flags = doctype, values, SimpleNamespace(ignore_save_passwords=[])

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))

    def as_dict(self) -> dict[str, Any]:
        return dict(self.values)

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value

    def update(self, values: dict[str, Any]) -> None:
        self.values.update(values)

    def append(self, table: str, row: dict[str, Any]) -> None:
        self.values.setdefault(table, []).append(row)

    def insert(self, ignore_permissions: bool = False, set_name: str = "") -> None:
        meta = get_meta(self.doctype)
        name = set_name or f"row{len(db.rows(self.doctype)) + 1}"
        if meta.autoname.startswith("field:"):
            name = self.values[meta.autoname[6:]]
        if self.doctype == "Custom Field":
            name = f"{self.values['dt']}-{self.values['fieldname']}"
        if name in db.rows(self.doctype):
            raise DuplicateEntryError(f"{self.doctype} {name} exists")
        self.values["name"] = name
        self.save()

    def save(self, ignore_permissions: bool = False) -> None:
        meta = get_meta(self.doctype)
        for df in meta.fields:
            value = self.values.get(df.fieldname)
            if df.reqd and not value:
                raise ValidationError(f"<b>{df.fieldname}</b> is<br>mandatory")
            if df.fieldtype == "Password" and df.fieldname not in self.flags.ignore_save_passwords:
                key = f"__Auth|{self.name}|" if df.fieldname == "new_password" else db.secret(self, df.fieldname)
                if value:
                    db.data["passwords"][key] = value
                elif not key.startswith("__Auth"):
                    db.data["passwords"].pop(key, None)
                self.values[df.fieldname] = "*" * len(value or "")
        if str(self.values.get("title")) == "refused":
            raise ValidationError("This title is refused")
        db.rows(self.doctype)[self.name] = self.values
        if self.doctype == "Custom Field":
            db.commit()  # a schema change does that by itself


def new_doc(doctype: str) -> Document:
    return Document(doctype, {})


def get_doc(doctype: str, name: str) -> Document:
    return Document(doctype, json.loads(json.dumps(db.rows(doctype).get(name, {"name": name}))))


def delete_doc(doctype: str, name: str, ignore_permissions: bool = False) -> None:
    del db.rows(doctype)[name]


def enqueue(method: str, queue: str, timeout: int, **kwargs: Any) -> Any:
    """A job that a worker has run already, unless there is no worker."""
    job = SimpleNamespace(id="job-1", exc_info=None, get_status=lambda refresh=True: "finished")
    if switch("worker") == "none":
        job.get_status = lambda refresh=True: "queued"
        return job
    try:
        answer = get_attr(method)(**kwargs)
        job.return_value = lambda: answer
    except Exception as exc:  # noqa: BLE001 -- a failed job is an answer
        job.exc_info = f"Traceback ...\n{type(exc).__name__}: {exc}\n"
        job.get_status = lambda refresh=True: "failed"
    return job
