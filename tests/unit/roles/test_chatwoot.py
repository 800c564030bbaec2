# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role chatwoot: flags of each phase, what it refuses, what it asks, and the text of its front door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/chatwoot"
SECRET = "a-secret_of-24-characters-0"
FLAGS = ("enabled", "enable_dashboard", "enable_api", "enable_sync", "sync_contacts", "sync_conversations")
TOKEN = {"user": "sync@acme.test", "chat_user_id": "4", "api_access_token": "a-chatwoot-token"}
GOOD: dict[str, Any] = {
    "chatwoot_site": "acme.test",
    "chatwoot_base_url": "https://chat.test",
    "chatwoot_public_url": "https://acme.test",
    "chatwoot_api_user": "sync@acme.test",
    "chatwoot_key_file": "/nowhere/keys.yml",
    "chatwoot_users": [TOKEN],
    "chatwoot_webhook_secret": SECRET,
    "chatwoot_admin_token": "an-admin-token",
}
STEP = {"integration_phase": {"phase": "api", "since": 1000.0, "action": "", "before": "api", "history": []}}


def template(expression: str, **given: Any) -> Any:
    files = [ROLE / "defaults/main.yml", *sorted((ROLE / "vars/main").glob("*.yml"))]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    templar = Templar(loader=DataLoader(), variables={**known, **GOOD, "__chatwoot_step": STEP, **given})
    return templar.template(trust_as_template("{{ " + expression + " }}"))


@pytest.mark.parametrize(
    ("phase", "disabled", "flags"),
    [
        ("dashboard", [], "110000"),
        ("4A", [], "110000"),
        ("api", [], "111000"),
        ("4b", [], "111000"),
        ("sync", [], "111111"),
        ("4C", [], "111111"),
        ("sync", ["sync"], "111000"),
        ("sync", ["api"], "110111"),
        ("sync", ["dashboard", "api", "sync"], "100000"),
    ],
)
def test_flags(phase: str, disabled: list[str], flags: str) -> None:
    found = template("__chatwoot_flags", chatwoot_phase=phase, chatwoot_features_disabled=disabled)
    assert "".join(str(int(found[name])) for name in FLAGS) == flags


@pytest.mark.parametrize(
    ("given", "pulls"),
    [
        ({"chatwoot_phase": "api"}, False),
        ({"chatwoot_phase": "sync"}, True),
        ({"chatwoot_phase": "sync", "chatwoot_pull_enabled": False}, False),
        ({"chatwoot_phase": "sync", "chatwoot_features_disabled": ["api"]}, False),
    ],
)
def test_when_the_pull_runs(given: dict[str, Any], pulls: bool) -> None:
    assert template("__chatwoot_pulls", **given) is pulls


def test_flags_and_secret_are_one_record() -> None:
    *tokens, settings = template("__chatwoot_documents", chatwoot_phase="sync", chatwoot_sync_contacts=False)
    assert [token["doctype"] for token in tokens] == ["Chat User Token"]
    assert tokens[0]["values"] == {"user": "sync@acme.test", "chat_user_id": 4, "account_id": 1}
    assert tokens[0]["secrets"] == {"api_access_token": "a-chatwoot-token"}
    assert settings["doctype"] == "Chat Integration Settings"
    assert settings["secrets"] == {"webhook_secret": SECRET}
    assert settings["values"]["sync_contacts"] == 0
    assert {type(settings["values"][name]) for name in FLAGS} == {int}


@pytest.mark.parametrize("phase", ["dashboard", "api"])
def test_the_secret_is_not_touched_before_it_is_needed(phase: str) -> None:
    """An empty Password field would delete the stored one."""
    assert template("__chatwoot_documents", chatwoot_phase=phase)[-1]["secrets"] == {}


