# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a packed database dump is read back to its end, afterwards or while it is written.

To unpack a dump of several GB takes a quarter of the time that packing it took, for which its site would wait: read while it
is written, it costs another processor instead.
"""

from __future__ import annotations

import glob
import hashlib
import os
import threading
import zlib
from collections.abc import Mapping

from .._errors import ErpopsError

_BLOCK = 1 << 20
# Of what is unpacked at once: a block of a packed table that is all alike would be a GiB.
_UNPACKED = 8 << 20
_GZIP = 31  # zlib: "window size 15, with the header and the checksum of gzip"
_PAUSE = 0.05  # seconds between two looks at a file that does not grow
# A dump without a table has more than this: mariadb-dump's own settings and Frappe's header.
_LEAST = 10_000


class DumpReading:
    """What was read of a dump, a block after the other; ``gzip`` appends, so that a dump has several members."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._member: zlib._Decompress | None = None
        self._tail = b""
        self.packed = 0
        self.unpacked = 0

    def add(self, block: bytes) -> None:
        """The next bytes of the file. :raises zlib.error: they cannot be unpacked, or are not what was packed."""
        self._digest.update(block)
        self.packed += len(block)
        while block:
            if self._member is None:
                block = block.lstrip(b"\0")  # the format lets zeros follow a member
                if not block:
                    return
                self._member = zlib.decompressobj(_GZIP)
            text = self._member.decompress(block, _UNPACKED)
            self.unpacked += len(text)
            self._tail = (self._tail + text[-400:])[-400:]
            block = self._member.unconsumed_tail
            if self._member.eof:
                block, self._member = self._member.unused_data, None

    def end(self) -> str:
        """Why this is no dump that can be believed; ``""`` when it is.

        :raises EOFError: the file ends before what was packed.
        """
        if self._member is not None:
            raise EOFError("it ends before the end of what was packed")
        if b"Dump completed" not in self._tail or self.unpacked < _LEAST:
            return f"{self.unpacked} bytes, no end mark"
        return ""

    @property
    def digest(self) -> str:
        """SHA-256 of the packed file, in hexadecimal."""
        return self._digest.hexdigest()


def newest_dump(site: str, folder: str, there: Mapping[str, int] | None = None) -> str:
    """The dump that a backup wrote into ``folder``.

    :param there: what was in the folder before the backup, with the times of its files in nanoseconds: no clock decides what
        is new, since that may jump.
    :raises ErpopsError: there is none.
    """
    dumps = _dumps(folder, there or {})
    if not dumps:
        raise ErpopsError("backup wrote no database dump", object=site, seen=", ".join(os.listdir(folder)) or "nothing")
    return dumps[-1]


def _dumps(folder: str, there: Mapping[str, int]) -> list[str]:
    found = {}
    for path in glob.glob(os.path.join(folder, "*-database.sql.gz")):
        time = os.stat(path).st_mtime_ns
        if there.get(path) != time:
            found[path] = time
    return sorted(found, key=lambda path: found[path])


def read_dump(path: str) -> str:
    """SHA-256 of a dump that unpacks to its last byte, and whose last byte is where it says that it is complete.

    :raises ErpopsError: it does not.
    """
    reading = DumpReading()
    try:
        with open(path, "rb") as handle:
            for block in iter(lambda: handle.read(_BLOCK), b""):
                reading.add(block)
        problem = reading.end()
    except (OSError, EOFError, zlib.error) as exc:
        raise ErpopsError("the database dump cannot be unpacked", object=path, seen=str(exc)) from exc
    if problem:
        raise ErpopsError("the database dump is not complete", object=path, seen=problem)
    return reading.digest


class DumpFollower:
    """Reads the dump that somebody is about to write into ``folder``, as it grows, until the block of ``with`` is left.

    It can only confirm: of whatever it could not make sense of, it says nothing, and :func:`read_dump` has to.
    """

    def __init__(self, folder: str, there: Mapping[str, int]) -> None:
        self._folder, self._there = folder, there
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._found: tuple[str, tuple[int, int], DumpReading] | None = None

    def __enter__(self) -> DumpFollower:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join()

    def digest(self, path: str) -> str:
        """SHA-256 of this dump, once all of it was read and is whole; ``""`` when that cannot be said."""
        if self._found is None:
            return ""
        read, identity, reading = self._found
        return reading.digest if (read, identity) == (path, _identity(os.stat(path))) else ""

    def _follow(self) -> None:
        try:
            path = self._wait()
            if not path:
                return
            reading = DumpReading()
            with open(path, "rb") as handle:
                while True:
                    last = self._over.is_set()  # asked before: what is written until then is read yet
                    block = handle.read(_BLOCK)
                    if block:
                        reading.add(block)
                    elif last:
                        break
                    else:
                        self._over.wait(_PAUSE)
                about = os.fstat(handle.fileno())
            if not reading.end():
                self._found = (path, (about.st_ino, reading.packed), reading)
        except (OSError, EOFError, zlib.error):
            return  # it was not followed, which digest() says

    def _wait(self) -> str:
        while True:
            last = self._over.is_set()
            try:
                dumps = _dumps(self._folder, self._there)
            except FileNotFoundError:  # removed between two looks
                dumps = []
            if dumps or last:
                return dumps[-1] if dumps else ""
            self._over.wait(_PAUSE)


def _identity(about: os.stat_result) -> tuple[int, int]:
    """Which file it is, and of which size."""
    return about.st_ino, about.st_size
