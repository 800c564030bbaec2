# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks: paged, counted, and resumed where they were cut off."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _tasks
from ansible_collections.erpops.frappe.plugins.module_utils.agent._tasks import OPERATIONS, cursor_path, read_cursor
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

# Seven orders in pages of three. Each page is a record in the database; faults come from switches.json.
CODE = """
import os
import frappe

def pull(page, size=3, dry_run=False):
    fault = frappe.switch("pull") or {}
    if not dry_run:
        frappe.db.rows("Note")[f"page {page}"] = {"name": f"page {page}"}
    if fault.get("page") == page:
        if fault["how"] == "kill":
            os.kill(os.getpid(), 9)
        if fault["how"] == "exit":
            raise SystemExit(3)
        raise frappe.ValidationError("page <b>is</b> broken")
    rows = list(range(7))[(page - 1) * size : page * size]
    return {"fetched": len(rows), "created": 0 if dry_run else len(rows), "errors": fault.get("errors", 0),
            "has_more": page * size < 7, "next": page + 1}

def nothing():
    return None

def page_range(first, last):
    # Says that it made two notes on each page; on page 2 one of them is lost.
    assert first == last
    for number in range(1 if first == 2 else 2):
        name = f"{first}.{number}"
        frappe.db.rows("Note")[name] = {"name": name}
    if (frappe.switch("pull") or {}).get("page") == first:
        raise frappe.ValidationError("the shop is down")
    return {"created": 2, "page": first}

def once():
    frappe.db.rows("Note")["once"] = {"name": "once"}
    return {"created": 1}
"""

PULL: dict[str, Any] = {
    "method": "shop.api.pull",
    "paging": {"param": "page", "until": "has_more == false"},
    "counts": {"fetched": "fetched", "created": "created", "errors": "errors"},
    "fail_when": ["errors > 0"],
}
TASK = "shop.api.pull"


@pytest.fixture
def shop(site: Tools) -> Tools:
    site.app("shop", code=CODE)
    return site


def run(tools: Tools, check: bool = False, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["task.run"](tools.at(check=check), {**PULL, **args}))


def cursor(tools: Tools, task: str = TASK) -> dict[str, Any]:
    return read_cursor(tools.at(), task)


def pages(tools: Tools) -> list[str]:
    return sorted(tools.docs("Note"))


def test_all_pages_are_run_and_counted(shop: Tools) -> None:
    done = run(shop)
    assert (done["changed"], done["state"], done["pages"], done["resumed"]) == (True, "done", 3, False)
    assert done["counts"] == {"fetched": 7, "created": 7, "errors": 0}
    assert pages(shop) == ["page 1", "page 2", "page 3"]
    assert (cursor(shop)["state"], cursor(shop)["pages"]) == ("done", 3)
    assert run(shop)["pages"] == 3, "a task that is not run once only is run again from its start"


def test_the_next_page_can_come_from_the_answer_or_in_steps(shop: Tools) -> None:
    given = {"param": "page", "until": "has_more == false"}
    assert run(shop, paging={**given, "next": "next"})["pages"] == 3
    assert run(shop, paging={**given, "start": 1, "step": 2})["counts"]["fetched"] == 4


RANGE: dict[str, Any] = {
    "method": "shop.api.page_range",
    "paging": {"param": "first", "end_param": "last", "until": "page >= 3"},
    "counts": {"created": "created"},
    "growth": {"notes": {"doctype": "Note", "filters": {}}},
    "fail_when": [],
}


def test_a_method_that_takes_a_range_gets_one_page_at_a_time(shop: Tools) -> None:
    done = run(shop, **RANGE)
    assert (done["pages"], done["counts"]) == (3, {"created": 6, "notes": 5})


def test_what_a_method_says_is_compared_with_what_is_in_the_database(shop: Tools) -> None:
    with pytest.raises(ErpopsError, match="its result is a failure") as caught:
        run(shop, **{**RANGE, "fail_when": ["notes != created"]})
    assert caught.value.seen == "notes != created (notes=5, created=6)"


def test_growth_goes_on_where_a_run_was_cut_off(shop: Tools) -> None:
    shop.switch(pull={"page": 3, "how": "raise"})
    with pytest.raises(ErpopsError, match="the shop is down"):
        run(shop, **RANGE)
    shop.switch()
    done = run(shop, **RANGE)
    assert (done["resumed"], done["counts"]) == (True, {"created": 6, "notes": 5})


