# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduler and maintenance mode, with originals that are put back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._state import OPERATIONS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

CONFIG = f"sites/{SITE}/site_config.json"
JOBS = {f"job {name}": {"name": f"job {name}", "method": name, "stopped": 0} for name in ("a.b", "a.c")}


def scheduler(tools: Tools, check: bool = False, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["scheduler.apply"](tools.at(check=check), args))


def maintenance(tools: Tools, state: str, check: bool = False, remember: bool = False) -> dict[str, Any]:
    return dict(OPERATIONS["maintenance.apply"](tools.at(check=check), {"state": state, "remember": remember}))


def enabled(tools: Tools) -> int:
    return int(tools.docs("System Settings")["System Settings"]["enable_scheduler"])


def originals(tools: Tools) -> Any:
    path = tools.path / f".erpops/originals/{SITE}.json"
    return tools.read(path) if path.exists() else {}


@pytest.mark.parametrize(
    ("now", "wanted", "changed"),
    [(1, "enabled", False), (1, "disabled", True), (0, "enabled", True), (0, "disabled", False), (1, None, False)],
)
@pytest.mark.parametrize("check", [False, True])
def test_the_scheduler(site: Tools, now: int, wanted: str | None, changed: bool, check: bool) -> None:
    site.change_database(docs={"System Settings": {"System Settings": {"name": "x", "enable_scheduler": now}}})
    states = {0: "disabled", 1: "enabled"}
    after = wanted or states[now]
    done = scheduler(site, check=check, state=wanted)
    assert (done["changed"], done["before"], done["state"]) == (changed, states[now], after)
    assert done["actions"] == ([f"scheduler {wanted}"] if changed else [])
    assert done["diff"] == {"before": {"scheduler": states[now]}, "after": {"scheduler": after}}
    assert states[enabled(site)] == (states[now] if check else after)


def test_single_jobs_are_stopped_and_started(site: Tools) -> None:
    site.change_database(docs={"Scheduled Job Type": JOBS})
    done = scheduler(site, jobs={"a.b": "stopped", "a.c": "enabled"})
    assert done["actions"] == ["stopped a.b"]
    assert (done["diff"]["before"]["a.b"], done["diff"]["after"]["a.b"]) == ("enabled", "stopped")
    assert {job["method"]: job["stopped"] for job in done["jobs"]} == {"a.b": True, "a.c": False}
    assert scheduler(site, jobs={"a.b": "stopped"})["changed"] is False
    assert scheduler(site, check=True, jobs={"a.b": "enabled"})["actions"] == ["started a.b"]
    assert site.docs("Scheduled Job Type")["job a.b"]["stopped"] == 1


def test_a_job_that_is_not_there(site: Tools) -> None:
    with pytest.raises(ErpopsError, match="no such scheduled job") as caught:
        scheduler(site, state="disabled", jobs={"a.x": "stopped"})
    assert (caught.value.status, caught.value.seen) == (404, "a.x")
    assert enabled(site) == 1, "nothing was changed"


@pytest.mark.parametrize(
    ("config", "because"),
    [
        ({}, []),
        ({"maintenance_mode": 1}, ["maintenance_mode"]),
        ({"pause_scheduler": 1, "disable_scheduler": 1}, ["pause_scheduler", "disable_scheduler"]),
        ({"pause_scheduler": 0}, []),
    ],
)
def test_what_keeps_the_scheduler_from_running(site: Tools, config: dict[str, int], because: list[str]) -> None:
    site.write(CONFIG, {**site.read(CONFIG), **config})
    assert OPERATIONS["scheduler.read"](site.at(), {})["inactive_because"] == because
    scheduler(site, state="disabled")
    assert OPERATIONS["scheduler.read"](site.at(), {})["inactive_because"] == [
        *because,
        "System Settings.enable_scheduler",
    ]


def test_the_original_is_remembered_once_and_put_back(site: Tools) -> None:
    scheduler(site, state="disabled", remember=True)
    scheduler(site, state="enabled", remember=True)
    scheduler(site, state="disabled", remember=True)
    assert originals(site) == {"schema": 1, "scheduler": "enabled"}
    back = scheduler(site, state="restored")
    assert (back["state"], enabled(site), originals(site)) == ("enabled", 1, {})
    assert scheduler(site, state="restored")["changed"] is False


