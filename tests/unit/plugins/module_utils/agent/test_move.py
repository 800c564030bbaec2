# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site changes its bench: every step again and again, and undone from every state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.plugins.answers_sets import FACTS, SET_ANSWERS
from tests.unit.plugins.module_utils.agent.twins import Twins

# `from` is a word of Python's.
FROM_ONE: dict[str, Any] = {"from": "one"}
FROM_THREE: dict[str, Any] = {"from": "three"}


def keys(value: dict[str, Any], part: str = "") -> set[str]:
    return set(value[part] if part else value)


def test_answers_are_those_that_the_modules_are_played(twins: Twins) -> None:
    site = twins.site()
    facts, plan = twins.facts(site), twins.plan(site)
    assert keys(facts) == keys(FACTS)
    for part in ("site", "size", "space"):
        assert keys(facts, part) == keys(FACTS, part)
    assert keys(facts["apps"][0]) == keys(FACTS["apps"][0])
    assert (keys(plan), keys(plan, "facts")) == (keys(SET_ANSWERS["move.plan"]), keys(FACTS))
    held = twins.source.one("move.hold", site, to="two")
    assert keys(held) == keys(SET_ANSWERS["move.hold"])
    assert keys(SET_ANSWERS["move.hold"], "journal") <= keys(held, "journal")
    twins.source.one("backup.apply", site, state="present", name=held["journal"]["set"])
    packed = twins.pack(site)
    assert keys(packed) == keys(SET_ANSWERS["move_set.pack"])
    assert keys(twins.receive(site, packed)) == keys(SET_ANSWERS["move_set.receive"])
    assert keys(twins.source.one("move.key", site, user="Administrator")) == keys(SET_ANSWERS["move.key"])
    assert keys(twins.target.one("move.drop_copy", site, **FROM_ONE)) == keys(SET_ANSWERS["move.drop_copy"])
    assert keys(twins.source.one("move.release", site, to="two")) == keys(SET_ANSWERS["move.release"])


def test_a_site_is_held_and_released(twins: Twins) -> None:
    site = twins.site()
    before = twins.source.config(site)
    planned = twins.source.one("move.hold", site, check=True, to="two")
    assert (planned["changed"], twins.source.config(site)) == (True, before)
    journal = twins.hold(site)
    assert journal["originals"] == {"maintenance": "off", "scheduler": "enabled"}
    assert twins.source.config(site)["maintenance_mode"] == 1
    assert twins.source.one("scheduler.read", site)["state"] == "disabled"
    again = twins.source.one("move.hold", site, to="two")
    assert (again["changed"], again["journal"]["id"]) == (False, journal["id"])
    assert twins.source.refused("move.hold", site, to="three").status == 409
    assert twins.source.refused("move.release", site, to="three").status == 409
    assert twins.source.one("move.release", site, to="two")["changed"] is True
    assert twins.source.one("scheduler.read", site)["state"] == "enabled"
    assert {**twins.source.config(site), "maintenance_mode": 0} == {**before, "maintenance_mode": 0}
    assert not twins.source.state("moves", f"{site}.json").exists()
    assert twins.source.one("move.release", site, to="two")["changed"] is False


