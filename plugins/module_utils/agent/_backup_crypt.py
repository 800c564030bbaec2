# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a backup set becomes an encrypted one, and the other way round.

Every file is encrypted, the manifest too: it tells of tables and of how far jobs had come. Beside them stands another
``manifest.json`` in clear, with what is needed to find a set, to prove that it is whole, and to know what could restore
it: apps with their commits, versions, SHA-256 of the files as they are stored and of what was encrypted.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

from .._errors import ErpopsError
from ._backup import sha256, verify_config
from ._cipher import decrypter, encrypter, verify_cipher
from ._cipher_plan import SUFFIXES, plain_name
from ._context import Context
from ._dump_read import newest_dump, read_dump
from ._files import make_private_dir, os_error, read_json, write_json

MANIFEST = "manifest.json"
# Beside it, what was learnt since: when it was read back, and where there are copies.
NOTES = "notes.json"

# Made and removed by who holds the site's lock; what is being fetched is not, which may take hours.
WORKING = ("plain", "part", "gone")

# Of the manifest of a plain set, what stays readable.
_CLEAR = ("schema", "id", "site", "taken", "purpose", "frappe", "db_type", "apps")


def working_folder(folder: str, kind: str) -> str:
    """A directory beside a set that is no set: its name begins with a dot. ``kind``: one of ``WORKING``, or fetched."""
    return os.path.join(os.path.dirname(folder), f".{os.path.basename(folder)}.{kind}")


def sweep(archive: str, kinds: tuple[str, ...] = WORKING) -> None:
    """Remove what an ended run left in a site's archive, plain text above all; the lock of ``kinds`` must be held.

    An encrypted set that was whole, and had not got its name yet, gets it.
    """
    with contextlib.suppress(FileNotFoundError):
        for entry in sorted(os.listdir(archive)):
            path = os.path.join(archive, entry)
            stem, _dot, kind = entry[1:].rpartition(".")
            if not entry.startswith(".") or kind not in kinds or not os.path.isdir(path):
                continue
            final = os.path.join(archive, stem)
            if kind == "part" and os.path.exists(os.path.join(path, MANIFEST)) and not os.path.exists(final):
                os.rename(path, final)
            else:
                remove_tree(path)


def remove_tree(path: str) -> None:
    """:raises ErpopsError: it could not be removed: what was plain text would stay without a word."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except OSError as exc:
        raise os_error(exc, path) from exc


@contextlib.contextmanager
def discarded(*paths: str) -> Iterator[None]:
    """None of ``paths`` is there when this ends, however it ends."""
    try:
        yield
    finally:
        for path in paths:
            remove_tree(path)


def encrypt_set(
    context: Context, plain: str, folder: str, tool: str, recipients: list[str], passphrase: str, timeout: float
) -> None:
    """The set in ``plain`` stands encrypted in ``folder``, and in clear nowhere. Both may be the same directory.

    :raises ErpopsError: the tool is missing or failed; then ``plain`` is left as it is, and nothing encrypted is.
    """
    part = working_folder(folder, "part")
    _encrypt_into(context, plain, part, tool, recipients, passphrase, timeout)
    # From here on `sweep` finishes it.
    if plain == folder:
        plain = working_folder(folder, "plain")
        os.rename(folder, plain)
    os.rename(part, folder)
    remove_tree(plain)


def _encrypt_into(
    context: Context, plain: str, part: str, tool: str, recipients: list[str], passphrase: str, timeout: float
) -> None:
    """``part`` is an encrypted set when its clear manifest is there, which is written last; or it is not there."""
    manifest = read_json(os.path.join(plain, MANIFEST))
    names = sorted([*manifest["files"], MANIFEST])
    remove_tree(part)
    try:
        make_private_dir(part)
        with encrypter(context, tool, recipients, passphrase, timeout) as (cipher, known):
            for name in names:
                cipher.encrypt(os.path.join(plain, name), os.path.join(part, name + SUFFIXES[tool]))
        stored = {name + SUFFIXES[tool]: os.path.join(part, name + SUFFIXES[tool]) for name in names}
        counts = manifest.get("fingerprint", {}).get("tables", {})
        clear = {
            **{key: manifest[key] for key in _CLEAR if key in manifest},
            "tables": len(counts),
            "rows": sum(counts.values()),
            "encryption": {"tool": tool, "recipients": known, "passphrase": not recipients},
            "files": {name: sha256(path) for name, path in stored.items()},
            "sizes": {name: os.path.getsize(path) for name, path in stored.items()},
            "plain": {name: sha256(os.path.join(plain, name)) for name in names},
        }
        for path in stored.values():
            _flush(path)
        verify_encrypted(part, clear)
        write_json(os.path.join(part, MANIFEST), clear)
    except BaseException:
        remove_tree(part)
        raise


def _flush(path: str) -> None:
    """On the disk before the manifest says that it is."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify_encrypted(folder: str, manifest: dict[str, Any]) -> None:
    """:raises ErpopsError: (422) a file is not encrypted, or there is one that the manifest does not know."""
    tool = str((manifest.get("encryption") or {}).get("tool"))
    if tool not in SUFFIXES:
        raise ErpopsError("the set names no way of encryption", object=folder, seen=tool, status=422)
    for name in manifest["files"]:
        plain_name(tool, name)
        verify_cipher(tool, os.path.join(folder, name))
    # Notes that an ended run was writing (write_text) are no data of the site.
    found = {name for name in os.listdir(folder) if not name.startswith(".erpops-")}
    strange = sorted(found - set(manifest["files"]) - {MANIFEST, NOTES})
    if strange:
        raise ErpopsError(
            "the encrypted set holds what is not encrypted",
            object=folder,
            seen=", ".join(strange),
            hint="look at these files; remove them if they are a copy of the site's data",
            status=422,
        )


def decrypt_set(context: Context, folder: str, manifest: dict[str, Any], target: str, args: dict[str, Any]) -> None:
    """Decrypt the set in ``folder`` into ``target``, which is not there, and read it back.

    :param args: ``identity, passphrase, timeout``.
    :raises ErpopsError: the key does not fit, or what comes out is not what went in; then there is no ``target``.
    """
    tool = str(manifest["encryption"]["tool"])
    part = working_folder(target, "part")
    make_private_dir(os.path.dirname(target))
    remove_tree(part)
    with discarded(part):
        make_private_dir(part)
        with decrypter(context, tool, args, float(args.get("timeout") or 3600)) as cipher:
            for name in sorted(manifest["files"]):
                cipher.decrypt(os.path.join(folder, name), os.path.join(part, plain_name(tool, name)))
        wrong = [
            name
            for name, digest in manifest["plain"].items()
            if os.path.basename(name) != name
            or not os.path.isfile(os.path.join(part, name))
            or sha256(os.path.join(part, name)) != digest
        ]
        if wrong:
            raise ErpopsError(
                "what was decrypted is not what was encrypted",
                object=folder,
                seen=", ".join(sorted(wrong)),
                hint="use another set; this one was changed by somebody who has its public key",
                status=422,
            )
        read_dump(newest_dump(str(manifest["site"]), part))
        verify_config(str(manifest["site"]), part, read_json(os.path.join(part, MANIFEST)))
        os.rename(part, target)
