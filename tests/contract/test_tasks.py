# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods of apps as tasks: falsy answers, what is kept of a failure, pages and their cursor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench

EXISTS = "answer = bool(frappe.db.exists('Kit Widget', args['code']))"
COUNT = "answer = frappe.db.count('Kit Widget', {'code': ['like', 'page-%']})"


def run(bench: ContractBench, method: str, **args: Any) -> Any:
    return bench.one("task.run", SITE, {"method": f"contractkit.tasks.{method}", **args})


@pytest.mark.parametrize(
    ("kind", "value"), [("none", None), ("zero", 0), ("false", False), ("text", ""), ("list", []), ("dict", {})]
)
def test_falsy_answers_come_through(main_site: ContractBench, kind: str, value: Any) -> None:
    done = run(main_site, "falsy", kwargs={"kind": kind})
    assert (done["answer"], done["state"]) == (value, "done")
    assert type(done["answer"]) is type(value)
    plain = main_site.cli("execute", "contractkit.tasks.falsy", "--kwargs", json.dumps({"kind": kind}), site=SITE)
    assert (plain.returncode, plain.stdout.strip()) == (0, "")


def test_what_a_task_wrote_is_committed(main_site: ContractBench) -> None:
    done = run(main_site, "write", kwargs={"code": "task-wrote"}, counts={"created": "created", "errors": "errors"})
    assert (done["changed"], done["counts"]) == (True, {"created": 1, "errors": 0})
    assert main_site.query(EXISTS, code="task-wrote") is True


def test_what_a_failing_task_wrote_is_not(main_site: ContractBench) -> None:
    method = "contractkit.tasks.write_and_raise"
    error = main_site.refused("task.run", SITE, {"method": method, "kwargs": {"code": "task-failed"}})
    assert error["message"] == "the method raised ValidationError: The task refuses on purpose"
    assert error["status"] == 417
    assert main_site.query(EXISTS, code="task-failed") is False


def test_a_plain_execute_calls_a_failing_method_twice(main_site: ContractBench) -> None:
    """Why tasks do not go through `bench execute`: any exception makes a second attempt."""
    plain = main_site.cli(
        "execute", "contractkit.tasks.write_and_raise", "--kwargs", json.dumps({"code": "twice"}), site=SITE
    )
    assert plain.returncode != 0
    said = plain.stdout + plain.stderr
    assert "During handling of the above exception" in said
    assert "The task <b>refuses</b> on purpose" in said
    assert main_site.query(EXISTS, code="twice") is False


def test_no_such_method(main_site: ContractBench) -> None:
    for method in ("contractkit.tasks.nothing", "contractkit.nothing.at_all", "no_such_app.tasks.run"):
        error = main_site.refused("task.run", SITE, {"method": method})
        assert (error["status"], error["message"]) == (404, "there is no such method")


def test_pages_go_on_after_a_failure(main_site: ContractBench) -> None:
    args: dict[str, Any] = {
        "name": "pages",
        "method": "contractkit.tasks.page",
        "paging": {"param": "start", "start": 0, "next": "next_start", "until": "done == true"},
        "counts": {"processed": "processed", "created": "created"},
    }
    error = main_site.refused("task.run", SITE, {**args, "kwargs": {"fail_at": 3}})
    assert "the method raised RuntimeError on page 3" in error["message"]
    assert main_site.query(COUNT) == 3  # the first page; nothing of the second
    # Other arguments are another run: it begins anew, and meets what is there.
    error = main_site.refused("task.run", SITE, {**args, "kwargs": {"fail_at": 6, "total": 8}})
    assert "DuplicateEntryError" in error["message"]
    main_site.query("frappe.db.delete('Kit Widget', {'code': ['like', 'page-%']})\nfrappe.db.commit()")
    done = main_site.one("task.run", SITE, {**args, "once": True, "kwargs": {}})
    assert (done["counts"], done["pages"], done["resumed"]) == ({"processed": 8, "created": 8}, 3, False)
    assert main_site.query(COUNT) == 8
    again = main_site.one("task.run", SITE, {**args, "once": True, "kwargs": {}})
    assert (again["changed"], again["skipped"], again["counts"]["created"]) == (False, "it was finished before", 8)
    plan = main_site.one("plan.site", SITE, {"tasks": ["pages", "never"]})
    assert plan["tasks"]["pages"]["state"] == "done"
    assert plan["tasks"]["never"]["state"] == "never run"


@pytest.fixture
def worker(main_site: ContractBench) -> Iterator[ContractBench]:
    """A background worker of the bench."""
    process = main_site.start_cli("worker", "--queue", "short,default,long")
    yield main_site
    process.terminate()
    process.wait(30)


def test_a_worker_does_it(worker: ContractBench) -> None:
    args: dict[str, Any] = {"mode": "enqueued", "timeout": 60, "counts": {"created": "created"}}
    done = run(worker, "write", kwargs={"code": "task-enqueued"}, **args)
    assert (done["counts"], done["changed"], bool(done["job_id"])) == ({"created": 1}, True, True)
    assert worker.query(EXISTS, code="task-enqueued") is True
    method = "contractkit.tasks.write_and_raise"
    error = worker.refused(
        "task.run", SITE, {"method": method, "kwargs": {"code": "task-enq-failed"}, **args, "counts": {}}
    )
    assert error["message"] == "the job failed"
    assert "The task <b>refuses</b> on purpose" in error["seen"]
    assert worker.query(EXISTS, code="task-enq-failed") is False


def test_without_a_worker_it_gives_up(main_site: ContractBench) -> None:
    args = {"method": "contractkit.tasks.tick", "mode": "enqueued", "timeout": 1}
    error = main_site.refused("task.run", SITE, args)
    assert (error["status"], "was not finished within 1 s" in error["message"]) == (504, True)
    assert error["seen"] == "queued"


def test_check_mode_runs_nothing(main_site: ContractBench) -> None:
    planned = main_site.one(
        "task.run", SITE, {"method": "contractkit.tasks.write", "kwargs": {"code": "task-planned"}}, check=True
    )
    assert planned["skipped"].startswith("check mode")
    assert main_site.query(EXISTS, code="task-planned") is False
