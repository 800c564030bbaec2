# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the directory of sign-ups on the controller -- declarations, locks, marks, outcomes.

``<directory>/<site>.yml`` declares the tenant. ``.state/`` beside them has the lock of each name, the mark
``<site>.ours`` (this sign-up saw the name free, so that what is there since is its own), and ``outcomes.jsonl``.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

from ._signups import ACTIVE, parts_of
from ._vault_file import plain


class SignupStore:
    """The directory; made on first use, readable by its owner alone."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._state = directory / ".state"

    def file(self, site: str) -> Path:
        """Where a tenant is declared."""
        return self.directory / f"{site}.yml"

    def mark(self, site: str) -> Path:
        """There when a run saw the name free before it made the site."""
        return self._state / f"{site}.ours"

    def private(self, site: str) -> Path:
        """Where the run for a name keeps what it needs meanwhile."""
        return self._state / f"{site}.run"

    @contextlib.contextmanager
    def claimed(self, site: str) -> Iterator[None]:
        """Nobody else works on this name meanwhile. The lock dies with its holder.

        :raises ErpopsError: (409) somebody else does.
        """
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._state / f"{site}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ErpopsError(
                    "another request for this name is being worked on",
                    object=site,
                    hint="wait for its answer, or choose another name",
                    status=409,
                ) from None
            yield
        finally:
            os.close(handle)

    def read(self, site: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """``(tenant, signup)`` of a name; ``None`` if nobody asked for it."""
        path = self.file(site)
        try:
            content = yaml.safe_load(path.read_text())
        except FileNotFoundError:
            return None
        except yaml.YAMLError:
            content = None
        return parts_of(str(path), content)

    def declare(self, site: str, content: Mapping[str, Any]) -> None:
        """Write the file of a tenant, in one step."""
        text = "# Made by bin/provision-tenant. Change it like an entry of tenants.yml.\n"
        _write(self.file(site), text + yaml.safe_dump(plain(content), sort_keys=False, allow_unicode=True))

    def finish(self, site: str, finished: str) -> None:
        """From now on the tenant is a part of the fleet."""
        found = self.read(site)
        if found is None:
            raise ErpopsError("its declaration is gone", object=str(self.file(site)))
        tenant, signup = found
        self.declare(site, {"tenant": tenant, "signup": {**signup, "state": ACTIVE, "finished": finished}})
        self.mark(site).unlink(missing_ok=True)

    def forget(self, site: str) -> None:
        """Nobody asked for this name. The mark goes last: without its declaration it allows nothing."""
        self.file(site).unlink(missing_ok=True)
        self.mark(site).unlink(missing_ok=True)

    def note(self, outcome: Mapping[str, Any]) -> None:
        """Add one outcome."""
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._outcomes, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, (json.dumps(dict(outcome)) + "\n").encode())  # one write: lines of two calls do not mix
        finally:
            os.close(handle)

    def outcomes(self) -> list[Mapping[str, Any]]:
        """All that were noted; a line that a full disk cut short is left out."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for line in self._outcomes.read_text().splitlines():
                with contextlib.suppress(ValueError):
                    found.append(json.loads(line))
        return found

    @property
    def _outcomes(self) -> Path:
        return self._state / "outcomes.jsonl"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The dot keeps a half-written one out of the inventory.
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
