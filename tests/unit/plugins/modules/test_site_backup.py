# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup sets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

IDENTITY = "# a comment\nAGE-SECRET-KEY-1" + "Q" * 58


def test_a_result(play: Player) -> None:
    done = play.succeed(name="one", timeout=100)
    assert (done.call.op, done.call.site) == ("backup.apply", "a.localhost")
    assert done.call.args == {"state": "present", "name": "one", "timeout": 90}
    assert (done.answer["changed"], done.answer["actions"]) == (True, ["took backup"])
    assert done.answer["backup"]["name"] == "one"


@pytest.mark.parametrize(
    ("args", "operation"),
    [
        ({"slot": "day", "encryption": {"tool": "age", "recipients": ["age1x"]}}, "backup.apply"),
        ({"state": "verified", "path": "/srv/set"}, "backup.apply"),
        ({"state": "verified", "name": "one"}, "backup.apply"),
        ({"state": "decrypted", "path": "/srv/set", "identity": IDENTITY}, "backup_sets.open"),
    ],
)
def test_states_are_operations(play: Player, args: dict[str, Any], operation: str) -> None:
    done = play.succeed(**args)
    assert (done.call.op, {key: done.call.args[key] for key in args}) == (operation, args)


def test_retention(play: Player) -> None:
    done = play.run(state="pruned", keep={"daily": 7}, coming="scheduled-x")
    assert done.call.op == "backup_sets.prune"
    assert {key: value for key, value in done.call.args["keep"].items() if value is not None} == {"daily": 7}
    assert (done.answer["removed"], done.answer["kept"]) == (["two"], {"one": ["the newest"]})


def test_keys_are_not_shown(play: Player) -> None:
    done = play.run(state="decrypted", path="/srv/set", identity=IDENTITY, passphrase="a passphrase")
    assert done.call.secrets == ["a passphrase", IDENTITY.splitlines()[1]]
    assert "Q" * 20 not in done.output
    assert "a passphrase" not in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"state": "verified"}, "state is verified but any of the following are missing: path, name"),
        ({"state": "decrypted"}, "state is decrypted but all of the following are missing: path"),
        ({"state": "pruned"}, "state is pruned but all of the following are missing: keep"),
        ({"state": "gone"}, "value of state must be one of: present, verified, pruned, decrypted, absent"),
        ({"encryption": {"tool": "zip"}}, "value of tool must be one of: age, gpg"),
        ({"passphrase": "tiny"}, "the passphrase 'passphrase' is too short"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
