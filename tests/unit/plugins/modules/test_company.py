# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's set-up with its company."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

GIVEN: dict[str, Any] = {
    "company": "Jarz",
    "abbr": "J",
    "country": "Egypt",
    "currency": "EGP",
    "timezone": "Africa/Cairo",
}


def test_a_result(play: Player) -> None:
    done = play.succeed(**GIVEN)
    assert (done.call.op, done.call.site) == ("company.apply", "a.localhost")
    assert done.call.args == {
        **GIVEN,
        "language": "English",
        "chart_of_accounts": "Standard",
        "fiscal_year_start": "",
        "fiscal_year_end": "",
    }
    assert done.answer["actions"] == ["set up with company Jarz"]


@pytest.mark.parametrize(("action", "actions"), [("none", []), ("finish", ["finished the set-up of company Jarz"])])
def test_what_was_done(play: Player, action: str, actions: list[str]) -> None:
    play.answers["company.apply"].update(action=action, changed=bool(actions))
    done = play.succeed(**GIVEN)
    assert (done.answer["actions"], done.answer["changed"]) == (actions, bool(actions))


@pytest.mark.parametrize("missing", [*GIVEN])
def test_required_arguments(play: Player, missing: str) -> None:
    args: dict[str, Any] = {key: value for key, value in GIVEN.items() if key != missing}
    assert f"missing required arguments: {missing}" in play.fail(**args)
