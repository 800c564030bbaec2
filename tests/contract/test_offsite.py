# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of backup sets in a real S3 server (OpenStack Swift); what is in the bucket is looked at past the product."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.benches import ContractBench
from tests.contract.keys import Keys, age_keys
from tests.contract.test_backup import LOOK, filled
from tests.contract.test_backup_sets import aged
from tests.s3.servers import S3, Door, failing, missing, swift

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

NAME = "scheduled-2026-11-21"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with swift(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture(scope="module")
def keys() -> Keys:
    return age_keys()


@pytest.fixture(scope="module")
def taken(bench: ContractBench, keys: Keys) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """A site, its encrypted set, and what is seen of the site."""
    name = "contract-offsite.localhost"
    seen = filled(bench, name)
    how = {"tool": "age", "recipients": [keys.public]}
    done = bench.one("backup.apply", name, {"state": "present", "name": NAME, "slot": "day", "encryption": how})
    yield name, Path(done["backup"]["path"]), seen
    bench.drop_site(name)
    for folder in ("archive", "opened"):
        shutil.rmtree(bench.path / ".erpops" / folder / name, ignore_errors=True)


@pytest.fixture
def copied(
    bench: ContractBench, s3: S3, taken: tuple[str, Path, dict[str, Any]]
) -> Iterator[Callable[..., dict[str, Any]]]:
    """Copies the set; bucket and notes are as they were before, afterwards."""

    def copy(**more: Any) -> dict[str, Any]:
        check = bool(more.pop("check", False))
        args = {"name": NAME, "offsite": s3.offsite(), **more}
        return dict(bench.one("backup_copy.present", taken[0], args, check=check))

    yield copy
    for name in s3.objects():
        s3.delete(name)
    notes = taken[1] / "notes.json"
    notes.write_text(
        json.dumps({key: value for key, value in json.loads(notes.read_text()).items() if key != "copies"})
    )


def stored(s3: S3, site: str) -> dict[str, bytes]:
    return {name.removeprefix(f"{site}/{NAME}/"): s3.read(name) for name in s3.objects()}


def test_a_copy_is_the_set(
    bench: ContractBench, s3: S3, taken: tuple[str, Path, dict[str, Any]], copied: Callable[..., dict[str, Any]]
) -> None:
    site, folder, _seen = taken
    assert copied(check=True)["changed"] is True
    assert s3.objects() == []
    done = copied()
    assert done["changed"] is True
    wanted = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "notes.json"}
    assert stored(s3, site) == wanted
    assert done["copy"]["sent"][-1] == "manifest.json"
    again = copied()
    assert (again["changed"], again["copy"]["proven"]) == (False, done["copy"]["proven"])
    told = bench.one("backup_sets.read", site, {})
    assert told["newest_copy"]["name"] == NAME
    assert [one["name"] for one in bench.one("backup_sets.read", site, {"offsite": s3.offsite()})["copies"]] == [NAME]
    assert bench.one("backup_copy.verify", site, {"name": NAME, "offsite": s3.offsite()})["changed"] is False


def test_a_copy_becomes_the_site_on_an_empty_bench(
    bench: ContractBench,
    s3: S3,
    keys: Keys,
    taken: tuple[str, Path, dict[str, Any]],
    copied: Callable[..., dict[str, Any]],
) -> None:
    """Site and archive are lost; the bucket and the private key are all that is left."""
    site, folder, seen = taken
    copied()
    kept = folder.parent.with_name("kept")
    folder.parent.rename(kept)
    try:
        bench.one("site.apply", site, {"state": "absent", "confirm": site, "backup": "skip", "root": bench.root})
        shutil.rmtree(folder.parent, ignore_errors=True)
        args = {"name": NAME, "offsite": s3.offsite()}
        fetched = bench.one("backup_copy.fetch", site, args)
        assert (fetched["changed"], fetched["copy"]["path"]) == (True, str(folder))
        assert bench.one("backup_copy.fetch", site, args)["changed"] is False
        opened = bench.one("backup_sets.open", site, {"path": str(folder), "identity": keys.private})["backup"]["path"]
        bench.one("restore.apply", site, {"path": opened, "root": bench.root, "db_user_host": "%"})
        assert bench.query(LOOK, site=site) == seen
        bench.one("backup_sets.close", site, {"path": opened})
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)
        kept.rename(folder.parent)


@pytest.mark.fault(
    "a copy in the bucket is truncated, changed or missing",
    "before it is needed",
    "named, and written again",
)
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_a_damaged_copy_is_named_and_written_again(
    bench: ContractBench,
    s3: S3,
    taken: tuple[str, Path, dict[str, Any]],
    copied: Callable[..., dict[str, Any]],
    damage: str,
) -> None:
    site, folder, _seen = taken
    copied()
    victim = next(name for name in s3.objects() if name.endswith("-database.sql.gz.age"))
    good = s3.read(victim)
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    s3.delete(victim)
    if damage != "missing":
        s3.write(victim, bytes(flipped) if damage == "flipped" else good[:-1])
    args = {"name": NAME, "offsite": s3.offsite()}
    refused = bench.refused("backup_copy.verify", site, args)
    assert (refused["status"], Path(victim).name in refused["text"]) == (422, True)

    kept = folder.parent.with_name("kept")
    folder.parent.rename(kept)
    try:
        refused = bench.refused("backup_copy.fetch", site, args)
        assert refused["status"] == 422
        assert [path for path in folder.parent.glob("*") if path.name != ".copies"] == []
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)
        kept.rename(folder.parent)

    # A changed size is seen each time; a changed byte when all is read again.
    assert copied(verify=damage == "flipped")["changed"] is True
    assert s3.read(victim) == good
    assert copied(verify=True)["changed"] is False


