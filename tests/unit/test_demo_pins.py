# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo pins its apps to the commits that their content has."""

from __future__ import annotations

from tests.standin.pin_demo import INVENTORY, commits, pinned, with_pins


def test_the_demo_inventory_pins_the_present_apps() -> None:
    assert pinned(INVENTORY.read_text(encoding="utf-8")) == commits(), "run tests/standin/pin_demo.py"


def test_pins_are_replaced_where_they_stand() -> None:
    text = INVENTORY.read_text(encoding="utf-8")
    pins = {"shopsync": "a" * 40, "integrations": "b" * 40}
    changed = with_pins(text, pins)
    assert pinned(changed) == pins
    assert with_pins(changed, pinned(text)) == text
