# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: the kinds of checks, their arguments, titles and remedies.

Arguments are written ``name:type`` with a name of ``_checks_types.TYPES``, or ``a|b`` for a choice; ``!`` behind the
type: it must be given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._checks_outcome import listed
from ._redact import looks_secret

Args = dict[str, Any]
CONFIG_TYPES = ("bool", "int", "float", "str", "list", "dict")


@dataclass(frozen=True)
class Kind:
    """One kind of check: the agent's file that runs it (``_checks_<part>``), its arguments, its words."""

    part: str
    args: str
    title: Callable[[Args], str]
    remedy: str
    any_of: tuple[str, ...] = ()
    rules: tuple[Callable[[Args], str], ...] = ()

    def arguments(self) -> dict[str, str]:
        """Argument -> its type, in the table's order."""
        return dict(item.split(":") for item in self.args.split())


def _one_of(*names: str) -> Callable[[Args], str]:
    def rule(args: Args) -> str:
        given = [name for name in names if name in args]
        return "" if len(given) < 2 else f"{' and '.join(given)} exclude each other"

    return rule


def _needs(name: str, *others: str) -> Callable[[Args], str]:
    return lambda args: f"{name} needs {' and '.join(others)}" if name in args and set(others) - args.keys() else ""


def _known_types(args: Args) -> str:
    unknown = sorted({text for text in args.get("types", {}).values() if text not in CONFIG_TYPES})
    return f"types: {listed(unknown)} is none of {', '.join(CONFIG_TYPES)}" if unknown else ""


def _no_secret_compared(args: Args) -> str:
    secret = [key for key in args.get("equal", {}) if looks_secret(key)]
    return f"equal: {listed(secret)} sounds like a secret, which is never compared here" if secret else ""


def _readable(args: Args) -> str:
    if "mode" in args and not re.fullmatch(r"0?[0-7]{3}", args["mode"]):
        return "mode must be octal text, such as '0600'"
    if "commit" in args and not re.fullmatch(r"[0-9a-f]{7,40}", args["commit"]):
        return "commit must be seven or more hexadecimal digits"
    return ""


def _some_doctype(args: Args) -> str:
    words = [word for word in ("exists", "issingle", "istable", "module") if word in args and "doctypes" not in args]
    return f"{words[0]} needs doctypes" if words else ""


_BOUNDS = "equals:count min:count max:count"

