# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what a migration of a site would do, from an app's files and what the database has."""

from __future__ import annotations

import configparser
import hashlib
import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ._app_checks import scrub
from ._app_tree import Tree

# In the order in which Frappe runs them: patches of the first section, definitions, patches of the second, and at the end
# of either section's turn what stands behind `finally:`.
SECTIONS = ("pre_model_sync", "post_model_sync")
_FINALLY = "finally:"


@dataclass
class AppFiles:
    """What a migration reads of an app at a commit.

    ``patches``: section -> lines; ``doctypes``: name -> MD5 of its definition's file, which Frappe keeps as
    ``DocType.migration_hash``; ``modules``: those of ``modules.txt``.
    """

    patches: dict[str, list[str]] = field(default_factory=dict)
    doctypes: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)


def parse_patches(text: str) -> dict[str, list[str]]:
    """``patches.txt`` as Frappe reads it (``frappe/modules/patch_handler.py``): the whole line is the patch.

    With sections it is read as INI, whose comments are lines that begin with ``#`` or ``;``. Without, every line belongs
    to the first section.

    :raises ValueError: Frappe could not read it either (a section is missing, a line stands there twice).
    """
    parser = configparser.ConfigParser(allow_no_value=True, delimiters="\n")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(text)
    except configparser.MissingSectionHeaderError:
        # frappe.get_file_items: a comment behind a blank is none.
        lines = [line.strip() for line in text.strip().splitlines() if line.strip() and not line.startswith("#")]
        return {SECTIONS[0]: lines, SECTIONS[1]: []}
    except configparser.Error as exc:
        raise ValueError(" ".join(str(exc).split())) from exc
    if not parser.sections():
        return {section: [] for section in SECTIONS}
    missing = [section for section in SECTIONS if section not in parser]
    if missing:
        raise ValueError(f"patches.txt has no section {missing[0]}")
    return {section: list(parser[section]) for section in SECTIONS}


def pending(lines: Iterable[str], executed: set[str]) -> list[str]:
    """Those of ``lines`` that were not run. Patch Log has a line without its ``finally:``."""
    return [line for line in lines if line.removeprefix(_FINALLY) not in executed]


def read_app(tree: Tree, package: str) -> AppFiles:
    """An app's files. :raises ValueError: what cannot be read; names the file."""
    modules_file = tree.file(f"{package}/modules.txt")
    patches_file = tree.file(f"{package}/patches.txt")
    lines = [line.strip() for line in modules_file.text.splitlines()] if modules_file else []
    modules = [line for line in lines if line and not line.startswith("#")]
    # An app may have links for its modules' folders.
    folders = {tree.folder(f"{package}/{scrub(module)}") for module in modules}
    doctypes = {}
    for path, definition in tree.doctypes(package).items():
        # <package>/<module>/doctype/<name>/<name>.json; Frappe looks nowhere else.
        if posixpath.dirname(posixpath.dirname(posixpath.dirname(path))) in folders:
            data = tree.entries[path].data
            doctypes[str(definition["name"])] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return AppFiles(parse_patches(patches_file.text if patches_file else ""), doctypes, modules)


def last_definitions(apps: Mapping[str, AppFiles]) -> dict[str, AppFiles]:
    """The same apps, each DocType with the last of those that define it: what is imported last is what the site has.

    ERPNext has a DocType of Frappe's, Print Heading, which each migration so imports twice.
    """
    owner = {doctype: name for name, files in apps.items() for doctype in files.doctypes}
    return {
        name: replace(files, doctypes={one: md5 for one, md5 in files.doctypes.items() if owner[one] == name})
        for name, files in apps.items()
    }


def app_changes(
    files: AppFiles, executed: set[str], stored: Mapping[str, Mapping[str, Any]], defined: Collection[str]
) -> dict[str, Any]:
    """What the app's part of a migration would do.

    :param executed: lines of Patch Log that were not skipped.
    :param stored: the site's DocTypes by name, with ``migration_hash``, ``module`` and ``custom``.
    :param defined: DocTypes that any app defines.
    """
    patches = {section: pending(files.patches.get(section, []), executed) for section in SECTIONS}
    own = {name for name, row in stored.items() if row["module"] in files.modules and not row["custom"]}
    return {
        "patches": patches,
        "doctypes": {
            "added": sorted(set(files.doctypes) - set(stored)),
            "changed": sorted(
                name for name, md5 in files.doctypes.items() if name in stored and stored[name]["migration_hash"] != md5
            ),
            "removed": sorted(own - set(defined)),
        },
    }


def is_empty(changes: Mapping[str, Any]) -> bool:
    """Whether an app's part would do nothing that is known beforehand."""
    return not any(changes["patches"].values()) and not any(changes["doctypes"].values())


def no_return(apps: Iterable[Mapping[str, Any]]) -> str:
    """From what on only a backup takes the site back: MariaDB commits each change of a table, whatever follows."""
    found = list(apps)
    for app in found:
        for line in app["patches"][SECTIONS[0]]:
            return f"the patch {line} of {app['name']}"
    for app in found:
        for kind in ("changed", "added", "removed"):
            for name in app["doctypes"][kind]:
                return f"the DocType {name} of {app['name']}"
    for app in found:
        for line in app["patches"][SECTIONS[1]]:
            return f"the patch {line} of {app['name']}"
    return ""


def plan_lines(apps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The plan for a diff, a line for each thing that would be done, in Frappe's order for each app."""
    lines = []
    for app in apps:
        if app["from"] != app["to"]:
            lines.append(f"{app['name']}: commit {app['from'][:12] or '(none)'} -> {app['to'][:12]}")
        lines += [f"{app['name']}: patch {line}" for line in app["patches"][SECTIONS[0]]]
        lines += [f"{app['name']}: DocType {n} {kind}" for kind, names in app["doctypes"].items() for n in names]
        lines += [f"{app['name']}: patch {line} (after the DocTypes)" for line in app["patches"][SECTIONS[1]]]
    return lines


def estimate(history: Iterable[Mapping[str, Any]]) -> float | None:
    """Median seconds of the last migrations of this site; nothing without one, since that is not known."""
    seconds = sorted(float(one["seconds"]) for one in list(history)[-5:])
    return seconds[len(seconds) // 2] if seconds else None
