# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are replaced in steps: what is let in after each of them, and after the way back."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.benches import ADMIN_PASSWORD, ContractBench

NewName = Callable[[str], str]
WHO = "/api/method/frappe.auth.get_logged_user"
NEW = "Another0password0of0the0administrator"

# Who is let in by the database server, asked of a connection of its own.
LETS_IN = """
frappe.destroy()
frappe.init(site=args['of'])
frappe.local.conf['db_password'] = args['password']
frappe.connect()
try:
    answer = bool(frappe.db.sql('select 1'))
except Exception as error:
    answer = 'Access denied' not in str(error)
"""
FILL = """
from frappe.utils.password import encrypt, set_encrypted_password
for number in range(5):
    set_encrypted_password('Note', f'n{number}', f'secret number {number}', 'code')
frappe.db.set_default('someone_otpsecret', encrypt('of two factors'), parent='__2fa')
frappe.db.commit()
answer = True
"""
READ = """
from frappe.utils.password import decrypt, get_decrypted_password
answer = [get_decrypted_password('Note', f'n{number}', 'code') for number in range(5)]
answer.append(decrypt(frappe.db.get_default('someone_otpsecret', parent='__2fa')))
"""
SECRETS = [*(f"secret number {number}" for number in range(5)), "of two factors"]


class Rotated:
    """A site whose secrets are rotated, and what is let in."""

    def __init__(self, bench: ContractBench, site: str) -> None:
        self.bench, self.site = bench, site
        bench.make_site(site)

    def step(self, verb: str, secret: str, **args: Any) -> Any:
        given = {"secret": secret, "request": "one", "root": self.bench.root, **args}
        return self.bench.one(f"rotation.{verb}", self.site, given)

    def refused(self, secret: str, **args: Any) -> str:
        given = {"secret": secret, "request": "one", "root": self.bench.root, **args}
        return str(self.bench.refused("rotation.begin", self.site, given)["text"])

    @property
    def config(self) -> dict[str, Any]:
        return self.bench.site_config(self.site)

    @property
    def journal(self) -> dict[str, Any]:
        return dict(json.loads((self.bench.path / f".erpops/rotations/{self.site}.json").read_text()))

    def change_journal(self, secret: str, **values: Any) -> None:
        """As a run left it that was killed."""
        journal = self.journal
        journal["open"][secret].update(values)
        (self.bench.path / f".erpops/rotations/{self.site}.json").write_text(json.dumps(journal))

    def change_config(self, **values: Any) -> None:
        path = self.bench.sites / self.site / "site_config.json"
        path.write_text(json.dumps({**self.config, **values}))

    def lets_in(self, password: str) -> bool:
        return bool(self.bench.query(LETS_IN, site="", of=self.site, password=password))

    def status(self, pair: dict[str, str]) -> int:
        return self.bench.get(WHO, host=self.site, key=pair["api_key"], secret=pair["api_secret"]).status

    def login(self, password: str) -> int:
        form = urllib.parse.urlencode({"usr": "Administrator", "pwd": password}).encode()
        address = f"http://127.0.0.1:{self.bench.serve()}/api/method/login"
        try:
            request = urllib.request.Request(address, form, {"Host": self.site})
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def ping(self) -> int:
        return self.bench.get("/api/method/ping", host=self.site).status


@pytest.fixture
def rotated(bench: ContractBench, new_name: NewName) -> Rotated:
    return Rotated(bench, new_name("rotated"))


def test_the_database_takes_both_passwords_meanwhile(rotated: Rotated) -> None:
    old = rotated.config["db_password"]
    begun = rotated.step("begin", "database_password")
    new = rotated.config["db_password"]
    assert (begun["changed"], begun["open"], begun["told"], new != old) == (True, True, {"gap": False}, True)
    assert (rotated.lets_in(old), rotated.lets_in(new), rotated.ping()) == (True, True, 200)
    assert rotated.step("begin", "database_password")["changed"] is False, "as after a run that was killed"
    done = rotated.step("finish", "database_password")
    assert (done["changed"], done["open"], done["request"]) == (True, False, "one")
    assert (rotated.lets_in(old), rotated.lets_in(new), rotated.ping()) == (False, True, 200)
    assert rotated.step("begin", "database_password")["changed"] is False
    assert rotated.config["db_password"] == new
    assert rotated.step("begin", "database_password", request="two")["changed"] is True
    third = rotated.config["db_password"]
    assert rotated.step("undo", "database_password", request="two")["changed"] is True
    assert rotated.config["db_password"] == new
    assert (rotated.lets_in(new), rotated.lets_in(third), rotated.ping()) == (True, False, 200)
    assert old not in json.dumps(rotated.journal)


