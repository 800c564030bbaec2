# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installed apps, their code and their versions."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_apps import (
    code_faults,
    set_faults,
    version_faults,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FOUND: dict[str, Any] = {"present": True, "commit": COMMIT, "installed": True, "dirty": []}


@pytest.mark.parametrize(
    ("args", "faults"),
    [
        ({"contain": ["frappe"]}, []),
        ({"contain": ["frappe", "a", "b"]}, ["a, b not installed"]),
        ({"equal": ["shop", "frappe"]}, []),
        ({"equal": ["frappe", "a"]}, ["a not installed", "shop installed"]),
        ({"absent": ["a"]}, []),
        ({"absent": ["shop"]}, ["shop installed"]),
    ],
)
def test_sets(args: dict[str, Any], faults: list[str]) -> None:
    assert set_faults(["frappe", "shop"], args) == faults


@pytest.mark.parametrize(
    ("found", "args", "faults"),
    [
        ({}, {"commit": COMMIT, "clean": True}, []),
        ({}, {"commit": COMMIT[:7]}, []),
        ({}, {"commit": "f" * 40}, ["shop at 0123456789ab"]),
        ({"commit": ""}, {"commit": COMMIT}, ["shop at no commit (no git checkout)"]),
        ({"dirty": ["a.py"]}, {"clean": True}, ["shop has local changes of a.py"]),
        ({"dirty": ["a.py"]}, {"commit": COMMIT}, []),
        ({"installed": False}, {"commit": COMMIT}, ["shop is imported from elsewhere than apps/shop"]),
        ({"present": False}, {"commit": COMMIT, "clean": True}, ["shop is not on the bench"]),
    ],
)
def test_code(found: dict[str, Any], args: dict[str, Any], faults: list[str]) -> None:
    assert code_faults({**FOUND, **found}, {"app": "shop", **args}) == faults


def test_versions() -> None:
    versions = {"frappe": "15.105.0", "shop": ""}
    assert version_faults(versions, {"frappe": ">=15,<16"}) == []
    assert version_faults(versions, {"frappe": ">=16", "shop": ">=1", "a": ">=1"}) == [
        "frappe 15.105.0",
        "shop without a version",
        "a without a version",
    ]
