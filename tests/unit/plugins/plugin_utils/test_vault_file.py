# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted files: reading, changing, refusing; many processes at once; a writer that dies half-way."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.template import trust_as_template

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils import _vault_file
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import (
    ensure_vault_key,
    plain,
    read_vault_yaml,
    update_vault_yaml,
    vault_of,
)

SECRETS = [("default", VaultSecret(b"the vault password"))]


@pytest.fixture
def vault() -> VaultLib:
    return VaultLib(SECRETS)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "new" / "secrets.yml")


def write(path: str, text: str, vault: VaultLib | None = None, vault_id: str | None = None) -> None:
    """A file made by somebody else: encrypted if a vault is given."""
    Path(path).parent.mkdir(exist_ok=True)
    data = vault.encrypt(text, vault_id=vault_id) if vault else text.encode()
    Path(path).write_bytes(data)


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def others(path: str) -> list[str]:
    """What lies beside the file."""
    return sorted(found.name for found in Path(path).parent.iterdir() if found.name != Path(path).name)


def test_the_vault_of_a_loader() -> None:
    loader = DataLoader()
    loader.set_vault_secrets(SECRETS)
    assert vault_of(loader).secrets == SECRETS


@pytest.mark.parametrize("secrets", [None, []])
def test_without_a_vault_password_the_remedy_is_told(secrets: list[Any] | None) -> None:
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    with pytest.raises(ErpopsError, match="no vault password") as caught:
        vault_of(loader)
    assert "--vault-password-file" in caught.value.hint


def test_a_missing_file_is_empty_and_stays_missing(vault: VaultLib, path: str) -> None:
    assert read_vault_yaml(vault, path) == {}
    assert not Path(path).parent.exists()


def test_writing_and_reading(vault: VaultLib, path: str) -> None:
    assert update_vault_yaml(vault, path, {"a": "ä secret", "n": {"x": [1, True, None, 1.5]}}) is True
    assert read_vault_yaml(vault, path) == {"a": "ä secret", "n": {"x": [1, True, None, 1.5]}}
    assert Path(path).read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
    assert b"secret" not in Path(path).read_bytes()
    assert (mode(path), mode(Path(path).parent)) == (0o600, 0o700)
    assert others(path) == [".secrets.yml.lock"]


def test_updates_merge_remove_and_do_nothing_twice(vault: VaultLib, path: str) -> None:
    update_vault_yaml(vault, path, {"a": "1", "b": "2"})
    assert update_vault_yaml(vault, path, {"b": "3", "c": "4", "nothing": None}) is True
    assert update_vault_yaml(vault, path, {"a": None}) is True
    before = Path(path).read_bytes()
    assert update_vault_yaml(vault, path, {"b": "3", "a": None}) is False
    assert Path(path).read_bytes() == before
    assert read_vault_yaml(vault, path) == {"b": "3", "c": "4"}


def test_what_is_returned_can_be_changed_without_harm(vault: VaultLib, path: str) -> None:
    update_vault_yaml(vault, path, {"a": "1"})
    read_vault_yaml(vault, path)["a"] = "2"
    assert read_vault_yaml(vault, path) == {"a": "1"}


