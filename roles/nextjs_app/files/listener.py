# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process answers at a port of this host, whose it is, and in which directory it works.

``python3 listener.py <port>`` prints one line of JSON: ``{"port", "processes": [{"pid", "user", "directory"}]}``. Who is
not root sees processes of the own user only. Whatever starts them (systemd, PM2, another), the kernel knows it. Linux,
standard library, Python 3.10.
"""

from __future__ import annotations

import json
import os
import pwd
import sys
from pathlib import Path
from typing import Any

LISTENS = "0A"


def inodes(table: str, port: int) -> set[str]:
    """Inodes of the sockets that listen at a port, out of ``/proc/net/tcp`` or ``tcp6``."""
    found = set()
    for line in table.splitlines()[1:]:
        words = line.split()
        if words[3] == LISTENS and int(words[1].rpartition(":")[2], 16) == port:
            found.add(words[9])
    return found


def owners(wanted: set[str], proc: Path) -> list[dict[str, Any]]:
    """The processes that have one of the sockets open, without those that are gone or not to be seen."""
    links = {f"socket:[{inode}]" for inode in wanted}
    found = []
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            if not any(os.readlink(one) in links for one in (process / "fd").iterdir()):
                continue
            number = process.stat().st_uid
            directory = os.readlink(process / "cwd")
        except OSError:
            continue
        try:
            user = pwd.getpwuid(number).pw_name
        except KeyError:
            user = str(number)
        found.append({"pid": int(process.name), "user": user, "directory": directory})
    return found


def main(port: int, proc: Path = Path("/proc")) -> None:
    """Print the answer."""
    tables = [proc / "net" / name for name in ("tcp", "tcp6")]
    wanted = {one for path in tables if path.exists() for one in inodes(path.read_text(), port)}
    print(json.dumps({"port": port, "processes": owners(wanted, proc)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
