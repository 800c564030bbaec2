# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup sets that are written by hand, and a cipher that is none: its files begin and end as age's do."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import Any

from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

DUMP = b"-- a dump\n" + random.Random(1).randbytes(12_000) + b"\n-- Dump completed on 2026-11-21\n"
NOW = 1_795_219_200.0
DAY = 86400.0

# age, as far as its form is concerned; a target is written as it is asked for on the command line.
AGE = r"""#!/usr/bin/env python3
import sys
words = sys.argv[1:]
target, source = words[words.index("--output") + 1], words[-1]
data = open(source, "rb").read()
head = b"age-encryption.org/v1\n-> X25519 x\n--- " + b"A" * 43 + b"\n"
if "--decrypt" in words:
    assert "KEY" in sys.stdin.read(), "no identity matched"
    body = bytes(255 - byte for byte in data[len(head) + 16 :])
    plain = b"".join(body[at : at + 65552][:-16] for at in range(0, len(body), 65552))
    open(target, "wb").write(plain)
else:
    chunks = [data[at : at + 65536] for at in range(0, len(data), 65536)] or [b""]
    body = b"".join(chunk + bytes(16) for chunk in chunks)
    open(target, "wb").write(head + bytes(16) + bytes(255 - byte for byte in body))
"""


def tool(folder: Path, name: str, script: str) -> Path:
    """A program of that name in a folder that a test puts first on the path."""
    path = folder / name
    path.write_text(script)
    path.chmod(0o755)
    return path


def write_set(site: Tools, name: str, taken: float = NOW, purpose: str = "scheduled", **more: Any) -> Path:
    """A plain set in the archive of the site."""
    folder = site.path / ".erpops/archive" / SITE / name
    folder.mkdir(parents=True)
    for parent in (site.path / ".erpops", folder):
        parent.chmod(0o700)
    (folder / "1-database.sql.gz").write_bytes(gzip.compress(DUMP))
    (folder / "1-site_config_backup.json").write_text(json.dumps({"encryption_key": "k"}))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    manifest = {
        "schema": 1,
        "id": name * 2,
        "site": SITE,
        "taken": taken,
        "purpose": purpose,
        "frappe": "15.0.0",
        "apps": [{"name": "frappe", "version": "15.0.0", "commit": "c"}],
        "fingerprint": {"tables": {"tabUser": 2, "tabNote": 3}},
        "files": files,
        "sizes": {file: (folder / file).stat().st_size for file in files},
        **more,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
