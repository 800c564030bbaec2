# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies, with a bucket that is a dictionary; the real one is asked in tests/contract/test_offsite.py."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _backup_copy
from ansible_collections.erpops.frappe.plugins.module_utils.agent._offsite import Offsite
from tests.unit.plugins.module_utils.agent.sets import DAY, write_set
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

OFFSITE = {"endpoint": "http://s3.test", "bucket": "backups", "access_key": "k", "secret_key": "s"}


class Bucket(Offsite):
    """Objects in memory; ``spoil`` is what the server makes of a file so many times."""

    objects: ClassVar[dict[str, dict[str, bytes]]] = {}
    order: ClassVar[list[str]] = []
    spoil: ClassVar[dict[str, int]] = {}

    def files(self, *name: str) -> dict[str, int]:
        if name:
            return {file: len(data) for file, data in self.objects.get(name[0], {}).items()}
        return {f"{one}/{file}": len(data) for one, files in self.objects.items() for file, data in files.items()}

    def put(self, folder: str, name: str, files: list[str]) -> None:
        for file in files:
            data = (Path(folder) / file).read_bytes()
            if self.spoil.get(file, 0) > 0:
                self.spoil[file] -= 1
                data = data[:-1] + b"?"
            self.objects.setdefault(name, {})[file] = data
            self.order.append(file)

    def get(self, name: str, folder: str, files: list[str]) -> None:
        for file in files:
            if file in self.objects[name]:
                (Path(folder) / file).write_bytes(self.objects[name][file])

    def digest(self, name: str, file: str) -> str:
        return hashlib.sha256(self.objects[name][file]).hexdigest()

    def manifest(self, name: str) -> dict[str, Any]:
        return self.read_manifest(name, self.objects.get(name, {}).get("manifest.json", b""))

    def remove(self, name: str) -> None:
        del self.objects[name]


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> type[Bucket]:
    Bucket.objects, Bucket.order, Bucket.spoil = {}, [], {}
    monkeypatch.setattr(_backup_copy, "Offsite", Bucket)
    return Bucket


def copy(site: Tools, name: str = "one", check: bool = False, **args: Any) -> dict[str, Any]:
    given = {"name": name, "offsite": OFFSITE, "plain": True, **args}
    return _backup_copy.copy_set(site.at(check=check), given)


def test_the_manifest_is_written_last(site: Tools, bucket: type[Bucket]) -> None:
    write_set(site, "one")
    assert copy(site, check=True)["changed"] is True
    assert bucket.objects == {}
    assert copy(site)["changed"] is True
    assert bucket.order[-1] == "manifest.json"
    assert len(bucket.order) == 3
    assert copy(site)["changed"] is False
    assert len(bucket.order) == 3


def test_only_what_lacks_is_written(site: Tools, bucket: type[Bucket]) -> None:
    write_set(site, "one")
    copy(site)
    bucket.objects["one"]["1-database.sql.gz"] = b"short"
    assert copy(site, check=True)["changed"] is True
    done = copy(site)
    assert done["copy"]["sent"] == ["1-database.sql.gz"]


def test_what_comes_back_otherwise_is_written_once_more(site: Tools, bucket: type[Bucket]) -> None:
    write_set(site, "one")
    bucket.spoil = {"1-database.sql.gz": 1}
    assert copy(site)["copy"]["sent"].count("1-database.sql.gz") == 2
    bucket.objects, bucket.spoil = {}, {"1-database.sql.gz": 2}
    with pytest.raises(ErpopsError, match="the copy is not what was sent"):
        copy(site, verify=True)
    notes = json.loads((site.path / ".erpops/archive" / SITE / "one/notes.json").read_text())
    assert list(notes["copies"]) == [
        "http://s3.test/backups"
    ]  # of the first, whose objects are gone: seen by their sizes


def test_a_plain_set_needs_a_word(site: Tools, bucket: type[Bucket]) -> None:
    write_set(site, "one")
    for check in (True, False):
        with pytest.raises(ErpopsError, match="is not encrypted, and is not copied"):
            copy(site, plain=False, check=check)
    assert bucket.objects == {}


