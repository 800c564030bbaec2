# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of uploaded files go into a site's files and nowhere else."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._restore_files import unpack_files


def archive(path: Path, **entries: str | None) -> Path:
    """A tar file; an entry is a file with that content, a directory (``None``), or a link (``-> target``)."""
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as tar:
        for name, content in entries.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif content.startswith("-> "):
                member.type, member.linkname = tarfile.SYMTYPE, content[3:]
            else:
                member.size, member.mode = len(content), 0o4755
            tar.addfile(member, io.BytesIO((content or "").encode()) if member.isfile() else None)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set with both archives, empty."""
    made = tmp_path / "set"
    made.mkdir()
    archive(made / "1-a-files.tar", **{"./a.localhost/public/files": None})
    archive(made / "1-a-private-files.tar", **{"./a.localhost/private/files": None})
    return made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A fresh site, by another name."""
    made = tmp_path / "b.localhost"
    for kind in ("public", "private"):
        (made / kind / "files").mkdir(parents=True)
    return made


def test_files_come_back(folder: Path, site: Path) -> None:
    names = {"./a.localhost/public/files": None, "./a.localhost/public/files/x.txt": "x"}
    archive(folder / "1-a-files.tar", **names, **{"./a.localhost/public/files/link": "-> x.txt"})
    (folder / "1-a-private-files.tar").unlink()
    archive(folder / "1-a-private-files.tgz", **{"a.localhost/private/files/d/y.txt": "yy"})
    assert unpack_files(str(folder), str(site)) == 3
    assert (site / "public/files/x.txt").read_text() == "x"
    assert (site / "public/files/link").read_text() == "x"
    assert (site / "private/files/d/y.txt").read_text() == "yy"
    assert (site / "public/files/x.txt").stat().st_mode & 0o7000 == 0
    assert unpack_files(str(folder), str(site)) == 3


@pytest.mark.parametrize(
    "entries",
    [
        {"./a.localhost/site_config.json": "{}"},
        {"./a.localhost/private/files/x": "in the wrong archive"},
        {"./a.localhost/public/files/../../site_config.json": "{}"},
        {"/a.localhost/public/../../x": "x"},
        {"./a.localhost/public/files/link": "-> ../../site_config.json"},
        {"./a.localhost/public/files/link": "-> /etc"},
        {"./a.localhost/public/files": "-> /tmp"},
        {"./a.localhost/public/files/in": "-> .", "./a.localhost/public/files/in/../../../x": "x"},
    ],
)
def test_nothing_goes_elsewhere(folder: Path, site: Path, entries: dict[str, str]) -> None:
    archive(folder / "1-a-files.tar", **entries)
    with pytest.raises(ErpopsError, match="does not belong"):
        unpack_files(str(folder), str(site))
    assert not (site / "site_config.json").exists()
    assert not (site / "x").exists()


def test_an_archive_is_missing(folder: Path, site: Path) -> None:
    (folder / "1-a-files.tar").unlink()
    with pytest.raises(ErpopsError, match="no archive of public files"):
        unpack_files(str(folder), str(site))
