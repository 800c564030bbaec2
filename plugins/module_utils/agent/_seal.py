# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a directory as one sealed file, which may lie where others can read it.

AES-256-GCM in blocks of one MiB, by the library that Frappe itself encrypts passwords with. Each file has a key of
its own, so that a block's number can be its nonce; the last block says that it is the last.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import tarfile
from typing import IO, Any

from .._errors import ErpopsError

MAGIC = b"erpops sealed 1\n"
BLOCK = 1 << 20
_TAG = 16


def new_key() -> str:
    """A key as text."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _cipher(key: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(base64.urlsafe_b64decode(key))


class Sealer:
    """A file to write to, whose content goes sealed into ``target``; ``close`` writes the last block."""

    def __init__(self, target: IO[bytes], key: str) -> None:
        self._target, self._cipher, self._number, self._rest = target, _cipher(key), 0, bytearray()
        target.write(MAGIC)

    def write(self, data: bytes) -> int:
        self._rest += data
        while len(self._rest) > BLOCK:  # the last block is written by close, even when it is full
            self._block(bytes(self._rest[:BLOCK]), last=False)
            del self._rest[:BLOCK]
        return len(data)

    def _block(self, data: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(self._number.to_bytes(12, "big"), data, b"last" if last else b"more")
        self._target.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1

    def close(self) -> None:
        self._block(bytes(self._rest), last=True)


class Opener:
    """A file to read from: the content that was sealed into ``source``.

    :raises ErpopsError: (422) another key, a changed byte, or an end before the last block.
    """

    def __init__(self, source: IO[bytes], key: str, name: str = "") -> None:
        self._source, self._cipher, self._number, self._ready = source, _cipher(key), 0, bytearray()
        self._name, self._ended = name, False
        if source.read(len(MAGIC)) != MAGIC:
            raise self._broken("it does not begin as a sealed file")

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._ready += self._next()
        wanted = len(self._ready) if size < 0 else size
        data = bytes(self._ready[:wanted])
        del self._ready[:wanted]
        return data

    def _next(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        head = self._source.read(4)
        length = int.from_bytes(head, "big")
        if len(head) != 4 or not _TAG <= length <= BLOCK + _TAG:
            raise self._broken(f"block {self._number} has no length")
        sealed = self._source.read(length)
        nonce = self._number.to_bytes(12, "big")
        self._number += 1
        for kind in (b"more", b"last"):
            try:
                plain = self._cipher.decrypt(nonce, sealed, kind)
            except InvalidTag:
                continue
            self._ended = kind == b"last"
            return bytes(plain)
        raise self._broken(f"block {self._number - 1} does not open with this key")

    def _broken(self, seen: str) -> ErpopsError:
        return ErpopsError(
            "the sealed file cannot be opened", object=self._name, seen=seen, hint="transfer it again", status=422
        )


def seal(folder: str, target: str) -> str:
    """Seal the files of ``folder`` into ``target`` (0644, in a directory that only who knows its name finds).

    :returns: the key.
    """
    key = new_key()
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), "wb") as handle:
        sealer = Sealer(handle, key)
        with tarfile.open(fileobj=sealer, mode="w|", bufsize=BLOCK) as archive:  # type: ignore[call-overload]
            for name in sorted(os.listdir(folder)):
                archive.add(os.path.join(folder, name), arcname=name, recursive=False)
        sealer.close()
        handle.flush()
        os.fsync(handle.fileno())
    os.chmod(target, 0o644)  # whatever the umask was
    return key


def unseal(source: str, key: str, folder: str) -> None:
    """Unpack ``source`` into ``folder``, which is there and empty; plain files only, readable by their owner."""
    with open(source, "rb") as handle:
        opener = Opener(handle, key, source)
        with tarfile.open(fileobj=opener, mode="r|", bufsize=BLOCK) as archive:  # type: ignore[call-overload]
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is None or os.path.basename(member.name) != member.name:
                    raise ErpopsError("the sealed file holds what is no backup set", object=source, status=422)
                path = os.path.join(folder, member.name)
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                    shutil.copyfileobj(content, target, BLOCK)
        opener.read()  # to the last block, which proves that there is no more
