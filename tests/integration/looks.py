# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Independent looks at what a run made: processes, files, databases, web servers. Nothing here asks the product."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def wait_until(what: str, ready: Callable[[], T], seconds: float = 30.0, pause: float = 0.002) -> T:
    """The first true answer of ``ready``; asks again and again until the deadline."""
    deadline = time.monotonic() + seconds
    waiter = threading.Event()
    while True:
        answer = ready()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        waiter.wait(pause)


@dataclass(frozen=True)
class Process:
    """A running process as ``/proc`` shows it."""

    pid: int
    parent: int
    command: str
    folder: str

    @property
    def environment(self) -> str:
        try:
            return Path(f"/proc/{self.pid}/environ").read_bytes().replace(b"\0", b"\n").decode("utf-8", "replace")
        except OSError:
            return ""


def processes() -> list[Process]:
    """All processes that this user may look at, without this one."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            command = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            folder = os.readlink(f"/proc/{entry}/cwd")
        except (OSError, ValueError):
            continue
        if command:
            found.append(Process(int(entry), parent, command, folder))
    return found


def processes_of(root: Path) -> list[Process]:
    """Processes that work in ``root`` or name it on their command line."""
    return [p for p in processes() if p.folder.startswith(str(root)) or str(root) in p.command]


def family(pid: int) -> list[Process]:
    """A process and all its descendants, parents first."""
    everything = processes()
    found = [p for p in everything if p.pid == pid]
    for process in found:  # grows while it is walked
        found += [p for p in everything if p.parent == process.pid and p not in found]
    return found


def tree(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """Every path below ``folder`` with its kind, mode and content; ``leave_out`` are parts of paths."""
    skipped = tuple(leave_out)
    found: dict[str, str] = {}
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _skips(Path(base, name), folder, skipped))
        for name in sorted([*folders, *files]):
            path = Path(base, name)
            if _skips(path, folder, skipped):
                continue
            info = path.lstat()
            kind = stat.filemode(info.st_mode)
            if stat.S_ISLNK(info.st_mode):
                kind += f" -> {os.readlink(path)}"
            elif stat.S_ISREG(info.st_mode):
                kind += " " + hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(folder))] = kind
    return found


def _skips(path: Path, folder: Path, leave_out: tuple[str, ...]) -> bool:
    inside = f"/{path.relative_to(folder)}/"
    return any(f"/{part}/" in inside for part in leave_out)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str

    @property
    def message(self) -> Any:
        """What a whitelisted method returned."""
        return json.loads(self.body)["message"]

    @property
    def data(self) -> Any:
        """What a resource returned."""
        return json.loads(self.body)["data"]


@dataclass
class Sampler:
    """Watches the command lines of all processes of this machine while a run lasts."""

    seen: set[str] = field(default_factory=set)
    rounds: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Sampler:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        assert self._thread
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._stop.wait(0.002):
            self.rounds += 1
            for entry in os.listdir("/proc"):
                if entry.isdigit():
                    try:
                        with open(f"/proc/{entry}/cmdline", "rb") as handle:
                            self.seen.add(handle.read().decode("utf-8", "replace"))
                    except OSError:
                        continue


@dataclass(frozen=True)
class Site:
    """One site of a stand-in bench, seen through its files, its database and its web server."""

    name: str
    bench: Path
    port: int

    @property
    def folder(self) -> Path:
        return self.bench / "sites" / self.name

    @property
    def config(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "site_config.json").read_text()))

    @property
    def record(self) -> dict[str, Any]:
        """What the product noted when it made the site (``{}``: nothing)."""
        path = self.bench / ".erpops/sites" / f"{self.name}.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def cursor(self, task: str) -> dict[str, Any]:
        """How far a task has come (``{}``: it never ran)."""
        path = self.bench / ".erpops/tasks" / self.name / f"{task}.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    @property
    def database(self) -> Path:
        return self.bench / ".standin-db" / f"{self.config['db_name']}.sqlite3"

    def connection(self) -> sqlite3.Connection:
        """A connection of our own to the site's database, which must be there."""
        return sqlite3.connect(f"file:{self.database}?mode=rw", uri=True, timeout=10, isolation_level=None)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query, past the framework."""
        connection = self.connection()
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row; ``None`` without one."""
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def single(self, doctype: str, fieldname: str) -> Any:
        """A field of a Single."""
        return self.value("select value from tabSingles where doctype=? and field=?", doctype, fieldname)

    @property
    def apps(self) -> list[str]:
        """The apps that the site itself calls installed."""
        found = self.value("select defvalue from tabDefaultValue where defkey='installed_apps'")
        return list(json.loads(found or "[]"))

    def count(self, doctype: str) -> int:
        return int(self.value(f'select count(*) from "tab{doctype}"'))

    def state(self) -> dict[str, str]:
        """Digests of the configuration and of every table that only a change of the tenant writes to."""
        found = {"config": (self.folder / "site_config.json").read_text()}
        connection = self.connection()
        try:
            names = connection.execute("select name from sqlite_master where type='table' order by name").fetchall()
            for (name,) in names:
                if name not in BUSY_TABLES:
                    rows = connection.execute(f'select * from "{name}" order by 1').fetchall()
                    found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
        finally:
            connection.close()
        return found

    def get(self, path: str, key: tuple[str, str] | None = None) -> Answer:
        """Ask the web server for this site."""
        return self._ask(path, key)

    def put(self, path: str, data: dict[str, Any], key: tuple[str, str]) -> Answer:
        """Change a record as a user of the site would."""
        return self._ask(path, key, method="PUT", body=json.dumps(data).encode())

    def _ask(self, path: str, key: tuple[str, str] | None, method: str = "GET", body: bytes | None = None) -> Answer:
        headers = {"Host": self.name, "Accept": "application/json", "Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"token {key[0]}:{key[1]}"
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode())


# What requests, workers and the scheduler write to by themselves.
BUSY_TABLES = frozenset(
    {
        "sqlite_sequence",
        "tabActivity Log",
        "tabError Log",
        "tabScheduled Job Log",
        "tabScheduled Job Type",
        "tabSessions",
        "tabShop Sync Log",
        "tabUser",
    }
)
