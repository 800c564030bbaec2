# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what an app says it brings, and whether a site really has it.

``bench install-app`` can succeed and install nothing, or fail late and be called installed (systems.md 0.1),
so an app's own files are the yardstick: its DocType definitions, its hooks, its fixtures.
"""

from __future__ import annotations

import glob
import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

from .._errors import ErpopsError

# Imports an app the way every bench command does, in a process of its own: an app that raises on import
# must not take the agent with it. Prints a JSON list of problems behind a marker.
_IMPORT_TEST = """
import importlib, json, sys
app, problems = sys.argv[1], []
def attempt(name, what):
    try:
        return importlib.import_module(name)
    except BaseException as exc:
        problems.append(f"{what} {name}: {type(exc).__name__}: {exc}"[:400])
package = attempt(app, "package")
hooks = package and attempt(app + ".hooks", "hooks")
if package:
    with open(package.__path__[0] + "/modules.txt", encoding="utf-8") as handle:
        for line in handle:
            if line.strip() and not line.startswith("#"):
                attempt(app + "." + line.strip().lower().replace(" ", "_").replace("-", "_"), "module")
print("\\n--- erpops imports ---\\n" + json.dumps(problems))
"""


@dataclass
class AppContents:
    """What an app's files say it brings to a site.

    ``doctypes`` maps a name to its module; ``jobs`` are dotted methods of scheduler events; ``fixtures`` are
    (DocType, name) pairs; ``problems`` are definitions that cannot be read.
    """

    doctypes: dict[str, str] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    fixtures: list[tuple[str, str]] = field(default_factory=list)
    required_apps: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def scrub(text: str) -> str:
    """A module's name as a directory (``frappe.scrub``)."""
    return text.replace(" ", "_").replace("-", "_").lower()


def package_modules(package: str) -> list[str]:
    """The names in ``modules.txt`` of a package directory."""
    try:
        with open(os.path.join(package, "modules.txt"), encoding="utf-8") as handle:
            return [line.strip() for line in handle if line.strip() and not line.startswith("#")]
    except FileNotFoundError:
        return []


def read_definitions(package: str) -> AppContents:
    """DocTypes and fixtures from the files of an app's package directory (no framework needed)."""
    contents = AppContents()
    for module in package_modules(package):
        folder = os.path.join(package, scrub(module))
        # A package that makes its only module an alias of itself when it is imported: its DocTypes are its own (jarz_pos).
        if not os.path.isdir(folder) and scrub(module) == os.path.basename(package):
            folder = package if os.path.isdir(os.path.join(package, "doctype")) else folder
        if not os.path.isdir(folder):
            contents.problems.append(f"module {module!r} of modules.txt has no directory {scrub(module)}")
        for path in sorted(glob.glob(os.path.join(folder, "doctype", "*", "*.json"))):
            if os.path.basename(path)[:-5] != os.path.basename(os.path.dirname(path)):
                continue
            data = _read(path, contents)
            if isinstance(data, dict) and data.get("doctype") == "DocType" and data.get("name"):
                contents.doctypes[str(data["name"])] = module
    for path in sorted(glob.glob(os.path.join(package, "fixtures", "*.json"))):
        for record in _read(path, contents) or []:
            if isinstance(record, dict) and record.get("doctype") and record.get("name"):
                contents.fixtures.append((str(record["doctype"]), str(record["name"])))
    return contents


def _read(path: str, contents: AppContents) -> Any:
    try:
        with open(path, encoding="utf-8") as handle:
            return json.load(handle)
    except (OSError, ValueError) as exc:
        contents.problems.append(f"{path} cannot be read: {exc}")
        return None


def job_methods(scheduler_events: Any) -> list[str]:
    """The dotted methods of a ``scheduler_events`` hook: ``{event: [methods], "cron": {expression: [methods]}}``.

    Source: ``frappe/core/doctype/scheduled_job_type/scheduled_job_type.py: sync_jobs``.
    """
    methods: set[str] = set()
    for event, value in (scheduler_events or {}).items():
        lists = value.values() if event == "cron" and isinstance(value, dict) else [value]
        for item in lists:
            methods.update([item] if isinstance(item, str) else item)
    return sorted(methods)


def app_contents(frappe: Any, app: str) -> AppContents:
    """Definitions and hooks of an app that the bench can import."""
    contents = read_definitions(frappe.get_app_path(app))
    hooks = frappe.get_hooks(app_name=app)
    events = hooks.get("scheduler_events") or {}
    if isinstance(events, list):  # some versions wrap every hook in a list
        events = {key: value for item in events for key, value in item.items()}
    contents.jobs = job_methods(events)
    contents.required_apps = [scrub_app_name(name) for name in hooks.get("required_apps") or []]
    return contents


def scrub_app_name(requirement: str) -> str:
    """The app's name in a ``required_apps`` entry (``erpnext``, ``frappe/erpnext``, a git URL)."""
    path = re.sub(r"^(\w+://([^/]*@)?|[^/@]+@(?=[^/]+:))", "", requirement.rstrip("/"))
    return re.sub(r"\.git$", "", re.split(r"[/:]", path.partition("@")[0])[-1])


