# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role chatwoot from outside: the twin of chat_bridge behind a real nginx, and a Chatwoot on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fake.chatwoot import TOKEN, Chatwoot, signed_headers
from tests.fake.server import Asked, Reply
from tests.integration.chat_bench import SECRET, SITE, ChatBench
from tests.integration.door import NGINX, WITHOUT_NGINX, Answer
from tests.integration.fleet import Fleet, Result
from tests.integration.looks import wait_until
from tests.unit.repository import ROOT

pytestmark = pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX)

HANDLE = "/api/method/chat_bridge.webhook.handle"
BOOTSTRAP = "/api/method/chat_bridge.page.chat_inbox.chat_inbox.get_bootstrap"
INBOXES = "/api/method/chat_bridge.api.rest_api.get_inboxes"
SYNC, CLERK = "sync@example.com", "clerk@example.com"
OFF = dict.fromkeys(("enabled", "enable_dashboard", "enable_api", "enable_sync", "sync_conversations"), 0)

USERS = """
from frappe.core.doctype.user.user import generate_keys
answer = {}
for name, roles in given['users'].items():
    user = frappe.get_doc({'doctype': 'User', 'email': name, 'first_name': name, 'send_welcome_email': 0,
                           'roles': [{'role': role} for role in roles]}).insert()
    secret = generate_keys(name)['api_secret']
    answer[name] = {'api_key': frappe.db.get_value('User', name, 'api_key'), 'api_secret': secret}
"""
FLAGS = """
doc = frappe.get_doc('Chat Integration Settings')
answer = {name: int(doc.get(name)) for name in ('enabled', 'enable_dashboard', 'enable_api', 'enable_sync',
                                                'sync_conversations')}
"""
CLEAN = """
doc = frappe.get_doc('Chat Integration Settings')
doc.update({name: 0 for name in ('enabled', 'enable_dashboard', 'enable_api', 'enable_sync', 'sync_contacts',
                                 'sync_conversations', 'sync_messages')})
doc.save()
frappe.db.sql("update `tabScheduled Job Type` set stopped=0 where method like 'chat_bridge%'")
for doctype in ('Chat Conversation', 'Chat Contact Mapping', 'Contact', 'Error Log', 'Chat User Token'):
    for name in frappe.get_all(doctype, pluck='name', limit=0):
        frappe.delete_doc(doctype, name, force=True)
"""
WIRING = ("main", "integrations/chatwoot")
PLAY = [
    {
        "hosts": "sites",
        "gather_facts": False,
        "vars_files": [str(ROOT / f"playbooks/group_vars/sites/{name}.yml") for name in WIRING],
        "tasks": [
            {
                "ansible.builtin.include_role": {
                    "name": "erpops.frappe.chatwoot",
                    "tasks_from": "{{ 'verify' if only_verified | default(false) | bool else 'main' }}",
                }
            }
        ],
    }
]


class Office(Chatwoot):
    """A Chatwoot with its dashboard, which sends these headers."""

    front: dict[str, str]

    def reply(self, asked: Asked) -> Reply:
        if asked.path == "/app":
            return Reply(200, "<!doctype html>", self.front)
        return super().reply(asked)


