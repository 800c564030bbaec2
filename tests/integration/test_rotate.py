# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of a site are rotated: all at once, again, back, and killed half way.

What is asserted is asked of the web server, the database server's accounts and the vault files. No test waits for a
time: what a run needs is held until it is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken

from tests.integration.fleet import Fleet, Result
from tests.integration.looks import Sampler, Site, wait_until
from tests.integration.test_kill import Run, agents

NAME = "rotator.localhost"
WHO = "/api/method/frappe.auth.get_logged_user"
ALL = "api_key,database_password,admin_password,encryption_key"
# Enough that they are not encrypted anew in a moment.
MANY = 4000


@dataclass
class Rotator:
    """The fleet's bench with one tenant whose secrets are rotated."""

    fleet: Fleet
    inventory: Path

    @property
    def site(self) -> Site:
        return self.fleet.site(NAME)

    @property
    def entry(self) -> dict[str, Any]:
        """What the consumers of the API key read."""
        return dict(self.fleet.vaulted(f"{NAME}.keys")[f"sync@{NAME}"])

    @property
    def vault(self) -> dict[str, Any]:
        return self.fleet.vaulted(NAME)

    @property
    def journal(self) -> dict[str, Any]:
        path = self.fleet.bench / f".erpops/rotations/{NAME}.json"
        return dict(json.loads(path.read_text())) if path.exists() else {"open": {}, "done": {}}

    @property
    def state(self) -> str:
        """How far the one rotation that is under way has come."""
        entries: list[dict[str, Any]] = list(self.journal["open"].values())
        return str(entries[0]["state"]) if entries else ""

    def given(self, secrets: str, request: str, **more: Any) -> dict[str, Any]:
        return {"rotate_secrets": secrets, "rotate_request": request, "rotate_confirm": NAME, **more}

    def rotate(self, secrets: str, request: str, check: bool = False, **more: Any) -> Result:
        given = self.given(secrets, request, **more)
        return self.fleet.play("rotate.yml", inventory=self.inventory, check=check, diff=True, extravars=given)

    def begin(self, secrets: str, request: str) -> Run:
        """The same in the background, to be killed."""
        return Run(self.fleet, "rotate.yml", self.inventory, "--extra-vars", json.dumps(self.given(secrets, request)))

    def status(self, pair: dict[str, str]) -> int:
        return self.site.get(WHO, (pair["api_key"], pair["api_secret"])).status

    def login(self, password: str) -> int:
        form = urllib.parse.urlencode({"usr": "Administrator", "pwd": password}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.fleet.port}/api/method/login", form, {"Host": NAME})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def lets_in(self, password: str) -> bool:
        """Whether the database server's account takes it."""
        path = self.fleet.bench / f".standin-db/{self.site.config['db_name']}.user"
        digest = hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest()  # mysql_native_password
        return f"*{digest.upper()}" in json.loads(path.read_text())["hashes"]

    def encrypted(self) -> list[str]:
        return [row[0] for row in self.site.rows("select password from __Auth where encrypted=1")]

    def assert_served(self) -> None:
        """The site works, with what its consumers know."""
        found = self.site.get(WHO, (self.entry["api_key"], self.entry["api_secret"]))
        assert (found.status, found.message) == (200, self.entry.get("user", f"sync@{NAME}"))
        assert self.lets_in(self.site.config["db_password"])
        assert not self.site.config.get("maintenance_mode")
        assert self.site.single("System Settings", "enable_scheduler") == "1"
        cipher = Fernet(self.site.config["encryption_key"])
        assert all(cipher.decrypt(token) for token in self.encrypted())

    def assert_over(self, request: str, *secrets: str) -> None:
        """Nothing is under way, and the request has nothing to do any more."""
        assert self.journal["open"] == {}
        assert {self.journal["done"][secret]["request"] for secret in secrets} == {request}


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock that the run needs."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@pytest.fixture(scope="module")
def rotator(fleet: Fleet) -> Iterator[Rotator]:
    inventory = fleet.tenant_inventory(NAME, ["erpnext", "shopsync"], site_jobs=[])
    made = fleet.play("provision.yml", inventory=inventory)
    assert made.ok, made.stdout[-5000:]
    yield Rotator(fleet, inventory)
    wait_until("agents end", lambda: not agents(fleet), 60)
    fleet.drop(NAME)
    assert not (fleet.bench / f".erpops/rotations/{NAME}.json").exists()


def test_all_secrets_are_rotated_once_for_a_request(rotator: Rotator) -> None:
    config, vault, pair = rotator.site.config, rotator.vault, rotator.entry
    previewed = rotator.rotate(ALL, "first", check=True)
    assert previewed.ok, previewed.stdout[-5000:]
    assert previewed.changed == {NAME: 5}
    assert (rotator.site.config, rotator.vault, rotator.entry) == (config, vault, pair)
    assert rotator.journal == {"open": {}, "done": {}}

    with Sampler() as sampler:
        done = rotator.rotate(ALL, "first")
    assert done.ok, done.stdout[-5000:]
    rotator.assert_served()
    after, new = rotator.site.config, rotator.entry
    assert {key for key in config if config[key] != after.get(key)} == {"db_password", "encryption_key"}
    assert (rotator.lets_in(after["db_password"]), rotator.lets_in(config["db_password"])) == (True, False)
    assert rotator.login(rotator.vault["admin_password"]) == 200
    assert rotator.login(vault["admin_password"]) == 401
    assert rotator.vault.keys() == vault.keys(), "the next password is gone"
    with pytest.raises(InvalidToken):
        Fernet(config["encryption_key"]).decrypt(rotator.encrypted()[0])
    assert new["user"] == f"sync-standby@{NAME}"
    assert rotator.status(pair) == 200, "it has its time of grace"
    seen = "\n".join(sampler.seen) + done.stdout + previewed.stdout
    for hidden in (after["db_password"], after["encryption_key"], new["api_secret"], rotator.vault["admin_password"]):
        assert hidden not in seen

    ended = rotator.rotate("api_key", "first", rotate_grace=0)
    assert (ended.ok, ended.changed) == (True, {NAME: 1}), ended.stdout[-3000:]
    assert (rotator.status(pair), rotator.status(new)) == (401, 200)
    rotator.assert_over("first", *ALL.split(","))
    again = rotator.rotate(ALL, "first")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-3000:]
    for playbook in ("provision.yml", "verify.yml"):
        played = rotator.fleet.play(playbook, inventory=rotator.inventory, extravars={"drift": True})
        assert (played.ok, played.changed) == (True, {}), played.stdout[-3000:]


