# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets become encrypted ones and plain ones again. The real tools are asked in tests/contract."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_crypt import (
    decrypt_set,
    encrypt_set,
    sweep,
    verify_encrypted,
)
from tests.unit.plugins.module_utils.agent.sets import AGE, tool, write_set
from tests.unit.plugins.module_utils.agent.tools import Tools

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudg0u5nsc0zp3f"


@pytest.fixture(autouse=True)
def age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tool(folder, "age", AGE)


def encrypted(site: Tools) -> Path:
    folder = write_set(site, "one")
    encrypt_set(site.at(), str(folder), str(folder), "age", [RECIPIENT], "", 60)
    return folder


def test_a_set_is_encrypted_where_it_is_and_opened_elsewhere(site: Tools, tmp_path: Path) -> None:
    before = write_set(site, "plain")
    folder = encrypted(site)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert sorted(manifest["files"]) == [
        "1-database.sql.gz.age",
        "1-site_config_backup.json.age",
        "manifest.json.age",
    ]
    assert (manifest["tables"], manifest["rows"], manifest["apps"][0]["commit"]) == (2, 5, "c")
    assert "fingerprint" not in manifest
    assert manifest["encryption"] == {"tool": "age", "recipients": [RECIPIENT], "passphrase": False}
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []
    decrypt_set(site.at(), str(folder), manifest, str(tmp_path / "opened"), {"identity": "A KEY"})
    opened = {path.name: path.read_bytes() for path in (tmp_path / "opened").iterdir()}
    assert opened["1-database.sql.gz"] == (before / "1-database.sql.gz").read_bytes()
    assert json.loads(opened["manifest.json"])["fingerprint"]["tables"] == {"tabUser": 2, "tabNote": 3}


def test_another_content_than_what_was_encrypted(site: Tools, tmp_path: Path) -> None:
    """Somebody with the public key replaced a file."""
    folder = encrypted(site)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["plain"]["1-site_config_backup.json"] = "0" * 64
    with pytest.raises(ErpopsError, match="what was decrypted is not what was encrypted"):
        decrypt_set(site.at(), str(folder), manifest, str(tmp_path / "opened"), {"identity": "A KEY"})
    assert not (tmp_path / "opened").exists()
    assert not (tmp_path / ".opened.part").exists()


@pytest.mark.parametrize(("keys", "status"), [({}, 400), ({"passphrase": "x"}, 400), ({"identity": "none"}, 403)])
def test_without_the_key(site: Tools, tmp_path: Path, keys: dict[str, str], status: int) -> None:
    folder = encrypted(site)
    manifest = json.loads((folder / "manifest.json").read_text())
    with pytest.raises(ErpopsError) as error:
        decrypt_set(site.at(), str(folder), manifest, str(tmp_path / "opened"), keys)
    assert error.value.status == status
    assert not (tmp_path / ".opened.part").exists()


def test_a_set_that_names_no_tool(site: Tools) -> None:
    folder = encrypted(site)
    manifest = json.loads((folder / "manifest.json").read_text())
    with pytest.raises(ErpopsError, match="names no way of encryption"):
        verify_encrypted(str(folder), {**manifest, "encryption": {"tool": "rot13"}})


def test_what_is_beside_the_encrypted_files(site: Tools) -> None:
    folder = encrypted(site)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("notes.json", ".erpops-x1y2"):
        (folder / name).write_text("{}")
    verify_encrypted(str(folder), manifest)
    (folder / "copy.sql").write_text("a table")
    with pytest.raises(ErpopsError, match="holds what is not encrypted") as error:
        verify_encrypted(str(folder), manifest)
    assert error.value.seen == "copy.sql"


def test_what_an_ended_run_left(tmp_path: Path) -> None:
    """Plain text goes; an encrypted set that is whole gets its name, unless there is one of it."""
    for name in (".a.plain", ".b.part", ".c.part", ".d.part", "d", ".e.gone", ".f.fetched", "g", ".other", ".h.i.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("x")
    for name in (".c.part", ".d.part", ".h.i.part"):
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / ".j.plain").write_text("a file is none of ours")
    sweep(str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "tools") == [
        ".f.fetched",
        ".j.plain",
        ".other",
        "c",
        "d",
        "g",
        "h.i",
    ]
    sweep(str(tmp_path), ("fetched",))
    assert not (tmp_path / ".f.fetched").exists()
    sweep(str(tmp_path / "nowhere"))