def missing_pieces(frappe: Any, app: str) -> dict[str, list[str]]:
    """What of an app is missing on the current site: ``{"doctypes", "tables", "jobs", "fixtures"}``, empty if whole."""
    contents = app_contents(frappe, app)
    found = {
        row["name"]: row
        for row in frappe.get_all(
            "DocType",
            filters={"name": ["in", list(contents.doctypes) or [""]]},
            fields=["name", "issingle", "module"],
            limit=0,
        )
    }
    virtual = (
        set(frappe.get_all("DocType", filters={"is_virtual": 1}, pluck="name", limit=0))
        if frappe.get_meta("DocType").has_field("is_virtual")
        else set()
    )
    jobs = set(
        frappe.get_all("Scheduled Job Type", filters={"method": ["in", contents.jobs or [""]]}, pluck="method", limit=0)
    )
    tables = set(frappe.db.get_tables(cached=False))
    missing = {
        "doctypes": [name for name in contents.doctypes if name not in found],
        "tables": [
            name
            for name, row in found.items()
            if not row["issingle"] and name not in virtual and f"tab{name}" not in tables
        ],
        "jobs": [method for method in contents.jobs if method not in jobs],
        "fixtures": [f"{doctype} {name}" for doctype, name in contents.fixtures if not frappe.db.exists(doctype, name)],
    }
    return {kind: names for kind, names in missing.items() if names}


# DocTypes that two official apps carry with the same meaning, because one inherited them from the other:
# (app, DocType) -> the app that owns it first. Seen in Frappe 15.105 + ERPNext 15.109.
INHERITED = {("erpnext", "Print Heading"): "frappe"}


def collisions(frappe: Any, app: str, accepted: list[str] | None = None) -> list[str]:
    """DocTypes of ``app`` that another app owns on this site; importing them would overwrite that app's.

    :param accepted: DocTypes that the operator has looked at and lets be overwritten.
    """
    return owned_by_others(frappe, app, list(app_contents(frappe, app).doctypes), accepted)


def owned_by_others(frappe: Any, app: str, names: list[str], accepted: list[str] | None = None) -> list[str]:
    """Those of the DocTypes ``names`` that are on this site and belong to another app than ``app``."""
    # Frappe takes "Jarz POS" of a definition and "jarz pos" of modules.txt for one module (frappe.scrub), as MariaDB does.
    owners = {
        scrub(row["name"]): row["app_name"]
        for row in frappe.get_all("Module Def", fields=["name", "app_name"], limit=0)
    }
    rows = frappe.get_all(
        "DocType", filters={"name": ["in", names or [""]]}, fields=["name", "module", "custom"], limit=0
    )
    taken = []
    for row in rows:
        owner = "custom" if row["custom"] else owners.get(scrub(row["module"])) or "unknown"
        if owner != app and owner != INHERITED.get((app, row["name"])) and row["name"] not in (accepted or []):
            taken.append(f"{row['name']} (of {owner}, module {row['module']})")
    return taken


def import_problems(app: str, sites: str) -> list[str]:
    """Why ``app`` cannot be imported by this interpreter; empty when it can."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_TEST, app], cwd=sites, capture_output=True, text=True, timeout=120, check=False
    )
    _noise, marker, body = done.stdout.rpartition("\n--- erpops imports ---\n")
    if not marker:
        return [f"the interpreter ended with exit code {done.returncode}: {done.stderr.strip()[-400:]}"]
    return list(json.loads(body))


def _library(name: str, in_pip: str) -> Any:
    """A library of the bench's environment, or the copy that pip carries: every environment is seeded with pip."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return importlib.import_module(f"pip._vendor.{in_pip}")


def version_fits(version: str, wanted: str) -> bool:
    """Whether ``version`` is in a range such as ``>=15.0.0,<16.0.0`` (``tool.bench.frappe-dependencies``).

    :raises ErpopsError: (422) the range cannot be read.
    """
    specifiers = _library("packaging.specifiers", "packaging.specifiers")
    try:
        return bool(specifiers.SpecifierSet(wanted.replace(" ", "")).contains(version, prereleases=True))
    except specifiers.InvalidSpecifier as exc:
        raise ErpopsError(
            "cannot read a version range", seen=wanted, needed="such as >=15.0.0,<16.0.0", status=422
        ) from exc


def read_pyproject(folder: str) -> dict[str, Any]:
    """``pyproject.toml`` of an app's folder (``{}`` if it has none).

    :raises ErpopsError: (422) it is not valid TOML.
    """
    path = os.path.join(folder, "pyproject.toml")
    if not os.path.exists(path):
        return {}
    toml = _library("tomllib", "tomli")  # tomllib came with Python 3.11
    try:
        with open(path, "rb") as handle:
            return dict(toml.load(handle))
    except ValueError as exc:
        raise ErpopsError("pyproject.toml cannot be read", object=path, seen=str(exc), status=422) from exc


def version_problems(folder: str, versions: dict[str, str]) -> list[str]:
    """Ranges of ``tool.bench.frappe-dependencies`` that the bench's apps (``{app: version}``) do not fit."""
    wanted = read_pyproject(folder).get("tool", {}).get("bench", {}).get("frappe-dependencies", {})
    problems = []
    for app, spec in wanted.items():
        if app not in versions:
            problems.append(f"needs {app} {spec}, which this bench does not have")
        elif not version_fits(versions[app], str(spec)):
            problems.append(f"needs {app} {spec}, this bench has {versions[app]}")
    return problems
