# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site goes back to one of its sets in place, forth again, and is gone on with after it was ended at any step."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.faults.update_bench import same
from tests.unit.plugins.answers_restores import RESTORE_ANSWERS
from tests.unit.plugins.module_utils.agent.test_restore import resealed
from tests.unit.plugins.module_utils.agent.twins import Side, Twins

ROOT = Path(__file__).resolve().parents[5]
NAME = "one"
# Apps without a commit count as other ones, so that the site is migrated, which notes the apps and when it did.
MIGRATED = {"tabInstalled Application", "tabSingles"}

_SUICIDE = """
import json, os, signal, sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _restore_site as tested
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
asked, write = json.load(sys.stdin), tested.write_restore
def write_and_die(context, journal):
    write(context, journal)
    if journal["state"] == asked["state"]:
        os.kill(os.getpid(), signal.SIGKILL)
tested.write_restore = write_and_die
tested.OPERATIONS[asked["op"]](Context(Bench(asked["bench"]), asked["site"]), asked["args"])
"""


def kill_at(side: Side, site: str, op: str, state: str, **args: Any) -> None:
    """Run an operation as the agent does, in a process that kills itself once its journal is at ``state``."""
    request = {"bench": str(side.bench.path), "site": site, "op": op, "state": state, "args": args}
    done = subprocess.run(
        [str(side.bench.python), "-c", _SUICIDE, str(ROOT / ".collections")],
        input=json.dumps(request),
        cwd=side.bench.sites,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def saved(side: Side, site: str) -> Path:
    """A set of the site, which goes on after it."""
    path = side.one("backup.apply", site, state="present", name=NAME)["backup"]["path"]
    side.sql(site, "update tabUser set first_name='written since'")
    side.sql(site, "create table `tabCame Later` (name varchar(140))")
    side.one("config.apply", site, set={"flag": 2, "later": 1})
    (side.bench.sites / site / "private/files/y.txt").write_text("changed")
    return Path(path)


def journal(side: Side, site: str) -> dict[str, Any]:
    return dict(json.loads(side.state("restores", f"{site}.json").read_text()))


@pytest.fixture
def side(twins: Twins) -> Side:
    return twins.source


@pytest.fixture
def site(twins: Twins) -> str:
    return twins.site()


def test_back_and_forth(side: Side, site: str) -> None:
    before = side.whole(site)
    saved(side, site)
    after = side.whole(site)
    planned = side.one("restore_site.plan", site, check=True, set=NAME)
    assert planned.keys() == RESTORE_ANSWERS["restore_site.plan"].keys()
    assert (planned["faults"], planned["resumed"], planned["set"]["name"]) == ([], False, NAME)
    assert "tabCame Later: 0 rows now, not in the set" in planned["lost"]
    previewed = side.one("restore_site.apply", site, check=True, set=NAME)
    assert (previewed["changed"], previewed["actions"]) == (True, ["done"])
    assert same(after, side.whole(site)) == []
    done = side.one("restore_site.apply", site, set=NAME)
    assert done.keys() == RESTORE_ANSWERS["restore_site.apply"].keys()
    assert done["told"].startswith(f"{site} is what its set one says; what it was before is in ")
    assert MIGRATED.issuperset(same(before, side.whole(site)))
    again = side.one("restore_site.apply", site, set=NAME)
    assert (again["changed"], again["diff"]) == (False, {})
    side.sql(site, "update tabUser set first_name='after the restore'")
    back = side.one("restore_site.undo", site)
    assert back["told"] == f"{site} is what it was before the restore of one"
    assert same(after, side.whole(site)) == []
    assert not side.one("restore_site.undo", site)["changed"]
    kept = Path(back["journal"]["left"])
    assert (kept / "manifest.json").exists(), "what was written after the restore is in a set"
    again = side.one("restore_site.apply", site, set=NAME, pending="abandoned")
    assert again["changed"], "it was undone: it may be restored once more"


def test_maintenance_that_was_on_stays_on(side: Side, site: str) -> None:
    saved(side, site)
    side.one("maintenance.apply", site, state="on")
    side.one("restore_site.apply", site, set=NAME)
    assert side.config(site)["maintenance_mode"] == 1


@pytest.mark.fault(
    "the agent is killed (kill -9)",
    "at each step of a restore in place",
    "finished or undone by the next run",
)
@pytest.mark.parametrize(
    ("state", "way"),
    [
        ("holding", "undone"),
        ("held", "again"),
        ("held", "undone"),
        ("saved", "again"),
        ("loading", "again"),
        ("loading", "undone"),
    ],
)
def test_killed_at_each_step(side: Side, site: str, state: str, way: str) -> None:
    before = side.whole(site)
    saved(side, site)
    after = side.whole(site)
    kill_at(side, site, "restore_site.apply", state, set=NAME)
    assert journal(side, site)["state"] == state
    assert bool(side.config(site).get("maintenance_mode")) is (state != "holding")
    assert side.one("restore_site.plan", site, set=NAME)["resumed"]
    error = side.refused("restore_site.apply", site, set=str(other_set(side, site)))
    assert error.message == "another restore of the site is not over"
    if way == "again":
        assert side.one("restore_site.apply", site, set=NAME)["told"].startswith(f"{site} is what its set one says")
        assert MIGRATED.issuperset(same(before, side.whole(site)))
    else:
        side.one("restore_site.undo", site)
        assert same(after, side.whole(site)) == []
    assert not side.config(site).get("maintenance_mode")


def other_set(side: Side, site: str) -> Path:
    """A copy of the set that says to be another one."""
    folder = side.state("archive", site, NAME)
    copy = side.state("archive", site, "other")
    if not copy.exists():
        copy.mkdir(mode=0o700)
        for path in folder.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        told = json.loads((copy / "manifest.json").read_text())
        (copy / "manifest.json").write_text(json.dumps({**told, "id": "another"}))
    return copy


@pytest.mark.parametrize("state", ["leaving", "undoing"])
def test_an_undo_that_was_killed_is_finished_by_the_next(side: Side, site: str, state: str) -> None:
    saved(side, site)
    after = side.whole(site)
    side.one("restore_site.apply", site, set=NAME)
    kill_at(side, site, "restore_site.undo", state)
    assert "another restore" in side.refused("restore_site.apply", site, set=NAME, again=True).message
    assert side.one("restore_site.undo", site)["changed"]
    assert same(after, side.whole(site)) == []


def test_a_set_that_says_another_thing_takes_nothing(side: Side, site: str) -> None:
    """Its dump lacks rows that its manifest counts: the site is brought back to what it was."""
    folder = saved(side, site)
    resealed(folder, "INSERT INTO `tabRole`")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "quiet": True}))
    after = side.whole(site)
    error = side.refused("restore_site.apply", site, set=NAME)
    assert error.message == "the restore failed, and the site is again what it was before, served as before"
    assert "tabRole: " in error.seen
    assert same(after, side.whole(site)) == []
    assert (journal(side, site)["outcome"], "tabRole" in journal(side, site)["why"]) == ("undone", True)


def test_without_a_safety_set_there_is_no_way_back(side: Side, site: str) -> None:
    saved(side, site)
    done = side.one("restore_site.apply", site, set=NAME, safety="skip")
    assert done["journal"]["kept"] == ""
    assert "no set was taken" in side.refused("restore_site.undo", site).message
