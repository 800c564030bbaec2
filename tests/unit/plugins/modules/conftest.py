# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules whose conversation with the bench is played.

What is imported from the collection is imported inside the fixture: given a path, pytest reads this file before
Ansible's collection loader is there.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.plugins.modules.player import Player


@pytest.fixture
def play(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Player:
    """The module that the test's file is named after."""
    from tests.unit.plugins.modules.player import Player

    name = request.path.stem.removeprefix("test_")
    module = importlib.import_module(f"ansible_collections.erpops.frappe.plugins.modules.{name}")
    return Player(module, monkeypatch, capsys)