def test_another_set_of_the_name_is_not_overwritten(site: Tools, bucket: type[Bucket]) -> None:
    folder = write_set(site, "one")
    other = {**json.loads((folder / "manifest.json").read_text()), "id": "another"}
    bucket.objects = {"one": {"manifest.json": json.dumps(other).encode()}}
    with pytest.raises(ErpopsError, match="a copy of another set of this name"):
        copy(site)
    assert list(bucket.objects["one"]) == ["manifest.json"]


def test_a_set_to_come_is_not_there_yet(site: Tools, bucket: type[Bucket]) -> None:
    assert copy(site, "new", check=True, coming="new")["changed"] is True
    with pytest.raises(ErpopsError, match="does not exist"):
        copy(site, "new")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "there is no copy of this name"),
        (b"{", "is no manifest"),
        (b"[]", "is no manifest"),
        (b'{"schema": 2, "site": "a.localhost", "files": {}}', "schema 2"),
        (b'{"schema": 1, "site": "b.localhost", "files": {}}', "of b.localhost"),
        (b'{"schema": 1, "site": "a.localhost", "files": {"../x": "0"}}', "../x"),
    ],
)
def test_a_manifest_that_is_none(site: Tools, bucket: type[Bucket], text: bytes, said: str) -> None:
    bucket.objects = {"one": {"manifest.json": text}}
    with pytest.raises(ErpopsError) as error:
        _backup_copy.fetch_copy(site.at(), {"name": "one", "offsite": OFFSITE})
    assert said in str(error.value)
    assert not (site.path / ".erpops/archive" / SITE / "one").exists()


def test_a_set_comes_back(site: Tools, bucket: type[Bucket]) -> None:
    folder = write_set(site, "one")
    copy(site)
    aside = folder.rename(folder.with_name("aside"))
    args = {"name": "one", "offsite": OFFSITE}
    assert _backup_copy.fetch_copy(site.at(check=True), args)["changed"] is True
    assert not folder.exists()
    done = _backup_copy.fetch_copy(site.at(), args)
    assert (done["changed"], done["copy"]["path"]) == (True, str(folder))
    assert (folder / "manifest.json").read_bytes() == (aside / "manifest.json").read_bytes()
    assert _backup_copy.fetch_copy(site.at(), args)["changed"] is False
    assert copy(site)["changed"] is False  # what was fetched whole is known to be there
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "id": "another"}))
    with pytest.raises(ErpopsError, match="another set of this name on the bench"):
        _backup_copy.fetch_copy(site.at(), args)


def test_retention_of_copies(site: Tools, bucket: type[Bucket]) -> None:
    now = time.time()
    for number in range(3):
        write_set(site, f"d{number}", now - number * DAY - 60)
        copy(site, f"d{number}")
    bucket.objects["half"] = {"1-database.sql.gz": b"x"}  # without a manifest: no copy
    args = {"offsite": OFFSITE, "keep": {"last": 2}}
    assert _backup_copy.prune_copies(site.at(check=True), args)["removed"] == ["d2"]
    coming = _backup_copy.prune_copies(site.at(check=True), {**args, "coming": "d-new"})
    assert coming["removed"] == ["d1", "d2"]
    done = _backup_copy.prune_copies(site.at(), args)
    assert (done["removed"], sorted(bucket.objects)) == (["d2"], ["d0", "d1", "half"])
    assert [one["name"] for one in done["copies"]] == ["d0", "d1"]

    # On a bench that does not know the newest one it is read first.
    (site.path / ".erpops/archive" / SITE / "d0/notes.json").unlink()
    data = bucket.objects["d0"]["1-database.sql.gz"]
    bucket.objects["d0"]["1-database.sql.gz"] = data[:-1] + b"?"
    with pytest.raises(ErpopsError, match="the copy is damaged"):
        _backup_copy.prune_copies(site.at(), {**args, "keep": {"last": 1}})
    assert "d1" in bucket.objects
