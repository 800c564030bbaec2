# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: whether sites can be updated, and what follows from how their migrations ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._move_plan import MARGIN, MIB, wrong

Facts = Mapping[str, Any]
# A row of a dump is one statement at least; what Frappe's own documentation asks a server for.
PACKET = 16 * MIB
# States of a site's journal on the way back.
BACK = ("leaving", "left", "undoing", "undone")


def site_faults(facts: Facts, retry: bool = False) -> list[str]:
    """All that is in the way of updating a site; facts as ``_update_facts`` gathers them.

    :param retry: go on although the same change of code failed on this site before.
    """
    site, found = facts["site"], []
    if facts["trouble"]:
        return [wrong(f"{site} cannot be looked into", facts["trouble"], "a site that answers", "read the error above")]
    if facts["moving"]:
        found.append(
            wrong(f"{site} is being moved", facts["moving"], "no move", "finish or undo it with playbooks/move.yml")
        )
    if facts["restoring"]:
        found.append(
            wrong(
                f"{site} is being restored",
                facts["restoring"],
                "no restore",
                "finish it with playbooks/restore.yml, as it was begun",
            )
        )
    if facts["redis"]:
        found.append(wrong(f"{site}: its Redis does not answer", facts["redis"], "both of them", "start them"))
    secrets = facts["secrets"]
    if secrets["stored"] and not secrets["readable"]:
        found.append(
            wrong(
                f"{site}: its encryption_key opens none of its stored passwords",
                f"0 of {secrets['stored']}",
                "the key that they were stored with",
                "bring encryption_key back from a backup of site_config.json",
            )
        )
    if facts["encrypted_backup"]:
        found.append(
            wrong(
                f"{site}: Frappe encrypts its backups",
                "System Settings.encrypt_backup",
                "backups that can be read back",
                "switch it off; playbooks/backup.yml encrypts what leaves the machine",
            )
        )
    if facts["packet"] and facts["packet"] < PACKET:
        found.append(
            wrong(
                f"{site}: the database server takes small statements only",
                f"max_allowed_packet {facts['packet']}",
                str(PACKET),
                "raise it in the server's configuration",
            )
        )
    if facts["charset"] and facts["charset"] != "utf8mb4":
        found.append(
            wrong(f"{site}: its database's character set", facts["charset"], "utf8mb4", "convert it before an update")
        )
    if facts["failed_before"] and not retry:
        found.append(
            wrong(
                f"{site}: the same change of code failed before",
                facts["failed_before"],
                "a repaired commit",
                "pin another commit, or go on all the same with -e update_retry=true",
            )
        )
    return found


def space_faults(all_facts: Iterable[Facts]) -> list[str]:
    """Sites of one bench share its file system: what all their sets need together."""
    needed: dict[int, int] = {}
    free: dict[int, int] = {}
    for facts in all_facts:
        if not facts["trouble"]:
            room = facts["plan"]["space"]
            needed[room["device"]] = needed.get(room["device"], MARGIN) + room["needed"]
            free[room["device"]] = room["free"]
    return [
        wrong(
            "there is not enough room for the rollback point",
            f"{free[device] // MIB} MiB free",
            f"{amount // MIB} MiB",
            "make room, or remove old points with rollback_point state: pruned",
        )
        for device, amount in needed.items()
        if free[device] < amount
    ]


def left_out(on_bench: Iterable[str], going: Iterable[str]) -> str:
    """A fault: sites whose code would change under them; ``""`` if there is none."""
    staying = sorted(set(on_bench) - set(going))
    if not staying:
        return ""
    return wrong(
        "the bench has sites that this run does not update, and its code is theirs too",
        ", ".join(staying),
        "all sites of the bench",
        "add them to the inventory and leave --limit out, or move them to another bench",
    )


def judge(sites: Iterable[str], journals: Mapping[str, Facts], run: str, allowed: int) -> dict[str, Any]:
    """Whether the bench goes on to the new code.

    :param journals: by site; ``allowed``: how many sites may have failed.
    :returns: ``go``, ``migrated`` and ``failed`` (site -> why).
    """
    names, migrated, failed = list(sites), [], {}
    for site in names:
        journal = journals.get(site) or {}
        if journal.get("run") != run:
            failed[site] = "was never begun"
        elif journal["state"] == "migrated" or journal.get("outcome") == "done":
            migrated.append(site)
        else:
            failed[site] = str(journal.get("why") or "")
    return {"go": len(failed) <= allowed and (bool(migrated) or not names), "migrated": migrated, "failed": failed}


def sentence(site: str, journal: Facts) -> str:
    """Where a site stands, and the command that ends it, for people at 3 a.m."""
    state, outcome = journal.get("state", ""), journal.get("outcome", "")
    if state == "over":
        return {
            "done": f"{site} is fully new",
            "undone": f"{site} is fully old: what was changed was taken back",
            "untouched": f"{site} is fully old: nothing of it had been changed",
        }[outcome]
    if state == "quarantined":
        return (
            f"{site} is fully old and in maintenance, since its bench has the new code: update it again with"
            " playbooks/update.yml -e update_retry=true, or move it to a bench with the old code"
        )
    if not state:
        return f"{site} is fully old: it was never begun"
    if state in BACK:
        return f"{site} is in maintenance, on its way back (`{state}`): finish that with playbooks/update.yml -e abort=true"
    return (
        f"{site} is in maintenance, at `{state}`: finish it with playbooks/update.yml -e resume=true, or undo it with"
        f" -e abort=true"
    )
