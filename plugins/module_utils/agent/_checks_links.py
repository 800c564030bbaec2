# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what an app's files would meet on this site, told before the app is installed.

Everything is read from the package's files: an app that cannot be imported, or is on no bench yet, is looked at as well.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .._errors import ErpopsError
from ._app_checks import owned_by_others, package_modules
from ._checks_outcome import Outcome, judged, listed
from ._field_values import TABLE_TYPES

LINK_TYPES = ("Link", "Dynamic Link")
_SKIPPED = ("node_modules", "public", "__pycache__", ".git")
_CHUNK = 500

Fields = dict[str, tuple[str, str]]


@dataclass
class Package:
    """What an app's files bring: ``records`` of fixtures, ``documents`` that come with its modules."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    brought: set[tuple[str, str]] = field(default_factory=set)
    records: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def package_of(look: Any, args: dict[str, Any], app: str = "") -> str:
    """The package directory of an app: ``path``, or its place on the bench.

    :raises ErpopsError: (404) there is none.
    """
    name = app or args["app"]
    path = args.get("path") if not app else None
    path = str(path or os.path.join(look.context.bench.apps, name, name))
    if not os.path.isdir(path):
        raise ErpopsError(
            "is no package directory",
            object=path,
            needed=f"the files of {name}",
            hint="bring the app onto the bench first (erpops.frappe.bench_app), or give `path`",
            status=404,
        )
    return path


def documents(package: str) -> Iterator[dict[str, Any]]:
    """Documents that come with an app's modules: JSON files called like their directory, however deep."""
    for folder, inside, files in os.walk(package):
        inside[:] = sorted(name for name in inside if name not in _SKIPPED)
        name = os.path.basename(folder) + ".json"
        if name not in files:
            continue
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as handle:
                data = json.load(handle)
        except (OSError, ValueError):
            continue  # no document; the app's installation says more of it (missing_pieces)
        if isinstance(data, dict) and data.get("doctype") and data.get("name"):
            yield data


def read_package(package: str) -> Package:
    """An app's documents and the records of its fixtures."""
    found = Package()
    for data in documents(package):
        found.brought.add((data["doctype"], str(data["name"]).lower()))
        if data["doctype"] == "DocType":
            found.documents[data["name"]] = data
    found.brought |= {("Module Def", name.lower()) for name in package_modules(package)}
    folder = os.path.join(package, "fixtures")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not name.endswith(".json"):
            continue
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as handle:
                data = json.load(handle)
        except (OSError, ValueError) as exc:
            found.problems.append(f"fixtures/{name} cannot be read: {exc}")
            continue
        found.records += [
            row for row in (data if isinstance(data, list) else [data]) if isinstance(row, dict) and row.get("doctype")
        ]
    found.brought |= {(row["doctype"], str(row["name"]).lower()) for row in found.records if row.get("name")}
    return found


def fields_of(definition: dict[str, Any]) -> Fields:
    """``{fieldname: (fieldtype, options)}`` of a DocType's definition."""
    rows = definition.get("fields") or []
    return {
        row["fieldname"]: (row.get("fieldtype", ""), row.get("options") or "") for row in rows if row.get("fieldname")
    }


def custom_fields(records: list[dict[str, Any]]) -> dict[str, Fields]:
    """Fields that the fixtures themselves add to DocTypes."""
    found: dict[str, Fields] = defaultdict(dict)
    for row in records:
        if row["doctype"] == "Custom Field" and row.get("fieldname"):
            found[str(row.get("dt"))][row["fieldname"]] = (row.get("fieldtype", ""), row.get("options") or "")
    return found


def targets(record: dict[str, Any], fields: Any) -> Iterator[tuple[str, str]]:
    """``(DocType, name)`` of everything that a record and the rows of its tables link to.

    :param fields: DocType -> its :data:`Fields`; ``None`` for a DocType that nobody knows.
    """
    known = fields(record["doctype"]) or {}
    for name, (kind, options) in known.items():
        value = record.get(name)
        if not value:
            continue
        if kind == "Link":
            yield options, str(value)
        elif kind == "Dynamic Link" and record.get(options):
            yield str(record[options]), str(value)
        elif kind in TABLE_TYPES and isinstance(value, list):
            for row in value:
                if isinstance(row, dict):
                    yield from targets({**row, "doctype": options}, fields)
    # A field of this type needs the DocType itself, which no Link field says.
    if (
        record["doctype"] == "Custom Field"
        and record.get("fieldtype") in ("Link", *TABLE_TYPES)
        and record.get("options")
    ):
        yield "DocType", str(record["options"])


