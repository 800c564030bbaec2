# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: reads a ``tenants.yml`` (already parsed to plain data) into a ``Fleet``.

Pure and strict: an unknown key, a wrong type, a name nobody defined are faults, and all are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._site_name import (
    kind_of,
    validate_host_name,
    validate_site_name,
)

from ._reader import APP, Reader, key_object, near
from ._signups import Signups, read_signups
from ._tenants_model import PROVIDES, RESERVED_HOSTS, RUNTIMES, STATUSES, Bench, Fleet, Machine, Plan, Problem, Tenant

# Options of Ansible's "constructed" feature; their values are checked by Ansible itself.
CONSTRUCTED = ("strict", "compose", "groups", "keyed_groups", "use_extra_vars", "leading_separator")
TOP_KEYS = ("plugin", "machines", "benches", "plans", "tenants", "signups", *CONSTRUCTED)
MACHINE_KEYS = ("provides", "address", "replica_of", "vars")
BENCH_KEYS = ("machine", "path", "user", "runtime", "database", "slot", "vars")
PLAN_KEYS = ("apps", "config", "vars")
TENANT_KEYS = ("name", "bench", "plan", "wave", "status", "apps", "integrations", "domains", "config", "vars")


def read_fleet(
    data: object, where: Callable[[object], int | None], default_machine: Machine
) -> tuple[Fleet, list[Problem]]:
    """The fleet as far as it could be read, and everything that is wrong with it."""
    reader = Reader(where)
    top = reader.record("", data, data, TOP_KEYS)
    for key in ("benches", "tenants"):
        if key not in top:
            reader.fault("", f"{key} is missing", data)
    machines = _machines(reader, top, default_machine)
    benches = _benches(reader, top, machines)
    plans = _plans(reader, top)
    tenants = _tenants(reader, top, benches, plans)
    _check_hosts(reader, machines, benches, tenants)
    _check_domains(reader, tenants)
    signups = read_signups(reader, top.get("signups"), key_object(top, "signups"))
    _check_signups(reader, top, signups, benches, plans)
    return Fleet(machines, benches, plans, tenants, signups), reader.problems


def _check_signups(
    reader: Reader,
    top: Mapping[str, Any],
    signups: Signups | None,
    benches: Mapping[str, Bench],
    plans: Mapping[str, Plan],
) -> None:
    """New tenants go where there is something."""
    if signups is None or not isinstance(top["signups"], Mapping):
        return
    _reference(reader, "signups", top["signups"], "bench", benches)
    _reference(reader, "signups", top["signups"], "plan", plans, required=False)


def _machines(reader: Reader, top: Mapping[str, Any], default: Machine) -> dict[str, Machine]:
    machines = {}
    for name, value in reader.mapping("", top.get("machines"), key_object(top, "machines"), "machines").items():
        subject = f"machine {str(name)!r}"
        reader.is_name(subject, name, "machine", name)
        record = reader.record(subject, value, name, MACHINE_KEYS)
        machines[name] = Machine(
            name=name,
            variables=reader.variables(subject, record),
            provides=_provides(reader, subject, record),
            address=reader.text(subject, record, "address"),
            replica_of=reader.text(subject, record, "replica_of"),
        )
    _check_replicas(reader, machines)
    return machines or {default.name: default}


