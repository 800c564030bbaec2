# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup is read back before it is believed."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup import backup_site
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


def test_a_sound_backup(site: Tools) -> None:
    folder = site.path / "archive"
    found = backup_site(site.at(), str(folder))
    assert found["path"] == str(folder)
    assert sorted(found["files"]) == ["1-database.sql.gz", "1-site_config_backup.json"]
    content = (folder / "1-database.sql.gz").read_bytes()
    assert found["files"]["1-database.sql.gz"] == hashlib.sha256(content).hexdigest()
    assert found["bytes"] == sum((folder / name).stat().st_size for name in found["files"])
    sizes = {name: (folder / name).stat().st_size for name in found["files"]}
    manifest = {"schema": 1, "site": SITE, "files": found["files"], "sizes": sizes}
    assert site.read(folder / "manifest.json") == manifest
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("fails", r"backup failed \(exit code 1\)"),
        ("no dump", "wrote no database dump"),
        ("cut", "is not complete"),
        ("damaged", "cannot be unpacked"),
        ("no key", "no site_config with an encryption_key"),
    ],
)
def test_a_backup_that_cannot_be_believed(site: Tools, fault: str, message: str) -> None:
    site.switch(backup=fault)
    with pytest.raises(ErpopsError, match=message):
        backup_site(site.at(), str(site.path / "archive"))
    assert not (site.path / "archive" / "manifest.json").exists()


@pytest.mark.parametrize(("stored", "sound"), [(0, True), (1, False), (None, False)])
def test_a_site_without_passwords_may_have_no_key(site: Tools, stored: int | None, sound: bool) -> None:
    """A fresh one that nobody stored a password in: Frappe makes the key when it is needed first."""
    site.switch(backup="no key")
    about = {"fingerprint": {"secrets": {"stored": stored}}}
    folder = site.path / "archive"
    if sound:
        assert backup_site(site.at(), str(folder), about=about)["files"]
    else:
        with pytest.raises(ErpopsError, match="no site_config with an encryption_key"):
            backup_site(site.at(), str(folder), about=about)


def test_the_reason_of_a_failure_is_told(site: Tools) -> None:
    site.switch(backup="fails")
    with pytest.raises(ErpopsError) as caught:
        backup_site(site.at(), str(site.path / "archive"))
    assert (caught.value.object, caught.value.seen) == (SITE, "No space left on device")


def test_a_dump_from_before_is_not_taken_for_this_one(site: Tools) -> None:
    folder = site.path / "archive"
    backup_site(site.at(), str(folder))
    site.switch(backup="no dump")
    os.utime(folder / "1-database.sql.gz", (1, 1))
    with pytest.raises(ErpopsError, match="wrote no database dump"):
        backup_site(site.at(), str(folder))
