# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of an app for people."""

from __future__ import annotations

from ansible_collections.erpops.frappe.plugins.module_utils._app_source import SOURCE_ARGS, grouped, source_spec


def test_many_places_of_one_cause_are_counted() -> None:
    many = [{"kind": "controller", "where": f"{n}.json", "seen": "has no x.py", "effect": "e"} for n in range(11)]
    assert grouped(many)[0].endswith("7.json (e); and 3 more")


def test_places_of_different_causes_keep_apart() -> None:
    one = {"kind": "hook", "where": "a", "seen": "x.f cannot be imported, there is no x/", "effect": "e"}
    lines = grouped([one, {**one, "seen": "y.f cannot be imported, there is no y/"}, {**one, "kind": "import"}])
    assert lines == [
        "hook: there is no x/: x.f of a (e)",
        "hook: there is no y/: y.f of a (e)",
        "import: there is no x/: x.f of a (e)",
    ]


def test_what_is_declared_is_passed_on() -> None:
    assert set(SOURCE_ARGS) == set(source_spec())