def test_without_the_administrative_user_there_is_a_gap(rotated: Rotated) -> None:
    old = rotated.config["db_password"]
    assert "cannot change without a gap" in rotated.refused("database_password", root={})
    begun = rotated.step("begin", "database_password", root={}, gap=True)
    assert begun["told"] == {"gap": True}
    new = rotated.config["db_password"]
    assert (rotated.lets_in(old), rotated.lets_in(new)) == (False, True)
    rotated.change_config(db_password=old)  # killed between the server and the file
    assert rotated.step("begin", "database_password", root={}, gap=True)["open"] is True
    assert (rotated.config["db_password"], rotated.ping()) == (new, 200)
    rotated.step("undo", "database_password", root={}, gap=True)
    assert (rotated.config["db_password"], rotated.lets_in(old), rotated.lets_in(new)) == (old, True, False)


def test_the_administrators_password_comes_back_as_it_was(rotated: Rotated) -> None:
    assert rotated.login(ADMIN_PASSWORD) == 200
    rotated.step("begin", "admin_password", new=NEW)
    assert (rotated.login(NEW), rotated.login(ADMIN_PASSWORD)) == (200, 401)
    rotated.step("undo", "admin_password", new=NEW)
    assert (rotated.login(NEW), rotated.login(ADMIN_PASSWORD)) == (401, 200)
    rotated.step("begin", "admin_password", new=NEW)
    assert rotated.bench.query("answer = frappe.db.count('Sessions')", site=rotated.site)
    rotated.step("finish", "admin_password", new=NEW)
    sessions = "answer = frappe.db.sql('select count(*) from `tabSessions` where user=%s', ('Administrator',))[0][0]"
    assert rotated.bench.query(sessions, site=rotated.site) == 0
    assert (rotated.login(NEW), rotated.login(ADMIN_PASSWORD)) == (200, 401)


@pytest.fixture
def user(rotated: Rotated) -> str:
    values = {"email": "sync@example.com", "first_name": "Sync", "send_welcome_email": 0}
    role = {"doctype": "Role", "values": {"role_name": "Rotation Test", "desk_access": 1}}
    roles = [{"role": "System Manager"}, {"role": "Rotation Test"}]
    record = {"doctype": "User", "name": "sync@example.com", "values": {**values, "roles": roles}}
    rotated.bench.documents(role, record, site=rotated.site)
    rotated.bench.one("key.apply", rotated.site, {"user": "sync@example.com"})
    return "sync@example.com"


def test_a_key_is_replaced_with_a_gap(rotated: Rotated, user: str) -> None:
    told = rotated.step("begin", "api_key", user=user)["told"]
    assert (told["gap"], told["new"]["user"]) == (True, user)
    assert (rotated.status(told["old"]), rotated.status(told["new"])) == (401, 200)
    rotated.step("undo", "api_key", user=user)
    assert (rotated.status(told["old"]), rotated.status(told["new"])) == (200, 401)
    new = rotated.step("begin", "api_key", user=user)["told"]["new"]
    assert rotated.step("begin", "api_key", user=user)["told"]["new"] == new, "not a third one"
    assert rotated.step("finish", "api_key", user=user)["open"] is False
    assert (rotated.status(told["old"]), rotated.status(new)) == (401, 200)


