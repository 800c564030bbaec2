# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role hardening: what it refuses before it could lock anybody out, and what it writes."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/hardening"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIkGaDgRsh04VFDvJ3xHBwGrC0k1o4Zv1B4uVUZt0x6o me"


def slurped(text: str) -> dict[str, str]:
    return {"content": base64.b64encode(text.encode()).decode()}


def template(text: str, **given: Any) -> Any:
    variables = {
        **trusted(read_yaml(ROLE / "defaults/main.yml")),
        **trusted(read_yaml(ROLE / "vars/main.yml")),
        "ansible_managed": "managed",
        "ansible_facts": {"env": {"SUDO_USER": "ops"}, "user_id": "root"},
        "__hardening_sshd_config": slurped("Port 22\nInclude /etc/ssh/sshd_config.d/*.conf\n"),
        "__hardening_keys": slurped(KEY + "\n"),
        **given,
    }
    # As the action renders a file: a backslash is Jinja's. (In a variable it would be YAML's.)
    templar = Templar(loader=DataLoader(), variables=variables)
    return templar.template(trust_as_template(text), escape_backslashes=not text.startswith(("{{ ansible_m", "#!")))


AS_ROOT = {"ansible_facts": {"env": {}, "user_id": "root"}}
NO_KEY = {"__hardening_keys": slurped(f"# {KEY}\n")}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, None),
        (AS_ROOT, None),
        (NO_KEY, "the user ops, who connects, has no key"),
        ({"__hardening_keys": {"msg": "file not found"}}, "the user ops, who connects, has no key"),
        ({"__hardening_keys": slurped(f'from="10.0.0.0/8",no-pty {KEY}')}, None),
        ({**NO_KEY, "hardening_ssh_passwords_enabled": True}, None),
        ({**NO_KEY, **AS_ROOT, "hardening_ssh_passwords_enabled": "true"}, "root needs one"),
        ({**NO_KEY, **AS_ROOT, "hardening_ssh_passwords_enabled": True, "hardening_ssh_root_login": "yes"}, None),
        ({**AS_ROOT, "hardening_ssh_root_login": "no"}, "root connects, and could not again"),
        ({**NO_KEY, "hardening_ssh_enabled": False}, None),
        ({**NO_KEY, "__hardening_sshd_config": {"msg": "file not found"}}, None),  # a machine without sshd
        ({"__hardening_sshd_config": slurped("# Include /etc/ssh/sshd_config.d/*.conf\n")}, "does not read"),
        ({"hardening_sudo_rules": [{"user": "a", "commands": ["ls"]}]}, "without an absolute path (ls)"),
        ({"hardening_sudo_rules": [{"user": "a", "commands": ["/bin/cat /var/log/*"]}]}, "stand for any text"),
    ],
)
def test_faults(given: dict[str, Any], said: str | None) -> None:
    faults = template("{{ __hardening_faults }}", **given)
    assert [said in fault for fault in faults] == ([True] if said else [])


def test_what_sudo_reads_as_its_own_signs_is_escaped() -> None:
    rules = [{"user": "frappe", "commands": ["/bin/echo a:b,c=d \\"], "runas": "daemon"}]
    text = template((ROLE / "templates/sudoers.j2").read_text(), hardening_sudo_rules=rules)
    assert text.splitlines()[-1] == "frappe ALL=(daemon) NOPASSWD: /bin/echo a\\:b\\,c\\=d \\\\"


@pytest.mark.parametrize(
    ("file", "options", "reasons"),
    [
        ("sshd.conf.j2", "__hardening_ssh_options", "__hardening_ssh_reasons"),
        ("sysctl.conf.j2", "__hardening_sysctl", "__hardening_sysctl_reasons"),
    ],
)
def test_each_line_has_its_reason(file: str, options: str, reasons: str) -> None:
    keys = list(template("{{ " + options + " }}"))
    assert keys == list(read_yaml(ROLE / "vars/main.yml")[reasons])
    lines = template((ROLE / "templates" / file).read_text()).splitlines()
    told = [lines[number - 1] for number, line in enumerate(lines) if line and not line.startswith("#")]
    assert len(told) == len(keys)
    assert all(line.startswith("# ") for line in told)


def test_an_option_of_the_operator_wins() -> None:
    options = template("{{ __hardening_ssh_options }}", hardening_ssh_options_custom={"MaxAuthTries": 6, "Port": 2222})
    assert (options["MaxAuthTries"], options["Port"]) == (6, 2222)


def test_the_jail_has_always_a_file_to_read() -> None:
    jail = (ROLE / "templates/jail.j2").read_text()
    assert "logpath = /dev/null" in template(jail, __hardening_logs={"files": []})
    files = [{"path": "/var/log/nginx/b.log"}, {"path": "/var/log/nginx/a.log"}]
    lines = template(jail, __hardening_logs={"files": files}).splitlines()
    assert lines[-3:] == ["logpath = /dev/null", "          /var/log/nginx/a.log", "          /var/log/nginx/b.log"]
