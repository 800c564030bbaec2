# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declared fleet becomes hosts, groups and variables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants import build, group_name
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_model import FleetError, Host, Inventory, Machine

FLEET: dict[str, Any] = {
    "machines": {
        "vm-1": {"vars": {"ansible_host": "10.0.0.5", "ansible_user": "deploy", "level": "machine"}},
        "vm2": {},
    },
    "benches": {
        "bench-1": {
            "machine": "vm-1",
            "path": "/srv/bench",
            "user": "frappe",
            "vars": {"web_port": 8000, "level": "bench"},
        },
        "stack": {"machine": "vm2", "path": "{{ base }}/b", "runtime": "docker"},
    },
    "plans": {"starter": {"apps": ["erpnext"], "config": {"a": 1}, "vars": {"quota": 5, "level": "plan"}}},
    "tenants": [
        {
            "name": "alpha.localhost",
            "bench": "bench-1",
            "plan": "starter",
            "wave": "canary",
            "apps": ["shopsync"],
            "integrations": ["woo-commerce"],
            "domains": ["erp.example"],
            "config": {"b": True},
            "vars": {"level": "tenant"},
        },
        {"name": "beta.localhost", "bench": "stack", "status": "suspended"},
    ],
}


@pytest.fixture
def inventory() -> Inventory:
    return build(FLEET)


def host(inventory: Inventory, name: str) -> Host:
    return next(found for found in inventory.hosts if found.name == name)


def test_hosts_in_order(inventory: Inventory) -> None:
    assert [found.name for found in inventory.hosts] == [
        "vm-1",
        "vm2",
        "bench-1",
        "stack",
        "alpha.localhost",
        "beta.localhost",
    ]


def test_a_machine(inventory: Inventory) -> None:
    found = host(inventory, "vm-1")
    assert found.variables == {
        "ansible_host": "10.0.0.5",
        "ansible_user": "deploy",
        "level": "machine",
        "machine_name": "vm-1",
        "machine_address": "10.0.0.5",
        "machine_provides": [],
        "machine_replica_of": "",
        "machine_benches": ["bench-1"],
    }
    assert found.groups == ("machines", "machine_vm_1")


def test_a_bench_is_reached_through_its_machine(inventory: Inventory) -> None:
    found = host(inventory, "bench-1")
    assert found.variables == {
        "ansible_host": "10.0.0.5",
        "ansible_user": "deploy",
        "level": "bench",
        "bench_name": "bench-1",
        "bench_machine": "vm-1",
        "bench_path": "/srv/bench",
        "bench_user": "frappe",
        "bench_runtime": "host",
        "bench_managed": False,
        "bench_database": "",
        "bench_slot": 0,
        "bench_sites": ["alpha.localhost"],
        "web_port": 8000,
    }
    assert found.groups == ("benches", "machine_vm_1")


def test_a_machine_without_an_address_is_reached_by_its_name(inventory: Inventory) -> None:
    variables = host(inventory, "stack").variables
    assert variables["ansible_host"] == "vm2"
    assert variables["bench_runtime"] == "docker"
    assert "bench_user" not in variables


def test_a_site(inventory: Inventory) -> None:
    found = host(inventory, "alpha.localhost")
    assert found.variables == {
        "ansible_host": "10.0.0.5",
        "ansible_user": "deploy",
        "bench_name": "bench-1",
        "bench_machine": "vm-1",
        "bench_path": "/srv/bench",
        "bench_user": "frappe",
        "bench_runtime": "host",
        "bench_managed": False,
        "bench_database": "",
        "bench_slot": 0,
        "web_port": 8000,
        "site_name": "alpha.localhost",
        "site_bench": "bench-1",
        "site_plan": "starter",
        "site_wave": "canary",
        "site_status": "active",
        "site_apps": ["erpnext", "shopsync"],
        "site_config": {"a": 1, "b": True},
        "site_integrations": ["woo-commerce"],
        "site_domains": ["erp.example"],
        "quota": 5,
        "level": "tenant",
    }
    assert found.groups == (
        "sites",
        "machine_vm_1",
        "bench_bench_1",
        "plan_starter",
        "wave_canary",
        "status_active",
        "app_erpnext",
        "app_shopsync",
        "integration_woo_commerce",
    )


def test_a_site_without_plan_and_wave(inventory: Inventory) -> None:
    found = host(inventory, "beta.localhost")
    assert (found.variables["site_plan"], found.variables["site_wave"], found.variables["site_apps"]) == ("", "", [])
    assert found.groups == ("sites", "machine_vm2", "bench_stack", "status_suspended")


