# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: one bench -- its paths, its apps.txt, its state directory, its framework CLI."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._errors import ErpopsError
from ._cli import CliProcess
from ._files import locked, make_private_dir, read_json, read_json_or_empty, write_json
from ._redact import scrub

STATE_DIR = ".erpops"
# Seconds; one that takes longer is used as it is.
_PREPARATION = 30.0


@dataclass(frozen=True)
class CliResult:
    """A framework command that ended: its exit code and the last 4,000 characters it printed."""

    code: int
    output: str


class Bench:
    """A bench directory, seen from its own interpreter (the agent's working directory is ``sites``)."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.sites = os.path.join(self.path, "sites")
        self.apps = os.path.join(self.path, "apps")
        self.state = os.path.join(self.path, STATE_DIR)
        self._held: list[int] = []
        self._ready: dict[str, CliProcess] = {}

    @property
    def repos(self) -> str:
        """Where checkouts are whose app is a subdirectory: beside ``apps`` in a release, else in ``.erpops``."""
        beside = os.path.join(self.path, "repos")
        return beside if os.path.lexists(beside) else os.path.join(self.state, "repos")

    @property
    def held(self) -> list[int]:
        """Descriptors of the locks that are held now; a child that inherits them holds them too."""
        return list(self._held)

    def site_path(self, site: str, *parts: str) -> str:
        """A path inside a site's directory."""
        return os.path.join(self.sites, site, *parts)

    def state_path(self, *parts: str) -> str:
        """A path inside ``.erpops``, whose directories are made (0700) if they are not there."""
        path = os.path.join(self.state, *parts)
        make_private_dir(os.path.dirname(path))
        return path

    @contextlib.contextmanager
    def lock(self, name: str, *, timeout: float, purpose: str) -> Iterator[None]:
        """Hold this bench's lock ``name`` (a site's name, or ``bench`` for what all sites share)."""
        with locked(self.state_path("locks", f"{name}.lock"), timeout=timeout, purpose=purpose) as descriptor:
            self._held.append(descriptor)
            try:
                yield
            finally:
                self._held.remove(descriptor)

    def identity(self, *, create: bool) -> str:
        """The bench's own random id, made once; ``""`` when there is none yet and ``create`` is false.

        Database names are derived from it: Frappe's default is a hash of the site's *path*, which is the
        same in every container, so two stacks with one database server would share a database.
        """
        path = os.path.join(self.state, "bench.json")
        if os.path.exists(path):
            return str(read_json(path)["id"])
        if not create:
            return ""
        make_private_dir(self.state)
        identity = uuid.uuid4().hex
        write_json(path, {"schema": 1, "id": identity})
        return identity

    def listed_apps(self) -> list[str]:
        """The names in ``sites/apps.txt``, in order, without blank lines."""
        try:
            with open(os.path.join(self.sites, "apps.txt"), encoding="utf-8") as handle:
                return [line.strip() for line in handle if line.strip()]
        except FileNotFoundError:
            return []

    def site_names(self) -> list[str]:
        """Directories of ``sites`` that hold a ``site_config.json``."""
        names = []
        with os.scandir(self.sites) as entries:
            for entry in entries:
                if entry.is_dir() and os.path.exists(os.path.join(entry.path, "site_config.json")):
                    names.append(entry.name)
        return sorted(names)

    def cli(
        self,
        arguments: list[str],
        *,
        site: str = "",
        secrets: list[str] | None = None,
        timeout: float = 3600.0,
        python: str = "",
    ) -> CliResult:
        """Run a framework command (``new-site``, ``backup`` ...) as a child of this process.

        :param secrets: values in ``arguments`` that must not survive in the output.
        :param python: another interpreter than this one: that of a release whose code is to do it.
        :raises ErpopsError: (504) it took longer than ``timeout`` seconds and was ended.
        """
        argv = ["frappe", *(["--site", site] if site else []), *arguments]
        process = self._ready.pop(python or sys.executable, None)
        if process and not process.wait(0.0):  # something that an app does when it is imported
            process.end()
            process = None
        process = process or CliProcess(python, self.sites)
        try:
            code, raw = process.run(argv, self._held, timeout)
        except subprocess.TimeoutExpired as exc:
            raise ErpopsError(
                f"the framework command {arguments[0]} did not end within {timeout:g} s and was ended",
                object=site or self.path,
                hint="raise the task's timeout, or look at the database's process list",
                status=504,
            ) from exc
        output = re.sub(r"\x1b\[[0-9;]*m", "", raw.decode("utf-8", "replace"))
        return CliResult(code, scrub(output, secrets or [])[-4000:])

    @contextlib.contextmanager
    def prepared(self, *pythons: str) -> Iterator[None]:
        """The next command of each interpreter (``""``: this one) begins at once: what it imports is read before this yields.

        Made for commands that a site waits for: starting takes a framework command about a second.
        """
        named = {python or sys.executable for python in pythons}
        processes = {python: CliProcess(python, self.sites, prepared=True) for python in named}
        for process in processes.values():
            process.wait(_PREPARATION)
        self._ready.update(processes)
        try:
            yield
        finally:
            for python in processes:
                if python in self._ready:
                    self._ready.pop(python).end()

    def config_hint(self, site: str) -> str:
        """Where a copy of a broken configuration (``""``: the common one) is; nothing is ever restored by guess."""
        if not site:
            return "repair the file by hand; nothing was written"
        found = glob.glob(self.site_path(site, "private", "backups", "*site_config_backup*.json"))
        found += glob.glob(os.path.join(self.state, "archive", site, "*", "*site_config*.json"))
        newest = max(found, key=os.path.getmtime, default="")
        if newest:
            return f"nothing was written; the newest copy of it is {newest}"
        return "nothing was written and no backup of it was found: repair it by hand"

    def record(self, site: str) -> dict[str, Any]:
        """What we noted when we made ``site`` (``{}`` for a site that somebody else made)."""
        path = os.path.join(self.state, "sites", f"{site}.json")
        return read_json_or_empty(path)

    def write_record(self, site: str, record: dict[str, Any]) -> None:
        """Note how far the making of ``site`` has come."""
        write_json(self.state_path("sites", f"{site}.json"), {"schema": 1, **record})

    def forget(self, site: str) -> None:
        """Drop all that we noted about ``site``, once it is gone: another of its name must not inherit finished tasks."""
        for folder in ("tasks", "phases"):
            shutil.rmtree(os.path.join(self.state, folder, site), ignore_errors=True)
        for folder in ("drills", "migrations", "originals", "restores", "rotations", "sites", "updates"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.state, folder, f"{site}.json"))
