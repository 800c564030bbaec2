# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: how large a site is, and how much room there is; in bytes."""

from __future__ import annotations

import os
from typing import Any

from ._bench import Bench


def space(path: str) -> dict[str, Any]:
    """Free bytes for this user in the nearest directory that is there, and which file system it is on."""
    while not os.path.isdir(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    info = os.statvfs(path)
    return {"path": path, "free": info.f_bavail * info.f_frsize, "device": os.stat(path).st_dev}


def database_size(frappe: Any) -> int:
    """Bytes of the site's database (in version 15 MiB as a decimal number: database.py, get_database_size)."""
    ask = getattr(frappe.db, "get_database_size", None)  # versions before 14 do not know
    return int(float(ask() or 0) * (1 << 20)) if ask else 0


def tree_size(bench: Bench, site: str) -> int:
    """Bytes of the site's uploaded files."""
    total = 0
    for kind in ("public", "private"):
        for folder, _folders, names in os.walk(bench.site_path(site, kind, "files")):
            for name in names:
                path = os.path.join(folder, name)
                total += os.lstat(path).st_size if os.path.lexists(path) else 0
    return total