def test_groups_exist_before_they_are_needed(inventory: Inventory) -> None:
    assert inventory.groups["sites"] == (
        "bench_bench_1",
        "bench_stack",
        "plan_starter",
        "status_active",
        "status_suspended",
        "status_retired",
        "wave_canary",
        "app_erpnext",
        "app_shopsync",
        "integration_woo_commerce",
    )
    assert {"machines", "benches", "machine_vm_1", "machine_vm2", *inventory.groups["sites"]} <= set(inventory.groups)
    used = {group for found in inventory.hosts for group in found.groups}
    assert used <= set(inventory.groups)


def test_values_are_passed_on_as_the_objects_they_are() -> None:
    """A copy of a string would lose the tag that lets Ansible template it."""
    path = "".join(["{{ base }}", "/bench"])
    setting = "".join(["{{ x }}", "y"])
    data = {
        "benches": {"b": {"path": path, "vars": {"v": setting}}},
        "tenants": [{"name": "a.localhost", "config": {"k": [setting]}}],
    }
    variables = host(build(data), "a.localhost").variables
    assert variables["bench_path"] is path
    assert variables["v"] is setting
    assert variables["site_config"]["k"][0] is setting


def test_the_default_machine_can_be_given() -> None:
    data = {"benches": {"b": {"path": "/b"}}, "tenants": [{"name": "a.localhost"}]}
    assert host(build(data), "localhost").variables["ansible_connection"] == "local"
    found = build(data, default_machine=Machine("here", {"ansible_connection": "local", "x": 1}))
    assert host(found, "a.localhost").variables["x"] == 1
    assert host(found, "a.localhost").variables["ansible_connection"] == "local"


@pytest.mark.parametrize(
    ("more", "subject", "group"),
    [
        ({"benches": {"b-1": {"path": "/a"}, "b_1": {"path": "/b"}}}, "bench 'b_1'", "bench_b_1"),
        ({"plans": {"p.1": {}, "p-1": {}}}, "plan 'p-1'", "plan_p_1"),
        ({"machines": {"m-1": {}, "m.1": {}}}, "machine 'm.1'", "machine_m_1"),
        ({"tenants": [{"name": "a.x", "wave": "w-1"}, {"name": "b.x", "wave": "w.1"}]}, "wave 'w.1'", "wave_w_1"),
    ],
)
def test_names_that_become_the_same_group_are_refused(more: dict[str, Any], subject: str, group: str) -> None:
    data = {"benches": {"b": {"path": "/b"}}, "tenants": [], **more}
    with pytest.raises(FleetError) as caught:
        build(data, lambda _item: 4)
    clash = [problem for problem in caught.value.problems if problem.subject == subject]
    assert len(clash) == 1
    assert group in clash[0].message
    assert clash[0].line == 4


def test_group_names_are_identifiers() -> None:
    assert group_name("bench", "eu-1.a") == "bench_eu_1_a"


MANAGED: dict[str, Any] = {
    "machines": {
        "db1": {"provides": ["database"], "address": "10.1.0.2", "vars": {"ansible_host": "db1.example.com"}},
        "db2": {"provides": ["database"], "replica_of": "db1"},
        "app1": {"provides": ["benches"]},
        "one": {"provides": ["database", "benches"]},
        "old": {},
    },
    "benches": {
        "main": {"machine": "app1", "path": "/srv/main", "database": "db1"},
        "trial": {"machine": "app1", "path": "/srv/trial", "database": "one", "slot": 1},
        "alone": {"machine": "one", "path": "/srv/alone"},
    },
    "tenants": [{"name": "a.localhost", "bench": "main"}],
}


def test_machines_are_grouped_by_what_they_provide() -> None:
    found = {entry.name: entry.groups[2:] for entry in build(MANAGED).hosts if "machines" in entry.groups}
    assert found == {
        "db1": ("managed_machines", "database_machines"),
        "db2": ("managed_machines", "database_machines"),
        "app1": ("managed_machines", "bench_machines"),
        "one": ("managed_machines", "database_machines", "bench_machines"),
        "old": (),
    }
    assert set(sum(found.values(), ())) <= set(build(MANAGED).groups)


def test_machines_know_each_other_by_address() -> None:
    inventory = build(MANAGED)
    assert host(inventory, "db1").variables["machine_address"] == "10.1.0.2"
    assert host(inventory, "db2").variables["machine_address"] == "db2"
    assert host(inventory, "db2").variables["machine_replica_of"] == "db1"
    assert host(inventory, "app1").variables["machine_benches"] == ["main", "trial"]


def test_a_bench_has_a_database_and_a_slot() -> None:
    inventory = build(MANAGED)
    found = {name: host(inventory, name).variables for name in ("main", "trial", "alone", "a.localhost")}
    assert {name: (v["bench_managed"], v["bench_database"], v["bench_slot"]) for name, v in found.items()} == {
        "main": (True, "db1", 0),
        "trial": (True, "one", 1),
        "alone": (True, "one", 0),
        "a.localhost": (True, "db1", 0),
    }
