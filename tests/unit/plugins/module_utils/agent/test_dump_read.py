# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump is read back to its end, afterwards or while it is written; what is not whole is never believed."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._dump_read import (
    DumpFollower,
    DumpReading,
    newest_dump,
    read_dump,
)

# As Frappe writes it: a member of its own header, and what gzip appends. Rows that cannot be packed well.
HEADER = gzip.compress(b"-- begin frappe metadata\n")
ROWS = gzip.compress(os.urandom(1 << 16).hex().encode() + b"\n-- Dump completed on 2026-11-22\n")
DUMP = HEADER + ROWS
NAME = "20261122_101010-demo-database.sql.gz"


def test_a_whole_dump_has_the_digest_of_its_file(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(DUMP + b"\0" * 512)
    assert read_dump(str(tmp_path / NAME)) == hashlib.sha256(DUMP + b"\0" * 512).hexdigest()


@pytest.mark.parametrize("size", [1, 3, 4096])
def test_where_its_bytes_are_parted_makes_no_difference(size: int) -> None:
    reading = DumpReading()
    for start in range(0, len(DUMP), size):
        reading.add(DUMP[start : start + size])
    assert (reading.end(), reading.packed, reading.unpacked) == ("", len(DUMP), 25 + (1 << 17) + 33)


def test_a_table_that_is_all_alike_is_not_unpacked_at_once() -> None:
    reading = DumpReading()
    reading.add(gzip.compress(b"x" * (64 << 20) + b"-- Dump completed"))
    assert (reading.end(), reading.unpacked) == ("", (64 << 20) + 17)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (DUMP[:-1], "cannot be unpacked.*ends before"),
        (DUMP[: len(DUMP) // 2], "cannot be unpacked.*ends before"),
        (DUMP[:-9] + bytes([DUMP[-9] ^ 1]) + DUMP[-8:], "cannot be unpacked"),
        (DUMP[:-6] + bytes([DUMP[-6] ^ 1]) + DUMP[-5:], "cannot be unpacked.*incorrect data check"),
        (DUMP + b"more", "cannot be unpacked.*incorrect header"),
        (b"not packed", "cannot be unpacked"),
        (HEADER, "not complete.*25 bytes, no end mark"),
        (gzip.compress(b"-- Dump completed"), "not complete.*17 bytes"),
        (b"", "not complete.*0 bytes"),
    ],
)
def test_what_is_not_whole_is_not_believed(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    with pytest.raises(ErpopsError, match=message):
        read_dump(str(path))
    with DumpFollower(str(tmp_path), {}) as follower:
        pass
    assert follower.digest(str(path)) == ""


def test_only_what_the_backup_wrote_is_its_dump(tmp_path: Path) -> None:
    old, new = tmp_path / f"1-{NAME}", tmp_path / NAME
    old.write_bytes(DUMP)
    there = {str(old): old.stat().st_mtime_ns}
    with pytest.raises(ErpopsError, match="wrote no database dump"):
        newest_dump("demo", str(tmp_path), there)
    new.write_bytes(DUMP)
    os.utime(new, (1, 1))  # whatever a clock says
    assert newest_dump("demo", str(tmp_path), there) == str(new)


def follow(folder: Path, write: Callable[[Path, Callable[[], None]], None]) -> str:
    """Digest that a follower tells of what ``write`` wrote, which may let it read what is there until then."""
    path = folder / NAME

    def let_read() -> None:
        # Longer than the follower looks away; what it read is told by nothing but its digest.
        threading.Event().wait(0.2)

    with DumpFollower(str(folder), {}) as follower:
        write(path, let_read)
    return follower.digest(str(path))


def test_a_dump_is_followed_while_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    plain = DumpReading.add

    def noted(self: DumpReading, block: bytes) -> None:
        plain(self, block)
        read.append(self.packed)

    monkeypatch.setattr(DumpReading, "add", noted)

    def write(path: Path, let_read: Callable[[], None]) -> None:
        with path.open("wb") as handle:
            for part in (DUMP[:10], DUMP[10:5000], DUMP[5000:]):
                handle.write(part)
                handle.flush()
                let_read()

    assert follow(tmp_path, write) == hashlib.sha256(DUMP).hexdigest()
    assert read == [10, 5000, len(DUMP)]


def test_one_that_was_written_before_the_follower_looked_is_read_too(tmp_path: Path) -> None:
    def write(path: Path, _let_read: Callable[[], None]) -> None:
        path.write_bytes(DUMP)

    assert follow(tmp_path, write) == hashlib.sha256(DUMP).hexdigest()


def replaced(path: Path, let_read: Callable[[], None]) -> None:
    path.write_bytes(DUMP)
    let_read()
    path.rename(path.with_name("gone"))
    path.write_bytes(DUMP)


def shortened(path: Path, let_read: Callable[[], None]) -> None:
    path.write_bytes(DUMP)
    let_read()
    os.truncate(path, len(DUMP) - 1)


def begun_again(path: Path, let_read: Callable[[], None]) -> None:
    path.write_bytes(DUMP[:5000])
    let_read()
    path.write_bytes(ROWS)


def never_written(_path: Path, _let_read: Callable[[], None]) -> None:
    pass


@pytest.mark.parametrize("write", [replaced, shortened, begun_again, never_written])
def test_of_what_it_did_not_read_as_it_is_it_says_nothing(
    tmp_path: Path, write: Callable[[Path, Callable[[], None]], None]
) -> None:
    assert follow(tmp_path, write) == ""


def test_one_that_grew_after_it_was_followed_is_not_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with DumpFollower(str(tmp_path), {}) as follower:
        path.write_bytes(DUMP)
    assert follower.digest(str(path))
    with path.open("ab") as handle:
        handle.write(zlib.compress(b"more"))
    assert follower.digest(str(path)) == ""
