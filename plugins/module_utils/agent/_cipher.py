# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: files are encrypted and decrypted by age or gpg.

Recipients are public keys, so that the machine which makes backups holds nothing that opens them. gpg runs with a key
ring of its own in a temporary directory (0700): nothing of the user's is read, and nothing is left in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import ErpopsError
from ._backup_tool import Ended, run_tool
from ._cipher_plan import HEAD, cipher_fault
from ._context import Context


@dataclass(frozen=True)
class Cipher:
    """A tool with its keys, as long as ``cipher`` is open."""

    context: Context
    tool: str
    folder: str
    encrypting: list[str]
    decrypting: list[str]
    stdin: bytes
    timeout: float

    def encrypt(self, source: str, target: str) -> None:
        """:raises ErpopsError: the tool failed, or what it wrote is not an encrypted file of the right size."""
        self._run([self.tool, *self.encrypting, "--output", target, source], source, "could not be encrypted")
        verify_cipher(self.tool, target, os.path.getsize(source))

    def decrypt(self, source: str, target: str) -> None:
        """:raises ErpopsError: (403) the key is another one, or the file was changed."""
        self._run([self.tool, *self.decrypting, "--output", target, source], source, "could not be decrypted", 403)

    def _run(self, argv: list[str], name: str, failure: str, status: int = 500) -> None:
        done = run_tool(self.context, argv, stdin=self.stdin, timeout=self.timeout)
        if done.code != 0:
            raise _failed(failure, name, done, status)
        os.chmod(argv[-2], 0o600)


def _failed(failure: str, name: str, done: Ended, status: int = 500) -> ErpopsError:
    hint = (
        "give the key that belongs to one of the set's recipients; what was decrypted before is removed"
        if status == 403
        else "correct the cause and run again; nothing half encrypted was kept"
    )
    lines = [line for line in done.errors.strip().splitlines() if line.strip()]
    return ErpopsError(
        f"{failure} (exit code {done.code})",
        object=name,
        seen=" / ".join(lines[-4:]) or "no message",
        hint=hint,
        status=status,
    )


def verify_cipher(tool: str, path: str, plain: int = -1) -> None:
    """:raises ErpopsError: (422) the file is not one that ``tool`` encrypted."""
    with open(path, "rb") as handle:
        fault = cipher_fault(tool, handle.read(HEAD), os.path.getsize(path), plain)
    if fault:
        raise ErpopsError("is not encrypted as it should be", object=path, seen=fault, needed=tool, status=422)


@contextlib.contextmanager
def encrypter(
    context: Context, tool: str, recipients: list[str], passphrase: str, timeout: float
) -> Iterator[tuple[Cipher, list[str]]]:
    """A cipher that encrypts, and its recipients as a manifest names them."""
    with _private_folder(tool) as folder:
        if tool == "age":
            path = _write(folder, "recipients", "\n".join(recipients) + "\n")
            yield Cipher(context, tool, folder, ["--encrypt", "-R", path], [], b"", timeout), recipients
            return
        options = _gpg_options(folder)
        if not recipients:
            symmetric = [*options, *_PASSPHRASE, "--cipher-algo", "AES256", "--symmetric"]
            yield Cipher(context, tool, folder, symmetric, [], passphrase.encode(), timeout), []
            return
        files = [_write(folder, f"recipient{number}.asc", one) for number, one in enumerate(recipients)]
        prints = [_fingerprint(context, options, path, timeout) for path in files]
        given = [word for path in files for word in ("--recipient-file", path)]
        yield Cipher(context, tool, folder, [*options, *given, "--encrypt"], [], b"", timeout), prints


@contextlib.contextmanager
def decrypter(context: Context, tool: str, keys: dict[str, Any], timeout: float) -> Iterator[Cipher]:
    """A cipher that decrypts, with ``identity`` (age's or SSH's, or an armored OpenPGP private key) or ``passphrase``.

    :raises ErpopsError: (400) the key that this takes is not given; (403) it is no key.
    """
    identity, passphrase = str(keys.get("identity") or ""), str(keys.get("passphrase") or "")
    if not identity and (tool == "age" or not passphrase):
        needed = "identity" + ("" if tool == "age" else " or passphrase")
        raise ErpopsError(f"the set was encrypted with {tool}, and no key is given", needed=needed, status=400)
    with _private_folder(tool) as folder:
        if tool == "age":
            yield Cipher(context, tool, folder, [], ["--decrypt", "-i", "-"], (identity + "\n").encode(), timeout)
            return
        options = _gpg_options(folder)
        if identity:
            brought = [tool, *options, "--pinentry-mode", "loopback", "--import"]
            done = run_tool(context, brought, stdin=identity.encode(), timeout=timeout)
            if done.code != 0:
                raise _failed("is no private key that gpg can use", "identity", done, 403)
        unlock = [*options, *_PASSPHRASE, "--decrypt"]
        yield Cipher(context, tool, folder, [], unlock, passphrase.encode() + b"\n", timeout)


_PASSPHRASE = ("--pinentry-mode", "loopback", "--passphrase-fd", "0")


def _gpg_options(folder: str) -> list[str]:
    # Dumps are packed already, and a size that can be compared is worth more than a smaller archive of files.
    quiet = ["--batch", "--no-tty", "--quiet", "--no-options"]
    return ["--homedir", folder, *quiet, "--trust-model", "always", "--compress-algo", "none"]


def _fingerprint(context: Context, options: list[str], path: str, timeout: float) -> str:
    """Of the key in a file. :raises ErpopsError: (400) gpg finds none in it."""
    done = run_tool(context, ["gpg", *options, "--with-colons", "--show-keys", path], timeout=timeout)
    rows = [line.split(b":") for line in done.stdout.splitlines()]
    found = [row[9].decode() for row in rows if row[0] == b"fpr" and len(row) > 9]
    if done.code != 0 or not found:
        raise ErpopsError("a recipient is no public key that gpg can read", seen=done.errors.strip(), status=400)
    return found[0]


@contextlib.contextmanager
def _private_folder(tool: str) -> Iterator[str]:
    # Not below the bench: the socket of gpg's agent may have a path of 100 characters only.
    folder = tempfile.mkdtemp(prefix="erpops-")
    try:
        yield folder
    finally:
        if tool == "gpg":
            _end_agent(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _end_agent(folder: str) -> None:
    """gpg starts an agent for its key ring, which keeps passphrases in memory and outlives it."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            ["gpgconf", "--homedir", folder, "--kill", "gpg-agent"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
    return path