def _benches(reader: Reader, top: Mapping[str, Any], machines: Mapping[str, Machine]) -> dict[str, Bench]:
    benches = {}
    at = key_object(top, "benches")
    found = reader.mapping("", top.get("benches"), at, "benches")
    if "benches" in top and top["benches"] in (None, {}):
        reader.fault("", "benches is empty, needed is at least one", at)
    for name, value in found.items():
        subject = f"bench {str(name)!r}"
        reader.is_name(subject, name, "bench", name)
        record = reader.record(subject, value, name, BENCH_KEYS)
        path = reader.text(subject, record, "path", required=True)
        if path and not path.startswith(("/", "{{")):
            message = f"path {str(path)!r} is relative, needed is an absolute path or a {{{{ variable }}}}"
            reader.fault(subject, message, key_object(record, "path"))
        machine = _reference(reader, subject, record, "machine", machines)
        benches[name] = Bench(
            name=name,
            machine=machine,
            path=path,
            user=reader.text(subject, record, "user"),
            runtime=reader.choice(subject, record, "runtime", RUNTIMES),
            database=_database(reader, subject, record, machines, machine),
            slot=reader.number(subject, record, "slot", maximum=99),
            variables=reader.variables(subject, record),
        )
    _check_slots(reader, machines, benches)
    return benches


