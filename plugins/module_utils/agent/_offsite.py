# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: objects of a site in an S3 bucket, by rclone. Nothing is believed that was not read back."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any

from .._errors import ErpopsError
from ._backup_crypt import MANIFEST
from ._backup_tool import Ended, run_tool
from ._context import Context
from ._offsite_plan import Store, copies_in, listing, meaning


@dataclass(frozen=True)
class Offsite:
    """The sets of one site in a store."""

    context: Context
    store: Store
    timeout: float

    def _rclone(self, what: str, *words: str, stdin: bytes = b"", sink: Any = None) -> Ended:
        argv = ["rclone", words[0], *self.store.options, *words[1:]]
        done = run_tool(self.context, argv, stdin=stdin, env=self.store.environment, sink=sink, timeout=self.timeout)
        if done.code != 0:
            raise meaning(self.store, what, done.errors)
        return done

    def _path(self, *parts: str) -> str:
        return self.store.path(self.context.need_site(), *parts)

    def files(self, *name: str) -> dict[str, int]:
        """Sizes by path of all objects of the site, or of one set; ``{}`` when there are none."""
        quick = ("--recursive", "--files-only", "--no-modtime", "--no-mimetype")
        return listing(self._rclone("listing the copies", "lsjson", *quick, self._path(*name)).stdout)

    def copies(self) -> dict[str, dict[str, int]]:
        """Sizes by set and file, of the sets that are complete."""
        return copies_in(self.files())

    def put(self, folder: str, name: str, files: list[str]) -> None:
        """Write files of ``folder`` as objects of a set, whatever is there."""
        self._copy(f"copying {name}", folder, self._path(name), files)

    def get(self, name: str, folder: str, files: list[str]) -> None:
        """Read objects of a set into ``folder``; one that is not there is left out."""
        self._copy(f"fetching {name}", self._path(name), folder, files)

    def _copy(self, what: str, source: str, target: str, files: list[str]) -> None:
        names = "".join(f"/{file}\n" for file in files).encode()
        # By names, so that nothing else in the directories is looked at.
        self._rclone(what, "copy", "--ignore-times", "--no-traverse", "--files-from", "-", source, target, stdin=names)

    def digest(self, name: str, file: str) -> str:
        """SHA-256 of an object's content, as it is read from the store now."""
        total = hashlib.sha256()
        self._rclone(f"reading {file} back", "cat", self._path(name, file), sink=total.update)
        return total.hexdigest()

    def manifest(self, name: str) -> dict[str, Any]:
        """The manifest of a copy. :raises ErpopsError: (404) there is none; (422) it is none of this site."""
        return self.read_manifest(
            name, self._rclone(f"reading the copy {name}", "cat", self._path(name, MANIFEST)).stdout
        )

    def read_manifest(self, name: str, text: bytes) -> dict[str, Any]:
        """Of what was read of a set's manifest; each file of it is named without a path."""
        fault = ""
        try:
            manifest = json.loads(text)
            if manifest["schema"] != 1 or manifest["site"] != self.context.site:
                fault = f"schema {manifest['schema']}, of {manifest['site']}"
            fault = fault or ", ".join(file for file in manifest["files"] if os.path.basename(file) != file)
            float(manifest.get("taken") or 0)
        except (ValueError, KeyError, TypeError) as exc:
            fault = f"{type(exc).__name__}: {exc}"
        if not text:
            raise ErpopsError("there is no copy of this name", object=f"{self.store.name}/{name}", status=404)
        if fault:
            where = f"{self.store.name}/{self.context.site}/{name}/{MANIFEST}"
            raise ErpopsError("is no manifest of this site's", object=where, seen=fault, needed="schema 1", status=422)
        return dict(manifest)

    def wrong(self, name: str, wanted: dict[str, str]) -> list[str]:
        """Files of a set whose objects do not have the SHA-256 that ``wanted`` says, read from the store now."""
        return [file for file, digest in sorted(wanted.items()) if self.digest(name, file) != digest]

    def remove(self, name: str) -> None:
        """Remove a set, its manifest first: what is left of an ended removal is no copy."""
        if self._has_manifest(name):
            self._rclone(f"removing the copy {name}", "deletefile", self._path(name, MANIFEST))
        self._rclone(f"removing the copy {name}", "delete", self._path(name))

    def _has_manifest(self, name: str) -> bool:
        return MANIFEST in self.files(name)
