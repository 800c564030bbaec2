# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup set becomes a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

SET = "/srv/bench/.erpops/archive/a.localhost/one"


def test_a_result(play: Player) -> None:
    done = play.succeed(path=SET, db_root_password="root-password", db_user_host="%", timeout=100)
    assert (done.call.op, done.call.site, done.call.secrets) == ("restore.apply", "a.localhost", ["root-password"])
    assert done.call.args == {
        "path": SET,
        "db_user_host": "%",
        "migrate": "auto",
        "scheduler": "restored",
        "scratch": False,
        "config": {},
        "root": {"user": "root", "password": "root-password", "host": None, "port": None},
        "timeout": 90,
    }
    assert done.answer["site"]["state"] == "present"
    assert done.answer["restore"]["files"] == 3
    assert "root-password" not in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"path": ...}, "state is present but all of the following are missing: path"),
        ({"db_root_password": "abcdefg"}, "the password 'db_root_password' is too short"),
        ({"migrate": "maybe"}, "value of migrate must be one of: auto, always, never"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**{"path": SET, **args})
    assert play.calls == []


def test_a_scratch_site_goes(play: Player) -> None:
    done = play.succeed(state="absent", site="drill.invalid")
    assert (done.call.op, done.call.site, done.answer["site"]["state"]) == ("scratch.absent", "drill.invalid", "absent")
