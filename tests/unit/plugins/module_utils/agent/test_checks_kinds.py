# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent import _checks_kinds, _checks_types
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_kinds import KINDS
from ansible_collections.erpops.frappe.plugins.modules import site_checks

HERE = _checks_kinds.__package__


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_whole(name: str) -> None:
    kind = KINDS[name]
    part = importlib.import_module(f"{HERE}._checks_{kind.part}")
    assert name in part.CHECKS
    arguments = kind.arguments()
    assert len(arguments) == len(kind.args.split()), "an argument stands twice"
    assert not set(arguments) & {"check", "title", "next"}
    assert set(kind.any_of) <= set(arguments)
    assert kind.remedy
    unknown = [how for how in arguments.values() if how.rstrip("!") not in _checks_types.TYPES]
    assert [how for how in unknown if "|" not in how and how != "complete"] == []


def test_every_function_has_its_kind() -> None:
    parts = {kind.part for kind in KINDS.values()}
    found = {name for part in parts for name in importlib.import_module(f"{HERE}._checks_{part}").CHECKS}
    assert found == KINDS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_the_documentation_names_every_argument(name: str) -> None:
    found = [text for text in site_checks.DOCUMENTATION.split('- "') if text.startswith(f"V({name})")]
    assert len(found) == 1, f"{name} has no paragraph of its own"
    missing = [word for word in KINDS[name].arguments() if f"C({word})" not in site_checks.DOCUMENTATION]
    assert missing == []
    general = ("filters", "since", "min", "max", "equals")
    assert [word for word in KINDS[name].arguments() if f"C({word})" not in found[0] and word not in general] == []
