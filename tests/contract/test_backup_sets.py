# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup sets of the schedule: encrypted, kept, decrypted again. What is asserted is read from the files themselves."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.benches import ContractBench
from tests.contract.keys import Keys, age_keys, gpg_keys
from tests.contract.test_backup import LOOK, NewName, filled

PASSPHRASE = "a passphrase of nobody"


def archive(bench: ContractBench, site: str) -> Path:
    return bench.path / ".erpops/archive" / site


def take(bench: ContractBench, site: str, **more: Any) -> dict[str, Any]:
    return dict(bench.one("backup.apply", site, {"state": "present", **more}))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Keys]:
    """Keys of both tools; a test skips that of a tool which is not there."""
    folder = tmp_path_factory.mktemp("keys")
    return {"age": age_keys(), "gpg": gpg_keys(folder)}


@pytest.fixture
def site(bench: ContractBench, new_name: NewName, request: pytest.FixtureRequest) -> Iterator[str]:
    """A filled site; its sets are gone afterwards, as is what was decrypted of them."""
    name = new_name("sets")
    filled(bench, name)
    yield name
    for folder in ("archive", "opened"):
        shutil.rmtree(bench.path / ".erpops" / folder / name, ignore_errors=True)


def encryption(keys: dict[str, Keys], tool: str) -> dict[str, Any]:
    keys[tool].need()
    return {"tool": tool, "recipients": [keys[tool].public]}


@pytest.mark.parametrize("tool", ["age", "gpg", "gpg with a passphrase"])
def test_an_encrypted_set_becomes_the_site_again(
    bench: ContractBench, site: str, keys: dict[str, Keys], tool: str
) -> None:
    before, config = bench.query(LOOK, site=site), bench.site_config(site)
    how: dict[str, Any] = {"encryption": encryption(keys, tool.split()[0])}
    secret = {"identity": keys[tool.split()[0]].private}
    if tool.endswith("passphrase"):
        how, secret = {"encryption": {"tool": "gpg"}, "passphrase": PASSPHRASE}, {"passphrase": PASSPHRASE}
    previewed = bench.one("backup.apply", site, {"state": "present", "slot": "day", **how}, check=True)
    assert previewed["actions"] == ["took backup", "encrypted backup"]
    assert not archive(bench, site).exists()

    done = take(bench, site, slot="day", **how)
    folder = Path(done["backup"]["path"])
    assert (done["actions"], folder.parent) == (["took backup", "encrypted backup"], archive(bench, site))
    assert folder.name == time.strftime("scheduled-%Y-%m-%d", time.gmtime())
    # Nothing in clear but the manifest and the notes; the copy of site_config.json is encrypted too.
    suffix = "." + tool.split()[0]
    clear = {path.name for path in folder.iterdir() if path.suffix != suffix}
    assert clear == {"manifest.json", "notes.json"}
    assert len(list(folder.glob(f"*site_config_backup.json{suffix}"))) == 1
    marks = (config["encryption_key"].encode(), config["db_password"].encode(), b"CREATE TABLE", b"Dump completed")
    for path in folder.iterdir():
        data = path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
        assert not any(mark in data for mark in marks), path
        if path.name not in clear:
            assert data.startswith(b"age-encryption.org/v1\n") if suffix == ".age" else data[0] in (0x84, 0x85, 0x8C)
            assert b"\x1f\x8b\x08" not in data[:64]
    assert [path.name for path in archive(bench, site).iterdir()] == [folder.name]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {name: digest for name, digest in digests(folder).items() if name not in clear} == manifest["files"]
    assert manifest["apps"][0]["name"] == "frappe"
    assert manifest["apps"][0]["commit"]
    assert "fingerprint" not in manifest

    again = take(bench, site, slot="day", **how)
    assert (again["changed"], again["backup"]["id"]) == (False, done["backup"]["id"])

    refused = bench.refused("restore.apply", site, {"path": str(folder), "root": bench.root})
    assert "the backup set is encrypted" in refused["text"]
    opened = bench.one("backup_sets.open", site, {"path": str(folder), **secret})
    plain = Path(opened["backup"]["path"])
    assert plain == bench.path / ".erpops/opened" / site / folder.name
    assert digests(plain) == manifest["plain"]
    assert plain.stat().st_mode & 0o077 == 0
    assert bench.one("backup_sets.open", site, {"path": str(folder), **secret})["changed"] is False
    if tool == "age":  # what comes out is the same set with each of them
        bench.one("site.apply", site, {"state": "absent", "confirm": site, "backup": "skip", "root": bench.root})
        args = {"path": str(plain), "root": bench.root, "db_user_host": "%"}
        assert bench.one("restore.apply", site, args)["restore"]["compared"] is True
        assert bench.query(LOOK, site=site) == before
        assert bench.site_config(site)["encryption_key"] == config["encryption_key"]
    assert bench.one("backup_sets.close", site, {"path": str(plain)})["changed"] is True
    assert not plain.exists()
    assert bench.one("backup_sets.close", site, {"path": str(plain)})["changed"] is False