def test_a_method_without_pages(shop: Tools) -> None:
    done = run(shop, method="shop.api.once", paging=None, counts={"created": "created"}, fail_when=[])
    assert (done["changed"], done["pages"], done["counts"], done["answer"]) == (True, 1, {"created": 1}, {"created": 1})
    done = run(shop, method="shop.api.nothing", paging=None, counts={}, fail_when=[])
    assert (done["changed"], done["answer"]) == (True, None), "nothing is known of what it did"


def test_a_run_without_news_is_no_change(shop: Tools) -> None:
    assert run(shop, kwargs={"size": 10, "dry_run": True})["changed"] is False
    assert run(shop, changed_counts=["errors"])["changed"] is False


def test_a_page_that_fails_is_where_the_next_run_goes_on(shop: Tools) -> None:
    shop.switch(pull={"page": 2, "how": "raise"})
    with pytest.raises(ErpopsError, match="raised ValidationError on page 2: page is broken") as caught:
        run(shop)
    assert (caught.value.status, caught.value.object) == (417, f"{SITE}: {TASK}")
    assert caught.value.data == {"pages": 1, "totals": {"fetched": 3, "created": 3, "errors": 0}}
    assert "goes on with this page" in caught.value.hint
    assert pages(shop) == ["page 1"], "what the failing page wrote is rolled back"
    assert (cursor(shop)["state"], cursor(shop)["next"]) == ("failed", 2)
    shop.switch()
    done = run(shop)
    assert (done["resumed"], done["pages"], done["counts"]["fetched"]) == (True, 3, 7)
    assert pages(shop) == ["page 1", "page 2", "page 3"]


def test_other_arguments_begin_anew(shop: Tools) -> None:
    shop.switch(pull={"page": 2, "how": "raise"})
    with pytest.raises(ErpopsError):
        run(shop)
    shop.switch()
    done = run(shop, kwargs={"size": 4})
    assert (done["resumed"], done["counts"]["fetched"]) == (False, 7)


def test_a_first_page_that_fails_promises_nothing(shop: Tools) -> None:
    shop.switch(pull={"page": 1, "how": "raise"})
    with pytest.raises(ErpopsError, match="raised ValidationError: page is broken") as caught:
        run(shop)
    assert "goes on" not in caught.value.hint
    shop.switch()
    assert run(shop)["resumed"] is False


def test_an_agent_that_is_killed_goes_on_with_the_next_page(shop: Tools) -> None:
    shop.switch(pull={"page": 2, "how": "kill"})
    with pytest.raises(ErpopsError, match="gave no answer") as caught:
        shop.agent().one("task.run", SITE, PULL)
    assert caught.value.seen == f"ended by signal {signal.SIGKILL}"
    assert (cursor(shop)["state"], cursor(shop)["pages"], pages(shop)) == ("running", 1, ["page 1"])
    shop.switch()
    done = shop.agent().one("task.run", SITE, PULL)
    assert (done["resumed"], done["pages"], done["counts"]["created"], done["changed"]) == (True, 3, 7, True)


def test_a_method_that_exits_is_an_error_like_any_other(shop: Tools) -> None:
    shop.switch(pull={"page": 2, "how": "exit"})
    with pytest.raises(ErpopsError, match="SystemExit"):
        shop.agent().one("task.run", SITE, PULL)
    assert cursor(shop)["pages"] == 1


def test_a_result_that_is_a_failure_is_run_again_from_its_start(shop: Tools) -> None:
    shop.switch(pull={"errors": 1})
    with pytest.raises(ErpopsError, match="its result is a failure") as caught:
        run(shop)
    assert (caught.value.status, caught.value.seen) == (422, "errors > 0 (errors=3)")
    assert caught.value.data["totals"]["errors"] == 3
    assert cursor(shop)["state"] == "failed"
    shop.switch()
    done = run(shop, once=True)
    assert (done["resumed"], done["pages"], done["counts"]["errors"]) == (False, 3, 0)


def test_more_pages_than_allowed_are_a_failure(shop: Tools) -> None:
    with pytest.raises(ErpopsError, match="did not end within 2 pages") as caught:
        run(shop, paging={**PULL["paging"], "max_pages": 2})
    assert caught.value.needed == "has_more == false"
    assert run(shop)["resumed"] is True


