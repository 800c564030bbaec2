# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tenants.yml, read: one table of faults (each alone in an otherwise good file), and that all come at once."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants import LOCALHOST
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_model import Fleet, Problem
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_read import read_fleet

GOOD: dict[str, Any] = {
    "plugin": "erpops.frappe.tenants",
    "machines": {"vm1": {"vars": {"ansible_host": "10.0.0.5"}}, "vm2": None},
    "benches": {
        "bench1": {"machine": "vm1", "path": "/srv/bench", "user": "frappe"},
        "bench2": {"machine": "vm2", "path": "{{ base }}/bench", "runtime": "docker"},
    },
    "plans": {"starter": {"apps": ["erpnext"], "config": {"a": 1, "b": {"c": 2}}}},
    "tenants": [
        {"name": "alpha.localhost", "bench": "bench1", "plan": "starter", "wave": "canary"},
        {"name": "beta.localhost", "bench": "bench2", "domains": ["erp.beta.example"]},
    ],
}
DELETE = object()


def read(data: object) -> tuple[Fleet, list[Problem]]:
    return read_fleet(data, lambda _item: None, LOCALHOST)


def changed(path: str, value: object) -> dict[str, Any]:
    """GOOD with the value at a dotted path replaced (or removed)."""
    data = copy.deepcopy(GOOD)
    *inner, last = path.split(".")
    at: Any = data
    for part in inner:
        at = at[int(part)] if isinstance(at, list) else at[part]
    key: Any = int(last) if isinstance(at, list) else last
    if value is DELETE:
        del at[key]
    else:
        at[key] = value
    return data


def test_a_good_file_has_no_faults() -> None:
    fleet, problems = read(GOOD)
    assert problems == []
    assert list(fleet.machines) == ["vm1", "vm2"]
    assert fleet.benches["bench2"].runtime == "docker"
    assert fleet.benches["bench1"].runtime == "host"
    assert fleet.tenants["alpha.localhost"].status == "active"


