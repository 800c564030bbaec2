# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock files at the paths of real Frappe, held with flock (as the `filelock` package does)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator

import frappe
from frappe.utils import get_bench_path, get_site_path
from frappe.utils.file_lock import LockTimeoutError

LOCKS_DIR = "locks"


def lock_path(lock_name: str, is_global: bool = False) -> str:
    """`<site>/locks/<name>.lock`, global ones `<bench>/config/<name>.lock`."""
    name = lock_name + ".lock"
    if is_global:
        return os.path.abspath(os.path.join(get_bench_path(), "config", name))
    return os.path.abspath(get_site_path(LOCKS_DIR, name))


@contextlib.contextmanager
def filelock(
    lock_name: str,
    *,
    timeout: float = 30,
    is_global: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock; LockTimeoutError when another process keeps it for `timeout` seconds."""
    path = lock_path(lock_name, is_global)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
    deadline = time.monotonic() + timeout
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() >= deadline:
                    raise LockTimeoutError(
                        f"Failed to aquire lock: {lock_name}. Lock may be held by another process.<br>"
                        f"You can manually remove the lock if you think it's safe: {path}"
                    ) from None
                sleep(0.05)
        yield
    finally:
        os.close(fd)


__all__ = ["LockTimeoutError", "filelock", "frappe", "lock_path"]
