# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role chatwoot: flags of each phase, what it refuses, what it asks, and the text of its front door."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.roles.test_nginx import trusted

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
    wiring = trusted(read_yaml(ROOT / "playbooks/group_vars/sites/chatwoot.yml"))
    given = {**wiring, "playbook_dir": str(ROOT / "playbooks"), "chatwoot_webhook_secret": SECRET}
    text = Templar(loader=DataLoader(), variables=given).template(trust_as_template("{{ chatwoot_front_door }}"))
    assert f'if ($arg_token != "{SECRET}") {{' in text
    assert 'location ~ "^/api/(?:v[0-9]+/)?method/chat_bridge\\.webhook\\.handle/?$" {' in text
