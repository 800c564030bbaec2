# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: migrations of a site that we ran, ``.erpops/migrations/<site>.json``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

from ._context import Context
from ._files import read_json_or_empty, write_json

# Enough to tell how long the next one takes.
_KEPT = 20


def _read(context: Context) -> dict[str, Any]:
    path = os.path.join(context.bench.state, "migrations", f"{context.need_site()}.json")
    return read_json_or_empty(path)


def _write(context: Context, told: dict[str, Any]) -> None:
    write_json(context.bench.state_path("migrations", f"{context.need_site()}.json"), {**told, "schema": 1})


def history(context: Context) -> list[dict[str, Any]]:
    """Migrations that ended well, oldest first, with ``seconds``, ``commits`` (by app) and ``at``."""
    return list(_read(context).get("migrations") or [])


def remember_migration(context: Context, seconds: float, commits: Mapping[str, str]) -> None:
    """Note a migration that ended well."""
    told = _read(context)
    one = {"at": time.time(), "seconds": round(seconds, 2), "commits": dict(commits)}
    _write(context, {**told, "migrations": [*history(context), one][-_KEPT:]})


def forget_migrations(context: Context, since: float) -> None:
    """The site went back to what it was then (seconds since 1970): what came after is not what its tables are of."""
    told = _read(context)
    kept = [one for one in history(context) if float(one["at"]) < since]
    if told and kept != told.get("migrations"):
        _write(context, {**told, "migrations": kept})


def pair(apps: Iterable[Mapping[str, Any]]) -> str:
    """A change of code as one text, to be recognised again; ``apps`` as a plan has them.

    >>> pair([{"name": "shop", "from": "a" * 40, "to": "b" * 40}, {"name": "frappe", "from": "c", "to": "c"}])
    'shop:aaaaaaaaaaaa>bbbbbbbbbbbb'
    """
    moved = [app for app in apps if app["from"] != app["to"]]
    return " ".join(sorted(f"{app['name']}:{app['from'][:12]}>{app['to'][:12]}" for app in moved))


def failed_before(context: Context, apps: Iterable[Mapping[str, Any]]) -> str:
    """Why the same change of code failed on this site before; ``""`` if it did not."""
    return str((_read(context).get("failures") or {}).get(pair(apps)) or "")


def remember_failure(context: Context, apps: Iterable[Mapping[str, Any]], why: str) -> None:
    """Note that this change of code failed on this site."""
    told = _read(context)
    _write(context, {**told, "failures": {**(told.get("failures") or {}), pair(apps): why[:400]}})
