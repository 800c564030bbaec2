# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the packages of the bench's environment, which all of its apps share.

pip and uv look at the requirements of what they install and at nobody else's: an app that asks for a newer library gets
it, and Frappe, which asks for an older one, breaks on every site of the bench.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._errors import ErpopsError
from ._app_checks import _library
from ._app_install import pip_add, pip_remove
from ._bench import Bench


def normal(name: str) -> str:
    """A distribution's name as all of its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Unmet(NamedTuple):
    """Somebody's requirement that the environment does not meet; ``version`` is ``""`` when nothing is there."""

    dependent: str
    name: str
    specifier: str
    version: str

    def __str__(self) -> str:
        return f"{self.dependent} needs {self.name}{self.specifier}, and would get {self.version or 'none'}"


@dataclass(frozen=True)
class Packages:
    """Normalised names -> versions; ``placed`` came from an address or a folder (apps), not from an index."""

    versions: Mapping[str, str]
    placed: Collection[str]
    unmet: Collection[Unmet]


def read_packages() -> Packages:
    """What the environment of this interpreter has, and whose requirements it does not meet."""
    importlib.invalidate_caches()
    versions: dict[str, str] = {}
    placed: set[str] = set()
    requires: dict[str, list[str]] = {}
    for item in importlib.metadata.distributions():
        name = normal(str(item.metadata["Name"]))
        if name not in versions:  # the first on the path is what is imported
            versions[name] = item.version
            requires[name] = list(item.requires or [])
            if item.read_text("direct_url.json"):
                placed.add(name)
    return Packages(versions, placed, set(unmet(versions, requires)))


def unmet(versions: Mapping[str, str], requires: Mapping[str, list[str]]) -> list[Unmet]:
    """Requirements (lines of ``Requires-Dist``) that ``versions`` do not meet; those of extras do not count."""
    library: Any = _library("packaging.requirements", "packaging.requirements")
    found = []
    for dependent, lines in requires.items():
        for line in lines:
            try:
                wanted = library.Requirement(line)
            except library.InvalidRequirement:
                continue  # of an old package, which pip passes over as well
            if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
                continue
            version = versions.get(normal(wanted.name), "")
            if not version or not wanted.specifier.contains(version, prereleases=True):
                found.append(Unmet(dependent, normal(wanted.name), str(wanted.specifier), version))
    return found


def refuse_breakage(before: Packages, app: str, commit: str) -> None:
    """:raises ErpopsError: (409) packages that were there before ``app`` no longer have what they need.

    What the app itself lacks is not counted: that is what overrides do on purpose, and its import is tried.
    """
    known = {(one.dependent, one.name) for one in before.unmet}
    broken = [
        one
        for one in sorted(read_packages().unmet)
        if one.dependent in before.versions and one.dependent != normal(app) and one[:2] not in known
    ]
    if not broken:
        return
    pins: dict[str, set[str]] = {}
    for one in broken:
        pins.setdefault(one.name, set()).update(part for part in one.specifier.split(",") if part)
    overrides = ", ".join(f'"{name}{",".join(sorted(parts))}"' for name, parts in sorted(pins.items()))
    raise ErpopsError(
        "would take from other packages of the bench what they need",
        object=f"{app} at {commit[:12]}",
        seen="; ".join(map(str, broken)),
        needed="one version of each package for all apps of the bench",
        hint=f"the bench is as it was. If the app works with the older ones, declare bench_requirement_overrides:"
        f" [{overrides}], run playbooks/setup.yml and this again; or pin another commit of the app",
        status=409,
    )


def put_back(bench: Bench, before: Packages) -> None:
    """Bring the environment's packages back to what they were; what came from a folder is left to its app.

    :raises ErpopsError: a former version cannot be installed any more.
    """
    now = read_packages()
    came = [name for name in now.versions if name not in before.versions and name not in now.placed]
    changed = [
        f"{name}=={version}"
        for name, version in before.versions.items()
        if name not in before.placed and now.versions.get(name) != version
    ]
    if came:
        pip_remove(bench, sorted(came))
    if changed:
        pip_add(bench, ["--no-deps", *sorted(changed)], "the packages as they were", exact=True)