class House:
    """Bench, door, worker and Chatwoot, and the play that brings them together."""

    def __init__(self, root: Path) -> None:
        self.root, self.bench = root, ChatBench(root)
        self.chatwoot = Office(conversations=3)
        self.chatwoot.front = {}
        self.chatwoot.start()
        self.worker: Any = None
        self.keys = self.bench.python(USERS, users={SYNC: ["System Manager"], CLERK: []})
        (root / "keys.yml").write_text(yaml.safe_dump(self.keys))
        (root / "play.yml").write_text(yaml.safe_dump(PLAY, sort_keys=False))
        for folder in ("runs", ".demo"):
            (root / folder).mkdir()
        (root / ".demo/vault_password").write_text("a-vault-password")
        self.fleet = Fleet(root, 0)
        self.record = self.bench.bench.path / f".erpops/phases/{SITE}/chatwoot.json"

    def inventory(self) -> dict[str, Any]:
        token = {"user": SYNC, "chat_user_id": 1, "api_access_token": TOKEN}
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "site_name": SITE,
            "bench_path": str(self.bench.bench.path),
            "site_url": f"http://{SITE}:{self.bench.door.port}",
            "site_connect": f"127.0.0.1:{self.bench.door.port}",
            "site_api_user": SYNC,
            "site_key_file": str(self.root / "keys.yml"),
            "chatwoot_ordinary_user": CLERK,
            "chatwoot_base_url": self.chatwoot.url,
            "chatwoot_users": [token],
            "chatwoot_webhook_secret": SECRET,
            "chatwoot_admin_token": TOKEN,
        }

    def play(self, phase: str = "dashboard", *, check: bool = False, verify: bool = False, **variables: Any) -> Result:
        host = {**self.inventory(), "chatwoot_phase": phase, "only_verified": verify, **variables}
        path = self.root / "hosts.yml"
        path.write_text(yaml.safe_dump({"sites": {"hosts": {SITE: host}}}, sort_keys=False))
        return self.fleet.play(str(self.root / "play.yml"), inventory=path, check=check, diff=check)

    def go(self, phase: str, **variables: Any) -> Result:
        """To a phase, however early."""
        result = self.play(phase, chatwoot_soak_reason="the test wants it so", **variables)
        assert result.ok, result.stdout[-6000:]
        return result

    def age(self, hours: float) -> None:
        """Let the phase have begun earlier."""
        record = json.loads(self.record.read_text())
        record["since"] -= hours * 3600
        for step in record["history"]:
            step["at"] -= hours * 3600
        self.record.write_text(json.dumps(record))

    def start_worker(self) -> None:
        self.worker = subprocess.Popen(
            [str(self.bench.bench.python), "-m", "frappe.utils.bench_helper", "frappe", "worker", "--queue", "long"],
            cwd=self.bench.bench.sites,
            env=self.bench.bench.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop_worker(self) -> None:
        if self.worker:
            os.killpg(self.worker.pid, signal.SIGTERM)
            self.worker.wait(10)
            self.worker = None

    def clean(self) -> None:
        self.record.unlink(missing_ok=True)
        self.chatwoot.webhooks.clear()
        self.chatwoot.secrets.clear()
        self.chatwoot.front = {}
        self.chatwoot.token = TOKEN
        self.bench.python(CLEAN)
        if self.worker is None:
            self.start_worker()

    @property
    def flags(self) -> dict[str, int]:
        return dict(self.bench.python(FLAGS))

    def stopped(self) -> bool:
        """Whether the scheduled pull is."""
        code = "answer = frappe.get_all('Scheduled Job Type', {'method': ['like', 'chat_bridge%']}, pluck='stopped')"
        (found,) = self.bench.python(code)
        return bool(found)

    def count(self, doctype: str) -> int:
        return int(self.bench.python("answer = frappe.db.count(given['doctype'])", doctype=doctype))

    def deliver(self, event: str, attributes: dict[str, Any]) -> Answer:
        """An event as Chatwoot delivers it: to the address of its webhook, signed with the webhook's own secret."""
        ((number, webhook),) = self.chatwoot.webhooks.items()
        assert event in webhook["subscriptions"]
        body = json.dumps({**attributes, "event": event}).encode()
        signed = signed_headers(self.chatwoot.secrets[number], "1761100000", body)
        headers = {name.replace("-", "_"): value for name, value in signed.items()}
        path = webhook["url"].partition(f":{self.bench.door.port}")[2]
        return self.bench.door.ask("POST", path, body, Content_Type="application/json", **headers)

    def as_user(self, user: str, path: str) -> int:
        """Status of a method, past the door."""
        key = self.keys[user]
        token = f"token {key['api_key']}:{key['api_secret']}"
        return self.bench.direct("GET", path, Authorization=token).status

    def stop(self) -> None:
        self.stop_worker()
        self.bench.door.stop()
        self.bench.stop_web()
        self.chatwoot.stop()


@pytest.fixture(scope="module")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("chatwoot"))
    yield made
    made.stop()