def test_a_file_is_decrypted_once_until_it_changes(vault: VaultLib, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    update_vault_yaml(vault, path, {"a": "1"})
    calls: list[str] = []
    decrypted = _vault_file._decrypted

    def counted(one: VaultLib, file: str) -> dict[str, Any]:
        calls.append(file)
        return decrypted(one, file)

    monkeypatch.setattr(_vault_file, "_decrypted", counted)
    for _number in range(3):
        read_vault_yaml(vault, path)
    assert len(calls) == 1
    write(path, "a: other\n", vault)
    assert read_vault_yaml(vault, path) == {"a": "other"}


def test_a_link_is_followed_and_stays_a_link(vault: VaultLib, path: str, tmp_path: Path) -> None:
    update_vault_yaml(vault, path, {"a": "1"})
    link = tmp_path / "link.yml"
    link.symlink_to(path)
    update_vault_yaml(vault, str(link), {"a": "2"})
    assert link.is_symlink()
    assert read_vault_yaml(vault, path) == {"a": "2"}


def test_an_existing_file_keeps_its_vault_id(path: str) -> None:
    secrets = [("default", VaultSecret(b"first password")), ("prod", VaultSecret(b"second password"))]
    vault = VaultLib(secrets)
    write(path, "a: 1\n", VaultLib(secrets[1:]), vault_id="prod")
    update_vault_yaml(vault, path, {"b": "2"})
    assert Path(path).read_bytes().startswith(b"$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert read_vault_yaml(VaultLib(secrets[1:]), path) == {"a": 1, "b": "2"}


@pytest.mark.parametrize(
    ("text", "encrypted", "words"),
    [
        ("a: hunter2hunter2\n", False, ["is not encrypted", "ansible-vault encrypt "]),
        ("", False, ["is not encrypted"]),
        ("- hunter2hunter2\n", True, ["wrong form", "no mapping", "ansible-vault edit"]),
        ("hunter2hunter2", True, ["wrong form"]),
        ("1: hunter2hunter2\n", True, ["no mapping of names"]),
        ("a: 1\nb: [hunter2hunter2\n", True, ["no valid YAML in line"]),
        ("a: !vault hunter2hunter2\n", True, ["no valid YAML in line 1"]),
    ],
)
def test_files_of_the_wrong_kind_are_refused(
    text: str, encrypted: bool, words: list[str], vault: VaultLib, path: str
) -> None:
    write(path, text, vault if encrypted else None)
    before = Path(path).read_bytes()
    for attempt in (
        lambda: read_vault_yaml(vault, path),
        lambda: update_vault_yaml(vault, path, {"b": "2"}),
        lambda: ensure_vault_key(vault, path, "b", lambda: "2"),
    ):
        with pytest.raises(ErpopsError) as caught:
            attempt()
        for word in [path, *words]:
            assert word in str(caught.value)
        assert "hunter2" not in str(caught.value)
    assert Path(path).read_bytes() == before


def test_the_wrong_password_is_told_and_nothing_is_lost(vault: VaultLib, path: str) -> None:
    update_vault_yaml(vault, path, {"a": "1"})
    before = Path(path).read_bytes()
    _vault_file._CACHE.clear()
    other = VaultLib([("default", VaultSecret(b"another password"))])
    with pytest.raises(ErpopsError, match="cannot be decrypted"):
        update_vault_yaml(other, path, {"b": "2"})
    assert Path(path).read_bytes() == before


def test_an_empty_encrypted_file_is_empty(vault: VaultLib, path: str) -> None:
    write(path, "---\n", vault)
    assert read_vault_yaml(vault, path) == {}


def test_a_directory_is_refused(vault: VaultLib, tmp_path: Path) -> None:
    with pytest.raises(ErpopsError, match="no regular file"):
        read_vault_yaml(vault, str(tmp_path))


def test_a_place_that_cannot_be_written_is_told(vault: VaultLib, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ErpopsError, match="cannot be written"):
        update_vault_yaml(vault, str(tmp_path / "file" / "secrets.yml"), {"a": "1"})


def test_a_writer_that_fails_leaves_the_old_file_and_no_other(
    vault: VaultLib, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_vault_yaml(vault, path, {"a": "1"})

    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="disk full"):
            update_vault_yaml(vault, path, {"a": "2"})
    assert read_vault_yaml(vault, path) == {"a": "1"}
    assert others(path) == [".secrets.yml.lock"]
    assert update_vault_yaml(vault, path, {"a": "2"}) is True


def test_ensure_makes_a_value_once(vault: VaultLib, path: str) -> None:
    made = iter(["first", "second"])
    assert ensure_vault_key(vault, path, "a", lambda: next(made)) == "first"
    assert ensure_vault_key(vault, path, "a", lambda: next(made)) == "first"
    assert ensure_vault_key(vault, path, "b", lambda: next(made)) == "second"


def test_a_value_that_is_there_needs_no_writing(vault: VaultLib, path: str) -> None:
    write(path, "a: there\n", vault)
    assert ensure_vault_key(vault, path, "a", lambda: "new") == "there"
    assert others(path) == []


def ensure(number: int, path: str) -> list[str]:
    """What one fork does: the shared secret and one of its own."""
    vault = VaultLib(SECRETS)
    return [ensure_vault_key(vault, path, key, lambda: f"made by {number}") for key in ("shared", f"own-{number}")]


def test_parallel_processes_agree_and_none_is_lost(vault: VaultLib, path: str) -> None:
    with ProcessPoolExecutor(8, mp_context=multiprocessing.get_context("fork")) as pool:
        answers = list(pool.map(ensure, range(24), [path] * 24))
    assert len({shared for shared, _own in answers}) == 1
    assert [own for _shared, own in answers] == [f"made by {number}" for number in range(24)]
    assert len(read_vault_yaml(vault, path)) == 25


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (trust_as_template("a"), "a"),
        ({trust_as_template("k"): [trust_as_template("v"), 1, 1.5, True, None]}, {"k": ["v", 1, 1.5, True, None]}),
        ((1, 2), [1, 2]),
        (datetime.date(2024, 1, 2), "2024-01-02"),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert yaml.safe_load(yaml.safe_dump(plain(value))) == expected