KINDS: dict[str, Kind] = {
    "imports": Kind(
        "imports",
        "modules:texts attributes:texts apps:texts limit:count",
        lambda a: "imports of " + listed(a.get("modules", []) + a.get("attributes", []) + a.get("apps", [])),
        "install the app's requirements into the bench, repair the app, or pin another commit (playbooks/deploy.yml)",
        any_of=("modules", "attributes", "apps"),
    ),
    "apps": Kind(
        "apps",
        "contain:texts equal:texts absent:texts whole:texts versions:labels patched:texts app:text commit:text clean:flag",
        lambda a: (
            "apps: "
            + ", ".join(
                f"{key} {listed(value)}" if isinstance(value, (list, dict)) else f"{key} {value}"
                for key, value in a.items()
            )
        ),
        "compare site_apps and the pinned commits of the inventory, then run playbooks/deploy.yml or provision.yml",
        any_of=("contain", "equal", "absent", "whole", "versions", "patched", "commit", "clean"),
        rules=(_needs("commit", "app"), _needs("clean", "app"), _readable, _one_of("contain", "equal")),
    ),
    "doctype": Kind(
        "schema",
        "doctypes:texts exists:flag issingle:flag istable:flag module:text of_app:text",
        lambda a: "DocTypes " + listed(a.get("doctypes", [])) if "doctypes" in a else f"DocTypes of {a.get('of_app')}",
        "migrate the site (playbooks/deploy.yml); a DocType of another module was overwritten: restore the site",
        any_of=("doctypes", "of_app"),
        rules=(_some_doctype,),
    ),
    "field": Kind(
        "schema",
        "doctype:text! fields:labels options:labels custom_min:count",
        lambda a: f"fields of {a['doctype']}" + (f": {listed(a['fields'])}" if "fields" in a else ""),
        "migrate the site, which makes the fields that the app brings (playbooks/deploy.yml)",
        any_of=("fields", "options", "custom_min"),
    ),
    "index": Kind(
        "schema",
        "doctype:text! columns:texts! unique:flag",
        lambda a: f"index of {a['doctype']} on {listed(a['columns'])}",
        "migrate the site; the app's after_migrate makes the index",
    ),
    "records": Kind(
        "records",
        "doctype:text! filters:filters since:number " + _BOUNDS,
        lambda a: f"number of {a['doctype']}" + (f" where {a['filters']}" if a.get("filters") else ""),
        "look at the records in the desk; make or remove them in the inventory (site_documents)",
    ),
    "values": Kind(
        "records",
        "doctype:text! name:text filters:filters equal:mapping set:texts secrets_set:texts secrets_unset:texts",
        lambda a: f"values of {a['doctype']}" + (f" {a['name']}" if "name" in a else ""),
        "set them in the inventory (site_documents) and run playbooks/configure.yml",
        any_of=("equal", "set", "secrets_set", "secrets_unset"),
        rules=(_one_of("name", "filters"), _no_secret_compared),
    ),
    "sync_log": Kind(
        "records",
        "doctype:text! filters:filters equal:mapping! newest:count since:number min:count",
        lambda a: f"newest {a['doctype']}" + (f" where {a['filters']}" if a.get("filters") else ""),
        "look at the newest rows and at the site's Error Log, correct the cause and run the job again",
    ),
    "balanced": Kind(
        "records",
        "voucher_type:text! filters:filters since:number tolerance:number min:count",
        lambda a: f"general ledger of {a['voucher_type']}",
        "look at the named vouchers' General Ledger; cancel and repost what the integration wrote wrongly",
    ),
    "config": Kind(
        "files",
        "scope:site|common types:labels equal:mapping set:texts absent:texts https:texts mode:text",
        lambda a: "common_site_config.json" if a.get("scope") == "common" else "site_config.json",
        "declare the keys in the inventory (site_config, site_config_secrets) and run playbooks/configure.yml",
        any_of=("types", "equal", "set", "absent", "https", "mode"),
        rules=(_known_types, _no_secret_compared, _readable),
    ),
    "leak": Kind(
        "files",
        "names:texts files:texts megabytes:count",
        lambda a: "secrets in logs",
        "change the secret where it was issued, then remove it from the named files",
    ),
    "jobs": Kind(
        "jobs",
        "prefix:text! methods:texts stopped:none|all|any logs:complete since:number fresh:number " + _BOUNDS,
        lambda a: f"scheduled jobs of {a['prefix']}",
        "look at Scheduled Job Log; start or stop jobs with erpops.frappe.scheduler",
        rules=(_needs("since", "logs"),),
    ),
    "scheduler": Kind(
        "jobs",
        "state:enabled|disabled",
        lambda a: f"scheduler {a.get('state', 'enabled')}",
        "erpops.frappe.scheduler state: enabled; remove maintenance_mode and pause_scheduler with erpops.frappe.site_config",
    ),
    "workers": Kind(
        "jobs",
        "queues:texts! pending_max:count",
        lambda a: f"workers of {listed(a['queues'])}",
        "start the bench's processes (playbooks/setup.yml), look at logs/worker.error.log",
    ),
    "errors": Kind(
        "jobs",
        "since:number! titles:texts texts:texts max:count",
        lambda a: (
            "Error Log"
            + (f" like {listed(a.get('titles', []) + a.get('texts', []))}" if {"titles", "texts"} & a.keys() else "")
        ),
        "read these rows of Error Log in the desk, correct the cause",
    ),
    "links": Kind(
        "links",
        "app:text! path:text after:texts accept:texts",
        lambda a: f"links of {a['app']}'s fixtures",
        "make these records first (site_documents), or install the app that brings them before this one",
    ),
    "collisions": Kind(
        "links",
        "app:text! path:text accept:texts",
        lambda a: f"DocTypes of {a['app']} against those of other apps",
        "rename the app's DocTypes before it is installed; it would overwrite those of the other app",
    ),
    "savable": Kind(
        "trial",
        "doctype:text! values:mapping! submit:flag",
        lambda a: f"a {a['doctype']} can be saved",
        "the traceback's last line names the app whose hook fails: repair it, or take the app off the site",
    ),
    "method": Kind(
        "trial",
        "method:text! kwargs:kwargs user:text expect:mapping expect_min:numbers expect_max:numbers",
        lambda a: f"answer of {a['method']}",
        "call the method by hand and look at the site's Error Log",
    ),
}
