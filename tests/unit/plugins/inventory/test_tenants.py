# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin inside Ansible: which files it takes, what the inventory holds, and errors as people see them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

ROOT = Path(__file__).resolve().parents[4]
NAME = "erpops.frappe.tenants"

TENANTS = """\
plugin: erpops.frappe.tenants
machines:
  vm1: {vars: {ansible_host: 10.0.0.5}}
benches:
  bench1: {path: "{{ base }}/frappe-bench", user: frappe}
plans:
  starter: {apps: [erpnext], vars: {base: /srv}}
tenants:
  - name: alpha.localhost
    plan: starter
    wave: canary
    config: {greeting: "hello {{ inventory_hostname }}", literal: !unsafe "{{ not_a_variable }}"}
    vars: {region: eu}
  - name: beta.localhost
    status: retired
compose: {address: "'http://' ~ inventory_hostname ~ ':' ~ site_status"}
groups: {european: region is defined}
keyed_groups: [{key: region, prefix: region}]
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str = TENANTS, name: str = "tenants.yml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def parsed(path: Path) -> InventoryManager:
    """An inventory filled by the plugin from one file."""
    manager = InventoryManager(loader=DataLoader(), sources=[])
    # What InventoryManager.parse_source sets, so that the hosts know inventory_dir.
    manager._inventory.current_source = str(path)
    inventory_loader.get(NAME).parse(manager._inventory, manager._loader, str(path))
    manager.reconcile_inventory()
    return manager


def variables(manager: InventoryManager, host: str) -> dict[str, Any]:
    """A host's variables as a play sees them, templated."""
    loader = manager._loader
    found = VariableManager(loader=loader, inventory=manager).get_vars(host=manager.get_host(host))
    return dict(Templar(loader=loader, variables=found).template({key: found[key] for key in found if key != "omit"}))


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("tenants.yml", True),
        ("tenants.yaml", True),
        ("eu.tenants.yml", True),
        ("eu.tenants.yaml", True),
        ("hosts.yml", False),
        ("mytenants.yml", False),
        ("tenants.json", False),
    ],
)
def test_files_it_takes(name: str, taken: bool, write: Write) -> None:
    assert inventory_loader.get(NAME).verify_file(str(write(name=name))) is taken


def test_a_file_that_is_not_there_is_not_taken(tmp_path: Path) -> None:
    assert not inventory_loader.get(NAME).verify_file(str(tmp_path / "tenants.yml"))


def test_hosts_and_groups(write: Write) -> None:
    groups = parsed(write()).get_groups_dict()
    assert groups["machines"] == ["vm1"]
    assert groups["benches"] == ["bench1"]
    assert sorted(groups["sites"]) == ["alpha.localhost", "beta.localhost"]
    assert groups["wave_canary"] == groups["app_erpnext"] == groups["plan_starter"] == ["alpha.localhost"]
    assert groups["status_retired"] == ["beta.localhost"]
    assert groups["status_suspended"] == []
    assert groups["european"] == groups["region_eu"] == ["alpha.localhost"]
    assert sorted(groups["machine_vm1"]) == ["alpha.localhost", "bench1", "beta.localhost", "vm1"]


def test_templates_are_rendered_late_and_unsafe_ones_never(write: Write) -> None:
    found = variables(parsed(write()), "alpha.localhost")
    assert found["bench_path"] == "/srv/frappe-bench"
    assert found["site_config"] == {"greeting": "hello alpha.localhost", "literal": "{{ not_a_variable }}"}
    assert found["address"] == "http://alpha.localhost:active"


def test_a_local_fleet_uses_the_python_that_runs_ansible(write: Write) -> None:
    path = write(f"plugin: {NAME}\nbenches: {{b: {{path: /srv/b}}}}\ntenants: [{{name: a.localhost}}]\n")
    manager = parsed(path)
    for host in ("localhost", "b", "a.localhost"):
        found = variables(manager, host)
        assert found["ansible_connection"] == "local"
        assert found["ansible_python_interpreter"] == found["ansible_playbook_python"] == sys.executable


