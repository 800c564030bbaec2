# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role firewall: the rules it writes, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/firewall"


def template(text: str, **given: Any) -> Any:
    variables = {
        **trusted(read_yaml(ROLE / "defaults/main.yml")),
        **trusted(read_yaml(ROLE / "vars/main.yml")),
        "ansible_managed": "managed",
        "ansible_connection": "community.docker.docker",
        "ansible_facts": {"env": {}},
        "__firewall_ufw": {},
        "__firewall_firewalld": {"stdout": ""},
        **given,
    }
    # As the action renders a file: a backslash is Jinja's. (In a variable it would be YAML's.)
    templar = Templar(loader=DataLoader(), variables=variables)
    return templar.template(trust_as_template(text), escape_backslashes=not text.startswith(("{{ ansible_m", "#!")))


def rules(**given: Any) -> list[str]:
    text = template((ROLE / "templates/rules.nft.j2").read_text(), **given)
    return [line.strip() for line in text.splitlines()]


def test_one_source_after_the_other() -> None:
    entry = {"sources": ["10.0.0.0/24", "fd00::/8"], "ports": [3306, 3306], "comment": 'the "db"\nport'}
    lines = rules(firewall_sources=[entry])
    assert 'ip saddr 10.0.0.0/24 tcp dport { 3306 } accept comment "the  db  port"' in lines
    assert 'ip6 saddr fd00::/8 tcp dport { 3306 } accept comment "the  db  port"' in lines


def test_defaults_open_ssh_alone() -> None:
    accepted = [line for line in rules() if "tcp dport" in line and "accept" in line]
    assert accepted == ['tcp dport { 22 } accept comment "SSH"']


def test_the_limit_stands_before_what_accepts() -> None:
    lines = rules(firewall_ssh_ports=[22, 2222], firewall_ssh_rate=9)
    limits = [number for number, line in enumerate(lines) if "limit rate over 9/minute burst 9 packets } drop" in line]
    assert len(limits) == 2
    assert max(limits) < lines.index('tcp dport { 22, 2222 } accept comment "SSH"')
    assert not any("limit rate" in line for line in rules(firewall_ssh_rate=0))


def test_other_tables_are_not_flushed() -> None:
    assert not any(line.startswith("flush") for line in rules())


def test_without_ipv6_it_is_dropped_before_anything_new() -> None:
    lines = rules(firewall_ipv6=False)
    assert lines.index("meta nfproto ipv6 drop") < lines.index("meta l4proto { 1, 58 } accept")
    assert "meta nfproto ipv6 drop" not in rules()


def over_ssh(connection: str) -> dict[str, Any]:
    return {"ansible_facts": {"env": {"SSH_CONNECTION": connection}}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, None),
        (over_ssh("192.0.2.9 50000 192.0.2.1 22"), None),
        (over_ssh("192.0.2.9 50000 192.0.2.1 2222"), "this connection uses port 2222"),
        ({**over_ssh("192.0.2.9 50000 192.0.2.1 2222"), "firewall_tcp_open": [2222]}, None),
        ({"ansible_connection": "ssh", "ansible_port": 2022}, "this connection uses port 2022"),
        ({"ansible_connection": "ssh", "firewall_ssh_ports": []}, "this connection uses port 22"),
        ({"firewall_sources": [{"sources": ["10.0.0.1", "::1", "2001:db8::/32"], "ports": [1]}]}, None),
        ({"firewall_sources": [{"sources": ["db1"], "ports": [1]}]}, "firewall_sources names db1"),
        ({"firewall_sources": [{"sources": ["::1"], "ports": [1]}], "firewall_ipv6": False}, "firewall_ipv6 is false"),
        ({"firewall_tcp_open": [0]}, "no TCP port has the number 0"),
        ({"firewall_revert_seconds": 5}, "needed are 15 or more"),
        ({"__firewall_firewalld": {"stdout": "active"}}, "firewalld is active"),
        ({"__firewall_ufw": {"content": "RU5BQkxFRD15ZXMK"}}, "ufw is active"),
        ({"__firewall_ufw": {"content": "RU5BQkxFRD1ubwo="}}, None),
    ],
)
def test_faults(given: dict[str, Any], said: str | None) -> None:
    faults = template("{{ __firewall_faults }}", **given)
    assert [said in fault for fault in faults] == ([True] if said else [])