def test_a_rotation_of_the_key_is_taken_back_while_it_waits(rotator: Rotator) -> None:
    pair = rotator.entry
    assert rotator.rotate("api_key", "back").ok
    new, waiting = rotator.entry, rotator.rotate("api_key", "back")
    assert (waiting.ok, waiting.changed) == (True, {}), waiting.stdout[-3000:]
    assert (rotator.status(pair), rotator.status(new)) == (200, 200)
    undone = rotator.rotate("api_key", "back", rotate_state="undone")
    assert (undone.ok, undone.changed) == (True, {NAME: 1}), undone.stdout[-3000:]
    assert (rotator.entry, rotator.status(pair), rotator.status(new)) == (pair, 200, 401)
    rotator.assert_served()


def test_all_faults_at_once(rotator: Rotator) -> None:
    nowhere: dict[str, Any] = {
        "rotate_confirm": "",
        "site_api_standby_user": "",
        "rotation_secret_file": "",
        "bench_db_root_password": "",
    }
    refused = rotator.rotate(f"{ALL},pin", "faults", **nowhere)
    message = refused.failure.message
    for said in (
        "Which secrets? Needed: -e rotate_secrets=(some of api_key,",
        "Seen: pin",
        "Needed: site_api_standby_user in the inventory",
        "Needed: site_secret_file, the vault file",
        "cannot change without a gap. Seen: no bench_db_root_password",
        f"-e rotate_confirm={NAME} with --limit {NAME}",
    ):
        assert said in message
    assert refused.changed == {}
    rotator.assert_served()


def lock_of_config(rotator: Rotator) -> Path:
    return rotator.site.folder / "locks/site_config.lock"


def lock_of_vault(name: str) -> Callable[[Rotator], Path]:
    return lambda rotator: rotator.fleet.demo / f"secrets/.{name}.yml.lock"


# secret -> state of the journal from which on a lock is held, the lock, the state in which the run is killed, and
# whether the site is served then.
CUTS: dict[str, tuple[str, Callable[[Rotator], Path], str, bool]] = {
    "database_password": ("", lock_of_config, "noted", True),
    "encryption_key": ("held", lock_of_config, "encrypted", False),
    "admin_password": ("noted", lock_of_vault(NAME), "set", True),
    "api_key": ("replacing", lock_of_vault(f"{NAME}.keys"), "issued", True),
}


@pytest.mark.parametrize("secret", CUTS)
def test_a_rotation_that_was_killed_is_finished_by_the_next_run(rotator: Rotator, secret: str) -> None:
    since, lock, until, served = CUTS[secret]
    config, pair, request = rotator.site.config, rotator.entry, f"killed {secret}"
    if secret == "encryption_key":
        token = Fernet(config["encryption_key"]).encrypt(b"a secret of many").decode()
        with contextlib.closing(rotator.site.connection()) as connection, connection:
            connection.execute("begin")
            rows = [("Note", str(number), "code", token, 1) for number in range(MANY)]
            connection.executemany(
                "insert into __Auth (doctype,name,fieldname,password,encrypted) values (?,?,?,?,?)", rows
            )
            connection.execute("commit")
    count = len(rotator.encrypted())
    run = rotator.begin(secret, request)
    order = ["", "noted", "held", "replacing", "issued", "set", "encrypted", "written"]
    run.wait_for(since or "begun", lambda: not since or order.index(rotator.state) >= order.index(since))
    with held(lock(rotator)):
        run.wait_for(until, lambda: rotator.state == until and (until != "noted" or both_let_in(rotator)))
        run.kill("everything")
        assert run.process.returncode != 0
        wait_until("agents end", lambda: not agents(rotator.fleet), 60)
    assert rotator.state == until
    if served:
        rotator.assert_served()
    else:
        assert rotator.site.get("/api/method/ping").status == 503
        assert rotator.site.config["encryption_key"] == config["encryption_key"]
    assert (rotator.status(pair) == 200) is served

    done = rotator.rotate(secret, request, rotate_grace=0)
    assert (done.ok, done.changed[NAME] > 0) == (True, True), done.stdout[-3000:]
    rotator.assert_served()
    rotator.assert_over(request, secret)
    assert len(rotator.encrypted()) >= count
    assert rotator.login(rotator.vault["admin_password"]) == 200
    assert not {"admin_password_next", "admin_password_previous"} & rotator.vault.keys()
    assert not rotator.lets_in(config["db_password"]) or secret != "database_password"
    assert (rotator.status(pair) == 401) is (secret == "api_key")


def both_let_in(rotator: Rotator) -> bool:
    entry = rotator.journal["open"]["database_password"]
    return rotator.lets_in(entry["old"]) and rotator.lets_in(entry["new"])
