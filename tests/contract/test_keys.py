# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys, seen through the web server: issued once, rotated at once, and what refuses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench

LOGGED_USER = "/api/method/frappe.auth.get_logged_user"
PING = "/api/method/ping"


@pytest.fixture
def user(main_site: ContractBench, request: pytest.FixtureRequest) -> str:
    """A user of this test's own, without a key."""
    name = f"{request.node.name.partition('[')[0]}@example.com"
    main_site.documents(
        {
            "doctype": "User",
            "name": name,
            "values": {
                "email": name,
                "first_name": "Key",
                "send_welcome_email": 0,
                "roles": [{"role": "System Manager"}],
            },
        }
    )
    return name


def issue(bench: ContractBench, user: str, **args: Any) -> tuple[str, str]:
    value = bench.one("key.apply", SITE, {"user": user, **args})
    return value["api_key"], value["api_secret"]


def test_a_key_is_issued_once(main_site: ContractBench, user: str) -> None:
    assert main_site.one("key.apply", SITE, {"user": user}, check=True)["action"] == "issued"
    value = main_site.one("key.apply", SITE, {"user": user})
    assert (value["changed"], value["action"], value["enabled"]) == (True, "issued", True)
    assert (len(value["api_key"]), len(value["api_secret"])) == (15, 15)
    again = main_site.one("key.apply", SITE, {"user": user})
    assert (again["changed"], again["action"]) == (False, "")
    assert (again["api_key"], again["api_secret"]) == (value["api_key"], value["api_secret"])
    answer = main_site.get(LOGGED_USER, key=value["api_key"], secret=value["api_secret"])
    assert (answer.status, answer.message) == (200, user)


def test_rotation_ends_the_old_secret_at_once(main_site: ContractBench, user: str) -> None:
    key, old = issue(main_site, user)
    assert main_site.get(LOGGED_USER, key=key, secret=old).status == 200
    value = main_site.one("key.apply", SITE, {"user": user, "rotate": True})
    assert (value["action"], value["api_key"]) == ("rotated", key)
    assert value["api_secret"] != old
    assert main_site.get(LOGGED_USER, key=key, secret=old).status == 401
    assert main_site.get(LOGGED_USER, key=key, secret=value["api_secret"]).status == 200


@pytest.mark.parametrize(("key", "secret"), [("no-such-key", "no-such-secret"), ("", ""), ("half", "")])
def test_without_a_right_key(main_site: ContractBench, key: str, secret: str) -> None:
    expected = 401 if key else 403
    assert main_site.get(LOGGED_USER, key=key, secret=secret).status == expected


def test_a_disabled_user_is_refused(main_site: ContractBench, user: str) -> None:
    key, secret = issue(main_site, user)
    main_site.documents({"doctype": "User", "name": user, "values": {"enabled": 0}})
    assert main_site.one("key.apply", SITE, {"user": user})["enabled"] is False
    assert main_site.get(LOGGED_USER, key=key, secret=secret).status == 401


def test_a_lost_encryption_key_is_told_apart(restored: ContractBench, user: str) -> None:
    from cryptography.fernet import Fernet

    key, secret = issue(restored, user)
    path = restored.sites / SITE / "site_config.json"
    path.write_text(json.dumps({**restored.site_config(), "encryption_key": Fernet.generate_key().decode()}))
    error = restored.refused("key.apply", SITE, {"user": user})
    assert (error["status"], error["message"]) == (417, "the stored API secret cannot be decrypted")
    assert "Encryption key is invalid" in error["seen"]
    assert restored.get(LOGGED_USER, key=key, secret=secret).status == 401
    rotate = restored.refused("key.apply", SITE, {"user": user, "rotate": True})
    assert rotate["status"] == 417


def test_another_host_is_not_routed(main_site: ContractBench, user: str) -> None:
    key, secret = issue(main_site, user)
    assert main_site.get(LOGGED_USER, host="nobody.localhost", key=key, secret=secret).status == 404
    assert main_site.get(PING, host="nobody.localhost").status == 404
    assert (main_site.get(PING).status, main_site.get(PING).message) == (200, "pong")


def test_a_key_belongs_to_its_site(main_site: ContractBench, user: str) -> None:
    assert main_site.get("/api/method/no.such.method", key="", secret="").status in (403, 404, 417)
    key, secret = issue(main_site, user)
    found = main_site.get("/api/resource/User/" + user, key=key, secret=secret)
    assert (found.status, json.loads(found.body)["data"]["name"]) == (200, user)
    assert main_site.get("/api/resource/User/nobody@example.com", key=key, secret=secret).status == 404
    assert main_site.get("/api/resource/No Such DocType".replace(" ", "%20"), key=key, secret=secret).status == 404


@pytest.fixture
def maintenance(main_site: ContractBench) -> Iterator[ContractBench]:
    yield main_site
    main_site.one("maintenance.apply", SITE, {"state": "off"})


def test_maintenance_answers_503(maintenance: ContractBench, user: str) -> None:
    key, secret = issue(maintenance, user)
    done = maintenance.one("maintenance.apply", SITE, {"state": "on", "remember": True})
    assert (done["changed"], done["before"], done["state"]) == (True, "off", "on")
    assert maintenance.site_config()["maintenance_mode"] == 1
    assert maintenance.get(LOGGED_USER, key=key, secret=secret).status == 503
    assert maintenance.get(PING).status == 503
    assert maintenance.one("maintenance.apply", SITE, {"state": "on"})["changed"] is False
    back = maintenance.one("maintenance.apply", SITE, {"state": "restored"})
    assert (back["changed"], back["state"]) == (True, "off")
    assert maintenance.get(LOGGED_USER, key=key, secret=secret).status == 200


def test_a_session_is_warmed(main_site: ContractBench, user: str) -> None:
    warmed = main_site.one("key.warm", SITE, {"user": user})
    assert warmed["opened_ms"] > 0
    assert warmed["closed_ms"] > 0
    left = main_site.query(
        "answer = frappe.db.sql('select count(*) from `tabSessions` where user=%s', args['user'])", user=user
    )
    assert left == [[0]]


def test_no_such_user(main_site: ContractBench) -> None:
    error = main_site.refused("key.apply", SITE, {"user": "nobody@example.com"})
    assert (error["status"], error["message"]) == (404, "there is no such user")
