# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""bin/provision-tenant: one object on the standard output, a tenant that works or nothing, nobody else's touched."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.fleet import ROOT, SITES, Fleet
from tests.integration.looks import Sampler, Site, processes_of, tree, wait_until

PASSWORD = "Vivid;Otter $(id) & 'Marble 47"
KEYS = {
    "success",
    "site_name",
    "site_url",
    "admin_url",
    "db_name",
    "admin_email",
    "api_key",
    "api_secret",
    "provisioned_at",
}
WHO = "/api/method/frappe.auth.get_logged_user"


@dataclass
class Call:
    """One call of the program that has ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def told(self) -> dict[str, Any]:
        """The one object: nothing before it, nothing behind it."""
        found = json.loads(self.stdout)
        assert self.stdout.count("\n") == 1
        return dict(found)

    @property
    def refusal(self) -> str:
        assert (self.code, self.told["success"]) == (2, False), self.stdout + self.stderr[-3000:]
        return str(self.told["error"])


@dataclass
class Door:
    """The program, for a fleet of this test's own."""

    fleet: Fleet
    inventory: Path
    made: list[str] = field(default_factory=list)

    def start(self, *words: str, password: str = PASSWORD, **environment: str) -> subprocess.Popen[str]:
        """A call that goes on while the test does something else."""
        command = [str(ROOT / "bin/provision-tenant"), "--inventory", str(self.inventory)]
        command += ["--vault-password-file", str(self.fleet.demo / "vault_password"), *words]
        process = subprocess.Popen(
            command,
            env={**os.environ, "ANSIBLE_HOME": str(self.fleet.root / "ansible"), **environment},
            cwd=self.fleet.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(password + "\n")
            process.stdin.close()
        process.stdin = None
        return process

    def call(self, *words: str, password: str = PASSWORD) -> Call:
        return self.end(self.start(*words, password=password))

    def end(self, process: subprocess.Popen[str]) -> Call:
        stdout, stderr = process.communicate(timeout=300)
        return Call(process.returncode, stdout, stderr)

    @property
    def directory(self) -> Path:
        return self.inventory / ".signups"

    def declared(self, site: str) -> dict[str, Any]:
        return dict(yaml.safe_load((self.directory / f"{site}.yml").read_text()))

    def site(self, name: str) -> Site:
        return self.fleet.site(f"{name}.localhost")


@pytest.fixture(scope="module")
def door(fleet: Fleet) -> Iterator[Door]:
    door = Door(fleet, fleet.write_inventory("signup", inventory_of()))
    yield door
    for path in sorted((fleet.bench / "sites").glob("*.localhost")):
        if path.name not in SITES:
            fleet.drop(path.name)


def inventory_of(**changes: Any) -> dict[str, Any]:
    """A fleet that has one tenant and takes new ones."""
    company = {"name": "{{ signup_company }}", "abbr": "{{ signup_subdomain[:3] | upper }}"}
    return {
        "plugin": "erpops.frappe.tenants",
        "benches": {"demo": {"path": "{{ demo_root }}/bench"}},
        "plans": {"free": {"apps": ["erpnext"], "config": {"mute_emails": True}}},
        "tenants": [{"name": "declared.localhost", "plan": "free", "status": "retired"}],
        "signups": {
            "domain": "localhost",
            "plan": "free",
            "reserved": ["billing"],
            "vars": {"company": company, "demo_documents_shop": [], "site_jobs": []},
        },
        **changes,
    }


def standing(fleet: Fleet) -> dict[str, Any]:
    """What a request that is refused may not change."""
    sites = sorted(path.name for path in (fleet.bench / "sites").iterdir())
    alpha = fleet.site("alpha.localhost").state()
    return {"sites": sites, "alpha": alpha, "keys": tree(fleet.demo / "secrets")}


def login(site: Site, email: str, password: str) -> tuple[int, str]:
    answer = site._ask("/api/method/login", None, "POST", json.dumps({"usr": email, "pwd": password}).encode())
    return answer.status, answer.body


def test_a_tenant_is_made_and_works(door: Door) -> None:
    with Sampler() as sampler:
        done = door.call("acme", "Owner@Acme.example", "--company", "Acme {{ 6 * 7 }} Trading", "--metrics")
    assert done.code == 0, done.stdout + done.stderr[-6000:]
    told = done.told
    assert set(told) == KEYS
    assert told["success"] is True
    site = door.site("acme")
    assert (told["site_name"], told["admin_email"]) == ("acme.localhost", "owner@acme.example")
    assert told["site_url"] == f"http://acme.localhost:{door.fleet.port}"
    assert told["db_name"] == site.config["db_name"]

    key = (told["api_key"], told["api_secret"])
    assert site.get(WHO, key).message == "sync@acme.localhost"
    assert site.get(WHO, (key[0], "not-the-secret")).status == 401
    assert door.fleet.site("alpha.localhost").get(WHO, key).status == 401, "isolation: its key opens another tenant"
    status, body = login(site, "owner@acme.example", PASSWORD)
    assert (status, json.loads(body)["message"]) == (200, "Logged In")
    assert login(site, "owner@acme.example", "not-the-password")[0] == 401
    roles = site.rows("select role from `tabHas Role` where parent=?", "owner@acme.example")
    assert roles == [("System Manager",)]
    assert site.apps == ["frappe", "erpnext"]
    # What a stranger types is never a template.
    assert site.value("select name from tabCompany") == "Acme {{ 6 * 7 }} Trading"

    # Declared from now on, like any other tenant; and a plain run of the fleet finds nothing to do.
    assert door.declared("acme.localhost")["signup"]["state"] == "active"
    again = door.fleet.play("provision.yml", inventory=door.inventory, limit="acme.localhost")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-3000:]

    # Nothing secret in a process list, on the standard error, or in a file of the controller or the bench.
    for secret in (PASSWORD, told["api_secret"]):
        assert not [command for command in sampler.seen if secret in command]
        assert secret not in done.stderr
        holders = [p for p in door.fleet.root.rglob("*") if p.is_file() and ".standin-db" not in p.parts]
        assert [str(p) for p in holders if secret.encode() in p.read_bytes()] == []
    assert not list(door.directory.glob(".state/*.run"))
    assert [p.command for p in processes_of(door.inventory)] == []

    metrics = json.loads(done.stderr.strip().splitlines()[-1])
    assert (metrics["signups"], metrics["success_percent"], metrics["manual_steps"]) == (1, 100.0, 0)
    # How long is told and not asserted: it is the machine's business.
    assert 0 < metrics["key_activation_seconds"]["worst"] < metrics["provisioning_seconds"]["worst"]


