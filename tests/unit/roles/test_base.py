# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role base: what it finds wrong with a machine, from what the machine said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/base"
FACTS = {
    "distribution": "Debian",
    "distribution_version": "12.5",
    "distribution_major_version": "12",
    "service_mgr": "systemd",
    "memtotal_mb": 1950,
    "virtualization_role": "guest",
    "virtualization_type": "kvm",
    "getent_passwd": {"frappe": ["x", "1000", "1000", "", "/home/frappe", "/bin/bash"]},
}
LISTENING = [
    'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=39,fd=3))',
    'LISTEN 0 511 *:80 *:* users:(("nginx",pid=70,fd=6),("nginx",pid=71,fd=6))',
    'LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=9,fd=17))',
    'LISTEN 0 128 [::1]:6379 [::]:* users:(("redis-server",pid=80,fd=7))',
    "LISTEN 0 128 127.0.0.1:9000 0.0.0.0:*",
]
FREE = ["File Mounted on Avail", "/ / 9000", "/home /home 5000", "/var / 9000"]


def template(expression: str, facts: dict[str, Any] | None = None, **given: Any) -> Any:
    variables = {
        **trusted(read_yaml(ROLE / "defaults/main.yml")),
        **trusted(read_yaml(ROLE / "vars/main/preflight.yml")),
        **trusted(read_yaml(ROLE / "vars/main/state.yml")),
        "ansible_facts": {**FACTS, **(facts or {})},
        "__base_clock": {"stdout": "1700000005 1700000000"},
        "__base_listening": {"stdout_lines": LISTENING},
        "__base_ps": {"stdout_lines": ["  70 nginx.service", "  71 nginx.service", "  80 cache@bench1.service"]},
        "__base_df": {"stdout_lines": FREE},
        "__base_time": {},
        **given,
    }
    return Templar(loader=DataLoader(), variables=variables).template(trust_as_template("{{ " + expression + " }}"))


def port(number: int, *service: str, **more: str) -> list[dict[str, Any]]:
    return [{"port": number, "service": list(service), "purpose": "a test", **more}]


def test_a_good_machine_has_no_fault() -> None:
    assert template("__base_faults") == []


@pytest.mark.parametrize(
    ("facts", "given", "said"),
    [
        ({"distribution_version": "11.9", "distribution_major_version": "11"}, {}, "this is Debian 11.9, needed is "),
        ({"distribution": "Rocky"}, {}, "this is Rocky 12.5, needed is Debian 12 and 13, Ubuntu 22.04 and 24.04:"),
        ({"distribution": "Ubuntu", "distribution_version": "24.10", "distribution_major_version": "24"}, {}, "24.10"),
        ({"service_mgr": "openrc"}, {}, "the init is openrc"),
        ({"memtotal_mb": 967}, {}, "the machine has 967 MiB of memory, needed are 1800"),
        ({}, {"__base_clock": {"stdout": "1700000000 1700086400"}}, "86400 s behind the controller"),
        ({}, {"base_min_free_mb": 6000}, "/home has 5000 MiB free, needed are 6000"),
        ({}, {"base_users": [{"name": "frappe", "uid": 1001}]}, "user frappe is there with the uid 1000"),
        ({}, {"base_users": [{"name": "frappe", "home": "/srv/x"}]}, "there with the home /home/frappe"),
    ],
)
def test_a_fault_is_named(facts: dict[str, Any], given: dict[str, Any], said: str) -> None:
    (fault,) = template("__base_faults", facts, **given)
    assert said in fault
    assert ": " in fault, "no remedy"


def test_ubuntu_is_known_by_its_whole_version() -> None:
    facts = {"distribution": "Ubuntu", "distribution_version": "24.04", "distribution_major_version": "24"}
    assert template("__base_faults", facts) == []


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        (port(80, "nginx"), None),
        (port(8000, "gunicorn"), None),
        (port(80, "apache2"), "port 80 of * is held by nginx (pid 70, 71, unit nginx.service), needed for a test"),
        (port(80, "apache2", "nginx.service"), None),
        (port(6379, "redis-server", address="127.0.0.1"), None),  # held on another address
        (port(6379, "other", address="127.0.0.1"), None),
        (port(6379, "other", address="::1"), "port 6379 of ::1 is held by redis-server (pid 80"),
        (port(6379, "cache@bench1"), None),  # by the name of its unit
        (port(53, "systemd-resolved"), None),  # the kernel has cut the name
        (port(9000, "node"), "port 9000 of 127.0.0.1 is held by an unknown process, needed for a test"),
        (port(80, "other", address="10.0.0.5"), "port 80 of * is held by nginx"),
        ([*port(7000, "a"), {**port(7000, "a")[0], "purpose": "two"}], "wanted twice, for a test and for two"),
        (port(7000, "a", address="127.0.0.1") + port(7000, "b", address="10.0.0.1", purpose="two"), None),
    ],
)
def test_ports(ports: list[dict[str, Any]], said: str | None) -> None:
    faults = template("__base_faults", base_ports=ports)
    assert [said in fault for fault in faults] == ([True] if said else [])


@pytest.mark.parametrize(
    ("distribution", "major", "legacy"),
    [("Debian", "12", False), ("Debian", "13", True), ("Ubuntu", "22", False), ("Ubuntu", "24", True)],
)
def test_old_time_zones_are_a_package_of_newer_distributions(distribution: str, major: str, legacy: bool) -> None:
    facts = {"distribution": distribution, "distribution_major_version": major}
    assert ("tzdata-legacy" in template("__base_packages", facts)) is legacy


@pytest.mark.parametrize(
    ("kind", "role", "container"),
    [("docker", "guest", True), ("docker", "host", False), ("kvm", "guest", False), ("lxc", "guest", True)],
)
def test_container(kind: str, role: str, container: bool) -> None:
    facts = {"virtualization_type": kind, "virtualization_role": role}
    assert template("__base_container", facts) is container