@pytest.fixture
def house(built_house: House) -> House:
    built_house.clean()
    return built_house


def told(result: Result) -> str:
    """What failed tasks said."""
    assert not result.ok, result.stdout[-3000:]
    return "\n".join(failure.message for failure in result.failures)


def test_a_roll_out_from_the_first_phase_to_the_last(house: House) -> None:
    preview = house.play("4A", check=True)
    assert preview.ok, preview.stdout[-5000:]
    assert house.flags == OFF
    assert not house.record.exists()

    first = house.play("4A")
    assert first.ok, first.stdout[-5000:]
    assert house.flags == {**OFF, "enabled": 1, "enable_dashboard": 1}
    assert house.stopped()
    assert (house.as_user(SYNC, BOOTSTRAP), house.as_user(CLERK, BOOTSTRAP)) == (200, 403)
    assert house.as_user(SYNC, INBOXES) == 417
    again = house.play("dashboard")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    assert house.play("dashboard", verify=True).ok

    refused = house.play("api")
    assert "cannot go to phase api yet" in told(refused)
    assert "dashboard has lasted 0." in told(refused)
    assert "chatwoot_soak_reason" in told(refused)
    assert house.flags["enable_api"] == 0

    house.age(25)
    assert house.play("api").ok
    assert house.flags == {**OFF, "enabled": 1, "enable_dashboard": 1, "enable_api": 1}
    assert (house.as_user(SYNC, INBOXES), house.stopped()) == (200, True)
    house.age(25)
    last = house.play("sync")
    assert last.ok, last.stdout[-5000:]
    assert set(house.flags.values()) == {1}
    assert not house.stopped()
    (webhook,) = house.chatwoot.webhooks.values()
    assert webhook["url"] == f"http://{SITE}:{house.bench.door.port}{HANDLE}?token={SECRET}"
    assert house.count("Chat Conversation") == 0, "the trial's own record is gone"
    again = house.play("sync")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    steps = json.loads(house.record.read_text())["history"]
    assert [(step["action"], step["reason"]) for step in steps] == [("begun", ""), ("promoted", ""), ("promoted", "")]
    for result in (preview, first, refused, last, again):
        assert SECRET not in result.stdout + repr(result.events)
        assert TOKEN not in result.stdout + repr(result.events)


def test_a_genuine_event_arrives_and_verification_says_so(house: House) -> None:
    house.go("4C", chatwoot_pull_enabled=False)
    # Twice, as Chatwoot does when it got no answer in time.
    for _delivery in range(2):
        assert house.deliver("conversation_created", house.chatwoot.conversations[0]).verdict == (200, "success")
    wait_until("its record", lambda: house.count("Chat Conversation") == 1, 60, 0.2)
    verified = house.play("sync", verify=True, chatwoot_pull_enabled=False)
    assert verified.ok, verified.stdout[-4000:]
    assert "; not before " in " ".join(verified.stdout.split())
    house.age(49)
    verified = house.play("sync", verify=True, chatwoot_pull_enabled=False)
    assert verified.ok, verified.stdout[-4000:]
    assert "; proven" in " ".join(verified.stdout.split())
    assert house.count("Chat Conversation") == 1, "of both deliveries"


def test_after_its_time_the_last_phase_must_have_brought_something(house: House) -> None:
    house.go("sync", chatwoot_pull_enabled=False)
    house.age(49)
    assert "conversations have arrived since phase sync began" in told(
        house.play("sync", verify=True, chatwoot_pull_enabled=False)
    )


def test_a_reason_is_logged(house: House) -> None:
    house.go("sync")
    (step,) = json.loads(house.record.read_text())["history"]
    assert step["reason"] == "the test wants it so"
    assert step["against"] == ["never was in dashboard and api"]


