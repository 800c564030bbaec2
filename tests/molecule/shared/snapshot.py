#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is made of, and what became different: packages, users, groups, files, units.

    python snapshot.py take CONTAINER FILE      ask the host; FILE is on this machine, the host keeps nothing
    python snapshot.py compare BEFORE AFTER     print every difference; exit code 1 when there is one

A snapshot is JSON: {kind: {name: description}}. Left out is what a machine changes by itself, or what says nothing
about it (LEFT_OUT, MAY_CHANGE below, each with its reason).
"""

from __future__ import annotations

import fnmatch
import grp
import hashlib
import json
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

Snapshot = dict[str, dict[str, str]]

# Directories, with all below them.
LEFT_OUT = (
    "/dev", "/proc", "/run", "/sys",  # made by the kernel or at boot
    "/tmp", "/var/tmp",
    "/var/cache", "/var/log",  # logs may stay
    "/var/lib/apt",  # package lists; the marks "manual" and "auto" are asked for
    "/var/lib/dpkg/info", "/var/lib/dpkg/triggers", "/var/lib/dpkg/updates",  # packages are asked for
    "/var/backups",  # copies that a daily job makes
    "/var/lib/systemd/catalog", "/var/lib/systemd/timers",  # an index, and when a timer ran last
    "/var/lib/ucf",  # checksums of files that are compared themselves
)  # fmt: skip

# Patterns of files that a host rewrites for reasons of its own: neither their presence nor their content matters.
NOISE = (
    "*/.ansible", "*/.ansible/*",  # its temporary files, below the home of whoever connects
    "*.pyc", "*/__pycache__",  # compiled when first imported
    "/etc/*-",  # /etc/passwd- and its like: the version before
    "/etc/.pwd.lock", "/etc/.updated", "/var/.updated",
    "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf",  # Docker's
    "/etc/ld.so.cache",
    "/var/lib/dpkg/available*", "/var/lib/dpkg/lock*", "/var/lib/dpkg/status*", "/var/lib/dpkg/*-old",
    "/var/lib/logrotate/*",
    "/var/lib/systemd/random-seed",
    # PM2's notes of itself, and its logs, which may stay as others do.
    "/home/*/.pm2/logs/*", "/home/*/.pm2/dump.pm2.bak", "/home/*/.pm2/pm2.log", "/home/*/.pm2/pm2.pid",
    "/home/*/.pm2/touch",
)  # fmt: skip

# Files of a server that was there before, which writes to them all the time: their content says nothing.
LIVING = ("/var/lib/mysql/*",)

# Compared by what is in them (users, groups), because removing and adding may change the order of the lines.
BY_CONTENT = ("/etc/group", "/etc/gshadow", "/etc/passwd", "/etc/shadow")

# Units that come and go with the clock.
PASSING_UNITS = ("apt-daily*", "session-*", "user-runtime-dir@*", "user@*", "systemd-tmpfiles-clean.*", "man-db.*")


def take(root: str = "/") -> Snapshot:
    """All of this host."""
    return {
        "package": packages(),
        "user": {user.pw_name: " ".join(map(str, user[2:])) for user in pwd.getpwall()},
        "group": {group.gr_name: f"{group.gr_gid} {' '.join(sorted(group.gr_mem))}" for group in grp.getgrall()},
        "file": dict(files(root)),
        "unit file": unit_files(output_of("systemctl", "list-unit-files", "--plain", "--no-legend")),
        "unit": units(output_of("systemctl", "list-units", "--all", "--plain", "--no-legend")),
    }


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def packages() -> dict[str, str]:
    """Status, version and mark of each package, those too that only left their configuration behind."""
    manual = set(output_of("apt-mark", "showmanual").split())
    found = {}
    line_format = "--showformat=${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\n"
    for line in output_of("dpkg-query", "--show", line_format).splitlines():
        status, name, architecture, version = line.split("\t")
        mark = "manual" if {name, f"{name}:{architecture}"} & manual else "auto"
        found[name] = f"{status.strip()} {version} {architecture} {mark}"
    return found


def unit_files(listing: str) -> dict[str, str]:
    """Name and state (enabled, masked, ...) of each unit file; of a generated or transient one, nothing."""
    rows = [line.split() for line in listing.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1] not in ("generated", "transient")}


def units(listing: str) -> dict[str, str]:
    """Services, sockets and timers that are running, or that failed."""
    found = {}
    for name, _load, active, sub, *_ in (line.split(None, 4) for line in listing.splitlines()):
        lasting = name.endswith((".service", ".socket", ".timer")) and not matches(name, PASSING_UNITS)
        if lasting and (active == "failed" or sub in ("running", "listening", "waiting", "elapsed")):
            found[name] = "failed" if active == "failed" else "active"
    return found


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def files(root: str) -> Iterator[tuple[str, str]]:
    """Path and description of everything on the host's own file system."""
    for directory, names, leaves in os.walk(root):
        names[:] = [name for name in names if os.path.join(directory, name) not in LEFT_OUT]
        for name in sorted(names + leaves):
            path = os.path.join(directory, name)
            if not matches(path, NOISE):
                yield path, describe(path)


def describe(path: str) -> str:
    """Kind and mode, owner and group, and where it points to or a digest of its content."""
    try:
        found = os.lstat(path)
        who = f"{stat.filemode(found.st_mode)} {found.st_uid}:{found.st_gid}"
        if stat.S_ISLNK(found.st_mode):
            return f"{who} -> {os.readlink(path)}"
        if stat.S_ISREG(found.st_mode) and path not in BY_CONTENT and not matches(path, LIVING):
            return f"{who} {found.st_size} bytes {digest(path)}"
    except FileNotFoundError:  # gone since the directory was read
        return "gone"
    return who


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() if hasattr(hashlib, "file_digest") else _digest(file.read())


def _digest(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """One sentence for each thing that is new, gone or different; of a new directory, not what is in it."""
    found = []
    for kind in sorted({*before, *after}):
        old, new = before.get(kind, {}), after.get(kind, {})
        for name in sorted({*old, *new}):
            if name not in old and not (kind == "file" and _inside_other(name, old, new)):
                found.append(f"{kind} {name} is still there: {new[name]}")
            elif name not in new and not (kind == "file" and _inside_other(name, new, old)):
                found.append(f"{kind} {name} is gone; it was: {old[name]}")
            elif name in old and name in new and old[name] != new[name]:
                found.append(f"{kind} {name} was: {old[name]}; is now: {new[name]}")
    return found


def _inside_other(path: str, without: dict[str, str], other: dict[str, str]) -> bool:
    """Whether the directory above is itself only in `other`, so that a sentence about it says enough."""
    parent = os.path.dirname(path)
    return parent in other and parent not in without


def main(arguments: list[str]) -> int:
    if arguments == ["collect"]:
        json.dump(take(), sys.stdout)
        return 0
    if len(arguments) == 3 and arguments[0] == "take":
        command = ["docker", "exec", "--interactive", arguments[1], "python3", "-", "collect"]
        done = subprocess.run(command, input=Path(__file__).read_bytes(), stdout=subprocess.PIPE, check=True)
        Path(arguments[2]).write_bytes(done.stdout)
        return 0
    if len(arguments) == 3 and arguments[0] == "compare":
        found = differences(*(json.loads(Path(name).read_text()) for name in arguments[1:]))
        print(f"differences: {len(found)}" if found else "no difference", *found, sep="\n  ")
        return 1 if found else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