@pytest.mark.parametrize("phase", ["dashboard", "api", "sync"])
def test_a_good_declaration(phase: str) -> None:
    assert template("__chatwoot_declared_faults", chatwoot_phase=phase) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"chatwoot_phase": "4D"}, "chatwoot_phase is 4D"),
        ({"chatwoot_features_disabled": ["webhook"]}, "chatwoot_features_disabled names webhook"),
        ({"chatwoot_soak_hours": {"4A": 1}}, "chatwoot_soak_hours names 4A"),
        ({"chatwoot_base_url": ""}, "chatwoot_base_url is empty"),
        ({"chatwoot_base_url": "http://chat.test"}, "chatwoot_base_url is http://chat.test"),
        ({"chatwoot_base_url": "https://chat.test/"}, "chatwoot_base_url is https://chat.test/"),
        ({"chatwoot_public_url": "http://acme.test"}, "chatwoot_public_url is http://acme.test"),
        ({"chatwoot_api_user": ""}, "there is no API user"),
        ({"chatwoot_key_file": ""}, "there is no API user"),
        ({"chatwoot_users": [TOKEN, TOKEN]}, "chatwoot_users names sync@acme.test twice"),
        ({"chatwoot_users": [], "chatwoot_phase": "api"}, "chatwoot_users does not name sync@acme.test"),
        ({"chatwoot_webhook_secret": "", "chatwoot_phase": "sync"}, "chatwoot_webhook_secret is empty"),
        ({"chatwoot_webhook_secret": "x" * 23, "chatwoot_phase": "sync"}, "chatwoot_webhook_secret is unfit"),
        ({"chatwoot_webhook_secret": 'x"; ' * 9, "chatwoot_phase": "sync"}, "chatwoot_webhook_secret is unfit"),
        (
            {"chatwoot_webhook_secret_previous": "short", "chatwoot_phase": "sync"},
            "chatwoot_webhook_secret_previous is unfit",
        ),
        ({"chatwoot_admin_token": "short", "chatwoot_phase": "sync"}, "chatwoot_admin_token is missing"),
        ({"chatwoot_sync_contacts": False, "chatwoot_phase": "sync"}, "chatwoot_pull_enabled with"),
    ],
)
def test_what_is_refused(given: dict[str, Any], fault: str) -> None:
    (found,) = template("__chatwoot_declared_faults", **given)
    assert found.startswith(fault)


def test_what_a_phase_does_not_need_may_be_missing() -> None:
    nothing = {"chatwoot_users": [], "chatwoot_webhook_secret": "", "chatwoot_admin_token": ""}
    assert template("__chatwoot_declared_faults", chatwoot_sync_contacts=False, **nothing) == []


def test_trials_on_this_machine_need_no_tls() -> None:
    here = {"chatwoot_base_url": "http://127.0.0.1:3000", "chatwoot_public_url": "http://acme.localhost:8000"}
    assert template("__chatwoot_declared_faults", **here) == []


@pytest.mark.parametrize(
    ("phase", "asked", "not_asked"),
    [
        ("dashboard", ["no conversation was taken over"], ["Chatwoot answers", "a worker takes"]),
        ("api", ["no conversation was taken over", "Chatwoot answers sync@acme.test"], ["a worker takes"]),
        ("sync", ["Chatwoot answers", "a worker takes", "Contacts were made"], ["no conversation was", "have arrived"]),
    ],
)
def test_checks_of_a_phase(phase: str, asked: list[str], not_asked: list[str]) -> None:
    titles = [check["title"] for check in template("__chatwoot_checks", chatwoot_phase=phase)]
    for part in asked:
        assert any(part in title for title in titles), part
    for part in not_asked:
        assert not any(part in title for title in titles), part


