# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: how far an update has come -- ``.erpops/update.json`` of the bench, ``updates/<site>.json``.

The bench: ``begun`` -> ``switched`` -> ``over``. A site, forward: ``holding`` -> ``held`` -> ``saved`` -> ``migrating``
-> ``migrated`` -> ``over``. Back: ``leaving`` -> ``left`` -> ``undoing`` -> ``undone`` -> ``over``; or ``quarantined``.
What is over has an ``outcome``: ``done``, ``undone``, or ``untouched`` when nothing of the site had been changed.
"""

from __future__ import annotations

import glob
import os
import time
from typing import Any

from ._bench import Bench
from ._context import Context
from ._files import read_json, read_json_or_empty, write_json

Journal = dict[str, Any]


def _site_path(bench: Bench, site: str) -> str:
    return os.path.join(bench.state, "updates", f"{site}.json")


def read_site_journal(bench: Bench, site: str) -> Journal:
    """The site's journal; ``{}`` without one."""
    path = _site_path(bench, site)
    return read_json_or_empty(path)


def write_site_journal(context: Context, journal: Journal) -> None:
    """Replace the journal of the context's site."""
    context.bench.state_path("updates", "")
    path = _site_path(context.bench, context.need_site())
    write_json(path, {"schema": 1, "site": context.site, **journal, "changed": time.time()})


def read_bench_journal(bench: Bench) -> Journal:
    """The bench's journal; ``{}`` without one."""
    path = os.path.join(bench.state, "update.json")
    return read_json_or_empty(path)


def write_bench_journal(bench: Bench, journal: Journal) -> None:
    """Replace the bench's journal."""
    write_json(bench.state_path("update.json"), {"schema": 1, **journal, "changed": time.time()})


def is_over(journal: Journal) -> bool:
    """Whether nothing is left to be done for this journal."""
    return not journal or journal["state"] == "over"


def points_in_use(bench: Bench) -> set[str]:
    """Rollback points that an update which is not over may have to go back to."""
    journals = [read_bench_journal(bench)]
    journals += [read_json(path) for path in glob.glob(_site_path(bench, "*"))]
    return {str(one["point"]) for one in journals if one and not is_over(one) and one.get("point")}
