# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""inventories/example loads, and shows what docs/tenants_file.md speaks of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils import _tenants_read
from tests.unit import docs
from tests.unit.repository import ROOT, read_yaml

EXAMPLE = "inventories/example"
PROGRAMS = Path(sys.executable).parent


def run(program: str, *words: str) -> str:
    """stdout of one of Ansible's programs in the clone; nothing on stderr is tolerated."""
    done = subprocess.run(
        [PROGRAMS / program, *words],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def listing() -> dict[str, Any]:
    """What ansible-inventory makes of the example."""
    return dict(json.loads(run("ansible-inventory", "-i", EXAMPLE, "--list")))


def test_the_graph_has_machines_benches_and_sites() -> None:
    graph = run("ansible-inventory", "-i", EXAMPLE, "--graph")
    for group in ("machines", "benches", "sites", "machine_vm1", "bench_trial", "wave_canary", "app_shopsync"):
        assert f"@{group}:" in graph


def test_it_has_the_shape_of_a_fleet(listing: dict[str, Any]) -> None:
    sites = {name for name in listing["_meta"]["hostvars"] if "." in name}
    assert len(listing["machines"]["hosts"]) == 3
    assert len(listing["benches"]["hosts"]) == 2
    assert len(sites) == 5
    assert listing["status_retired"]["hosts"] == ["umbrella.example.com"]


def test_variables_reach_benches_and_sites(listing: dict[str, Any]) -> None:
    of = listing["_meta"]["hostvars"]
    assert of["initech.example.com"]["site_apps"] == ["erpnext", "shopsync"]
    assert of["initech.example.com"]["ansible_host"] == "192.0.2.11"
    assert of["staging.example.com"]["bench_web_workers"] == 4
    assert of["acme.example.com"]["site_jobs"][0]["name"] == "orders"
    assert "site_jobs" not in of["globex.example.com"]
    assert {of[bench]["bench_user"] for bench in ("main", "trial")} == {"frappe"}


def test_playbooks_take_it() -> None:
    hosts = run("ansible-playbook", "-i", EXAMPLE, "playbooks/site.yml", "--list-hosts")
    assert "acme.example.com" in hosts
    assert "umbrella.example.com" not in hosts


def test_secrets_are_not_in_it() -> None:
    """They come from vault files in a directory that Ansible does not take for inventory."""
    for path in (ROOT / EXAMPLE / "group_vars").glob("*.yml"):
        for name, value in read_yaml(path).items():
            if name.endswith(("_password", "_secret", "_token")):
                assert "erpops.frappe.vaulted_secret" in value, f"{path.name}: {name}"
    assert "/.secrets" in read_yaml(ROOT / EXAMPLE / "group_vars/all.yml")["fleet_secrets"]


def test_every_key_of_the_file_is_explained() -> None:
    page = ROOT / "docs/tenants_file.md"
    explained = {name for row in docs.rows(page, "where") for name in docs.code(row["key"])}
    keys = {
        *_tenants_read.MACHINE_KEYS,
        *_tenants_read.BENCH_KEYS,
        *_tenants_read.PLAN_KEYS,
        *_tenants_read.TENANT_KEYS,
    }
    assert keys - explained == set()