def test_what_a_phase_had_to_show_is_asked_since_it_began() -> None:
    history = [{"at": 1000.5, "action": "begun"}, {"at": 2000.0, "action": "promoted"}]
    step = {"integration_phase": {"action": "promoted", "before": "api", "since": 2000.0, "history": history}}
    checks = template("__chatwoot_checks_exit", chatwoot_phase="sync", __chatwoot_step=step)
    assert [int(check["since"]) for check in checks] == [1000, 1000, 1000]
    assert template("__chatwoot_checks_exit", chatwoot_phase="sync") == []


def test_the_wiring_renders_the_front_door() -> None:
    wiring = trusted(read_yaml(ROOT / "playbooks/group_vars/sites/integrations/chatwoot.yml"))
    given = {**wiring, "playbook_dir": str(ROOT / "playbooks"), "chatwoot_webhook_secret": SECRET}
    text = Templar(loader=DataLoader(), variables=given).template(trust_as_template("{{ chatwoot_front_door }}"))
    assert f'if ($arg_token != "{SECRET}") {{' in text
    assert 'location ~ "^/api/(?:v[0-9]+/)?method/chat_bridge\\.webhook\\.handle/?$" {' in text


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """Variables that name a file with the keys of both users."""
    path = tmp_path / "keys.yml"
    users = ("sync@acme.test", "clerk@acme.test")
    path.write_text(yaml.safe_dump({user: {"api_key": f"key of {user}", "api_secret": "a-secret"} for user in users}))
    return {"chatwoot_key_file": str(path), "chatwoot_ordinary_user": "clerk@acme.test"}


@pytest.mark.parametrize(
    ("given", "statuses"),
    [
        ({"chatwoot_phase": "dashboard"}, [403, 200, 417, 200, 403]),
        ({"chatwoot_phase": "api"}, [403, 200, 200, 200, 403]),
        ({"chatwoot_phase": "sync"}, [403, 200, 200, 200, 403]),
        ({"chatwoot_phase": "sync", "chatwoot_features_disabled": ["dashboard"]}, [403, 403, 200, 200, 403]),
        ({"chatwoot_phase": "sync", "chatwoot_features_disabled": ["api"]}, [403, 200, 417, 200, 403]),
    ],
)
def test_what_the_methods_are_to_answer(keys: dict[str, str], given: dict[str, Any], statuses: list[int]) -> None:
    asked = template("__chatwoot_requests", **keys, **given)
    assert [(one.get("expect_status") or [200])[0] for one in asked] == statuses
    assert [one["name"] for one in asked] == [
        "get_bootstrap as a guest",
        "get_bootstrap as sync@acme.test",
        "get_inboxes as sync@acme.test",
        "the page /app/conversations",
        "get_bootstrap as clerk@acme.test",
    ]
    assert asked[-1]["auth_key"] == "key of clerk@acme.test"
    assert "auth_key" not in asked[0]


def test_what_bootstrap_is_to_say(keys: dict[str, str]) -> None:
    said = {"message.base_url": "https://chat.test", "message.enable_api": True, "message.enable_sync": False}
    assert template("__chatwoot_requests", chatwoot_phase="api", **keys)[1]["expect_json"] == said


def test_what_is_off_answers_nobody(keys: dict[str, str]) -> None:
    asked = template("__chatwoot_requests_off", chatwoot_phase="sync", **keys)
    assert [(one["name"].split(" as ")[0], one["expect_status"]) for one in asked] == [
        ("get_bootstrap", [403]),
        ("get_bootstrap", [403]),
        ("get_bootstrap", [403]),
        ("get_inboxes", [417]),
    ]
    assert {one.get("expect_json") for one in asked} == {None}


CHECK = {"title": "a check", "ok": False, "seen": "x", "needed": "y", "next": "do z"}
DELIVERY = {"name": "no token", "ok": False, "kind": "let_in", "message": "HTTP 200", "remedy": "close it"}
PROBE = {"name": "get_inboxes", "ok": False, "message": "HTTP 500", "remedy": "look"}


