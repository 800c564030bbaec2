# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named backup sets: taken once, described, and read back before they are used."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_set import read_set
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.sets import write_set
from tests.unit.plugins.module_utils.agent.tools import Tools
from tests.unit.plugins.module_utils.agent.twins import Twins


def test_a_set_says_what_is_in_it(twins: Twins) -> None:
    site = twins.site()
    done = twins.source.one("backup.apply", site, state="present", name="one")
    found = done["backup"]
    assert (done["changed"], done["actions"]) == (True, ["took backup"])
    assert done.keys() == SET_ANSWERS["backup.apply"].keys()
    assert found.keys() == SET_ANSWERS["backup.apply"]["backup"].keys()
    assert [app["name"] for app in found["apps"]] == ["frappe", "erpnext"]
    folder = Path(found["path"])
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["fingerprint"]["tables"]["tabUser"] >= 2
    assert manifest["fingerprint"]["secrets"]["readable"] == manifest["fingerprint"]["secrets"]["stored"] > 0
    assert (manifest["quiet"], manifest["scheduler"], manifest["tasks"][0]["task"]) == (
        False,
        "enabled",
        "shop.migrate",
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_named_set_is_taken_once(twins: Twins) -> None:
    site = twins.site()
    assert twins.source.one("backup.apply", site, check=True, state="present", name="one")["changed"] is True
    assert not twins.source.state("archive", site).exists()
    first = twins.source.one("backup.apply", site, state="present", name="one")
    again = twins.source.one("backup.apply", site, state="present", name="one")
    assert (again["changed"], again["backup"]) == (False, first["backup"])


def test_a_set_that_an_ended_run_left_incomplete_is_taken_anew(twins: Twins) -> None:
    site = twins.site()
    folder = Path(twins.source.one("backup.apply", site, state="present", name="one")["backup"]["path"])
    (folder / "manifest.json").unlink()
    (folder / "old-database.sql.gz").write_text("half")
    assert twins.source.one("backup.apply", site, state="present", name="one")["changed"] is True
    assert not (folder / "old-database.sql.gz").exists()


def test_a_dump_is_whole_whatever_the_configuration_leaves_out(twins: Twins) -> None:
    site = twins.site()
    twins.source.one("config.apply", site, set={"backup": {"excludes": ["User"]}})
    folder = Path(twins.source.one("backup.apply", site, state="present", name="one")["backup"]["path"])
    assert not list(folder.glob("*partial*"))


def flip(folder: Path) -> None:
    (path,) = folder.glob("*-database.sql.gz")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swap(folder: Path) -> None:
    public = next(path for path in folder.glob("*-files.tar") if "private" not in path.name)
    private = next(folder.glob("*-private-files.tar"))
    content = public.read_bytes()
    shutil.copyfile(private, public)
    private.write_bytes(content)


def lose(folder: Path) -> None:
    next(folder.glob("*-private-files.tar")).unlink()


def unfinish(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (flip, "its SHA-256 differs"),
        (swap, "-private-files.tar is not what was written"),
        (lose, "-private-files.tar is missing"),
        (unfinish, "a set without a manifest was never completed"),
    ],
)
def test_a_damaged_set_is_refused(twins: Twins, damage: Callable[[Path], None], said: str) -> None:
    site = twins.site()
    folder = Path(twins.source.one("backup.apply", site, state="present", name="one")["backup"]["path"])
    assert twins.source.one("backup.apply", site, state="verified", path=str(folder))["changed"] is False
    damage(folder)
    assert said in str(twins.source.refused("backup.apply", site, state="verified", path=str(folder)))


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "x" * 90])
def test_a_name_is_no_path(twins: Twins, name: str) -> None:
    error = twins.source.refused("backup.apply", twins.site(), state="present", name=name)
    assert error.status == 400


def test_what_a_site_waits_for_is_compared_by_its_digest(site: Tools) -> None:
    """It was unpacked when it was taken, and before its site was taken away; what changed since is found without that."""
    folder = write_set(site, "one")
    dump, manifest = folder / "1-database.sql.gz", folder / "manifest.json"
    dump.write_bytes(gzip.compress(b"-- not to its end"))
    with pytest.raises(ErpopsError, match="SHA-256 differs"):
        read_set(str(folder), unpack=False)
    told = json.loads(manifest.read_text())
    told["files"][dump.name] = hashlib.sha256(dump.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(told))
    assert read_set(str(folder), unpack=False)["id"] == "oneone"
    with pytest.raises(ErpopsError, match="is not complete"):
        read_set(str(folder))
    dump.unlink()
    with pytest.raises(ErpopsError, match="is missing"):
        read_set(str(folder), unpack=False)
