# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a backup that is read back before it is believed."""

from __future__ import annotations

import glob
import hashlib
import os
from typing import Any

from .._errors import ErpopsError
from ._context import Context, disconnect
from ._dump_read import DumpFollower, newest_dump, read_dump
from ._files import make_private_dir, read_json, write_json


def backup_site(
    context: Context, folder: str, timeout: float = 3600.0, about: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Back up database, files and configuration into ``folder`` (0700) and verify what was written.

    The ``backup`` key of site_config.json, which makes a dump partial, is not followed.

    :param about: more keys for the manifest.
    :returns: ``{"path", "files": {name: sha256}, "bytes"}``.
    :raises ErpopsError: the backup failed, or a part of it cannot be read back (systems.md, F4).
    """
    disconnect()
    make_private_dir(folder)
    there = {path: os.stat(path).st_mtime_ns for path in glob.glob(os.path.join(folder, "*"))}
    options = ["--with-files", "--ignore-backup-conf", "--backup-path", folder]
    with DumpFollower(folder, there) as follower:
        done = context.bench.cli(["backup", *options], site=context.site, timeout=timeout)
    if done.code != 0:
        raise ErpopsError(
            f"backup failed (exit code {done.code})",
            object=context.site,
            seen=" / ".join(done.output.strip().splitlines()[-4:]),
            hint="nothing was changed; correct the cause and run again",
        )
    dump = newest_dump(context.site, folder, there)
    digest = follower.digest(dump) or read_dump(dump)
    verify_config(context.site, folder, about or {})
    files: dict[str, str] = {}
    size = 0
    for path in sorted(glob.glob(os.path.join(folder, "*"))):
        os.chmod(path, 0o600)
        size += os.path.getsize(path)
        files[os.path.basename(path)] = digest if path == dump else sha256(path)
    sizes = {name: os.path.getsize(os.path.join(folder, name)) for name in files}
    manifest = {**(about or {}), "schema": 1, "site": context.site, "files": files, "sizes": sizes}
    write_json(os.path.join(folder, "manifest.json"), manifest)
    return {"path": folder, "files": files, "bytes": size}


def verify_config(site: str, folder: str, manifest: dict[str, Any]) -> None:
    """Without the encryption key of its site_config every stored password of a restored site is lost.

    A site that stores none may have no key: Frappe makes it when it is needed first (frappe/utils/password.py).
    """
    copies = glob.glob(os.path.join(folder, "*site_config_backup*.json"))
    stored = ((manifest.get("fingerprint") or {}).get("secrets") or {}).get("stored")
    if not copies or ("encryption_key" not in read_json(copies[-1]) and stored != 0):
        raise ErpopsError("backup holds no site_config with an encryption_key", object=site, seen=folder)


def sha256(path: str) -> str:
    """Hex digest of a file's content."""
    total = hashlib.sha256()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            total.update(block)
    return total.hexdigest()