def _provides(reader: Reader, subject: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    found = reader.names(subject, record, "provides")
    for item in found:
        if item not in PROVIDES:
            reader.fault(
                subject, f"provides: unknown {str(item)!r}{near(item, PROVIDES)}", key_object(record, "provides")
            )
    return found


def _check_replicas(reader: Reader, machines: Mapping[str, Machine]) -> None:
    """A replica follows another machine's database server, and is one itself."""
    servers = [name for name, machine in machines.items() if "database" in machine.provides]
    for name, machine in machines.items():
        if not machine.replica_of:
            continue
        subject = f"machine {str(name)!r}"
        if name not in servers:
            reader.fault(subject, "replica_of is for a machine that provides database", machine.replica_of)
        others = [server for server in servers if server != name and not machines[server].replica_of]
        if machine.replica_of not in others:
            message = f"unknown replica_of {str(machine.replica_of)!r}{near(machine.replica_of, others)}"
            reader.fault(subject, message, machine.replica_of)


def _database(
    reader: Reader, subject: str, record: Mapping[str, Any], machines: Mapping[str, Machine], machine: str
) -> str:
    """The machine with the bench's database server: the one that is named, its own, or the only one there is."""
    servers = {name: m for name, m in machines.items() if "database" in m.provides and not m.replica_of}
    if machine in servers and record.get("database") is None:
        return machine
    return _reference(reader, subject, record, "database", servers, required=bool(servers))


def _check_slots(reader: Reader, machines: Mapping[str, Machine], benches: Mapping[str, Bench]) -> None:
    """Benches that setup gives ports to must differ in them."""
    taken: dict[tuple[str, int], str] = {}
    for name, bench in benches.items():
        if bench.machine not in machines or "benches" not in machines[bench.machine].provides:
            continue
        other = taken.setdefault((bench.machine, bench.slot), name)
        if other != name:
            message = (
                f"slot {bench.slot} of machine {str(bench.machine)!r} is that of bench {str(other)!r} already; give "
                f"this bench another (slot: {max(slot for at, slot in taken if at == bench.machine) + 1})"
            )
            reader.fault(f"bench {str(name)!r}", message, name)


def _plans(reader: Reader, top: Mapping[str, Any]) -> dict[str, Plan]:
    plans = {}
    for name, value in reader.mapping("", top.get("plans"), key_object(top, "plans"), "plans").items():
        subject = f"plan {str(name)!r}"
        reader.is_name(subject, name, "plan", name)
        record = reader.record(subject, value, name, PLAN_KEYS)
        apps = reader.names(subject, record, "apps", APP)
        plans[name] = Plan(name, apps, reader.config(subject, record), reader.variables(subject, record))
    return plans


def _tenants(
    reader: Reader, top: Mapping[str, Any], benches: Mapping[str, Bench], plans: Mapping[str, Plan]
) -> dict[str, Tenant]:
    tenants: dict[str, Tenant] = {}
    at = key_object(top, "tenants")
    for number, value in enumerate(reader.items("", top.get("tenants"), at, "tenants"), start=1):
        if not isinstance(value, Mapping):
            message = f"this is {kind_of(value)}, needed is a mapping with a name"
            reader.fault(f"tenant number {number}", message, value if value is not None else at)
            continue
        given = value.get("name")
        subject = f"tenant {str(given)!r}" if given else f"tenant number {number}"
        record = reader.record(subject, value, value, TENANT_KEYS)
        tenant = _tenant(reader, subject, record, benches, plans)
        if not tenant.name:
            continue
        if tenant.name in tenants:
            reader.fault(subject, "this name is given to two tenants", key_object(record, "name"))
        tenants[tenant.name] = tenant
    return tenants


def _tenant(
    reader: Reader,
    subject: str,
    record: Mapping[str, Any],
    benches: Mapping[str, Bench],
    plans: Mapping[str, Plan],
) -> Tenant:
    name = record.get("name")
    if name is None:
        reader.fault(subject, "name is missing", key_object(record, "name"))
    else:
        for problem in validate_site_name(name):
            reader.fault(subject, problem, key_object(record, "name"))
    chosen = _reference(reader, subject, record, "plan", plans, required=False)
    plan = plans.get(chosen, Plan(chosen))
    apps = dict.fromkeys((*plan.apps, *reader.names(subject, record, "apps", APP)))
    return Tenant(
        name=name if isinstance(name, str) else "",
        bench=_reference(reader, subject, record, "bench", benches),
        plan=chosen,
        wave=reader.name(subject, record, "wave"),
        status=reader.choice(subject, record, "status", STATUSES),
        apps=tuple(apps),
        integrations=reader.names(subject, record, "integrations"),
        domains=_domains(reader, subject, record),
        config={**plan.config, **reader.config(subject, record)},
        variables=reader.variables(subject, record),
    )


def _domains(reader: Reader, subject: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    at = key_object(record, "domains")
    for domain in reader.items(subject, record.get("domains"), at, "domains"):
        problems = validate_host_name(domain, "domain")
        for problem in problems:
            reader.fault(subject, problem, domain if domain is not None else at)
        if not problems:
            found[domain] = None
    return tuple(found)


def _reference(
    reader: Reader, subject: str, record: Mapping[str, Any], key: str, known: Mapping[str, Any], required: bool = True
) -> str:
    """The name of something defined elsewhere in the file; the only one there is, if none is named."""
    name = reader.text(subject, record, key)
    if not name:
        if key not in record or record[key] is None:
            if required and len(known) == 1:
                return next(iter(known))
            if required and known:
                message = f"{key} is missing; there are several, name one of {', '.join(sorted(known))}"
                reader.fault(subject, message, record)
        return ""
    if name not in known:
        reader.fault(subject, f"unknown {key} {str(name)!r}{near(name, known)}", key_object(record, key))
        return ""
    return name


def _check_hosts(
    reader: Reader, machines: Mapping[str, Machine], benches: Mapping[str, Bench], tenants: Mapping[str, Tenant]
) -> None:
    """Machines, benches and sites share one name space: that of the inventory's hosts."""
    kinds: tuple[tuple[str, Mapping[str, Any]], ...] = (("machine", machines), ("bench", benches), ("tenant", tenants))
    taken: dict[str, str] = {}
    for kind, named in kinds:
        for name in named:
            subject = f"{kind} {str(name)!r}"
            if name in RESERVED_HOSTS:
                reader.fault(subject, f"the name {str(name)!r} is that of a group; choose another", name)
            elif name in taken:
                reader.fault(subject, f"the name is already that of a {taken[name]}; each host needs its own", name)
            taken.setdefault(name, kind)


def _check_domains(reader: Reader, tenants: Mapping[str, Tenant]) -> None:
    """A host name can lead to one site only."""
    owner = {name: name for name in tenants}
    for tenant in tenants.values():
        for domain in tenant.domains:
            other = owner.setdefault(domain, tenant.name)
            if other != tenant.name:
                subject = f"tenant {str(tenant.name)!r}"
                reader.fault(subject, f"domain {str(domain)!r} already leads to {str(other)!r}", domain)
