# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dependencies, wherever they are written down, are the same ones."""

from __future__ import annotations

import importlib.metadata
import json
import re
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ansible.utils.collection_loader import AnsibleCollectionRef
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.unit.repository import ROOT, action_of, read_yaml, report, tasks, where

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
GALAXY: dict[str, Any] = read_yaml(ROOT / "galaxy.yml")
COLLECTIONS: dict[str, str] = {
    entry["name"]: entry["version"] for entry in read_yaml(ROOT / "requirements.yml")["collections"]
}
LOCKS = {"requirements.lock": "dev", "requirements-bench.lock": "bench"}


def group(name: str) -> list[Requirement]:
    """The requirements of a dependency group, included groups resolved."""
    found: list[Requirement] = []
    for entry in PROJECT["dependency-groups"][name]:
        found += group(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


def locked(name: str) -> dict[str, tuple[list[Version], int]]:
    """Package -> its pinned versions (one per marker) and how many hashes they have."""
    packages: dict[str, tuple[list[Version], int]] = {}
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text()):
        if match := re.match(r"([a-z0-9._-]+)==(\S+)", block):
            versions, hashes = packages.get(match[1], ([], 0))
            packages[match[1]] = ([*versions, Version(match[2])], hashes + block.count("--hash=sha256:"))
    return packages


@pytest.mark.parametrize("name", sorted(COLLECTIONS))
def test_collection_is_the_one_that_the_ansible_package_brings(name: str) -> None:
    path = Path(sysconfig.get_path("purelib"), "ansible_collections", *name.split("."), "MANIFEST.json")
    brought = json.loads(path.read_text())["collection_info"]["version"]
    assert COLLECTIONS[name] == brought, f"requirements.yml: {name} is {COLLECTIONS[name]}, ansible brings {brought}"


def test_galaxy_accepts_the_required_collections() -> None:
    assert sorted(GALAXY["dependencies"]) == sorted(COLLECTIONS)
    report(
        [
            f"galaxy.yml: {name} {accepted} excludes {COLLECTIONS[name]}"
            for name, accepted in GALAXY["dependencies"].items()
            if Version(COLLECTIONS[name]) not in SpecifierSet(accepted)
        ]
    )


def test_tasks_use_required_collections_only() -> None:
    ours = {*COLLECTIONS, "ansible.builtin", "erpops.frappe"}
    report(
        [
            f"{where(path)}: {action}: requirements.yml does not name its collection"
            for path, task in tasks()
            if AnsibleCollectionRef.is_valid_fqcr(action := action_of(task)) and action.rpartition(".")[0] not in ours
        ]
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_the_project(lock: str) -> None:
    wanted = group(LOCKS[lock])
    if lock == "requirements.lock":
        wanted += [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    pinned = locked(lock)
    faults = []
    for requirement in wanted:
        versions, _hashes = pinned.get(canonicalize_name(requirement.name), ([], 0))
        if not versions or any(version not in requirement.specifier for version in versions):
            faults.append(f"{lock}: {requirement} is not satisfied by {versions}; make lock")
    report(faults + [f"{lock}: {name} has no hash" for name, (_versions, hashes) in pinned.items() if not hashes])


def test_the_environment_is_the_locked_one() -> None:
    faults = []
    for name, (versions, _hashes) in locked("requirements.lock").items():
        try:
            installed = Version(importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            continue  # for another platform
        if installed not in versions:
            faults.append(f"{name} {installed} is installed, {versions[0]} is locked; make setup")
    report(faults)


def test_versions_agree() -> None:
    assert PROJECT["project"]["version"] == GALAXY["version"]