@pytest.mark.fault(
    "the S3 server ends",
    "while a copy is written",
    "refused; the copy is no copy until it was read back",
)
def test_a_server_that_ends_in_the_middle(
    bench: ContractBench, s3: S3, taken: tuple[str, Path, dict[str, Any]], copied: Callable[..., dict[str, Any]]
) -> None:
    site, _folder, _seen = taken
    with Door(s3.port, limit=30_000).open() as door:
        refused = bench.refused(
            "backup_copy.present", site, {"name": NAME, "offsite": s3.offsite(endpoint=f"http://127.0.0.1:{door.port}")}
        )
    assert (refused["status"], "does not answer" in refused["text"]) == (503, True)
    assert f"{site}/{NAME}/manifest.json" not in s3.objects()
    assert bench.one("backup_sets.read", site, {"offsite": s3.offsite()})["copies"] == []
    assert bench.one("backup_sets.read", site, {})["newest_copy"] == {}
    assert copied()["changed"] is True
    assert copied(verify=True)["changed"] is False


def test_faults_of_the_server_are_named(
    bench: ContractBench, s3: S3, taken: tuple[str, Path, dict[str, Any]], copied: Callable[..., dict[str, Any]]
) -> None:
    site = taken[0]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"secret_key": "another-secret-key"}, 403, "does not accept the credentials"),
        ({"bucket": "no-such-bucket"}, 404, "there is no such bucket"),
        ({"endpoint": f"http://127.0.0.1:{nobody}"}, 503, "does not answer"),
    ]
    with failing(500) as broken:
        cases.append(({"endpoint": f"http://127.0.0.1:{broken}"}, 503, "the S3 server failed"))
        for other, status, said in cases:
            offsite = s3.offsite(**other)
            refused = bench.refused("backup_copy.present", site, {"name": NAME, "offsite": offsite})
            assert (refused["status"], said in refused["text"]) == (status, True), refused["text"]
            assert offsite["secret_key"] not in refused["text"]
    assert s3.objects() == []


def test_what_is_not_copied(
    bench: ContractBench, s3: S3, taken: tuple[str, Path, dict[str, Any]], copied: Callable[..., dict[str, Any]]
) -> None:
    """A plain set without a word that it may; another set where one of this name is."""
    site, folder, _seen = taken
    bench.one("backup.apply", site, {"state": "present", "name": "plain"})
    args = {"name": "plain", "offsite": s3.offsite()}
    assert "is not encrypted" in bench.refused("backup_copy.present", site, args)["text"]
    assert s3.objects() == []
    assert bench.one("backup_copy.present", site, {**args, "plain": True})["changed"] is True
    shutil.rmtree(folder.parent / "plain")

    copied()
    manifest = folder / "manifest.json"
    text, notes = manifest.read_text(), (folder / "notes.json").read_text()
    try:
        manifest.write_text(json.dumps({**json.loads(text), "id": "0" * 32}))
        (folder / "notes.json").unlink()
        refused = bench.refused("backup_copy.present", site, {"name": NAME, "offsite": s3.offsite()})
        assert (refused["status"], "another set of this name" in refused["text"]) == (409, True)
    finally:
        manifest.write_text(text)
        (folder / "notes.json").write_text(notes)


def test_retention_of_copies(
    bench: ContractBench, s3: S3, taken: tuple[str, Path, dict[str, Any]], copied: Callable[..., dict[str, Any]]
) -> None:
    site, folder, _seen = taken
    copied()
    now = json.loads((folder / "manifest.json").read_text())["taken"]
    for number in (1, 2):
        aged(folder, f"scheduled-old-{number}", now - number * 86400)
        (folder.parent / f"scheduled-old-{number}/notes.json").unlink()
        bench.one("backup_copy.present", site, {"name": f"scheduled-old-{number}", "offsite": s3.offsite()})
        shutil.rmtree(folder.parent / f"scheduled-old-{number}")
    s3.write(f"{site}-not/scheduled-x/manifest.json", b"{}")
    before = s3.objects()
    args = {"offsite": s3.offsite(), "keep": {"daily": 2}}
    previewed = bench.one("backup_copy.prune", site, args, check=True)
    assert (previewed["removed"], s3.objects()) == (["scheduled-old-2"], before)

    # The newest copy is not proven any more by what this bench remembers: it is read, and it is damaged.
    victim = next(name for name in before if f"{NAME}/" in name and name.endswith("-files.tar.age"))
    good, notes = s3.read(victim), (folder / "notes.json").read_text()
    (folder / "notes.json").write_text(json.dumps({"schema": 1, "verified": time.time()}))
    s3.write(victim, good[:-1] + bytes([good[-1] ^ 1]))
    assert "the copy is damaged" in bench.refused("backup_copy.prune", site, args)["text"]
    assert s3.objects() == before
    s3.write(victim, good)
    (folder / "notes.json").write_text(notes)

    done = bench.one("backup_copy.prune", site, args)
    assert done["removed"] == ["scheduled-old-2"]
    assert s3.objects() == [name for name in before if "/scheduled-old-2/" not in name]
    assert bench.one("backup_copy.prune", site, args)["changed"] is False
