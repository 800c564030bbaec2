# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the sites of an update are served again, all of them in one process, since all of them wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect, disconnect, plain_text
from ._state import apply_maintenance
from ._update_bench import read_update
from ._update_journal import is_over, read_bench_journal, read_site_journal, write_site_journal
from ._update_steps import NOT_BEGUN, answer, begun, close_journal, locked_update


def open_sites(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Each site in the state that it reached; one that failed is held in maintenance when its bench has the new code.

    A site that cannot be opened keeps none of the others.

    :param args: ``sites``: which of the run's; all of them by default.
    :returns: ``journal`` of the bench, ``sites`` (site -> what was done), ``problems`` (site -> sentence), ``told``, ``served``;
        ``unindexed``: sites that are served, but whose search index no worker was asked for, with the reason.
    """
    journal = read_bench_journal(context.bench)
    names = [str(site) for site in args.get("sites") or journal.get("sites") or []]
    problems: dict[str, str] = {}
    unindexed: dict[str, str] = {}
    done = _each(context, _open, names, problems)
    opened = [site for site, one in done.items() if one["changed"]]
    if journal.get("state") == "switched":
        failed = [site for site, one in done.items() if not _is_new(one["journal"], journal)]
        done |= _each(context, lambda one: _quarantine(one, journal), failed, problems)
    if not context.check:
        # Last: each takes half a second, and no site is to wait for that of another.
        new = [site for site in opened if _is_new(done[site]["journal"], journal)]
        _each(context, _queue_search_index, new, unindexed)
    found = read_update(context, {})
    return {
        "changed": bool(opened) or any(one["changed"] for one in done.values()),
        "journal": journal,
        "sites": done,
        "problems": problems,
        "unindexed": unindexed,
        "told": found["told"],
        "served": found["served"],
    }


def _each(
    context: Context, work: Callable[[Context], Any], sites: Iterable[str], problems: dict[str, str]
) -> dict[str, Any]:
    """Site -> value of ``work``; what a site ends with instead is noted."""
    found = {}
    for site in sites:
        own = Context(context.bench, site, context.check, context.lock_timeout, context.secrets)
        try:
            found[site] = work(own)
        except Exception as exc:  # noqa: BLE001 -- whatever it is, the others are opened
            disconnect()
            problems[site] = str(exc) if isinstance(exc, ErpopsError) else f"{site}: {plain_text(exc)}"
    return found


def _is_new(journal: dict[str, Any], run: dict[str, Any]) -> bool:
    """Whether a site reached what the run was for."""
    return bool(journal.get("run") == run.get("run") and journal.get("outcome") == "done")


def _open(context: Context) -> dict[str, Any]:
    with locked_update(context, "update.open"):
        journal = read_site_journal(context.bench, context.need_site())
        before = str(journal.get("state") or "")
        outcome = {"migrated": "done", "undone": "undone", **dict.fromkeys(NOT_BEGUN, "untouched")}
        if before not in outcome:
            return answer(context, False, before, journal)
        if not context.check:
            close_journal(context, journal, outcome[before])
        return answer(context, True, before, {**journal, "state": "over", "outcome": outcome[before]})


def _queue_search_index(context: Context) -> None:
    """What ``migrate`` was told to leave out: its workers would have had the old code."""
    frappe = connect(context.bench, context.site)
    import frappe.migrate as framework

    build = getattr(framework, "build_index_for_all_routes", None)
    if build is not None:
        frappe.enqueue(build, queue="long")


def _quarantine(context: Context, run: dict[str, Any]) -> dict[str, Any]:
    """The site failed, and its bench goes on to the new code: it is in maintenance until somebody looked."""
    with locked_update(context, "update.quarantine"):
        journal = read_site_journal(context.bench, context.need_site())
        before = str(journal.get("state") or "")
        if not is_over(journal) or _is_new(journal, run):
            return answer(context, False, before, journal)
        if not context.check:
            why = str(journal.get("why") or "")
            journal = {**begun(context, journal), "run": run["run"], "point": run["point"], "state": "quarantined"}
            journal["why"] = why
            write_site_journal(context, journal)
            apply_maintenance(context, {"state": "on"})
        return answer(context, True, before, {**journal, "state": "quarantined"})


OPERATIONS = {"update_open.apply": open_sites}