def test_group_vars_and_host_vars_beside_the_file_work(write: Write, tmp_path: Path) -> None:
    for name, text in (
        ("group_vars/sites.yml", "level: sites\nbase: /from/group\n"),
        ("group_vars/wave_canary.yml", "level: wave\n"),
        ("host_vars/beta.localhost.yml", "level: host\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    path = write()
    manager = InventoryManager(loader=DataLoader(), sources=[str(path)])
    assert variables(manager, "alpha.localhost")["level"] == "wave"
    found = variables(manager, "beta.localhost")
    assert found["level"] == "host"
    assert found["bench_path"] == "/from/group/frappe-bench"
    assert found["inventory_dir"] == str(tmp_path)


def test_all_faults_with_file_line_and_tenant(write: Write) -> None:
    path = write(
        "plugin: erpops.frappe.tenants\n"
        "benches:\n"
        "  bench1:\n"
        "    path: relative\n"
        "  bench1:\n"
        "    path: /srv/bench\n"
        "    runtime: podman\n"
        "tenants:\n"
        "  - name: Admin\n"
        "  - name: beta.localhost\n"
        "    bench: bnch1\n"
        "    wave: true\n"
        "  -\n"
        "    apps: []\n"
    )
    with pytest.raises(AnsibleParserError) as caught:
        parsed(path)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path} has 6 faults, so nothing of it was loaded:"
    expected = [
        (5, "key 'bench1' stands here a second time"),
        (7, "bench 'bench1': runtime is 'podman'"),
        (9, "tenant 'Admin': site name 'Admin' has upper-case letters"),
        (11, "tenant 'beta.localhost': unknown bench 'bnch1' (did you mean 'bench1'?)"),
        (12, "tenant 'beta.localhost': wave is true or false"),
        (14, "tenant number 3: name is missing"),
    ]
    for line, (number, words) in zip(lines[1:], expected, strict=True):
        assert line.startswith(f"  {path}:{number}: {words}"), line


@pytest.mark.parametrize("text", ["", "[]", "plugin: other.thing\n", "benches: {}\n", "plain text"])
def test_other_files_are_refused(text: str, write: Write) -> None:
    with pytest.raises(AnsibleParserError, match=f"must begin with 'plugin: {NAME}'"):
        parsed(write(text))


def test_broken_yaml_is_refused_with_its_line(write: Write) -> None:
    with pytest.raises(AnsibleParserError) as caught:
        parsed(write("plugin: erpops.frappe.tenants\nbenches: [\n"))
    assert "YAML" in str(caught.value)


def test_strict_makes_wrong_expressions_fatal(write: Write) -> None:
    with pytest.raises(AnsibleError, match="Could not set address for host vm1"):
        parsed(write(TENANTS + "strict: true\n"))


def ansible_inventory(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command a person would type, with no configuration but the default one."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        "ANSIBLE_NOCOLOR": "1",
        "COLUMNS": "500",
    }
    return subprocess.run(
        [Path(sys.executable).with_name("ansible-inventory"), "-i", str(path), *words],
        cwd=path.parent,
        env={**kept, **settings},
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_command_line_lists_it(write: Write) -> None:
    done = ansible_inventory(write(), "--list")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert answer["machines"]["hosts"] == ["vm1"]
    assert answer["bench_bench1"]["hosts"] == ["alpha.localhost", "beta.localhost"]
    site = answer["_meta"]["hostvars"]["alpha.localhost"]
    assert site["ansible_host"] == "10.0.0.5"
    assert site["site_apps"] == ["erpnext"]
    assert site["bench_path"] == "{{ base }}/frappe-bench"


def test_the_command_line_fails_with_every_fault(write: Write) -> None:
    done = ansible_inventory(write(TENANTS.replace("canary", "1").replace("beta.localhost", "a;id")), "--list")
    assert done.returncode != 0
    assert "has 2 faults" in done.stderr
    assert "tenants.yml:11: tenant 'alpha.localhost': wave is a number" in done.stderr
    assert "tenants.yml:14: tenant 'a;id': site name 'a;id' contains ';'" in done.stderr
