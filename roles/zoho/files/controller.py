# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs this playbook, and whether who holds the lock of a host still runs: asked on the controller.

The controller's Python runs this source, which comes on stdin; the call of :func:`respond` follows. A process is known
by its number, its start, and the PID namespace of the boot that it belongs to, so that another one that got the same
number is not taken for it. Standard library, Linux; elsewhere nobody can be asked, which is an answer too.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from pathlib import Path
from typing import Any

MARK = "--- erpops.frappe zoho answer --- "
Json = dict[str, Any]


def status(text: str) -> tuple[str, int, int]:
    """State, parent and start (in ticks since the boot) out of ``/proc/<pid>/stat``."""
    words = text[text.rindex(")") + 1 :].split()
    return words[0], int(words[1]), int(words[19])


def playbook(pid: int, proc: Path = Path("/proc")) -> int:
    """The process of ``ansible-playbook`` among the ancestors; 0 where there is none.

    Its workers are forks of it with the same command line: the eldest of them is the one whose end ends the run.
    """
    found, line = 0, b""
    while pid > 1:
        here = (proc / str(pid) / "cmdline").read_bytes()
        if found and here != line:
            break
        if any(b"ansible" in Path(os.fsdecode(word)).name.encode() for word in here.split(b"\0")[:2] if word):
            found, line = pid, here
        pid = status((proc / str(pid) / "stat").read_text())[1]
    return found


def space() -> str:
    """Where a process number means something: this boot's, this PID namespace's."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {os.readlink('/proc/self/ns/pid')}"


def alive(holder: Json, here: str, proc: Path = Path("/proc")) -> str:
    """Whether the playbook that holds a lock still runs: ``yes``, ``no``, ``unknown``."""
    if not holder.get("pid") or not here or holder.get("space") != here:
        return "unknown"
    try:
        state, _parent, start = status((proc / str(holder["pid"]) / "stat").read_text())
    except OSError:
        return "no"
    return "yes" if start == holder["start"] and state != "Z" else "no"


def respond(text: str) -> None:
    """Answer one request: ``{"holder": {...}}``."""
    request = json.loads(text)
    me: Json = {"controller": socket.gethostname(), "user": getpass.getuser(), "pid": 0, "start": 0, "space": ""}
    try:
        me["pid"] = playbook(os.getppid())
        if me["pid"]:
            me["start"] = status(Path(f"/proc/{me['pid']}/stat").read_text())[2]
            me["space"] = space()
    except OSError:
        me["pid"] = 0
    value = {"me": me, "alive": alive(request["holder"], me["space"])}
    print("\n" + MARK + json.dumps({"ok": True, "value": value}, sort_keys=True), flush=True)