def results(**given: Any) -> dict[str, Any]:
    """What the tasks registered, all of it good but for what is given."""
    return {
        "__chatwoot_inside": {"site_checks": {"checks": [{**CHECK, "ok": True}]}},
        "__chatwoot_outside": {"probes": [{**PROBE, "ok": True}]},
        "__chatwoot_front": {"status": 200},
        "__chatwoot_profiles": {"results": [{"status": 200, "item": TOKEN}]},
        "__chatwoot_door": {"deliveries": [{**DELIVERY, "ok": True}, {**DELIVERY, "kind": "skipped"}]},
        "__chatwoot_side_door": {"skipped": True},
        "__chatwoot_hook": {"webhooks": [{"action": "", "url": "u"}], "duplicates": []},
        **given,
    }


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, ""),
        ({"__chatwoot_inside": {"site_checks": {"checks": [CHECK]}}}, "a check: x (needed: y). do z"),
        ({"__chatwoot_step": {"error": {"status": 409}, "msg": "too early"}}, "too early"),
        ({"__chatwoot_front": {"status": -1, "msg": "refused"}}, "Chatwoot does not answer at https://chat.test/app"),
        ({"__chatwoot_front": {"status": 200, "x_frame_options": "DENY"}}, "browsers will not show https://chat.test"),
        ({"__chatwoot_profiles": {"results": [{"status": 401, "item": TOKEN}]}}, "Chatwoot does not take the access"),
        ({"__chatwoot_profiles": {"results": [{"msg": "no route", "item": TOKEN}]}}, "Chatwoot does not take the acc"),
        ({"__chatwoot_door": {"deliveries": [DELIVERY]}}, "front door, no token: HTTP 200. Name the snippet in"),
        ({"__chatwoot_side_door": {"deliveries": [DELIVERY]}}, "front door, no token: HTTP 200. Name the snippet in"),
    ],
)
def test_what_was_seen_before(given: dict[str, Any], fault: str) -> None:
    found = template("__chatwoot_seen_faults", chatwoot_phase="sync", **results(**given))
    assert [text[: len(fault)] for text in found] == ([fault] if fault else [])


def test_nobody_needs_the_frame() -> None:
    seen = results(__chatwoot_front={"status": 200, "x_frame_options": "DENY"})
    assert template("__chatwoot_seen_faults", chatwoot_framing_required=False, **seen) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, ""),
        ({"__chatwoot_inside": {"site_checks": {"checks": [CHECK]}}}, "a check: x (needed: y). do z"),
        ({"__chatwoot_outside": {"probes": [PROBE]}}, "get_inboxes: HTTP 500. look"),
        ({"__chatwoot_door": {"deliveries": [DELIVERY]}}, "front door, no token: HTTP 200. close it"),
        ({"__chatwoot_hook": {"webhooks": [{"action": "create", "url": "u"}]}}, "the webhook at Chatwoot is not as"),
        ({"__chatwoot_hook": {"duplicates": [{"id": 7}]}}, "Chatwoot delivers twice: remove its webhook 7"),
        ({"__chatwoot_hook": {"skipped": True}}, ""),
        ({"chatwoot_api_user": "other@acme.test"}, "the API key of other@acme.test is not in"),
        ({"chatwoot_ordinary_user": "other@acme.test"}, "the API key of other@acme.test is not in"),
    ],
)
def test_what_was_seen_afterwards(keys: dict[str, str], given: dict[str, Any], fault: str) -> None:
    found = template("__chatwoot_proof_faults", chatwoot_phase="sync", **results(**{**keys, **given}))
    assert [text[: len(fault)] for text in found] == ([fault] if fault else [])


def test_a_door_that_is_not_needed_yet_is_no_fault(keys: dict[str, str]) -> None:
    """What an earlier look at the door found is forgotten when the phase has none."""
    seen = results(__chatwoot_door={"deliveries": [DELIVERY]}, **keys)
    assert template("__chatwoot_proof_faults", chatwoot_phase="api", **seen) == []
