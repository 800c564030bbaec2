# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup sets: what is in them comes back, with what `bench restore` forgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contract.benches import ContractBench
from tests.integration.looks import Sampler

NewName = Callable[[str], str]

FILL = """
for number in range(3):
    frappe.get_doc({'doctype': 'ToDo', 'description': f'number {number}'}).insert()
from frappe.utils.password import set_encrypted_password
set_encrypted_password('User', 'Administrator', 'a-password-to-keep', 'api_secret')
frappe.db.set_single_value('System Settings', 'enable_scheduler', 1)
frappe.db.commit()
answer = True
"""
LOOK = """
from frappe.utils.password import get_decrypted_password
answer = {
    'todos': frappe.db.count('ToDo'),
    'secret': get_decrypted_password('User', 'Administrator', 'api_secret'),
    'apps': frappe.get_installed_apps(),
    'scheduler': int(frappe.db.get_single_value('System Settings', 'enable_scheduler') or 0),
}
"""


def filled(bench: ContractBench, name: str) -> dict[str, Any]:
    """A site with records, a stored password and files; what can be seen of it."""
    bench.make_site(name)
    bench.query(FILL, site=name)
    (bench.sites / name / "public/files/pub.txt").write_text("public")
    (bench.sites / name / "private/files/priv.txt").write_text("private")
    bench.one("config.apply", name, {"set": {"flag": 7}})
    return dict(bench.query(LOOK, site=name))


def test_a_set_becomes_the_site_again(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("again")
    before, config = filled(bench, name), None
    bench.one("maintenance.apply", name, {"state": "on"})
    config = bench.site_config(name)
    taken = bench.one("backup.apply", name, {"state": "present", "name": "one"})["backup"]
    assert taken["tables"] > 20
    bench.one("site.apply", name, {"state": "absent", "confirm": name, "backup": "skip", "root": bench.root})
    assert not (bench.sites / name).exists()

    args = {"path": taken["path"], "root": bench.root, "db_user_host": "%"}
    done = bench.one("restore.apply", name, args)
    assert (done["after"]["state"], done["restore"]["compared"], done["restore"]["files"]) == ("present", True, 2)
    assert done["restore"]["migrated"] == []
    assert bench.query(LOOK, site=name) == before
    after = bench.site_config(name)
    assert (after["encryption_key"], after["flag"]) == (config["encryption_key"], 7)
    assert not after.get("maintenance_mode")
    assert (bench.sites / name / "public/files/pub.txt").read_text() == "public"
    assert (bench.sites / name / "private/files/priv.txt").read_text() == "private"
    assert bench.one("restore.apply", name, args)["changed"] is False
    assert bench.get("/api/method/ping", host=name).message == "pong"


def test_a_held_site_answers_503_and_is_released(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("held")
    bench.make_site(name)
    bench.one("scheduler.apply", name, {"state": "enabled"})
    bench.cli("purge-jobs", "--site", name)
    assert bench.get("/api/method/ping", host=name).status == 200
    held = bench.one("move.hold", name, {"to": "elsewhere", "drain_timeout": 5})
    assert held["journal"]["originals"] == {"maintenance": "off", "scheduler": "enabled"}
    assert bench.get("/api/method/ping", host=name).status == 503
    assert bench.one("move.release", name, {"to": "elsewhere"})["changed"] is True
    assert bench.get("/api/method/ping", host=name).status == 200
    assert bench.one("scheduler.read", name)["state"] == "enabled"


def test_jobs_that_nobody_does_are_told(bench: ContractBench, new_name: NewName) -> None:
    name = new_name("jobs")
    bench.make_site(name)
    bench.query("frappe.enqueue('frappe.ping', queue='long')\nfrappe.db.commit()\nanswer = 1", site=name)
    error = bench.refused("move.hold", name, {"to": "elsewhere", "drain_timeout": 1})
    assert (error["status"], "frappe.ping" in error["seen"]) == (409, True)
    assert not bench.site_config(name).get("maintenance_mode")


def test_no_process_shows_a_password_while_a_site_is_made_backed_up_and_restored(
    bench: ContractBench, new_name: NewName
) -> None:
    """The framework gives that of the database to MariaDB's programs, which dump and load."""
    name = new_name("shown")
    with Sampler() as sampler:
        bench.make_site(name)
        config = bench.site_config(name)
        taken = bench.one("backup.apply", name, {"state": "present", "name": "one"})["backup"]
        bench.one("site.apply", name, {"state": "absent", "confirm": name, "backup": "skip", "root": bench.root})
        bench.one("restore.apply", name, {"path": taken["path"], "root": bench.root, "db_user_host": "%"})
    assert sampler.rounds > 100
    hidden = (config["db_password"], str(bench.root["password"]), config["encryption_key"])
    shown = [line for line in sampler.seen if any(word and word in line for word in hidden)]
    assert shown == []