class Knowledge:
    """The fields of DocTypes: of the site, of the app's files, and those that its fixtures add."""

    def __init__(self, frappe: Any, package: Package, definitions: dict[str, Any]) -> None:
        self.frappe, self.definitions = frappe, definitions
        self.there = set(frappe.get_all("DocType", pluck="name", limit=0))
        self.added = custom_fields(package.records)
        self._known: dict[str, Fields | None] = {}

    def fields(self, doctype: str) -> Fields | None:
        """``None`` for a DocType that is neither on the site nor in the files."""
        if doctype not in self._known:
            known: Fields | None = None
            if doctype in self.there:
                known = {df.fieldname: (df.fieldtype, df.options or "") for df in self.frappe.get_meta(doctype).fields}
            elif doctype in self.definitions:
                known = fields_of(self.definitions[doctype])
            self._known[doctype] = None if known is None else {**known, **self.added.get(doctype, {})}
        return self._known[doctype]


def missing_targets(
    knowledge: Knowledge, package: Package, brought: set[tuple[str, str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """DocTypes that are not there yet, and by DocType the documents that are not."""
    absent = {record["doctype"] for record in package.records if knowledge.fields(record["doctype"]) is None}
    wanted: dict[str, set[str]] = defaultdict(set)
    for record in package.records:
        for doctype, name in targets(record, knowledge.fields):
            if (doctype, name.lower()) not in brought:
                wanted[doctype].add(name)
    # Of a DocType that comes with the app there is no document yet but those that come with it too.
    absent |= wanted.keys() - knowledge.there - knowledge.definitions.keys()
    missing: dict[str, list[str]] = {}
    for doctype in sorted(wanted.keys() - absent):
        names = sorted(wanted[doctype])
        found = _existing(knowledge.frappe, doctype, names) if doctype in knowledge.there else set()
        if lacking := [name for name in names if name.lower() not in found]:
            missing[doctype] = lacking
    return sorted(absent | set(missing.pop("DocType", []))), missing


def _existing(frappe: Any, doctype: str, names: list[str]) -> set[str]:
    """Names (lower case: the database compares so) of those that are there."""
    meta = frappe.get_meta(doctype)
    if meta.issingle or getattr(meta, "is_virtual", 0):
        return {name.lower() for name in names}
    found: set[str] = set()
    for start in range(0, len(names), _CHUNK):
        rows = frappe.get_all(doctype, filters={"name": ["in", names[start : start + _CHUNK]]}, pluck="name", limit=0)
        found |= {str(name).lower() for name in rows}
    return found


def links(look: Any, args: dict[str, Any]) -> Outcome:
    """Whatever an app's fixtures link to is on the site, or comes with the app (or with those installed before it)."""
    package = read_package(package_of(look, args))
    brought, definitions = set(package.brought), dict(package.documents)
    for app in args.get("after", []):
        other = read_package(package_of(look, args, app))
        brought |= other.brought
        definitions |= other.documents
    absent, missing = missing_targets(Knowledge(look.frappe, package, definitions), package, brought)
    accepted = set(args.get("accept", []))
    absent = [name for name in absent if name not in accepted]
    missing = {
        doctype: left
        for doctype, names in missing.items()
        if doctype not in accepted and (left := [name for name in names if f"{doctype} {name}" not in accepted])
    }
    faults = list(package.problems)
    faults += [f"DocTypes that are not there: {listed(absent)}"] if absent else []
    faults += [f"{doctype}: {listed(names)}" for doctype, names in missing.items()]
    return judged(
        faults,
        f"{len(package.records)} records of fixtures, all links lead to a document",
        "every link leads to a document of the site or of the app",
        value={"doctypes": absent, "missing": missing},
    )


def collisions(look: Any, args: dict[str, Any]) -> Outcome:
    """No DocType of the app's files is another app's on this site."""
    names = [data["name"] for data in documents(package_of(look, args)) if data["doctype"] == "DocType"]
    taken = owned_by_others(look.frappe, args["app"], names, args.get("accept"))
    return judged(
        taken, f"{len(names)} DocTypes, none of another app", "no DocType that another app owns", value=len(names)
    )


CHECKS = {"links": links, "collisions": collisions}
