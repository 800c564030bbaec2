# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what a fleet is made of, before and after it becomes an inventory.

Pure data. ``Fleet`` is what an operator declares; ``Inventory`` is what Ansible sees. Whatever source the
declaration has (a ``tenants.yml`` today, the Tenant records of a master site later), it ends in a ``Fleet``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

RUNTIMES = ("host", "docker")
STATUSES = ("active", "suspended", "retired")
# What playbooks/setup.yml can make of a machine. One that provides nothing is only used, never set up.
PROVIDES = ("database", "benches")

# Variables that the inventory computes. They cannot be set under `vars`: a site whose site_name says
# something else than its host name would be worked on under the wrong name.
MACHINE_VARIABLES = ("machine_name", "machine_address", "machine_provides", "machine_replica_of", "machine_benches")
BENCH_VARIABLES = (
    "bench_name",
    "bench_machine",
    "bench_path",
    "bench_user",
    "bench_runtime",
    "bench_managed",
    "bench_database",
    "bench_slot",
    "bench_sites",
)
SITE_VARIABLES = (
    "site_name",
    "site_bench",
    "site_plan",
    "site_wave",
    "site_status",
    "site_apps",
    "site_config",
    "site_integrations",
    "site_domains",
)
COMPUTED_VARIABLES = frozenset(MACHINE_VARIABLES + BENCH_VARIABLES + SITE_VARIABLES)

# Groups every inventory has; no host may carry their names.
TOP_GROUPS = ("machines", "managed_machines", "database_machines", "bench_machines", "benches", "sites")
RESERVED_HOSTS = frozenset(TOP_GROUPS) | {"all", "ungrouped"}


@dataclass(frozen=True)
class Machine:
    """A host that benches live on: a server, a Docker host, or this very machine."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    provides: tuple[str, ...] = ()
    # Where the other machines reach it; where Ansible does, when empty.
    address: str = ""
    # The machine whose database server this one's follows.
    replica_of: str = ""


@dataclass(frozen=True)
class Bench:
    """A bench directory (or a stack of containers) on one machine."""

    name: str
    machine: str
    path: str
    user: str = ""
    runtime: str = "host"
    # The machine with its database server; '' when that is none of ours.
    database: str = ""
    # Tells the benches of one machine apart: each port is the usual one plus this number.
    slot: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Named defaults that lie beneath the tenants that chose them."""

    name: str
    apps: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tenant:
    """One site. Its plan is already merged in: `apps` and `config` are what the site shall have."""

    name: str
    bench: str
    plan: str = ""
    wave: str = ""
    status: str = "active"
    apps: tuple[str, ...] = ()
    integrations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fleet:
    """Everything declared, by name and in the order of the source."""

    machines: Mapping[str, Machine]
    benches: Mapping[str, Bench]
    plans: Mapping[str, Plan]
    tenants: Mapping[str, Tenant]
    # Where those go who sign up (``_signups.Signups``); None: nobody can.
    signups: Any = None


@dataclass(frozen=True)
class Host:
    """A host of the inventory with its variables and the groups it is in directly."""

    name: str
    variables: Mapping[str, Any]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Inventory:
    """Hosts, and every group with its child groups (parents before children)."""

    hosts: tuple[Host, ...]
    groups: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Problem:
    """One fault of the source: what it is about, what is wrong, and where (if the source has lines)."""

    subject: str
    message: str
    line: int | None = None

    def text(self, file: str) -> str:
        """``tenants.yml:12: tenant 'a.example.com': unknown key ...``."""
        place = f"{file}:{self.line}" if self.line else file
        return f"{place}: {self.subject}: {self.message}" if self.subject else f"{place}: {self.message}"


class FleetError(ErpopsError):
    """The source has faults; ``problems`` holds all of them, in the order of their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("; ".join(f"{p.subject}: {p.message}" for p in self.problems), status=400)

    def text(self, file: str) -> str:
        """All faults, one to a line, each with file, line and subject."""
        count = len(self.problems)
        head = f"{file} has {count} fault{'' if count == 1 else 's'}, so nothing of it was loaded:"
        return "\n".join([head, *(f"  {problem.text(file)}" for problem in self.problems)])
