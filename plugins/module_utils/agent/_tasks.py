# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: an app's own methods as tasks -- paged, counted, and resumed where they were cut off."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect, plain_text
from ._files import read_json_or_empty, write_json
from ._task_plan import Condition, add_counts, check_task, count_answer, dig, failures, is_change


def cursor_path(context: Context, task: str) -> str:
    """The file that holds how far a task has come."""
    return os.path.join(context.bench.state, "tasks", context.site, re.sub(r"[^\w.-]", "_", task) + ".json")


def read_cursor(context: Context, task: str) -> dict[str, Any]:
    """The task's cursor and progress; ``{}`` if it never ran."""
    path = cursor_path(context, task)
    return read_json_or_empty(path)


def run_task(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Run ``args["method"]`` with ``kwargs``, page by page if ``paging`` is given.

    The cursor is written after each page (and is the live progress), so that a run which was ended goes on
    with the page after the last one that was committed.
    """
    check_task(args)
    site, task = context.need_site(), str(args.get("name") or args["method"])
    frappe = connect(context.bench, site)
    fingerprint = json.dumps([args["method"], args.get("kwargs") or {}], sort_keys=True, default=str)
    if context.check:
        cursor = read_cursor(context, task)
        return _finished(task, args, cursor) or _check(frappe, task, args, cursor)
    with context.locked(f"task.run {task}", name=f"{site}.task"):
        cursor = read_cursor(context, task)
        finished = _finished(task, args, cursor)
        if finished:
            return finished
        fresh = {
            "schema": 1,
            "task": task,
            "method": args["method"],
            "kwargs": digest_free(fingerprint),
            "state": "running",
            "pages": 0,
            "totals": {},
            "started": time.time(),
            "next": (args.get("paging") or {}).get("start", 1),
        }
        resumed = bool(
            args.get("paging")
            and cursor.get("state") in ("running", "failed")
            and cursor.get("pages")
            and cursor.get("kwargs") == fresh["kwargs"]
        )
        state = {**cursor, "state": "running"} if resumed else fresh
        before = dict(state["totals"]) if resumed else {}
        if args.get("mode") == "enqueued":
            _enqueued(frappe, args, state)
        else:
            _inline(context, frappe, args, state)
        broken = failures(state["totals"], args.get("fail_when") or [])
        state["state"] = "failed" if broken else "done"
        if broken:  # a failed result is run again from its first page: what was skipped must be seen again
            state.update(pages=0)
        _save(context, task, state)
        if broken:
            raise ErpopsError(
                "the task ran, but its result is a failure",
                object=f"{site}: {task}",
                seen="; ".join(broken),
                hint="look at the site's Error Log, then run the task again",
                status=422,
                data={"totals": state["totals"]},
            )
        done_here = {name: count - before.get(name, 0) for name, count in state["totals"].items()}
        changed = is_change(done_here, args.get("changed_counts"))
        return _answer(task, {**state, "resumed": resumed}, changed=changed, skipped="", args=args)


def _finished(task: str, args: dict[str, Any], cursor: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of a task that is run only once and was."""
    if not (args.get("once") and cursor.get("state") == "done"):
        return None
    return _answer(task, {**cursor, "resumed": False}, changed=False, skipped="it was finished before", args=args)


def digest_free(fingerprint: str) -> str:
    """A stable digest of method and arguments (the salted one changes with each process)."""
    import hashlib

    return hashlib.sha256(fingerprint.encode()).hexdigest()[:16]


def _answer(task: str, state: dict[str, Any], *, changed: bool, skipped: str, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "changed": changed,
        "name": task,
        "method": args["method"],
        "state": state.get("state", ""),
        "pages": state.get("pages", 0),
        "counts": state.get("totals", {}),
        "resumed": state.get("resumed", False),
        "skipped": skipped,
        "seconds": round(state.get("updated", 0) - state.get("started", 0), 3) if state.get("updated") else 0.0,
        "answer": state.get("answer"),
        "job_id": state.get("job_id", ""),
    }


def _save(context: Context, task: str, state: dict[str, Any]) -> None:
    state["updated"] = time.time()
    kept = {key: value for key, value in state.items() if key not in ("resumed", "answer")}
    path = cursor_path(context, task)
    context.bench.state_path("tasks", context.site, os.path.basename(path))
    write_json(path, kept)


def _check(frappe: Any, task: str, args: dict[str, Any], cursor: dict[str, Any]) -> dict[str, Any]:
    """Check mode: run the method's own dry run (of its first page) if it has one, else only see that it exists.

    Without a dry run a task counts as a change until it has been finished once; what a sync would find
    after that cannot be known without asking its other side.
    """
    method = _method(frappe, args["method"])
    state = {"state": cursor.get("state", "never run"), "totals": {}, "pages": 0}
    if not args.get("check_kwargs"):
        return _answer(task, state, changed=state["state"] != "done", skipped="check mode, no dry run", args=args)
    paging = args.get("paging") or {}
    page = _page(paging, paging.get("start", 1))
    try:
        answer = method(**{**(args.get("kwargs") or {}), **page, **args["check_kwargs"]})
    finally:
        frappe.db.rollback()
    totals = count_answer(answer, args.get("counts") or {})
    state.update(totals=totals, answer=answer)
    return _answer(task, state, changed=is_change(totals, args.get("changed_counts")), skipped="check mode", args=args)


def _method(frappe: Any, dotted: str) -> Any:
    try:
        return frappe.get_attr(dotted)
    except Exception as exc:
        raise ErpopsError(
            "there is no such method",
            object=dotted,
            seen=f"{type(exc).__name__}: {plain_text(exc)}",
            hint="check the app's version: its methods move between releases",
            status=404,
        ) from exc


def _inline(context: Context, frappe: Any, args: dict[str, Any], state: dict[str, Any]) -> None:
    """Call the method here: once, or until the paging condition holds."""
    method = _method(frappe, args["method"])
    paging = args.get("paging") or {}
    until = Condition.parse(paging["until"]) if paging else None
    limit = int(paging.get("max_pages") or 100_000)
    while True:
        kwargs = {**(args.get("kwargs") or {}), **_page(paging, state["next"])}
        before = _counted(frappe, args)
        answer = _call(context, frappe, method, kwargs, state, str(state["task"]))
        state["answer"] = answer if not paging else None
        state["totals"] = add_counts(state["totals"], _totals(frappe, args, before, answer))
        state["pages"] += 1
        if until is None or until.holds(answer):
            return
        state["next"] = (
            dig(answer, paging["next"]) if paging.get("next") else state["next"] + int(paging.get("step") or 1)
        )
        if state["pages"] >= limit:
            raise ErpopsError(
                f"did not end within {limit} pages", object=str(state["task"]), needed=str(until), status=422
            )
        _save(context, str(state["task"]), state)


def _page(paging: dict[str, Any], number: Any) -> dict[str, Any]:
    """The arguments that ask for one page; none without paging."""
    return {paging[name]: number for name in ("param", "end_param") if paging.get(name)}


def _counted(frappe: Any, args: dict[str, Any]) -> dict[str, int]:
    """How many records there are of each of ``growth`` now; between pages nothing of ours is uncommitted."""
    growth = args.get("growth") or {}
    if growth:
        frappe.db.rollback()  # what others committed since is seen in a transaction of its own only
    return {
        name: int(frappe.db.count(records["doctype"], records.get("filters") or {})) for name, records in growth.items()
    }


def _totals(frappe: Any, args: dict[str, Any], before: dict[str, int], answer: Any) -> dict[str, int]:
    """What the method says that it did, and how much each of ``growth`` has grown since ``before``."""
    grown = {name: number - before[name] for name, number in _counted(frappe, args).items()}
    return {**count_answer(answer, args.get("counts") or {}), **grown}


def _call(context: Context, frappe: Any, method: Any, kwargs: dict[str, Any], state: dict[str, Any], task: str) -> Any:
    try:
        answer = method(**kwargs)
        frappe.db.commit()
    except (Exception, SystemExit) as exc:
        frappe.db.rollback()
        state["state"] = "failed"
        _save(context, task, state)
        page = f" on page {state['next']}" if state["pages"] else ""
        raise ErpopsError(
            f"the method raised {type(exc).__name__}{page}: {plain_text(exc)}",
            object=f"{context.site}: {task}",
            hint="correct the cause and run again" + (": it goes on with this page" if state["pages"] else ""),
            status=int(getattr(exc, "http_status_code", 0) or 500),
            data={"pages": state["pages"], "totals": state["totals"]},
        ) from exc
    return answer


def _enqueued(frappe: Any, args: dict[str, Any], state: dict[str, Any]) -> None:
    """Hand the method to a background worker and wait for it."""
    _method(frappe, args["method"])
    before = _counted(frappe, args)
    limit = float(args.get("timeout") or 600)
    job = frappe.enqueue(
        args["method"], queue=args.get("queue") or "long", timeout=int(limit), **(args.get("kwargs") or {})
    )
    frappe.db.commit()
    state["job_id"] = str(job.id)
    deadline = time.monotonic() + limit
    while True:
        status = str(getattr(job.get_status(refresh=True), "value", job.get_status()))
        if status in ("finished", "failed", "stopped", "canceled"):
            break
        if time.monotonic() > deadline:
            raise ErpopsError(
                f"the job was not finished within {limit:g} s",
                object=state["job_id"],
                seen=status,
                hint="is a worker on this queue running? look at RQ Job and RQ Worker on the site",
                status=504,
            )
        time.sleep(0.2)
    if status != "finished":
        lines = str(job.exc_info or "").strip().splitlines()
        raise ErpopsError(
            "the job failed",
            object=state["job_id"],
            seen=lines[-1] if lines else status,
            hint="look at the site's Error Log",
        )
    answer = job.return_value()
    state.update(pages=1, answer=answer, totals=_totals(frappe, args, before, answer))


OPERATIONS = {"task.run": run_task}
