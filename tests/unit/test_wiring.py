# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wiring of integrations: what an inventory and a playbook say becomes what the role is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml

WIRING = ROOT / "playbooks/group_vars"
SITES = sorted(path.stem for path in (WIRING / "sites/integrations").glob("*.yml"))
# Group of hosts -> role and the variable that names what runs there.
BESIDE = {"zoho_stacks": ("zoho", "zoho_project"), "nextjs_apps": ("nextjs_app", "nextjs_app_name")}


def told(path: str, name: str, **given: Any) -> Any:
    """The variable ``name`` of a wiring file."""
    wiring = {
        key: trust_as_template(value) for key, value in read_yaml(WIRING / path).items() if isinstance(value, str)
    }
    templar = Templar(loader=DataLoader(), variables={**wiring, **given})
    return templar.template(trust_as_template("{{ " + name + " }}"))


@pytest.mark.parametrize("integration", SITES)
def test_a_playbook_decides_the_state_of_a_sites_integration(integration: str) -> None:
    path = f"sites/integrations/{integration}.yml"
    assert told(path, f"{integration}_state") == "present"
    assert told(path, f"{integration}_state", integration_state="disabled") == "disabled"
    assert told(path, f"{integration}_confirm") == ""
    assert told(path, f"{integration}_confirm", integration_confirm="a.test") == "a.test"
    assert (ROOT / f"roles/{integration}/tasks/verify.yml").is_file()


@pytest.mark.parametrize("group", BESIDE)
def test_what_runs_beside_the_sites_is_confirmed_by_its_host(group: str) -> None:
    role, name = BESIDE[group]
    path, given = f"{group}/main.yml", {"inventory_hostname": "web1", name: "shop"}
    assert told(path, f"{role}_state") == "present"
    assert told(path, f"{role}_state", integration_state="absent") == "absent"
    assert told(path, f"{role}_confirm", **given) == ""
    assert told(path, f"{role}_confirm", **given, integration_confirm="web2") == ""
    assert told(path, f"{role}_confirm", **given, integration_confirm="web1") == "shop"