def test_a_plain_set_is_encrypted_where_it_is(bench: ContractBench, site: str, keys: dict[str, Keys]) -> None:
    how = encryption(keys, "age")
    first = take(bench, site, name="one")["backup"]
    plain = digests(Path(first["path"]))
    plain.pop("notes.json")
    done = take(bench, site, name="one", encryption=how)
    assert (done["actions"], done["backup"]["id"]) == (["encrypted backup"], first["id"])
    manifest = json.loads((Path(first["path"]) / "manifest.json").read_text())
    assert manifest["plain"] == plain
    assert {path.suffix for path in Path(first["path"]).iterdir()} == {".age", ".json"}
    assert [path.name for path in archive(bench, site).iterdir()] == ["one"]
    # Once encrypted it stays so, whatever is asked.
    assert take(bench, site, name="one")["changed"] is False


@pytest.mark.fault(
    "another key than its own",
    "while an encrypted backup is opened",
    "refused; nothing is written",
)
@pytest.mark.parametrize("tool", ["age", "gpg"])
def test_another_key_opens_nothing(
    bench: ContractBench, site: str, keys: dict[str, Keys], tmp_path: Path, tool: str
) -> None:
    folder = take(bench, site, name="one", encryption=encryption(keys, tool))["backup"]["path"]
    (tmp_path / "other").mkdir()
    other = age_keys() if tool == "age" else gpg_keys(tmp_path / "other")
    refused = bench.refused("backup_sets.open", site, {"path": folder, "identity": other.private})
    assert (refused["status"], "could not be decrypted" in refused["text"]) == (403, True)
    assert list((bench.path / ".erpops/opened" / site).iterdir()) == []
    assert not any(line in refused["text"] for line in other.private.splitlines() if len(line) > 20)