def test_originals_survive_an_ended_hold(twins: Twins) -> None:
    site = twins.site()
    twins.hold(site)
    path = twins.source.state("moves", f"{site}.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "state": "holding"}))
    again = twins.source.one("move.hold", site, to="two")
    assert (again["changed"], again["journal"]["originals"]["scheduler"]) == (True, "enabled")


ENQUEUE = """
import sys, frappe
frappe.init(site=sys.argv[1])
frappe.connect()
frappe.enqueue("frappe.ping", queue="short")
frappe.db.commit()
"""


def test_a_site_with_jobs_is_put_back(twins: Twins) -> None:
    site = twins.site()
    done = twins.source.bench.call("-c", ENQUEUE, site)
    assert done.returncode == 0, done.stderr
    error = twins.source.refused("move.hold", site, to="two", drain_timeout=0)
    assert (error.status, error.seen) == (409, "frappe.ping")
    assert not twins.source.config(site).get("maintenance_mode")
    assert twins.source.one("scheduler.read", site)["state"] == "enabled"
    given_up = twins.source.one("move.hold", site, to="two", drain_timeout=0, pending="abandoned")
    assert given_up["journal"]["abandoned"] == ["frappe.ping"]


def test_a_move_and_back_again(twins: Twins) -> None:
    site = twins.site()
    assert twins.plan(site)["faults"] == []
    twins.move(site)
    assert twins.source.one("move.moved", site)["changed"] is False
    assert twins.target.one("move.live", site, scheduler="enabled")["changed"] is False
    assert twins.target.one("scheduler.read", site)["state"] == "enabled"
    journal = json.loads(twins.source.state("moves", f"{site}.json").read_text())
    assert (journal["state"], journal["forward"]) == ("moved", "https://two.example.com")
    plan = twins.plan(site)
    assert (plan["over"], plan["faults"]) == (True, [])
    for side in (twins.target, twins.source):
        assert side.one("move.finish", site)["changed"] is True
        assert side.one("move.finish", site)["changed"] is False
    assert not twins.target.state("archive", site, journal["set"]).exists()
    assert twins.source.state("archive", site, journal["set"]).exists()
    twins.source.one("site.apply", site, state="absent", confirm=site, backup="skip")
    assert twins.plan(site)["over"] is True
    # Back: the journals of the way there are not in the way.
    facts = twins.target.one("move.read", site, name="two", staging=str(twins.staging))
    plan = twins.source.one("move.plan", site, name="one", staging=str(twins.staging), peer=facts)
    assert (plan["over"], plan["faults"]) == (False, [])


@pytest.mark.parametrize("how_far", ["held", "received", "restoring", "restored"])
def test_undone_before_it_is_live(twins: Twins, how_far: str) -> None:
    site = twins.site()
    before, databases = twins.source.config(site), twins.target.databases()
    if how_far == "held":
        twins.hold(site)
    elif how_far == "received":
        twins.send(site)
    else:
        twins.bring(site)
    if how_far == "restoring":
        record = twins.target.state("sites", f"{site}.json")
        record.write_text(json.dumps({**json.loads(record.read_text()), "state": "restoring"}))
        (twins.target.bench.sites / site / "site_config.json").unlink()
    dropped = twins.target.one("move.drop_copy", site, **FROM_ONE)
    assert dropped["changed"] is (how_far != "held")
    twins.source.one("move.release", site, to="two")
    assert {**twins.source.config(site), "maintenance_mode": 0} == {**before, "maintenance_mode": 0}
    assert twins.source.one("scheduler.read", site)["state"] == "enabled"
    assert (twins.target.databases(), (twins.target.bench.sites / site).exists()) == (databases, False)
    for side in (twins.source, twins.target):
        assert not list(side.state("archive", site).glob("*"))
        assert not side.state("moves", f"{site}.json").exists()


def test_a_live_copy_is_dropped_when_it_is_said_twice_and_kept_as_a_backup(twins: Twins) -> None:
    site = twins.site()
    twins.move(site)
    error = twins.target.refused("move.drop_copy", site, **FROM_ONE)
    assert (error.status, (twins.target.bench.sites / site).exists()) == (409, True)
    done = twins.target.one("move.drop_copy", site, **FROM_ONE, confirm=site)
    assert any(name.endswith("database.sql.gz") for name in done["backup"]["files"])
    assert not (twins.target.bench.sites / site).exists()
    assert twins.target.one("move.drop_copy", site, **FROM_ONE)["changed"] is False


def test_a_site_of_somebody_else_is_never_dropped(twins: Twins) -> None:
    site = twins.site()
    twins.send(site)
    twins.target.one("site.apply", site, admin_password="admin-password")
    assert [fault for fault in twins.plan(site)["faults"] if f"there is another {site} on two" in fault]
    twins.target.one("move.drop_copy", site, **FROM_ONE)
    assert (twins.target.bench.sites / site / "site_config.json").exists()
    assert twins.target.one("move.drop_copy", site, **FROM_THREE)["changed"] is False
