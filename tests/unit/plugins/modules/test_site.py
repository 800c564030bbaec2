# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site: passwords hidden, the backup returned where there is one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

PASSWORDS: dict[str, Any] = {"admin_password": "admin-password", "db_root_password": "root-password"}


def test_a_result(play: Player) -> None:
    done = play.succeed(**PASSWORDS, db_host="db", db_port=3307, db_user_host="%", repair=True)
    assert (done.call.op, done.call.site) == ("site.apply", "a.localhost")
    assert done.call.args == {
        "state": "present",
        "admin_password": "admin-password",
        "db_type": "mariadb",
        "db_user_host": "%",
        "repair": True,
        "adopt": False,
        "confirm": None,
        "backup": "verified",
        "root": {"user": "root", "password": "root-password", "host": "db", "port": 3307},
        "timeout": 1190,
    }
    assert done.answer["site"]["state"] == "present"
    assert (done.answer["changed"], done.answer["actions"]) == (True, ["created site"])
    assert "backup" not in done.answer


def test_passwords_are_hidden(play: Player) -> None:
    play.answers["site.apply"]["after"]["problems"] = ["cannot log in with root-password or admin-password"]
    done = play.succeed(**PASSWORDS)
    assert sorted(done.call.secrets) == ["admin-password", "root-password"]
    assert "admin-password" not in done.output
    assert "root-password" not in done.output


def test_the_frameworks_command_ends_before_the_conversation(play: Player) -> None:
    done = play.succeed(**PASSWORDS, timeout=100)
    assert done.call.args["timeout"] < done.agent.options["timeout"]


def test_a_backup_is_returned(play: Player) -> None:
    play.answers["site.apply"]["backup"] = {"path": "/srv/x", "files": {}, "bytes": 7}
    done = play.succeed(state="absent", confirm="a.localhost")
    assert done.answer["backup"] == {"path": "/srv/x", "files": {}, "bytes": 7}
    assert (done.call.args["state"], done.call.args["confirm"]) == ("absent", "a.localhost")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"admin_password": ...}, "state is present but all of the following are missing: admin_password"),
        ({"admin_password": "abcdefg"}, "the password 'admin_password' is too short"),
        ({"db_root_password": "abcdefg"}, "the password 'db_root_password' is too short"),
        ({"db_type": "sqlite"}, "value of db_type must be one of: mariadb, postgres"),
        ({"backup": "no"}, "value of backup must be one of: verified, skip"),
        ({"db_port": "many"}, "db_port"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**{**PASSWORDS, **args})
    assert play.calls == []
