# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of backup sets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

OFFSITE = {
    "endpoint": "https://s3.example.com",
    "bucket": "backups",
    "access_key": "AKIA1234",
    "secret_key": "a-secret-key",
}


def test_a_result(play: Player) -> None:
    done = play.succeed(name="one", offsite=OFFSITE, timeout=100)
    assert (done.call.op, done.call.site) == ("backup_copy.present", "a.localhost")
    assert {key: value for key, value in done.call.args["offsite"].items() if value is not None} == OFFSITE
    assert (done.call.args["plain"], done.call.args["verify"], done.call.args["timeout"]) == (False, False, 90)
    assert (done.answer["changed"], done.answer["copy"]["sent"][-1]) == (True, "manifest.json")


def test_retention(play: Player) -> None:
    done = play.run(state="pruned", keep={"last": 3}, offsite=OFFSITE)
    assert (done.call.op, done.call.args["keep"]["last"]) == ("backup_copy.prune", 3)
    assert (done.answer["removed"], done.answer["copies"][0]["name"]) == ([], "one")


def test_keys_are_not_shown(play: Player) -> None:
    done = play.run(name="one", offsite=OFFSITE)
    assert done.call.secrets == ["a-secret-key", "AKIA1234"]
    assert not any(hidden in done.output for hidden in done.call.secrets)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"offsite": OFFSITE}, "state is present but all of the following are missing: name"),
        ({"offsite": OFFSITE, "state": "fetched"}, "state is fetched but all of the following are missing: name"),
        ({"offsite": OFFSITE, "state": "pruned"}, "state is pruned but all of the following are missing: keep"),
        ({"name": "one"}, "state is present but all of the following are missing: offsite"),
        ({"name": "one", "offsite": {"bucket": "b"}}, "missing required arguments: access_key, secret_key"),
        ({"name": "one", "offsite": {**OFFSITE, "secret_key": "tiny"}}, "the key 'secret_key' is too short"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