@pytest.mark.fault(
    "age or gpg fails, or lies",
    "while a backup is encrypted",
    "refused; neither plain text nor half of a set is left",
)
def test_a_failing_tool_leaves_nothing(
    bench: ContractBench, site: str, keys: dict[str, Keys], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """age fails at its third file; it writes plain text and says that all is well; it is not there."""
    how, real = encryption(keys, "age"), shutil.which("age")
    tool = tmp_path / "age"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    failing = f'echo x >> {tmp_path}/count; [ "$(wc -l < {tmp_path}/count)" -lt 3 ] || {{ echo no space >&2; exit 1; }}'
    cases = {
        f'{failing}; exec {real} "$@"': "no space",
        'while [ "$1" != --output ]; do shift; done; cp "$3" "$2"': "does not begin with age-encryption.org/v1",
        f'{real} "$@"; while [ "$1" != --output ]; do shift; done; truncate -s -40 "$2"': "hold what was encrypted",
    }
    for script, said in cases.items():
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
        refused = bench.refused("backup.apply", site, {"state": "present", "name": "one", "encryption": how})
        assert said in refused["text"]
        assert list(archive(bench, site).iterdir()) == []
    plain = take(bench, site, name="one")["backup"]
    before = digests(Path(plain["path"]))
    (tmp_path / "count").unlink()
    tool.write_text(f'#!/bin/sh\n{failing}\nexec {real} "$@"\n')
    bench.refused("backup.apply", site, {"state": "present", "name": "one", "encryption": how})
    assert digests(Path(plain["path"])) == before
    assert [path.name for path in archive(bench, site).iterdir()] == ["one"]


def test_faults_are_told_before_anything_is_written(
    bench: ContractBench, site: str, keys: dict[str, Keys], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("git", "sh"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    how = {"tool": "age", "recipients": [keys["age"].public or "age1" + "q" * 58]}
    for check in (True, False):
        args = {"state": "present", "name": "one", "encryption": how}
        refused = bench.refused("backup.apply", site, args, check=check)
        assert (refused["status"], "apt-get install age" in refused["text"]) == (404, True)
    assert not archive(bench, site).exists() or list(archive(bench, site).iterdir()) == []


@pytest.mark.fault(
    "the agent is killed (kill -9)",
    "while a backup is encrypted",
    "the next run takes the set; no plain text is left",
)
def test_a_killed_run_leaves_no_plain_text(
    bench: ContractBench, site: str, keys: dict[str, Keys], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while age runs: the next run removes the plain files and takes a whole set."""
    how, real = encryption(keys, "age"), shutil.which("age")
    tool, agents = tmp_path / "age", tmp_path / "agent"
    # The agent, which is its parent, ends without a word.
    tool.write_text(f"#!/bin/sh\necho $PPID > {agents}\nkill -9 $PPID\n")
    tool.chmod(0o755)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{tmp_path}:{path}")
    refused = bench.refused("backup.apply", site, {"state": "present", "name": "one", "encryption": how})
    assert "gave no answer" in refused["text"]
    assert agents.exists()
    assert list(archive(bench, site).glob(".one.plain/*.sql.gz"))
    tool.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
    done = take(bench, site, name="one", encryption=how)
    assert done["actions"] == ["took backup", "encrypted backup"]
    assert [path.name for path in archive(bench, site).iterdir()] == ["one"]


def test_a_set_that_was_whole_when_the_run_was_killed_gets_its_name(
    bench: ContractBench, site: str, keys: dict[str, Keys]
) -> None:
    how = encryption(keys, "age")
    folder = Path(take(bench, site, name="one", encryption=how)["backup"]["path"])
    (folder / "notes.json").unlink()
    folder.rename(folder.parent / ".one.part")
    (folder.parent / ".one.plain").mkdir()
    done = take(bench, site, name="one", encryption=how)
    assert done["changed"] is False
    assert [path.name for path in archive(bench, site).iterdir()] == ["one"]


@pytest.mark.fault(
    "an encrypted backup is damaged",
    "before it is needed",
    "named, and not restored from",
)
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing", "plain"])
def test_a_damaged_encrypted_set_is_named(bench: ContractBench, site: str, keys: dict[str, Keys], damage: str) -> None:
    folder = Path(take(bench, site, name="one", encryption=encryption(keys, "age"))["backup"]["path"])
    victim = next(folder.glob("*-database.sql.gz.age"))
    data = bytearray(victim.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
    elif damage == "truncated":
        victim.write_bytes(data[:-1])
    elif damage == "missing":
        victim.unlink()
    else:
        (folder / "old-database.sql.gz").write_bytes(b"\x1f\x8b")
    refused = bench.refused("backup.apply", site, {"state": "verified", "path": str(folder)})
    assert refused["status"] == 422
    assert (victim.name if damage != "plain" else "old-database.sql.gz") in refused["text"]
    told = bench.one("backup_sets.read", site, {})["sets"][0]
    assert bool(told["fault"]) == (damage in ("truncated", "missing"))


def aged(folder: Path, name: str, taken: float, **other: Any) -> None:
    """Another set, with the files of ``folder``, taken at another time."""
    target = folder.parent / name
    shutil.copytree(folder, target)
    manifest = json.loads((target / "manifest.json").read_text())
    (target / "manifest.json").write_text(json.dumps({**manifest, "taken": taken, **other}))


def test_retention_removes_what_has_no_place(bench: ContractBench, site: str) -> None:
    now, day = time.time(), 86400.0
    newest = Path(take(bench, site, slot="day")["backup"]["path"])
    for number in range(1, 5):
        aged(newest, f"scheduled-old-{number}", now - number * day)
    aged(newest, "scheduled-future", now + 3 * day)
    aged(newest, "move-abc", now - 400 * day, purpose="")
    shutil.copytree(newest, newest.parent / "20200101_000000")
    (newest.parent / "20200101_000000/manifest.json").unlink()
    everything = {path.name for path in newest.parent.iterdir()}
    going = ["scheduled-old-3", "scheduled-old-4"]

    policy = {"keep": {"last": 2, "daily": 3}}
    previewed = bench.one("backup_sets.prune", site, policy, check=True)
    assert (previewed["changed"], previewed["removed"]) == (True, going)
    coming = bench.one("backup_sets.prune", site, {**policy, "coming": "scheduled-coming"}, check=True)
    assert coming["removed"] == going  # of the same day as the newest: the third day is still there
    assert {path.name for path in newest.parent.iterdir()} == everything

    dump = next(newest.glob("*-database.sql.gz"))
    data = dump.read_bytes()
    dump.write_bytes(data[:-9] + bytes(9))
    refused = bench.refused("backup_sets.prune", site, policy)
    assert "damaged" in refused["text"]
    assert {path.name for path in newest.parent.iterdir()} == everything
    dump.write_bytes(data)

    done = bench.one("backup_sets.prune", site, policy)
    assert (done["removed"], done["changed"]) == (going, True)
    assert {path.name for path in newest.parent.iterdir()} == everything - set(going)
    assert done["kept"]["move-abc"] == ["not of the schedule"]
    assert "from the future" in done["kept"]["scheduled-future"][0]
    assert bench.one("backup_sets.prune", site, policy)["changed"] is False
    assert bench.one("backup_sets.prune", site, {"keep": {}})["changed"] is False

    told = bench.one("backup_sets.read", site, {"verify": True})
    assert told["newest"]["name"] == newest.name
    assert told["newest"]["age_seconds"] < 600
    assert {one["name"] for one in told["sets"]} == everything - set(going) - {"20200101_000000"}


def test_the_agents_of_gpg_end(bench: ContractBench, site: str) -> None:
    if not shutil.which("gpg"):
        pytest.skip("needs gpg (apt-get install gnupg)")
    take(bench, site, name="one", encryption={"tool": "gpg"}, passphrase=PASSPHRASE)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "gpg-agent --homedir /tmp/erpops-" not in listed
