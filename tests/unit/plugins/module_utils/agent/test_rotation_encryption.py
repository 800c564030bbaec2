# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encryption key: what is in the way of another one, and a failure on the way. All else: the contract."""

from __future__ import annotations

from typing import Any

from tests.unit.plugins.module_utils.agent.twins import Twins

COUNT = "select count(*) from __Auth where encrypted=1"


def faults(twins: Twins, site: str, **given: Any) -> list[str]:
    found = twins.source.one("rotation.plan", site, request="one", secrets={"encryption_key": given})
    return list(found["secrets"]["encryption_key"]["faults"])


def test_faults_all_at_once(twins: Twins) -> None:
    site = twins.site()
    assert faults(twins, site, confirm=site) == []
    insert = "insert into __Auth (doctype,name,fieldname,password,encrypted) values ('Note','{}','code','no token',1)"
    for number in range(14):
        twins.source.sql(site, insert.format(f"n{number:02d}"))
    twins.source.one("maintenance.apply", site, state="on")
    app = twins.source.bench.path / "apps/erpnext/erpnext/locker.py"
    app.write_text("from frappe.utils.password import encrypt\n\n\ndef lock(x):\n    return encrypt(x)\n")
    try:
        unconfirmed, lost, elsewhere, held = faults(twins, site)
        assert len(faults(twins, site, confirm=site, elsewhere=True)) == 2
    finally:
        app.unlink()
    assert "is not rotated by the way" in unconfirmed
    assert "Note.n00.code" in lost
    assert "and 2 more" in lost
    assert "erpnext: erpnext/locker.py" in elsewhere
    assert "is in somebody else's maintenance" in held


def test_without_a_whole_backup_of_the_present_key_nothing_begins(twins: Twins) -> None:
    site = twins.site()
    before = twins.source.config(site)
    given = {"secret": "encryption_key", "request": "one", "confirm": site, "backup": "none"}
    assert "a set without a manifest was never completed" in str(twins.source.refused("rotation.begin", site, **given))
    assert twins.source.config(site) == before


def test_jobs_that_nobody_does_end_it_and_nothing_has_changed(twins: Twins) -> None:
    site = twins.site()
    twins.source.one("backup.apply", site, state="present", name="before")
    before, count = twins.source.config(site), twins.source.rows(site, COUNT)
    enqueue = (
        "import frappe\n"
        f"frappe.init(site={site!r})\nfrappe.connect()\nfrappe.enqueue('frappe.ping', queue='long')\nfrappe.db.commit()\n"
    )
    assert twins.source.bench.call("-c", enqueue).returncode == 0
    given = {"secret": "encryption_key", "request": "one", "confirm": site, "backup": "before", "drain_timeout": 0}
    assert "jobs of the site are still waiting" in str(twins.source.refused("rotation.begin", site, **given))
    after = twins.source.config(site)
    assert (after["encryption_key"], after.get("maintenance_mode")) == (before["encryption_key"], 0)
    assert twins.source.rows(site, COUNT) == count
    assert twins.source.one("scheduler.read", site)["state"] == "enabled"