def test_nothing_is_opened_while_the_door_is_open(house: House) -> None:
    """Straight to the web server: as if nobody had named the snippet."""
    past: dict[str, Any] = {"site_connect": f"127.0.0.1:{house.bench.web_port}"}
    message = told(house.play("sync", chatwoot_soak_reason="in a hurry", **past))
    for name in ("no token", "wrong token", "signature without token"):
        assert f"front door, {name}: " in message
    assert "site_snippets" in message
    assert (house.flags, house.chatwoot.webhooks) == (OFF, {})


def test_everything_that_is_wrong_is_told_at_once(house: House) -> None:
    message = told(
        house.play(
            "sync",
            chatwoot_base_url="http://chat.example.com/",
            chatwoot_users=[],
            chatwoot_webhook_secret="",
            chatwoot_admin_token="",
            chatwoot_sync_contacts=False,
        )
    )
    for part in (
        "chatwoot_base_url is http://chat.example.com/",
        "chatwoot_users does not name sync@example.com",
        "chatwoot_webhook_secret is empty",
        "chatwoot_admin_token is missing",
        "chatwoot_pull_enabled with chatwoot_sync_contacts: false",
    ):
        assert part in message
    assert house.flags == OFF


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X-Frame-Options": "SAMEORIGIN"}, "X-Frame-Options: SAMEORIGIN"),
        ({"Content-Security-Policy": "frame-ancestors 'none'"}, "frame-ancestors 'none'"),
    ],
)
def test_a_dashboard_that_browsers_would_not_show(house: House, headers: dict[str, str], why: str) -> None:
    house.chatwoot.front = headers
    message = told(house.play("dashboard"))
    assert why in message
    assert "chatwoot_framing_required: false" in message
    assert house.play("dashboard", chatwoot_framing_required=False).ok


def test_a_token_that_chatwoot_does_not_take(house: House) -> None:
    house.go("dashboard")
    house.chatwoot.token = "another-token-than-ours"
    house.age(25)
    message = told(house.play("api"))
    assert f"Chatwoot does not take the access token of {SYNC} (HTTP 401)" in message
    assert house.flags["enable_api"] == 0


def test_a_phase_is_not_left_with_what_it_had_to_avoid(house: House) -> None:
    house.go("api")
    house.age(30)
    house.bench.python(
        "frappe.get_doc({'doctype': 'Chat Conversation', 'chat_conversation_id': '7', 'account_id': 1}).insert()"
    )
    assert "phase api took over no conversation" in told(house.play("sync"))
    assert "no conversation was taken over" in told(house.play("api", verify=True))
    house.bench.python("frappe.log_error(title='Webhook Error: conversation_created')")
    message = told(house.play("sync"))
    assert "phase api had no error of the integration" in message
    assert house.flags["enable_sync"] == 0


def test_without_a_worker_the_flags_go_back(house: House) -> None:
    house.go("api")
    house.age(30)
    house.stop_worker()
    message = told(house.play("sync"))
    assert "no worker on long" in message
    assert house.flags["enable_sync"] == 0


def test_a_proof_that_fails_takes_the_flags_back(house: House) -> None:
    """Whom the methods answer is seen only by the proof, when the flags are on already."""
    house.go("api")
    house.age(30)
    message = told(house.play("sync", chatwoot_ordinary_user=SYNC))
    assert f"get_bootstrap as {SYNC}: " in message
    assert "the flags are again those of api" in message
    assert house.flags == {**OFF, "enabled": 1, "enable_dashboard": 1, "enable_api": 1}
    assert (house.stopped(), house.chatwoot.webhooks) == (True, {})
    assert json.loads(house.record.read_text())["phase"] == "api"


def test_a_flood_of_contacts_is_seen(house: House) -> None:
    house.go("sync")
    house.bench.python("[frappe.get_doc({'doctype': 'Contact', 'first_name': f'C{n}'}).insert() for n in range(6)]")
    assert house.play("sync", verify=True, chatwoot_contacts_max=6).ok
    message = told(house.play("sync", verify=True, chatwoot_contacts_max=5))
    assert "at most 5 Contacts were made" in message
    assert "chatwoot_pull_enabled: false" in message


