# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: turns a declared ``Fleet`` into Ansible's hosts, groups and variables.

Pure: ``build(data) -> Inventory``. Values are passed on as the very objects they came in, never copied
into new strings: in ansible-core 2.19 the permission to be templated is a tag on the string object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._tenants_model import STATUSES, TOP_GROUPS, Bench, Fleet, FleetError, Host, Inventory, Machine, Problem, Tenant
from ._tenants_read import read_fleet

# The machine of a tenants.yml that names none. Like Ansible's own implicit localhost.
LOCALHOST = Machine("localhost", {"ansible_connection": "local"})


def build(
    data: object, where: Callable[[object], int | None] = lambda _item: None, default_machine: Machine = LOCALHOST
) -> Inventory:
    """The inventory that a ``tenants.yml`` (already parsed to plain data) describes.

    :param where: tells the source line of an object of ``data``, if it has one.
    :param default_machine: stands in if ``data`` names no machine.
    :raises FleetError: with every fault of ``data``.
    """
    fleet, problems = read_fleet(data, where, default_machine)
    problems += _clashing_groups(fleet, where)
    if problems:
        raise FleetError(problems)
    return inventory_of(fleet)


def inventory_of(fleet: Fleet) -> Inventory:
    """Machines, benches and sites as hosts; machine, bench, plan, wave, status, app, integration as groups."""
    hosts: list[Host] = []
    for machine in fleet.machines.values():
        groups = ("machines", group_name("machine", machine.name), *_machine_groups(machine))
        hosts.append(Host(machine.name, machine_variables(machine, fleet), groups))
    for bench in fleet.benches.values():
        machine_group = group_name("machine", bench.machine)
        variables = {**bench_variables(bench, fleet), "bench_sites": _bench_sites(bench, fleet)}
        hosts.append(Host(bench.name, variables, ("benches", machine_group)))
    for tenant in fleet.tenants.values():
        machine_group = group_name("machine", fleet.benches[tenant.bench].machine)
        groups = tuple(group_name(kind, name) for kind, name in _labels(tenant))
        hosts.append(Host(tenant.name, site_variables(tenant, fleet), ("sites", machine_group, *groups)))
    return Inventory(hosts=tuple(hosts), groups=_groups(fleet))


def machine_variables(machine: Machine, fleet: Fleet) -> dict[str, Any]:
    """What the operator says of the machine, what it provides, and the names of its benches."""
    return {
        **machine.variables,
        "machine_name": machine.name,
        "machine_address": machine.address or machine.variables.get("ansible_host", machine.name),
        "machine_provides": list(machine.provides),
        "machine_replica_of": machine.replica_of,
        "machine_benches": [bench.name for bench in fleet.benches.values() if bench.machine == machine.name],
    }


def bench_variables(bench: Bench, fleet: Fleet) -> dict[str, Any]:
    """How to reach the bench's machine, where the bench is, then what the operator adds."""
    machine = fleet.machines[bench.machine]
    # The bench is another inventory host than its machine, so the machine's name is no longer the
    # address unless we say so.
    variables: dict[str, Any] = {"ansible_host": machine.name, **machine.variables}
    variables.update(bench_name=bench.name, bench_machine=bench.machine, bench_path=bench.path)
    if bench.user:
        variables["bench_user"] = bench.user
    variables["bench_runtime"] = bench.runtime
    variables["bench_managed"] = "benches" in machine.provides
    variables.update(bench_database=bench.database, bench_slot=bench.slot)
    variables.update(bench.variables)
    return variables


def _bench_sites(bench: Bench, fleet: Fleet) -> list[str]:
    """The names of the sites that the bench's machine is to serve."""
    return [tenant.name for tenant in fleet.tenants.values() if tenant.bench == bench.name]


def site_variables(tenant: Tenant, fleet: Fleet) -> dict[str, Any]:
    """The variables of the site's bench, what the site is, and last its plan's and its own variables."""
    plan = fleet.plans.get(tenant.plan)
    return {
        **bench_variables(fleet.benches[tenant.bench], fleet),
        "site_name": tenant.name,
        "site_bench": tenant.bench,
        "site_plan": tenant.plan,
        "site_wave": tenant.wave,
        "site_status": tenant.status,
        "site_apps": list(tenant.apps),
        "site_config": dict(tenant.config),
        "site_integrations": list(tenant.integrations),
        "site_domains": list(tenant.domains),
        **(plan.variables if plan else {}),
        **tenant.variables,
    }


def group_name(kind: str, name: str) -> str:
    """``bench`` + ``bench-1.eu`` -> ``bench_bench_1_eu``; Ansible's group names are identifiers."""
    return re.sub(r"[^A-Za-z0-9_]", "_", f"{kind}_{name}")


def _machine_groups(machine: Machine) -> Iterable[str]:
    """The groups of what setup makes of a machine."""
    if machine.provides:
        yield "managed_machines"
    if "database" in machine.provides:
        yield "database_machines"
    if "benches" in machine.provides:
        yield "bench_machines"


def _labels(tenant: Tenant) -> Iterable[tuple[str, str]]:
    """What a site is grouped by."""
    yield "bench", tenant.bench
    if tenant.plan:
        yield "plan", tenant.plan
    if tenant.wave:
        yield "wave", tenant.wave
    yield "status", tenant.status
    for app in tenant.apps:
        yield "app", app
    for integration in tenant.integrations:
        yield "integration", integration


def _site_groups(fleet: Fleet) -> dict[str, tuple[str, str]]:
    """Child groups of ``sites`` and what each stands for.

    Benches, plans and statuses have a group even without a site, so that ``sites:!status_retired`` does
    not warn in a fleet where nobody ever left.
    """
    labels: list[tuple[str, str]] = [("bench", name) for name in fleet.benches]
    labels += [("plan", name) for name in fleet.plans]
    labels += [("status", name) for name in STATUSES]
    for tenant in fleet.tenants.values():
        labels += _labels(tenant)
    groups: dict[str, tuple[str, str]] = {}
    for kind, name in labels:
        groups.setdefault(group_name(kind, name), (kind, name))
    return groups


def _groups(fleet: Fleet) -> Mapping[str, tuple[str, ...]]:
    site_groups = tuple(_site_groups(fleet))
    groups: dict[str, tuple[str, ...]] = dict.fromkeys(TOP_GROUPS, ())
    groups["sites"] = site_groups
    groups.update({group_name("machine", name): () for name in fleet.machines})
    groups.update(dict.fromkeys(site_groups, ()))
    return groups


def _clashing_groups(fleet: Fleet, where: Callable[[object], int | None]) -> list[Problem]:
    """Different names that become the same group: ``eu-1`` and ``eu_1`` would be configured as one."""
    labels: list[tuple[str, str]] = [("machine", name) for name in fleet.machines]
    labels += [("bench", name) for name in fleet.benches]
    labels += [("plan", name) for name in fleet.plans]
    for tenant in fleet.tenants.values():
        labels += _labels(tenant)
    owners: dict[str, tuple[str, str]] = {}
    problems: dict[tuple[str, str], Problem] = {}
    for label in labels:
        kind, name = label
        group = group_name(kind, name)
        owner = owners.setdefault(group, label)
        if owner != label:
            message = f"{name!r} and {owner[1]!r} both become the group {group}; rename one of them"
            problems.setdefault(label, Problem(f"{kind} {str(name)!r}", message, where(name)))
    return list(problems.values())
