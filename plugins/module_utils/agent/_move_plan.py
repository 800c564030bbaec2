# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: whether a site can be moved, seen from both benches; every fault at once."""

from __future__ import annotations

from typing import Any

from ._restore_plan import unfit

# What a journal's `state` says, in order. At the source: holding (maintenance is being switched on), held, moved,
# finished. At the target: receiving, received, live, finished.
HELD = ("holding", "held")
MIB = 1 << 20
# Beyond what is counted: logs, the new site's directories, a database that grows while it is loaded.
MARGIN = 256 * MIB

Facts = dict[str, Any]


def wrong(what: str, seen: str, needed: str, remedy: str) -> str:
    """A fault as one line."""
    return f"{what}. Seen: {seen}. Needed: {needed}. Next: {remedy}."


def is_over(source: Facts) -> bool:
    """Whether the source's journal says that the site was moved away from it, and nobody made it anew there since."""
    journal = source["journal"]
    if "to" not in journal:  # the journal of a move to this bench
        return False
    return journal["state"] == "moved" or (journal["state"] == "finished" and source["site"]["state"] == "absent")


def faults(site: str, source: Facts, target: Facts) -> list[str]:
    """All that is in the way of moving ``site``; facts as :func:`_move_facts.move_facts` gathers them."""
    if is_over(source):
        return _done(site, source, target)
    return [
        *_of_source(site, source, target),
        *_of_target(site, source, target),
        *_of_space(source, target),
    ]


def _done(site: str, source: Facts, target: Facts) -> list[str]:
    """A move that has ended is not begun anew, and its other end must still be there."""
    to = source["journal"].get("to")
    if to != target["name"]:
        return [
            wrong(
                f"{site} was moved to another bench",
                f"{to}, {source['journal']['state']}",
                f"move_to={to}, or move_from={to}",
                "to move it on, name the bench where it is now as move_from",
            )
        ]
    if target["site"]["state"] != "present":
        return [
            wrong(f"{site} is not on {to}", target["site"]["state"], "the moved site", "restore it from its backup")
        ]
    return []


def _of_source(site: str, source: Facts, target: Facts) -> list[str]:
    found, journal, name = [], source["journal"], source["name"]
    if (source["bench_id"] and source["bench_id"] == target["bench_id"]) or name == target["name"]:
        found.append(wrong("source and target are the same bench", name, "two benches", "give another move_to"))
    if source["site"]["state"] != "present":
        seen = "; ".join(source["site"]["problems"]) or source["site"]["state"]
        found.append(wrong(f"{site} is not whole on {name}", seen, "a whole site", "check move_site and move_from"))
        return found
    if not source["site"]["owned"]:
        remedy = f"playbooks/provision.yml --limit {site} -e tenant_adopt=true"
        found.append(wrong(f"{site} was not made by us", "no record", "a site in our care, to drop it later", remedy))
    ours = journal.get("state") in HELD
    if ours and journal.get("to") != target["name"]:
        remedy = f"finish that move, or undo it with move_to={journal.get('to')} move_state=undone"
        found.append(wrong(f"{site} is being moved to another bench", str(journal.get("to")), target["name"], remedy))
    if journal.get("state") in ("receiving", "received", "live"):
        remedy = f"move_state=finished or undone for the move from {journal.get('from')}"
        found.append(
            wrong(f"an earlier move of {site} to {name} is not finished", journal["state"], "finished", remedy)
        )
    if source["maintenance"] == "on" and not ours:
        remedy = "end what it is for, then erpops.frappe.maintenance with state: restored or off"
        found.append(wrong(f"{site} is in somebody else's maintenance", "on", "off", remedy))
    if source["encrypted_backup"]:
        remedy = "switch System Settings.encrypt_backup off for the move"
        found.append(wrong(f"backups of {site} are encrypted by Frappe", "on", "off", remedy))
    return found


def _of_target(site: str, source: Facts, target: Facts) -> list[str]:
    found, name = [], target["name"]
    if target["site"]["state"] != "absent" and not _is_copy(source, target):
        seen = f"{target['site']['state']}, {target['site']['recorded'] or 'not made by us'}"
        found.append(wrong(f"there is another {site} on {name}", seen, "none", "look whose it is, and retire it there"))
    problems = unfit(source["apps"], source["frappe"], target["bench_apps"], target["frappe"])
    if problems:
        remedy = f"playbooks/deploy.yml --limit {name} with the same or newer apps"
        found.append(wrong(f"{name} cannot run {site}", "; ".join(problems), "the same or newer apps", remedy))
    if target["database_server"]:
        remedy = "check db_host of its common configuration and bench_db_root_password"
        found.append(
            wrong(f"{name} cannot reach its database server as root", target["database_server"], "a login", remedy)
        )
    if target["web"]:
        remedy = f"playbooks/deploy.yml --limit {name}, or check bench_web_address and bench_web_port"
        found.append(wrong(f"the web server of {name} does not answer", target["web"], "an open port", remedy))
    return found


def _is_copy(source: Facts, target: Facts) -> bool:
    """Whether the site on the target is this very move's own."""
    identity = source["journal"].get("id")
    return bool(identity) and target["journal"].get("id") == identity and bool(target["restored_from_move"])


def _of_space(source: Facts, target: Facts) -> list[str]:
    """Room for the set and its sealed copy at the source; for these, the files and the database at the target.

    Whether the target's database server is on another machine is not known here, so its room is asked of the bench's.
    """
    if source["site"]["state"] != "present" or source["journal"].get("state") in HELD:
        return []  # a move that was begun had the room, and has used some of it
    files, database = source["size"]["files"], source["size"]["database"]
    wanted = {
        source["name"]: (source, files + database // 2, files + database // 2),
        target["name"]: (target, 2 * files + database + database // 2, files + database // 2),
    }
    found = []
    for name, (facts, bench, staging) in wanted.items():
        space = facts["space"]
        if space["bench"]["device"] == space["staging"]["device"]:
            needs = [("bench", bench + staging)]
        else:
            needs = [("bench", bench), ("staging", staging)]
        for where, need in needs:
            if space[where]["free"] < need + MARGIN:
                seen = f"{space[where]['free'] // MIB} MiB free"
                needed = f"{(need + MARGIN) // MIB} MiB"
                remedy = "free some, or give another move_staging" if where == "staging" else "free some"
                found.append(wrong(f"too little space in {space[where]['path']} of {name}", seen, needed, remedy))
    return found
