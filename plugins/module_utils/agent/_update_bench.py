# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the part of an update that all sites of a bench share (``_update_journal``)."""

from __future__ import annotations

import secrets
import time
from typing import Any

from .._errors import ErpopsError
from ._bench import Bench
from ._context import Context, disconnect
from ._points import begin_point, close_point, commits, verify_point
from ._release import prove_release, switch_release
from ._update_facts import site_facts
from ._update_journal import is_over, read_bench_journal, read_site_journal, write_bench_journal
from ._update_plan import judge, left_out, sentence, site_faults, space_faults


def plan_update(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """What an update of ``args["sites"]`` to ``args["apps"]`` would do, and every fault that is in its way.

    :param args: ``sites``, ``apps`` (the targets, as ``migration.plan`` takes them), ``retry``.
    :returns: ``needed``, ``sites`` (facts by name), ``faults``, ``journal`` of the bench, ``diff``.
    """
    bench = context.bench
    sites = _there(bench, args)
    facts = {}
    for site in sites:
        facts[site] = site_facts(Context(bench, site, check=True, secrets=context.secrets), args)
        disconnect()
    journal = read_bench_journal(bench)
    under_way = not is_over(journal)
    found = [fault for site in sites for fault in site_faults(facts[site], bool(args.get("retry")))]
    found += [*space_faults(facts.values()), left_out(bench.site_names(), sites)]
    needed = [site for site in sites if facts[site]["plan"].get("needed")]
    lines = {site: facts[site]["plan"]["diff"]["after"] for site in needed}
    return {
        "needed": bool(needed) or under_way,
        "sites": facts,
        "faults": [fault for fault in found if fault],
        "under_way": under_way,
        "journal": {key: value for key, value in journal.items() if key != "schema"},
        "told": [sentence(site, read_site_journal(bench, site)) for site in sites] if under_way else [],
        "diff": {"before": "", "after": "".join(f"{site}:\n{text}" for site, text in lines.items())},
    }


def _there(bench: Bench, args: dict[str, Any]) -> list[str]:
    """Those of ``args["sites"]`` that are on the bench; one that is declared only is made with the new code."""
    there = bench.site_names()
    return [str(site) for site in args["sites"] if site in there]


def begin(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Open the run, or go on with the one that is not over (``resume``).

    :param args: ``sites``, ``release`` (``from``, ``to``), ``commits`` of the target by app, ``purpose``, ``resume``.
    :raises ErpopsError: (409) another run is not over; the one to go on with has another target.
    """
    with context.locked("update.begin", name="update"):
        journal = read_bench_journal(context.bench)
        if not is_over(journal):
            _refuse_other(journal, args, context.bench)
            return {"changed": False, "journal": journal}
        if args.get("resume"):
            return {"changed": False, "journal": journal}
        run = time.strftime("%Y%m%dT%H%M%SZ-", time.gmtime()) + secrets.token_hex(2)
        journal = {
            "run": run,
            "point": run,
            "state": "begun",
            "outcome": "",
            "purpose": str(args.get("purpose") or "update"),
            "release": args.get("release") or {},
            "from": commits(context.bench),
            "to": args.get("commits") or {},
            "sites": _there(context.bench, args),
            "begun": time.time(),
        }
        if not context.check:
            begin_point(context.bench, run, journal["sites"], "update")
            write_bench_journal(context.bench, journal)
        return {"changed": True, "journal": journal}


def _refuse_other(journal: dict[str, Any], args: dict[str, Any], bench: Bench) -> None:
    if not args.get("resume"):
        raise ErpopsError(
            "an update of this bench is not over",
            object=bench.path,
            seen=f"{journal['run']}, at `{journal['state']}`",
            hint="finish it with playbooks/update.yml -e resume=true, or undo it with -e abort=true",
            status=409,
        )
    if journal["purpose"] == "back":
        raise ErpopsError(
            "is on its way back already",
            object=bench.path,
            seen=f"{journal['run']}, at `{journal['state']}`",
            hint="finish that with playbooks/update.yml -e abort=true",
            status=409,
        )
    wanted = args.get("commits") or {}
    if wanted and wanted != journal["to"]:
        other = sorted(name for name in {*wanted, *journal["to"]} if wanted.get(name) != journal["to"].get(name))
        raise ErpopsError(
            "the update that is not over goes to other commits than those that are declared now",
            object=bench.path,
            seen=", ".join(f"{name} {str(journal['to'].get(name))[:12]}" for name in other),
            needed=", ".join(f"{name} {str(wanted.get(name))[:12]}" for name in other),
            hint="declare the former commits again and resume, or undo it with -e abort=true and begin anew",
            status=409,
        )


def settle(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Whether the run goes on to the new code (``_update_plan.judge``); if so its point is whole, and the bench has that code.

    One operation, since all sites wait for it. A run without a release has no code to switch to.

    :param args: ``run``, ``allowed``: number of sites that may have failed.
    """
    journal = _own(context.bench, args)
    sites = journal["sites"]
    journals = {site: read_site_journal(context.bench, site) for site in sites}
    found = judge(sites, journals, journal["run"], int(args.get("allowed") or 0))
    changed = False
    if found["go"]:
        if not context.check:
            close_point(context.bench, journal["point"])
        # The journal first: what is ended between the two is not known to have switched, and a way back must not believe that
        # it has not.
        changed = bool(mark(context, {"run": journal["run"], "state": "switched"})["changed"])
        if journal["release"].get("to"):
            # Nothing is served meanwhile; and what has migrated a site can be imported.
            wanted = {"id": journal["release"]["to"], "accept_older": True, "proven": bool(found["migrated"])}
            changed = bool(switch_release(context, wanted)["changed"]) or changed
    return {**found, "changed": changed, "told": [sentence(site, journals[site]) for site in sites]}


def mark(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The bench's journal goes on to ``args["state"]``: ``switched``, ``back`` or ``over`` (with ``outcome``)."""
    with context.locked("update.mark", name="update"):
        journal = _own(context.bench, args)
        before = journal["state"]
        changed = before != args["state"]
        if changed and not context.check:
            journal.update(state=str(args["state"]))
            if journal["state"] == "over":
                journal.update(outcome=str(args["outcome"]), ended=time.time())
            write_bench_journal(context.bench, journal)
        return {"changed": changed, "journal": journal, "told": told(context.bench, journal)}


def begin_back(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Open the way back: of the run that is not over, or else to the point ``args["point"]``.

    :param args: ``point`` (its name, or that of the release that the bench had; the newest by default), ``sites`` (by default
        those of the point), ``unfinished_only``: a run that is over is left alone, ``again``: the same way back as the last one.
    :raises ErpopsError: (404) there is no point, or its release is gone; (409) it is not whole, its release does not start, or
        going back to it would leave something half way; (422) it is damaged.
    """
    bench = context.bench
    with context.locked("update.begin_back", name="update"):
        journal = read_bench_journal(bench)
        if not is_over(journal):
            if not context.check:
                journal.update(purpose="back", state="back" if journal["state"] == "switched" else journal["state"])
                write_bench_journal(bench, journal)
            return {"changed": True, "journal": journal, "code": journal["state"] == "back"}
        if args.get("unfinished_only"):
            return {"changed": False, "journal": journal, "code": False}
        now = commits(bench)
        told_point, sites = _destination(bench, args, now)
        point = str(told_point["id"])
        run = f"back-{point}"
        if args.get("again"):
            run += f"-{secrets.token_hex(2)}"  # another run than the one that its sites remember
        if journal and journal["run"] == run and journal["outcome"] == "undone":
            return {"changed": False, "journal": journal, "code": False}
        journal = {
            "run": run,
            "point": point,
            "state": "back",
            "outcome": "",
            "purpose": "back",
            "release": {"from": "", "to": told_point["release"]},
            "from": now,
            "to": told_point["commits"],
            "sites": sites,
            "begun": time.time(),
        }
        if not context.check:
            write_bench_journal(bench, journal)
        return {"changed": True, "journal": journal, "code": told_point["commits"] != now}


def _destination(bench: Bench, args: dict[str, Any], now: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The point to go back to, and its sites; the bench can be all that it says. Errors are those of :func:`begin_back`."""
    from ._point_plan import chosen, partial
    from ._points import all_points

    point = chosen(all_points(bench), str(args.get("point") or ""))
    if not point:
        raise ErpopsError(
            "there is no rollback point to go back to",
            object=bench.path,
            hint="playbooks/update.yml makes one; an older state comes from a backup (playbooks/restore.yml)",
            status=404,
        )
    told_point = verify_point(bench, point)
    sites = [str(site) for site in args.get("sites") or told_point["sites"]]
    why = partial(told_point, now, bench.site_names(), sites)
    if why:
        raise ErpopsError(
            "would go back half way only",
            object=point,
            seen=why,
            needed="all of it together",
            hint="name all sites of the bench, choose another point, or move a site away first",
            status=409,
        )
    if told_point["commits"] != now and not told_point["release"]:
        raise ErpopsError(
            "was taken before the bench had releases, and its code cannot be switched to",
            object=point,
            seen=", ".join(f"{name} {commit[:12]}" for name, commit in now.items()),
            needed=", ".join(f"{name} {commit[:12]}" for name, commit in told_point["commits"].items()),
            hint="deploy these commits first (playbooks/deploy.yml), then run this again",
            status=409,
        )
    if told_point["commits"] != now:
        prove_release(bench, told_point["release"])  # while its sites are served
    return told_point, sites


def _own(bench: Bench, args: dict[str, Any]) -> dict[str, Any]:
    journal = read_bench_journal(bench)
    if not journal or journal["run"] != args["run"]:
        raise ErpopsError(
            "is not the run that is under way on this bench",
            object=str(args["run"]),
            seen=str(journal.get("run")),
            status=409,
        )
    return journal


def told(bench: Bench, journal: dict[str, Any]) -> list[str]:
    """Where each site of the run stands."""
    return [sentence(site, read_site_journal(bench, site)) for site in journal.get("sites") or []]


def read_update(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The bench's journal, those of its sites, and what to type next."""
    journal = read_bench_journal(context.bench)
    sites = {site: read_site_journal(context.bench, site) for site in journal.get("sites") or []}
    # Those that were in maintenance before are so again.
    served = [
        site
        for site, one in sites.items()
        if one and one["state"] == "over" and one["originals"]["maintenance"] == "off"
    ]
    return {"journal": journal, "sites": sites, "told": told(context.bench, journal), "served": served}


OPERATIONS = {
    "update_bench.plan": plan_update,
    "update_bench.begin": begin,
    "update_bench.settle": settle,
    "update_bench.mark": mark,
    "update_bench.begin_back": begin_back,
    "update_bench.read": read_update,
}