def test_an_answer_without_the_count_that_was_asked_for(shop: Tools) -> None:
    with pytest.raises(ErpopsError, match="has no 'imported'") as caught:
        run(shop, counts={"errors": "imported"})
    assert caught.value.seen == "created, errors, fetched, has_more, next"


def test_a_task_that_is_done_once_is_not_run_again(shop: Tools) -> None:
    assert run(shop, once=True, name="first")["skipped"] == ""
    for check in (False, True):
        again = run(shop, once=True, name="first", check=check)
        assert (again["changed"], again["skipped"]) == (False, "it was finished before")
        assert (again["state"], again["pages"], again["counts"]["fetched"]) == ("done", 3, 7)


def test_a_run_that_waited_for_another_sees_what_that_did(shop: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    context = shop.at()
    real = context.bench.lock

    def lock(*args: Any, **options: Any) -> Any:
        shop.write(cursor_path(context, TASK), {"task": TASK, "state": "done", "totals": {"fetched": 7}})
        return real(*args, **options)

    monkeypatch.setattr(context.bench, "lock", lock)
    assert OPERATIONS["task.run"](context, {**PULL, "once": True})["skipped"] == "it was finished before"
    assert pages(shop) == []


def test_check_mode_without_a_dry_run_only_looks_for_the_method(shop: Tools) -> None:
    planned = run(shop, check=True)
    assert (planned["state"], planned["skipped"], planned["counts"]) == ("never run", "check mode, no dry run", {})
    assert planned["changed"] is True, "it would be run"
    assert pages(shop) == []
    assert not (shop.path / ".erpops").exists()
    run(shop)
    assert run(shop, check=True)["changed"] is False, "nobody knows"


def test_check_mode_with_a_dry_run_tells_its_counts_and_keeps_nothing(shop: Tools) -> None:
    planned = run(shop, check=True, check_kwargs={"dry_run": True})
    assert (planned["counts"], planned["changed"]) == ({"fetched": 3, "created": 0, "errors": 0}, False)
    planned = run(shop, check=True, check_kwargs={"dry_run": False, "page": 3})
    assert (planned["counts"]["fetched"], planned["changed"]) == (1, True)
    assert pages(shop) == [], "rolled back besides"


@pytest.mark.parametrize("method", ["shop.api.pul", "shop.nothing.pull", "nothing.at.all"])
@pytest.mark.parametrize("check", [False, True])
def test_a_method_that_is_not_there(shop: Tools, method: str, check: bool) -> None:
    with pytest.raises(ErpopsError, match="no such method") as caught:
        run(shop, check=check, method=method)
    assert (caught.value.status, caught.value.object) == (404, method)


def test_names_of_tasks_are_names_of_files(tools: Tools) -> None:
    context = tools.at()
    assert cursor_path(context, "../../etc/x y").endswith(f"tasks/{SITE}/.._.._etc_x_y.json")
    assert "/../" not in cursor_path(context, "../x")


def test_arguments_are_not_written_down(shop: Tools) -> None:
    run(shop, method="shop.api.once", paging=None, counts={}, fail_when=[], kwargs={})
    run(shop, kwargs={"size": 12345678})
    assert "12345678" not in str(cursor(shop))


ENQUEUED: dict[str, Any] = {"mode": "enqueued", "paging": None, "counts": {"created": "created"}, "fail_when": []}


def test_a_background_job(shop: Tools) -> None:
    done = run(shop, method="shop.api.once", **ENQUEUED)
    assert (done["changed"], done["counts"], done["job_id"], done["state"]) == (True, {"created": 1}, "job-1", "done")


def test_a_background_job_that_fails(shop: Tools) -> None:
    shop.switch(pull={"page": 1, "how": "raise"})
    with pytest.raises(ErpopsError, match="the job failed") as caught:
        run(shop, kwargs={"page": 1}, **ENQUEUED)
    assert caught.value.seen == "ValidationError: page <b>is</b> broken"


def test_a_background_job_that_no_worker_takes(shop: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(
        _tasks, "time", type("Clock", (), {"monotonic": lambda: now[0], "time": lambda: 1.0, "sleep": sleep})
    )
    shop.switch(worker="none")
    with pytest.raises(ErpopsError, match="was not finished within 30 s") as caught:
        run(shop, timeout=30, method="shop.api.once", **ENQUEUED)
    assert (caught.value.status, caught.value.seen) == (504, "queued")
    assert 30 <= now[0] < 31