def test_a_site_that_was_off_on_purpose_stays_off(site: Tools) -> None:
    scheduler(site, state="disabled")
    scheduler(site, state="disabled", remember=True)
    assert scheduler(site, state="restored")["state"] == "disabled"


def test_jobs_are_remembered_one_by_one(site: Tools) -> None:
    site.change_database(docs={"Scheduled Job Type": JOBS})
    scheduler(site, jobs={"a.c": "stopped"})  # by its owner, before
    for _again in range(2):
        scheduler(site, jobs={"a.b": "stopped", "a.c": "stopped"}, remember=True)
    assert originals(site) == {"schema": 1, "jobs": {"a.b": "enabled"}}
    both = {"a.b": "restored", "a.c": "restored"}
    assert scheduler(site, check=True, jobs=both)["actions"] == ["started a.b"]
    assert originals(site) == {"schema": 1, "jobs": {"a.b": "enabled"}}
    assert scheduler(site, jobs=both)["actions"] == ["started a.b"]
    assert (originals(site), scheduler(site, jobs=both)["changed"]) == ({}, False)


def test_check_mode_forgets_and_remembers_nothing(site: Tools) -> None:
    scheduler(site, check=True, state="disabled", remember=True)
    assert originals(site) == {}
    scheduler(site, state="disabled", remember=True)
    assert scheduler(site, check=True, state="restored")["state"] == "enabled"
    assert originals(site) == {"schema": 1, "scheduler": "enabled"}


@pytest.mark.parametrize("check", [False, True])
def test_maintenance_on_and_off(site: Tools, check: bool) -> None:
    on = maintenance(site, "on", check=check)
    assert (on["changed"], on["before"], on["state"], on["remembered"]) == (True, "off", "on", "")
    assert on["diff"] == {"before": {"maintenance": "off"}, "after": {"maintenance": "on"}}
    assert site.read(CONFIG).get("maintenance_mode") == (None if check else 1)
    assert maintenance(site, "on", check=check)["changed"] is check
    assert maintenance(site, "off", check=check)["changed"] is not check
    assert site.read(CONFIG).get("maintenance_mode") == (None if check else 0)


def test_maintenance_and_scheduler_are_remembered_apart(site: Tools) -> None:
    scheduler(site, state="disabled", remember=True)
    assert maintenance(site, "on", remember=True)["remembered"] == "off"
    assert originals(site) == {"schema": 1, "scheduler": "enabled", "maintenance": "off"}
    assert maintenance(site, "restored")["state"] == "off"
    assert originals(site) == {"schema": 1, "scheduler": "enabled"}


def test_maintenance_needs_no_database(site: Tools) -> None:
    (site.path / "databases/_a_localhost.json").unlink()
    assert maintenance(site, "on")["changed"] is True


def stopped(tools: Tools) -> dict[str, bool]:
    return {row["method"]: bool(row["stopped"]) for row in tools.docs("Scheduled Job Type").values()}


def test_jobs_are_remembered_once_and_put_back(site: Tools) -> None:
    by_hand = {"job a.d": {"name": "job a.d", "method": "a.d", "stopped": 1}}
    site.change_database(docs={"Scheduled Job Type": {**JOBS, **by_hand}})
    both = {"a.b": "stopped", "a.d": "stopped"}
    scheduler(site, jobs=both, remember=True)
    scheduler(site, jobs={"a.b": "enabled"})
    scheduler(site, jobs=both, remember=True)
    assert originals(site)["jobs"] == {"a.b": "enabled"}, "the first state is the original"
    back = dict.fromkeys(("a.b", "a.c", "a.d"), "restored")
    assert scheduler(site, check=True, jobs=back)["actions"] == ["started a.b"]
    assert originals(site)["jobs"] == {"a.b": "enabled"}
    assert scheduler(site, jobs=back)["actions"] == ["started a.b"]
    assert stopped(site) == {"a.b": False, "a.c": False, "a.d": True}, "what was stopped by hand stays stopped"
    assert originals(site) == {}
    assert scheduler(site, jobs=back)["changed"] is False


def test_jobs_and_the_scheduler_are_remembered_apart(site: Tools) -> None:
    site.change_database(docs={"Scheduled Job Type": JOBS})
    scheduler(site, state="disabled", jobs={"a.b": "stopped"}, remember=True)
    scheduler(site, jobs={"a.b": "restored"})
    assert originals(site) == {"schema": 1, "scheduler": "enabled"}