@pytest.mark.parametrize(
    ("path", "value", "subject", "message"),
    [
        ("tennants", [], "", "unknown key 'tennants' (did you mean 'tenants'?)"),
        ("benches", DELETE, "", "benches is missing"),
        ("tenants", DELETE, "", "tenants is missing"),
        ("tenants", {"a": 1}, "", "tenants is a mapping, needed is a list"),
        ("machines", ["vm1"], "", "machines is a list, needed is a mapping"),
        ("plans", "starter", "", "plans is text, needed is a mapping"),
        ("machines.vm 3", {}, "machine 'vm 3'", "machine 'vm 3' is not a name"),
        ("machines.vm1", "10.0.0.5", "machine 'vm1'", "this is text, needed is a mapping"),
        ("machines.vm1.var", {}, "machine 'vm1'", "unknown key 'var' (did you mean 'vars'?)"),
        ("machines.vm1.vars", ["a"], "machine 'vm1'", "vars is a list, needed is a mapping"),
        ("machines.vm1.vars.bench_path", "/x", "machine 'vm1'", "vars: 'bench_path' is computed"),
        ("machines.bench1", {}, "bench 'bench1'", "the name is already that of a machine"),
        ("machines.alpha.localhost", None, "", ""),
        ("benches.sites", {"machine": "vm1", "path": "/x"}, "bench 'sites'", "the name 'sites' is that of a group"),
        ("benches.all", {"machine": "vm1", "path": "/x"}, "bench 'all'", "the name 'all' is that of a group"),
        ("benches.bench1.path", DELETE, "bench 'bench1'", "path is missing"),
        ("benches.bench1.path", "frappe-bench", "bench 'bench1'", "path 'frappe-bench' is relative"),
        ("benches.bench1.path", 7, "bench 'bench1'", "path is a number (7), needed is text"),
        (
            "benches.bench1.machine",
            DELETE,
            "bench 'bench1'",
            "machine is missing; there are several, name one of vm1, vm2",
        ),
        ("benches.bench1.machine", "vm3", "bench 'bench1'", "unknown machine 'vm3' (did you mean"),
        ("benches.bench1.runtime", "podman", "bench 'bench1'", "runtime is 'podman'; allowed are docker, host"),
        ("benches.bench1.usr", "frappe", "bench 'bench1'", "unknown key 'usr' (did you mean 'user'?)"),
        ("benches.bench1.user", 1000, "bench 'bench1'", "user is a number (1000)"),
        ("plans.starter.apps", "erpnext", "plan 'starter'", "apps is text, needed is a list"),
        ("plans.starter.apps", ["chat-bridge"], "plan 'starter'", "did you mean 'chat_bridge'?"),
        ("plans.starter.wave", "canary", "plan 'starter'", "unknown key 'wave'; allowed are apps, config, vars"),
        ("plans.starter.config.since", datetime.date(2024, 1, 2), "plan 'starter'", "config: since is a date"),
        ("tenants.0", "alpha.localhost", "tenant number 1", "this is text, needed is a mapping with a name"),
        ("tenants.0.name", DELETE, "tenant number 1", "name is missing"),
        ("tenants.0.name", None, "tenant number 1", "name is missing"),
        ("tenants.0.name", "ab", "tenant 'ab'", "site name 'ab' is too short"),
        ("tenants.0.name", "-a-", "tenant '-a-'", "begins or ends with a hyphen"),
        ("tenants.0.name", "Admin", "tenant 'Admin'", "upper-case letters"),
        ("tenants.0.name", "a..b", "tenant 'a..b'", "empty label"),
        ("tenants.0.name", "a;id", "tenant 'a;id'", "contains ';'"),
        ("tenants.0.name", "a" * 64 + ".localhost", "tenant '" + "a" * 64 + ".localhost'", "64 characters"),
        ("tenants.0.name", "admin.example.com", "tenant 'admin.example.com'", "reserved label 'admin'"),
        ("tenants.0.name", 5, "tenant '5'", "site name 5 is a number"),
        ("tenants.0.name", "beta.localhost", "tenant 'beta.localhost'", "this name is given to two tenants"),
        ("tenants.0.bench", DELETE, "tenant 'alpha.localhost'", "bench is missing; there are several"),
        ("tenants.0.bench", "bnch1", "tenant 'alpha.localhost'", "unknown bench 'bnch1' (did you mean 'bench1'?)"),
        ("tenants.0.plan", "startr", "tenant 'alpha.localhost'", "unknown plan 'startr' (did you mean 'starter'?)"),
        ("tenants.0.wave", 1, "tenant 'alpha.localhost'", "wave is a number (1), needed is text; quote it"),
        ("tenants.0.wave", "first wave", "tenant 'alpha.localhost'", "wave 'first wave' is not a name"),
        ("tenants.0.status", "paused", "tenant 'alpha.localhost'", "status is 'paused'; allowed are active, retired"),
        ("tenants.0.wawe", "canary", "tenant 'alpha.localhost'", "unknown key 'wawe' (did you mean 'wave'?)"),
        ("tenants.0.apps", {"erpnext": True}, "tenant 'alpha.localhost'", "apps is a mapping, needed is a list"),
        ("tenants.0.apps", [True], "tenant 'alpha.localhost'", "apps contains true or false"),
        ("tenants.0.integrations", ["a b"], "tenant 'alpha.localhost'", "'a b' is not a name"),
        ("tenants.0.domains", ["erp_1.example"], "tenant 'alpha.localhost'", "domain 'erp_1.example' contains '_'"),
        ("tenants.0.domains", [None], "tenant 'alpha.localhost'", "domain None is nothing"),
        ("tenants.0.domains", ["erp.beta.example"], "tenant 'beta.localhost'", "already leads to 'alpha.localhost'"),
        ("tenants.0.domains", ["beta.localhost"], "tenant 'alpha.localhost'", "already leads to 'beta.localhost'"),
        ("tenants.0.config", "a=b", "tenant 'alpha.localhost'", "config is text, needed is a mapping"),
        ("tenants.0.vars.site_apps", [], "tenant 'alpha.localhost'", "'site_apps' is computed by the inventory"),
        ("tenants.0.vars.my-var", 1, "tenant 'alpha.localhost'", "'my-var' is not a name for an Ansible variable"),
    ],
)
def test_one_fault(path: str, value: object, subject: str, message: str) -> None:
    if path.startswith("tenants.0.vars."):
        data = changed("tenants.0.vars", {path.rsplit(".", 1)[-1]: value})
    elif path == "machines.alpha.localhost":  # a host name is a path with dots
        data, subject, message = copy.deepcopy(GOOD), "tenant 'alpha.localhost'", "already that of a machine"
        data["machines"]["alpha.localhost"] = value
    else:
        data = changed(path, value)
    _fleet, problems = read(data)
    mine = [problem for problem in problems if problem.subject == subject]
    assert len(mine) == 1, problems
    assert message in mine[0].message


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_a_file_that_is_no_mapping(data: object) -> None:
    _fleet, problems = read(data)
    assert [problem.message for problem in problems][-2:] == ["benches is missing", "tenants is missing"]


@pytest.mark.parametrize("benches", [None, {}])
def test_a_fleet_needs_a_bench(benches: object) -> None:
    _fleet, problems = read({"benches": benches, "tenants": [{"name": "a.localhost"}]})
    assert [problem.message for problem in problems] == ["benches is empty, needed is at least one"]


