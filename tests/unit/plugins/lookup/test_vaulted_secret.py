# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup as a template calls it, and through ansible-playbook with several forks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.loader import lookup_loader

from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import read_vault_yaml, update_vault_yaml

ROOT = Path(__file__).resolve().parents[4]
SECRETS = [("default", VaultSecret(b"the vault password"))]

Lookup = Callable[..., list[str]]


@pytest.fixture
def vault() -> VaultLib:
    return VaultLib(SECRETS)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "secrets.yml")


def looker(secrets: list[tuple[str, VaultSecret]] | None = None) -> Lookup:
    loader = DataLoader()
    loader.set_vault_secrets(secrets)

    def run(*terms: str, check_mode: bool = False, **options: Any) -> list[str]:
        plugin = lookup_loader.get("erpops.frappe.vaulted_secret", loader=loader)
        return list(plugin.run(list(terms), variables={"ansible_check_mode": check_mode}, **options))

    return run


@pytest.fixture
def lookup() -> Lookup:
    return looker(SECRETS)


def test_a_secret_is_made_once(lookup: Lookup, path: str, vault: VaultLib) -> None:
    first = lookup(path, key="admin_password")
    assert lookup(path, key="admin_password", length=50) == first
    assert read_vault_yaml(vault, path) == {"admin_password": first[0]}
    assert len(first[0]) == 32
    assert type(first[0]) is str  # pylint: disable=unidiomatic-typecheck
    assert lookup(path, key="other", length=20) != first


def test_one_for_each_path(lookup: Lookup, tmp_path: Path) -> None:
    one, two = lookup(str(tmp_path / "a.yml"), str(tmp_path / "b.yml"), key="k")
    assert one != two


def test_check_mode_writes_nothing(lookup: Lookup, path: str) -> None:
    secret = lookup(path, key="k", check_mode=True)[0]
    assert len(secret) == 32
    assert os.listdir(Path(path).parent) == []
    stored = lookup(path, key="k")
    assert lookup(path, key="k", check_mode=True) == stored


@pytest.mark.parametrize(("stored", "generate"), [("given-by-someone", True), ("8-chars!", False), (12345678, False)])
def test_stored_secrets_are_returned(
    stored: object, generate: bool, lookup: Lookup, path: str, vault: VaultLib
) -> None:
    update_vault_yaml(vault, path, {"k": stored})
    assert lookup(path, key="k", generate=generate) == [str(stored)]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ({}, {"length": 15}, ["length is out of range", "15", "16 to 1024"]),
        ({}, {"length": 5000}, ["length is out of range"]),
        ({}, {"generate": False}, ["there is no secret 'k'", "shall not be generated", "ansible-vault edit"]),
        ({"k": "only-15-charact"}, {}, ["cannot be used", "15 characters", "at least 16"]),
        ({"k": "7-chars"}, {"generate": False}, ["7 characters", "at least 8"]),
        ({"k": {"a": "b"}}, {}, ["cannot be used", "a dict"]),
        ({"k": True}, {"generate": False}, ["cannot be used", "a bool"]),
    ],
)
def test_errors(
    content: dict[str, Any], options: dict[str, Any], words: list[str], lookup: Lookup, path: str, vault: VaultLib
) -> None:
    if content:
        update_vault_yaml(vault, path, content)
    with pytest.raises(AnsibleLookupError) as caught:
        lookup(path, key="k", **options)
    for word in words:
        assert word in str(caught.value)
    for value in content.values():
        assert not isinstance(value, str) or value not in str(caught.value)


def test_a_plaintext_file_is_refused(lookup: Lookup, path: str) -> None:
    Path(path).write_text("k: a-secret-in-plain-text\n")
    with pytest.raises(AnsibleLookupError, match="not encrypted") as caught:
        lookup(path, key="k")
    assert f"ansible-vault encrypt {path}" in str(caught.value)
    assert Path(path).read_text() == "k: a-secret-in-plain-text\n"


def test_without_a_vault_password_it_fails_with_the_remedy(path: str) -> None:
    with pytest.raises(AnsibleLookupError, match=r"no vault password.*--vault-password-file"):
        looker()(path, key="k")


PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: "{{ lookup('erpops.frappe.vaulted_secret', 'sec/all.yml', key='shared') }} {{ own }}"
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}"
        mode: "0600"
      delegate_to: localhost
      vars:
        own: "{{ lookup('erpops.frappe.vaulted_secret', 'sec/all.yml', key=inventory_hostname) }}"
"""


def test_forks_agree_and_the_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "password").write_text("the vault password\n")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml", "-i", "a,b,c,d,", "-f", "4"]
    command += ["--vault-password-file", "password", "-e", "ansible_connection=local"]
    command += ["-e", "ansible_python_interpreter={{ ansible_playbook_python }}"]

    def play() -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**kept, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"), "ANSIBLE_NOCOLOR": "1"},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert len(re.findall("changed=1 ", play())) == 4
    written = [(tmp_path / host).read_text().split() for host in "abcd"]
    assert len({shared for shared, _own in written}) == 1
    assert len({own for _shared, own in written}) == 4
    assert len(re.findall("changed=0 ", play())) == 4
