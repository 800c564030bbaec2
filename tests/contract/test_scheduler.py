# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler: on, off, put back, and single jobs of it."""

from __future__ import annotations

from typing import Any

from tests.contract.benches import SITE, ContractBench

ENABLED = (
    "from frappe.utils.scheduler import is_scheduler_inactive\n"
    "answer = [int(frappe.db.get_single_value('System Settings', 'enable_scheduler') or 0), is_scheduler_inactive()]"
)


def apply(bench: ContractBench, **args: Any) -> Any:
    return bench.one("scheduler.apply", SITE, args)


def test_enabled_disabled_restored(main_site: ContractBench) -> None:
    apply(main_site, state="disabled")
    assert main_site.one("scheduler.apply", SITE, {"state": "enabled"}, check=True)["changed"] is True
    done = apply(main_site, state="enabled", remember=True)
    assert (done["changed"], done["before"], done["state"]) == (True, "disabled", "enabled")
    assert main_site.query(ENABLED) == [1, False]
    assert apply(main_site, state="enabled", remember=True)["changed"] is False
    back = apply(main_site, state="restored")
    assert (back["changed"], back["state"]) == (True, "disabled")
    assert main_site.query(ENABLED) == [0, True]
    assert apply(main_site, state="restored")["changed"] is False


def test_why_it_is_asleep(restored: ContractBench) -> None:
    apply(restored, state="enabled")
    restored.one("config.apply", SITE, {"set": {"pause_scheduler": 1}})
    facts = restored.one("scheduler.read", SITE)
    assert (facts["state"], facts["inactive_because"]) == ("enabled", ["pause_scheduler"])
    assert restored.query(ENABLED) == [1, True]
    apply(restored, state="disabled")
    facts = restored.one("scheduler.read", SITE)
    assert facts["inactive_because"] == ["pause_scheduler", "System Settings.enable_scheduler"]


def test_a_job_is_stopped_and_started(main_site: ContractBench) -> None:
    jobs = {"contractkit.tasks.tick": "stopped"}
    done = apply(main_site, jobs=jobs)
    assert done["actions"] == ["stopped contractkit.tasks.tick"]
    stopped = "answer = frappe.db.get_value('Scheduled Job Type', {'method': 'contractkit.tasks.tick'}, 'stopped')"
    assert main_site.query(stopped) == 1
    assert apply(main_site, jobs=jobs)["changed"] is False
    assert apply(main_site, jobs={"contractkit.tasks.tick": "enabled"})["changed"] is True
    assert main_site.query(stopped) == 0
    error = main_site.refused("scheduler.apply", SITE, {"jobs": {"contractkit.tasks.tock": "stopped"}})
    assert (error["status"], error["seen"]) == (404, "contractkit.tasks.tock")


def test_the_jobs_of_an_app_are_there(main_site: ContractBench) -> None:
    jobs = {job["method"]: job for job in main_site.one("scheduler.read", SITE)["jobs"]}
    hourly, cron = jobs["contractkit.tasks.tick"], jobs["contractkit.tasks.quarter"]
    assert (hourly["frequency"], hourly["stopped"], hourly["last_execution"]) == ("Hourly", False, "")
    assert (cron["frequency"], cron["cron_format"]) == ("Cron", "*/15 * * * *")
