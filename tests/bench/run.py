#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the collection on the stand-in framework, beside plain `bench` commands in the same run.

    make bench [ARGS="--fleet 50 --repeat 3 --profile"]

Builds a bench of its own in a temporary directory, which is removed at the end. Prints a table, and as its last
line figures for machines. Nothing is a pass or a failure here: the machine may be busy with other things.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.bench.fleet import Fleet, Run, children_seconds, open_fleet  # noqa: E402 -- run as a file, this finds its own package
from tests.bench.plain import Plain  # noqa: E402

FORKS = 2
LOOKED_AT = 5  # sites that the plain check is timed on; the rest is extrapolated
INSERTED = 5  # records that the plain insert is timed on


class Table:
    """What was measured, as rows for people and figures for machines."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str]] = []
        self.figures: dict[str, float] = {}
        self.extra: dict[str, float] = {}

    def add(self, what: str, ours: str, plain: str = "", goal: str = "") -> None:
        self.rows.append((what, ours, plain, goal))
        say(f"{what}: {ours}" + (f" (plain {plain})" if plain else ""))

    def show(self) -> None:
        head = ("", "this collection", "plain bench commands", "goal")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(4)]
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        print("figures: " + " ".join(f"{name}={value:g}" for name, value in {**self.figures, **self.extra}.items()))


def say(text: str) -> None:
    """Progress, apart from the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measure_tenants(fleet: Fleet, plain: Plain, table: Table) -> Run:
    """A tenant from nothing."""
    ours = [fleet.play("provision.yml", "--limit", name) for name in fleet.fresh]
    before = children_seconds()
    theirs = [plain.tenant(f"plain{number}.localhost") for number in range(1, len(fleet.fresh) + 1)]
    plain_cpu = (children_seconds() - before) / len(theirs)
    cpu = statistics.median(run.cpu for run in ours)
    tenant, plainly = statistics.median(run.seconds for run in ours), statistics.median(theirs)
    table.figures.update(tenant_s=round(tenant, 2), plain_tenant_s=round(plainly, 2))
    table.extra.update(tenant_cpu_s=round(cpu, 2), plain_tenant_cpu_s=round(plain_cpu, 2))
    commands = plain.commands // len(theirs)
    table.add("a tenant from nothing", f"{tenant:.2f} s", f"{plainly:.2f} s, {commands} commands", "5 s")
    table.add("  processor time of that", f"{cpu:.2f} s", f"{plain_cpu:.2f} s")
    return sorted(ours, key=lambda run: run.seconds)[len(ours) // 2]


def measure_noop(fleet: Fleet, plain: Plain, table: Table, repeat: int) -> Run:
    """Tenants that need nothing: one, and the whole fleet."""
    first = fleet.names[0]
    fleet.play("provision.yml", "--limit", first)
    fleet.multiply(first)
    runs = [fleet.play("provision.yml", "--limit", first, "--forks", str(FORKS)) for _number in range(repeat)]
    noop = statistics.median(run.seconds for run in runs)
    processes = fleet.processes("provision.yml", "--limit", first)
    table.figures["noop_tenant_s"] = round(noop, 2)
    table.extra["noop_processes"] = processes["agent"]
    table.extra["noop_tenant_cpu_s"] = round(statistics.median(run.cpu for run in runs), 2)
    table.add("a tenant that needs nothing", f"{noop:.2f} s", "", "1.5 s")
    table.add("  processor time of that", f"{table.extra['noop_tenant_cpu_s']:.2f} s")
    table.add("  agent processes of that", f"{processes['agent']}", "", "2")
    everyone = fleet.play("provision.yml", "--limit", ",".join(fleet.names), "--forks", str(FORKS))
    for run in (*runs, everyone):
        if run.changed:
            raise SystemExit(f"bench: a run that should change nothing changed {run.changed} things")
    looked = fleet.names[:LOOKED_AT]
    look = plain.look(looked) / len(looked) * len(fleet.names)
    count = len(fleet.names)
    table.figures[f"noop_{count}_s"] = round(everyone.seconds, 1)
    table.extra[f"noop_{count}_cpu_s"] = round(everyone.cpu, 1)
    table.extra[f"plain_look_{count}_s"] = round(look, 1)
    table.add(
        f"{count} tenants that need nothing, {FORKS} forks",
        f"{everyone.seconds:.1f} s",
        f"{look:.1f} s for list-apps and scheduler status alone",
        "60 s" if count == 50 else "",
    )
    table.add("  of that for each tenant", f"{everyone.seconds / count:.2f} s", f"{look / count:.2f} s", "1.5 s")
    return runs[-1]


def records(prefix: str, count: int) -> list[dict[str, Any]]:
    """Warehouses of the company that each tenant has."""
    return [
        {
            "doctype": "Warehouse",
            "values": {
                "warehouse_name": f"{prefix} {number:03}",
                "company": "Fleet Trading",
                "parent_warehouse": "All Warehouses - FT",
                "city": "Dubai",
            },
        }
        for number in range(count)
    ]


def measure_documents(fleet: Fleet, plain: Plain, table: Table, repeat: int) -> None:
    """200 records in one task: the seconds of the task, first and again."""
    site, count = fleet.fresh[0], 200
    made: list[float] = []
    kept: list[float] = []
    for number in range(repeat):
        variables = fleet.root / "records.json"
        variables.write_text(json.dumps({"documents_records": records(f"r{number}", count)}))
        for seconds, changes in ((made, 1), (kept, 0)):
            run = fleet.play(ROOT / "tests/bench/documents.yml", "--limit", site, "--extra-vars", f"@{variables}")
            if run.changed != changes:
                raise SystemExit(f"bench: applying records changed {run.changed} things instead of {changes}")
            seconds.append(run.task("Apply the records")["seconds"])
    docs = [{"doctype": "Warehouse", **record["values"]} for record in records("plain", INSERTED)]
    plainly = plain.insert(site, docs) / len(docs) * count
    table.figures["documents_200_s"] = round(statistics.median(made), 2)
    table.extra["documents_200_noop_s"] = round(statistics.median(kept), 2)
    table.extra["plain_documents_200_s"] = round(plainly, 1)
    table.add(
        "200 records in one task", f"{statistics.median(made):.2f} s", f"{plainly:.0f} s, one command each", "1.5 s"
    )
    table.add("  the same again", f"{statistics.median(kept):.2f} s")


def measure_update(fleet: Fleet, plain: Plain, table: Table, repeat: int) -> Run:
    """All tenants of the bench: nothing to do, planned, and brought to a commit with a patch and a field."""
    fleet.forget("plain*.localhost")  # they are declared nowhere, and an update leaves no site of its bench out
    count = len(fleet.names) + len(fleet.fresh)
    runs = [fleet.play("update.yml") for _number in range(repeat)]
    if any(run.changed for run in runs):
        raise SystemExit("bench: an update to the commits that are there changed something")
    noop = statistics.median(run.seconds for run in runs)
    table.figures[f"update_noop_{count}_s"] = round(noop, 1)
    table.add(f"an update of {count} tenants that need none", f"{noop:.1f} s", "", "90 s" if count >= 50 else "")
    fleet.commit_patch()
    planned = fleet.play("update.yml", "--check").task("Look at the bench and all of its sites")["seconds"]
    table.figures["update_plan_site_s"] = round(planned / count, 2)
    table.add("  planning one, for each tenant", f"{planned / count:.2f} s", "", "1 s")
    # The tenants are copies of one, with one API key: a question that each refuses the others' keys would fail.
    updated = fleet.play("update.yml", "--extra-vars", "update_verify_enabled=false")
    closed = statistics.median(fleet.maintenance_seconds())
    plainly = plain.migrate(fleet.names[:LOOKED_AT]) / len(fleet.names[:LOOKED_AT])
    table.figures.update({f"update_{count}_s": round(updated.seconds, 1), "update_maintenance_s": round(closed, 1)})
    table.extra["plain_migrate_site_s"] = round(plainly, 2)
    table.add(f"an update of {count} tenants with a patch", f"{updated.seconds:.1f} s")
    table.add(
        "  a tenant is in maintenance (median)",
        f"{closed:.1f} s, all in one window",
        f"{plainly:.2f} s for backup and migrate, without a switch of code",
    )
    return updated


def profile(what: str, run: Run) -> None:
    """Where the time of a run goes, seen from the controller."""
    loaded = next(line["at"] for line in run.lines if line["event"] == "loaded")
    ended = run.lines[-1]["at"]
    say(
        f"profile of {what}: {run.seconds:.2f} s in all, of that {ended - loaded:.2f} s between the first play and the recap"
    )
    for line in run.lines:
        if "task" in line:
            agents = ", ".join(f"{seconds:.2f}" for seconds in line["agent_seconds"])
            say(
                f"  {line['seconds']:6.3f} s  {line['event']:8} {line['task']}"
                + (f" (agent {agents})" if agents else "")
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fleet", type=int, default=50, metavar="N", help="tenants of the large run (50)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs that a median is taken of (3)")
    parser.add_argument("--profile", action="store_true", help="tell where the time of one tenant goes")
    args = parser.parse_args()
    begun, table = time.monotonic(), Table()
    root = Path(tempfile.mkdtemp(prefix="erpops-bench-"))
    say(f"building a bench in {root} (load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors)")
    with open_fleet(root, args.fleet, args.repeat) as fleet:
        plain = Plain(fleet)
        made = measure_tenants(fleet, plain, table)
        kept = measure_noop(fleet, plain, table, args.repeat)
        measure_documents(fleet, plain, table, args.repeat)
        updated = measure_update(fleet, plain, table, args.repeat)
        if args.profile:
            profile("a tenant from nothing", made)
            profile("a tenant that needs nothing", kept)
            profile("an update", updated)
        say(f"{time.monotonic() - begun:.0f} s in all, load average {os.getloadavg()[0]:.1f}")
    table.show()


if __name__ == "__main__":
    main()
