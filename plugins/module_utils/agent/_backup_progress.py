# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: how far backup sets are that are being taken, as their files tell; nobody has to write it down."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

from ._backup_crypt import MANIFEST
from ._backup_set import archive_path
from ._context import Context


def sets_under_way(context: Context, expected: int) -> list[dict[str, Any]]:
    """Sets of the site that have no manifest yet, which is written last: those of backups, updates and ways back.

    :param expected: bytes of the site's newest whole set, which this one may become as large as; 0 without one.
    :returns: ``path``, ``bytes`` so far, ``expected``, ``idle_seconds``: since when none of them
        grew. After minutes of that an ended run left it behind, which the next one removes.
    """
    now, found = time.time(), []
    for folder in _folders(context):
        sizes, times = [], []
        with contextlib.suppress(FileNotFoundError):  # it got its name, or was removed
            times.append(os.stat(folder).st_mtime)
            for entry in os.scandir(folder):
                about = entry.stat(follow_symlinks=False)
                sizes.append(about.st_size)
                times.append(about.st_mtime)
        if times and not os.path.exists(os.path.join(folder, MANIFEST)):
            idle = max(0, int(now - max(times)))
            found.append({"path": folder, "bytes": sum(sizes), "expected": expected, "idle_seconds": idle})
    return found


def _folders(context: Context) -> Iterator[str]:
    """Where a set of the site may be: its archive, also under the names that it has until it is encrypted, and points."""
    archive = archive_path(context)
    for name in sorted(os.listdir(archive)) if os.path.isdir(archive) else []:
        if not name.startswith(".") or name.endswith((".plain", ".part")):
            yield os.path.join(archive, name)
    points = os.path.join(context.bench.state, "points")
    for name in sorted(os.listdir(points)) if os.path.isdir(points) else []:
        if os.path.isdir(folder := os.path.join(points, name, context.need_site())):
            yield folder
