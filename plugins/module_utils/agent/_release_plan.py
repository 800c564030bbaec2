# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what a release consists of, what of the current one serves it, which releases may go."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from .._errors import ErpopsError

# What bundles, packages of Node and compiled translations do not follow from.
_NO_ASSET = re.compile(r"\.(py|pyi|md|rst|txt|toml|cfg|csv)$|(^|/)(doctype|patches)/.*\.json$")

App = dict[str, Any]  # {"name", "commit", "subdirectory", "repo", ...}


def release_id(apps: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]) -> str:
    """Twelve hex digits that follow from the apps' commits and from what else decides the environment.

    :param apps: in the order of ``apps.txt``, which is that of their installation.
    :param inputs: what :func:`_release_build.inputs_of` gathers.
    """
    told = [[[app["name"], app["commit"], app.get("subdirectory") or ""] for app in apps], dict(inputs)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def free_name(digest: str, taken: Collection[str]) -> str:
    """The digest, or with a number behind it: a deployment in place made something else of the release of that name."""
    number = 1
    while (name := digest if number == 1 else f"{digest}-{number}") in taken:
        number += 1
    return name


def planned_apps(current: Sequence[App], named: Sequence[App], removed: Collection[str]) -> list[App]:
    """The apps of the new release, in order: those of now, at other commits where named, then the new ones.

    :raises ErpopsError: (400) an app is named twice, or to be there and not; or the framework is to go.
    """
    names = [app["name"] for app in named]
    twice = {name for name in names if names.count(name) > 1} | (set(names) & set(removed))
    if twice or "frappe" in removed:
        raise ErpopsError(
            "the release cannot be made of these apps",
            seen=f"named twice: {', '.join(sorted(twice))}" if twice else "without frappe",
            needed="each app once, frappe among them",
            status=400,
        )
    wanted = {app["name"]: app for app in named}
    kept = [wanted.pop(app["name"], app) for app in current if app["name"] not in removed]
    return [*kept, *wanted.values()]


def commits(apps: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {app["name"]: app["commit"] for app in apps}


def is_same(app: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether both are the same files: those of one commit, below the same subdirectory."""
    return bool(other) and all((app.get(key) or "") == (other or {}).get(key, "") for key in ("commit", "subdirectory"))


def bears_on_assets(path: str) -> bool:
    """Whether what is built for browsers may follow from this file of an app."""
    return not _NO_ASSET.search(path)


def asset_files(listed: Iterable[str]) -> set[str]:
    """Of the lines of ``git ls-tree -r`` (``mode type id<tab>path``) those that bear on assets."""
    return {line for line in listed if line and bears_on_assets(line.partition("\t")[2])}


def to_build(apps: Sequence[App], differing: Collection[str]) -> list[str]:
    """Apps whose assets are built: theirs differ, or those of an app before them, from which their bundles may import."""
    names = [app["name"] for app in apps]
    first = next((number for number, name in enumerate(names) if name in differing), len(names))
    return names[first:]


def app_lists(listed: Sequence[str], release: Sequence[str]) -> tuple[list[str], list[str]]:
    """``apps.txt`` while the link is changed, and after it: it never names what the code of the moment does not have."""
    return [name for name in listed if name in release], list(release)


def lost_apps(listed: Iterable[str], release: Collection[str]) -> list[str]:
    """Apps of the bench that the release does not have."""
    return [name for name in listed if name not in release]


def to_prune(
    releases: Iterable[Mapping[str, Any]], keep: int, spared: Collection[str], used: Collection[str]
) -> tuple[list[str], list[str]]:
    """(releases that go, releases that would go but are run from), the oldest first.

    :param keep: how many complete ones stay, the newest; those of ``spared`` count and stay in any case.
    """
    rows = sorted(releases, key=lambda row: str(row.get("built") or ""))
    kept = {row["id"] for row in rows if row["id"] in spared}
    for row in reversed(rows):
        if row["state"] == "ready" and row["id"] not in kept and len(kept) < keep:
            kept.add(row["id"])
    gone = [row["id"] for row in rows if row["id"] not in kept]
    return [one for one in gone if one not in used], [one for one in gone if one in used]


def relocated(text: str, moves: Mapping[str, str]) -> str:
    """``text`` with each directory of ``moves`` replaced, and never one whose name only begins the same."""
    for old, new in moves.items():
        text = re.sub(re.escape(old) + r"(?![\w.-])", new.replace("\\", r"\\"), text)
    return text


def with_short_shebang(text: str) -> str:
    """A script whose interpreter's path the kernel would cut off starts it by way of the shell, as pip and uv write it."""
    line, newline, rest = text.partition("\n")
    if not line.startswith("#!/") or len(line) <= 127:
        return text
    return f"#!/bin/sh\n'''exec' \"{line[2:].strip()}\" \"$0\" \"$@\"\n' '''{newline}{rest}"