@pytest.mark.parametrize(
    ("subdomain", "because"),
    [
        ("ab", "too short"),
        ("-a-", "begins or ends with a hyphen"),
        ("Admin", "upper-case"),
        ("a..b", "contains a dot"),
        ("a;id", "contains ';'"),
        ("a" * 64, "characters"),
        ("a" * 41, "too long"),
        ("admin", "reserved"),
        ("administrator", "reserved"),
        ("www", "reserved"),
        ("billing", "reserved"),
        ("../../etc", "contains"),
        ("declared", "tenants.yml"),
        ("alpha", "site on the bench is present"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused_and_nothing_changes(door: Door, subdomain: str, because: str) -> None:
    before = standing(door.fleet)
    done = (
        door.call("--", subdomain, "owner@example.com")
        if subdomain.startswith("-")
        else door.call(subdomain, "owner@example.com")
    )
    assert because in done.refusal
    assert "api_secret" not in done.told
    assert standing(door.fleet) == before
    assert not (door.directory / f"{subdomain}.localhost.yml").exists() if "/" not in subdomain else True


@pytest.mark.parametrize(
    ("email", "password", "because"),
    [
        ("nobody", PASSWORD, "is no address"),
        ("a@b.example; id", PASSWORD, "is no address"),
        ("owner@example.com", "", "the password has nothing"),
        ("owner@example.com", "short", "5 characters"),
    ],
)
def test_a_bad_request_is_refused(door: Door, email: str, password: str, because: str) -> None:
    done = door.call("wrongly", email, password=password)
    assert because in done.refusal
    assert not door.site("wrongly").folder.exists()


def test_wrong_words_are_answered_in_json(door: Door) -> None:
    assert "--no-such-option" in door.call("acme", "a@b.example", "--no-such-option").refusal


def test_a_tenant_that_is_there_is_refused_with_its_data(door: Door) -> None:
    if not door.site("acme").folder.exists():
        assert door.call("acme", "owner@acme.example").code == 0
    before = door.site("acme").state()
    done = door.call("acme", "owner@acme.example", password="Another-Password-9")
    assert "is taken, and nothing of it was touched" in done.refusal
    assert door.site("acme").state() == before
    assert login(door.site("acme"), "owner@acme.example", PASSWORD)[0] == 200
    assert "it is whole" in door.call("acme", "--discard").refusal
    assert door.declared("acme.localhost")["signup"]["state"] == "active"


def test_of_two_requests_for_one_name_one_wins_and_another_name_runs_beside_them(door: Door) -> None:
    calls = [
        door.start("twice", "first@example.com"),
        door.start("twice", "second@example.com"),
        door.start("third", "third@example.com"),
    ]
    ended = [door.end(call) for call in calls]
    assert sorted(one.code for one in ended[:2]) == [0, 2], [one.stdout + one.stderr[-2000:] for one in ended]
    winner, loser = sorted(ended[:2], key=lambda one: one.code)
    assert "another request for this name" in loser.refusal or "is taken" in loser.refusal
    assert ended[2].told["success"] is True, ended[2].stdout
    users = door.site("twice").rows("select name from tabUser where name like '%@example.com'")
    assert users == [(winner.told["admin_email"],)]


def test_database_password_that_is_wrong_leaves_nothing(door: Door) -> None:
    inventory = door.fleet.write_inventory("signupdb", inventory_of())
    (inventory / "group_vars/all/wrong.yml").write_text("bench_db_root_password: wrong-password-of-root\n")
    asked = door.fleet.bench / ".standin-db" / "root_password"  # the server asks for it from here on
    asked.write_text(door.fleet.root_password)
    try:
        done = Door(door.fleet, inventory).call("nodb", "owner@example.com")
    finally:
        asked.unlink()
    assert (done.code, done.told["success"]) == (1, False), done.stdout + done.stderr[-3000:]
    assert "refuses its administrative user" in done.told["error"]
    assert not door.site("nodb").folder.exists()
    assert not door.site("nodb").record
    assert not list((inventory / ".signups").glob("*.yml"))


def test_web_server_that_is_down_fails_and_removes_only_its_own(door: Door) -> None:
    changed = inventory_of()
    changed["signups"]["vars"]["site_url"] = "http://{{ site_name }}:9"
    changed["signups"]["vars"]["site_connect"] = "127.0.0.1:9"
    other = Door(door.fleet, door.fleet.write_inventory("signupweb", changed))
    before = standing(door.fleet)["alpha"]
    done = other.call("noweb", "owner@example.com")
    assert (done.code, done.told["success"]) == (1, False), done.stdout + done.stderr[-3000:]
    assert "connection_refused" in done.told["error"]
    assert not door.site("noweb").folder.exists()
    assert not (other.directory / "noweb.localhost.yml").exists()
    assert standing(door.fleet)["alpha"] == before
    # The name is free again.
    assert door.call("noweb", "owner@example.com").told["success"] is True


def test_killed_after_new_site_is_finished_by_the_same_call(door: Door) -> None:
    site = door.site("killedup")
    call = door.start("killedup", "owner@example.com")
    wait_until("the site", lambda: site.record.get("state") == "created", 120)
    os.kill(call.pid, signal.SIGKILL)
    call.communicate(timeout=60)
    wait_until("the rest of the run ends", lambda: not ansible_of(door), 120, 0.05)
    declared = door.declared(site.name)
    assert declared["signup"]["state"] == "pending"
    assert PASSWORD not in "".join(p.read_text(errors="replace") for p in door.directory.rglob("*") if p.is_file())
    listed = door.fleet.play("verify.yml", inventory=door.inventory, limit=site.name)
    assert site.name not in listed.hosts, "not whole, and so no part of the fleet"

    other = door.call("killedup", "stranger@example.com")
    assert "bin/provision-tenant --discard killedup" in other.refusal
    assert "owner@example.com" not in other.stdout
    done = door.call("killedup", "owner@example.com")
    assert done.told["success"] is True, done.stderr[-4000:]
    assert login(site, "owner@example.com", PASSWORD)[0] == 200


def test_killed_request_is_discarded(door: Door) -> None:
    site = door.site("discarded")
    call = door.start("discarded", "owner@example.com")
    wait_until("the site", lambda: site.record.get("state") == "creating", 120)
    os.kill(call.pid, signal.SIGKILL)
    call.communicate(timeout=60)
    wait_until("the rest of the run ends", lambda: not ansible_of(door), 120, 0.05)
    done = door.call("discarded", "--discard")
    assert (done.code, done.told) == (0, {"success": True, "site_name": site.name, "discarded": True}), done.stderr
    assert not site.folder.exists()
    assert not site.record
    assert "there is no ended request" in door.call("discarded", "--discard").refusal


def ansible_of(door: Door) -> list[str]:
    """What still runs of calls for this fleet."""
    return [
        p.command for p in processes_of(door.fleet.root) if str(door.inventory) in p.command or "agent" in p.command
    ]