@pytest.mark.parametrize(
    ("breaks", "seen"),
    [
        ("doc = frappe.get_doc('Chat Integration Settings'); doc.enable_api = 0; doc.save()", "enable_api is"),
        ("frappe.db.sql(\"update `tabScheduled Job Type` set stopped=1 where method like 'chat_bridge%'\")", "stopped"),
        ("frappe.log_error(title='Webhook Error: contact_created')", "no error of the integration"),
        ("frappe.delete_doc('Page', 'conversations', force=True)", "the page /app/conversations exists"),
        ("frappe.db.sql(\"delete from `__Auth` where fieldname='webhook_secret'\")", "webhook_secret"),
    ],
)
def test_verification_names_what_somebody_broke(house: House, breaks: str, seen: str) -> None:
    house.go("sync")
    assert house.play("sync", verify=True).ok
    try:
        house.bench.python(breaks)
        assert seen in told(house.play("sync", verify=True))
    finally:
        house.bench.python(
            "if not frappe.db.exists('Page', 'conversations'):\n"
            "    frappe.get_doc({'doctype': 'Page', 'page_name': 'conversations', 'module': 'Customer Support',"
            " 'standard': 'Yes'}).insert()"
        )


def test_verification_finds_a_webhook_that_is_gone_or_doubled(house: House) -> None:
    house.go("sync")
    (number,) = house.chatwoot.webhooks
    url = house.chatwoot.webhooks[number]["url"]
    house.chatwoot.add_webhook(url.replace(SECRET, "an-older-secret-of-ours"))
    assert "webhook" in told(house.play("sync", verify=True))
    house.chatwoot.webhooks.clear()
    assert "the webhook at Chatwoot is not as declared" in told(house.play("sync", verify=True))
    assert house.play("sync").ok
    assert len(house.chatwoot.webhooks) == 1


def test_one_feature_off_and_the_phase_back(house: House) -> None:
    house.go("sync")
    off = house.play("sync", chatwoot_features_disabled=["sync"])
    assert off.ok, off.stdout[-4000:]
    assert house.flags == {**OFF, "enabled": 1, "enable_dashboard": 1, "enable_api": 1}
    assert (house.stopped(), house.chatwoot.webhooks) == (True, {})
    back = house.play("dashboard")
    assert back.ok, back.stdout[-4000:]
    assert house.flags == {**OFF, "enabled": 1, "enable_dashboard": 1}
    assert json.loads(house.record.read_text())["history"][-1]["action"] == "demoted"


def test_off_at_once_and_on_again(house: House) -> None:
    house.go("sync")
    off = house.play("sync", integration_state="disabled")
    assert off.ok, off.stdout[-5000:]
    assert house.flags == OFF
    assert (house.stopped(), house.chatwoot.webhooks) == (True, {})
    assert (house.as_user(SYNC, BOOTSTRAP), house.as_user(SYNC, INBOXES)) == (403, 417)
    again = house.play("sync", integration_state="disabled")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    assert house.play("sync", integration_state="disabled", verify=True).ok
    on = house.play("sync")
    assert on.ok, on.stdout[-5000:]
    assert set(house.flags.values()) == {1}
    assert json.loads(house.record.read_text())["history"][-1]["action"] == "resumed"


def test_off_is_possible_while_chatwoot_is_down(house: House) -> None:
    house.go("sync")
    house.chatwoot.token = "renewed-by-somebody-else"
    assert not house.play("sync", integration_state="disabled").ok, "its webhook could not be removed"
    assert (house.flags, house.stopped()) == (OFF, True)


def test_removal_wants_to_be_confirmed(house: House) -> None:
    house.go("dashboard")
    assert f"chatwoot_confirm={SITE}" in told(house.play(integration_state="absent"))
    assert house.flags["enabled"] == 1