def test_a_standby_user_takes_over_without_a_gap(rotated: Rotated, user: str) -> None:
    standby = {"user": user, "standby": "standby@example.com"}
    told = rotated.step("begin", "api_key", **standby)["told"]
    assert (told["gap"], told["new"]["user"]) == (False, "standby@example.com")
    assert (rotated.status(told["old"]), rotated.status(told["new"])) == (200, 200)
    roles = "answer = sorted(frappe.get_all('Has Role', filters={'parent': args['of']}, pluck='role'))"
    asked = [rotated.bench.query(roles, site=rotated.site, of=one) for one in standby.values()]
    assert asked[0] == asked[1] == ["Rotation Test", "System Manager"]
    waiting = rotated.step("finish", "api_key", **standby, grace=3600)
    assert (waiting["open"], waiting["waits_until"] > 0) == (True, True)
    assert rotated.step("finish", "api_key", **standby, grace=3600)["changed"] is False
    assert (rotated.status(told["old"]), rotated.status(told["new"])) == (200, 200)
    assert rotated.step("begin", "api_key", **standby)["told"] == {}
    assert rotated.step("finish", "api_key", **standby, grace=0)["open"] is False
    assert (rotated.status(told["old"]), rotated.status(told["new"])) == (401, 200)
    back = rotated.step("begin", "api_key", **standby, active="standby@example.com", request="two")["told"]
    assert back["new"]["user"] == user
    assert (rotated.status(back["old"]), rotated.status(back["new"])) == (200, 200)
    rotated.step("undo", "api_key", **standby, active="standby@example.com", request="two")
    assert (rotated.status(back["old"]), rotated.status(back["new"])) == (200, 401)


@pytest.fixture
def filled(rotated: Rotated) -> Rotated:
    rotated.bench.query(FILL, site=rotated.site)
    rotated.bench.one("scheduler.apply", rotated.site, {"state": "enabled"})
    rotated.bench.cli("purge-jobs", "--site", rotated.site)
    rotated.bench.one("backup.apply", rotated.site, {"state": "present", "name": "before"})
    return rotated


def test_all_that_is_encrypted_goes_with_its_key(filled: Rotated, user: str) -> None:
    args = {"confirm": filled.site, "backup": "before", "drain_timeout": 5}
    filled.bench.cli("purge-jobs", "--site", filled.site)
    assert "is not rotated by the way" in filled.refused("encryption_key", **{**args, "confirm": "another"})
    old = filled.config["encryption_key"]
    pair = filled.bench.one("move.key", filled.site, {"user": user})
    begun = filled.step("begin", "encryption_key", **args)
    new = filled.config["encryption_key"]
    assert new != old
    assert begun["told"]["rows"] == {"__Auth": 6, "tabDefaultValue": 1}
    assert filled.bench.query(READ, site=filled.site) == SECRETS
    assert (filled.status(pair), filled.config.get("maintenance_mode")) == (200, 0)
    # Killed after the rows and before the file.
    filled.change_config(encryption_key=old, maintenance_mode=1)
    filled.change_journal("encryption_key", state="held")
    assert filled.step("begin", "encryption_key", **args)["open"] is True
    assert (filled.config["encryption_key"], filled.status(pair)) == (new, 200)
    filled.step("undo", "encryption_key", **args)
    assert (filled.config["encryption_key"], filled.status(pair)) == (old, 200)
    assert filled.bench.query(READ, site=filled.site) == SECRETS
    filled.step("begin", "encryption_key", **args)
    late = "from frappe.utils.password import encrypt\nfrappe.db.sql('update `__Auth` set password=%s where name=%s', "
    late += f"(encrypt('secret number 2', {old!r}), 'n2'))\nfrappe.db.commit()\nanswer = 1"
    filled.bench.query(late, site=filled.site)  # of a request that was under way
    filled.step("finish", "encryption_key", **args)
    assert filled.config["encryption_key"] not in (old, new)
    assert filled.bench.query(READ, site=filled.site) == SECRETS
    assert filled.bench.one("scheduler.read", filled.site)["state"] == "enabled"
    assert old not in json.dumps(filled.journal)


def test_a_row_that_nobody_can_read_is_named(filled: Rotated) -> None:
    code = "frappe.db.sql(\"update `__Auth` set password='gAAAAAno' where doctype='Note' and name='n3'\")\n"
    filled.bench.query(code + "frappe.db.commit()\nanswer = 1", site=filled.site)
    said = filled.refused("encryption_key", confirm=filled.site, backup="before")
    assert "Note.n3.code" in said
    assert filled.ping() == 200


def test_the_framework_keeps_what_it_encrypts_where_we_look(filled: Rotated) -> None:
    args = {"encryption_key": {"confirm": filled.site}}
    found = filled.bench.one("rotation.plan", filled.site, {"request": "one", "secrets": args})
    assert found["secrets"]["encryption_key"]["faults"] == []