def test_all_faults_come_at_once() -> None:
    data = changed("tenants.0.name", "Admin")
    data["tenants"][1]["bench"] = "nowhere"
    data["benches"]["bench1"]["path"] = ""
    data["extra"] = 1
    _fleet, problems = read(data)
    assert len(problems) == 4


def test_machine_and_bench_may_be_left_out_if_there_is_only_one() -> None:
    fleet, problems = read({"benches": {"b": {"path": "/b"}}, "tenants": [{"name": "a.localhost"}]})
    assert problems == []
    assert fleet.benches["b"].machine == "localhost"
    assert fleet.tenants["a.localhost"].bench == "b"


@pytest.mark.parametrize("tenants", [None, []])
def test_no_tenants_yet_is_fine(tenants: object) -> None:
    assert read({"benches": {"b": {"path": "/b"}}, "tenants": tenants})[1] == []


def test_the_plan_lies_beneath_the_tenant() -> None:
    data = changed("tenants.0.apps", ["shopsync", "erpnext", "shopsync"])
    data["tenants"][0]["config"] = {"b": {"d": 3}, "e": True}
    tenant = read(data)[0].tenants["alpha.localhost"]
    assert tenant.apps == ("erpnext", "shopsync")
    assert tenant.config == {"a": 1, "b": {"d": 3}, "e": True}


def managed(machines: dict[str, Any], benches: dict[str, Any]) -> list[str]:
    """The faults of a fleet with these machines and benches."""
    _fleet, problems = read({"machines": machines, "benches": benches, "tenants": []})
    return [f"{problem.subject}: {problem.message}" for problem in problems]


BENCH = {"machine": "m", "path": "/srv/b"}


@pytest.mark.parametrize(
    ("machines", "benches", "fault"),
    [
        (
            {"m": {"provides": ["databases"]}},
            {"b": BENCH},
            "machine 'm': provides: unknown 'databases' (did you mean 'database'?); allowed are benches, database",
        ),
        (
            {"m": {"provides": ["benches"]}},
            {"b": BENCH, "c": {**BENCH, "path": "/srv/c"}},
            "bench 'c': slot 0 of machine 'm' is that of bench 'b' already; give this bench another (slot: 1)",
        ),
        ({"m": {}}, {"b": {**BENCH, "slot": -1}}, "bench 'b': slot is -1, needed is a number from 0 to 99"),
        ({"m": {}}, {"b": {**BENCH, "slot": True}}, "bench 'b': slot is True, needed is a number from 0 to 99"),
        (
            {"m": {}, "d": {"provides": ["database"]}, "e": {"provides": ["database"]}},
            {"b": BENCH},
            "bench 'b': database is missing; there are several, name one of d, e",
        ),
        (
            {"m": {}, "d": {"provides": ["database"]}, "r": {"provides": ["database"], "replica_of": "d"}},
            {"b": {**BENCH, "database": "r"}},
            "bench 'b': unknown database 'r'; allowed are d",
        ),
        (
            {"m": {"provides": ["database"], "replica_of": "m"}},
            {"b": BENCH},
            "machine 'm': unknown replica_of 'm'; allowed are (none)",
        ),
        (
            {"m": {"provides": ["benches"], "replica_of": "d"}, "d": {"provides": ["database"]}},
            {"b": BENCH},
            "machine 'm': replica_of is for a machine that provides database",
        ),
    ],
)
def test_one_fault_of_a_machine(machines: dict[str, Any], benches: dict[str, Any], fault: str) -> None:
    assert managed(machines, benches) == [fault]


@pytest.mark.parametrize(
    ("machines", "bench", "database"),
    [
        ({"m": {}}, {}, ""),
        ({"m": {"provides": ["database", "benches"]}, "d": {"provides": ["database"]}}, {}, "m"),
        ({"m": {"provides": ["benches"]}, "d": {"provides": ["database"]}}, {}, "d"),
        ({"m": {"provides": ["database", "benches"]}, "d": {"provides": ["database"]}}, {"database": "d"}, "d"),
    ],
)
def test_which_database_a_bench_has(machines: dict[str, Any], bench: dict[str, Any], database: str) -> None:
    fleet, problems = read({"machines": machines, "benches": {"b": {**BENCH, **bench}}, "tenants": []})
    assert (fleet.benches["b"].database, problems) == (database, [])


def test_benches_of_a_machine_that_is_not_set_up_may_share_a_slot() -> None:
    """Their ports are the operator's own business (bench_web_port)."""
    assert managed({"m": {}}, {"b": BENCH, "c": {**BENCH, "path": "/srv/c"}}) == []
