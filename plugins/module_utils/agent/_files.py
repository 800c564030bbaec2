# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: JSON files written whole or not at all, and locks that die with their holder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from .._errors import ErpopsError


class MissingFileError(ErpopsError):
    """A file that should be there is not (status 404)."""


class MalformedFileError(ErpopsError):
    """A JSON file cannot be read as what it should be (status 422)."""


def read_json(path: str, *, hint: str = "") -> dict[str, Any]:
    """The JSON object in ``path``.

    :raises MissingFileError: there is no such file.
    :raises MalformedFileError: it is not JSON, or not an object; names line and column.
    :raises ErpopsError: it cannot be read (403).
    """
    try:
        with open(path, "rb") as handle:
            text = handle.read()
    except FileNotFoundError as exc:
        raise MissingFileError("the file does not exist", object=path, hint=hint, status=404) from exc
    except OSError as exc:
        raise os_error(exc, path) from exc
    try:
        data = json.loads(text)
    except ValueError as exc:
        where = f"line {exc.lineno} column {exc.colno}" if isinstance(exc, json.JSONDecodeError) else "unknown place"
        reason = exc.msg if isinstance(exc, json.JSONDecodeError) else "not text"
        raise MalformedFileError(
            "is not valid JSON", object=path, seen=f"{reason} at {where}", needed="a JSON object", hint=hint, status=422
        ) from exc
    if not isinstance(data, dict):
        raise MalformedFileError(
            "does not hold a JSON object",
            object=path,
            seen=type(data).__name__,
            needed="an object",
            hint=hint,
            status=422,
        )
    return data


def read_json_or_empty(path: str) -> dict[str, Any]:
    """The JSON object in ``path``, ``{}`` without such a file; raises as ``read_json`` does otherwise."""
    return read_json(path) if os.path.exists(path) else {}


def write_json(path: str, data: Any, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``data`` as JSON, as :func:`write_text` does it.

    Written as Frappe writes its configuration (one space of indent, sorted keys), so that the two
    writers do not fight over the format (``frappe/installer.py: _update_config_file``).
    """
    write_text(path, json.dumps(data, indent=1, sort_keys=True), mode=mode)


def write_text(path: str, text: str, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``text``: temporary file beside it, fsync, rename, fsync of the directory.

    :raises ErpopsError: no write permission (403) or no space (507); the old file is untouched.
    """
    folder = os.path.dirname(path)
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".erpops-", dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
            os.fchmod(handle.fileno(), mode)
        os.rename(temporary, path)
    except OSError as exc:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise os_error(exc, path) from exc
    with contextlib.suppress(OSError):
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def os_error(exc: OSError, path: str) -> ErpopsError:
    """The operating system's refusal as our error, with the remedy that fits it."""
    hints = {
        errno.ENOSPC: (507, "free space on this file system, then run again"),
        errno.EDQUOT: (507, "raise the user's quota, then run again"),
        errno.EACCES: (403, "run as the user that owns the bench (become_user), or correct the owner"),
        errno.EPERM: (403, "run as the user that owns the bench (become_user), or correct the owner"),
        errno.EROFS: (403, "the file system is read-only: remount it, then run again"),
        errno.ENOENT: (404, "check bench_path and the site's name"),
    }
    status, hint = hints.get(exc.errno or 0, (500, "look at the file system of this path"))
    return ErpopsError(exc.strerror or str(exc), object=path, hint=hint, status=status)


def make_private_dir(path: str) -> None:
    """Create ``path`` (and parents) for its owner only; existing ones are left as they are."""
    # One by one: the mode that makedirs is given would hold for the last only, and the umask is the whole process's, with
    # its other threads.
    missing, head = [], os.path.abspath(path)
    while not os.path.lexists(head):
        missing.append(head)
        head = os.path.dirname(head)
    try:
        for one in reversed(missing):
            with contextlib.suppress(FileExistsError):
                os.mkdir(one, 0o700)
        if not os.path.isdir(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    except OSError as exc:
        raise os_error(exc, path) from exc


@contextlib.contextmanager
def locked(
    path: str,
    *,
    timeout: float,
    purpose: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Hold the flock of ``path``; the kernel frees it when the last process that has it open ends.

    Yields the descriptor: a child that must be covered too (a ``new-site`` that outlives a killed agent)
    inherits it, so that the next run waits for that child instead of working against it.

    :raises ErpopsError: (423) somebody else holds it for longer than ``timeout`` seconds; names the holder.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise os_error(exc, path) from exc
    try:
        deadline = clock() + timeout
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as exc:
                if exc.errno not in (errno.EAGAIN, errno.EACCES):
                    raise os_error(exc, path) from exc
                if clock() >= deadline:
                    holder = os.pread(descriptor, 400, 0).decode("utf-8", "replace").strip() or "unknown"
                    raise ErpopsError(
                        f"is locked by another run (waited {timeout:g} s)",
                        object=path,
                        seen=f"holder: {holder}",
                        hint="wait for that run, or end its process; the lock is freed with it",
                        status=423,
                    ) from exc
            sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()}: {purpose}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)
