# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: the backups of a site as Prometheus metrics, for node_exporter's textfile collector.

Input is what ``modules/site_backup_info.py`` returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._prometheus import gauge

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def samples(backups: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """(name, help, value). A time that is not known is left out: a zero would say that it was in 1970."""
    yield "checked_timestamp_seconds", "When the site's backup sets were looked at.", backups["taken_at"]
    yield "sets", "Backup sets of the site on its bench.", len(backups["sets"])
    yield "sets_damaged", "Those of them that are not whole.", sum(not one["whole"] for one in backups["sets"])
    yield "stored_bytes", "Size of all of them.", backups["bytes"]
    if best := backups["newest"]:
        yield "last_success_timestamp_seconds", "When the newest whole set of the schedule was taken.", best["taken"]
        yield "last_verified_timestamp_seconds", "When it was last read back.", best["verified"]
        yield "last_size_bytes", "Its size.", best["bytes"]
        yield "last_encrypted", "1 if it is encrypted.", bool(best["encryption"])
    if copy := backups["newest_copy"]:
        text = "When the newest set was taken whose copy off-site was proven."
        yield "offsite_last_success_timestamp_seconds", text, copy["taken"]


def families(backups: Mapping[str, Any]) -> Iterator[Metric]:
    """The metrics of a site's backups."""
    for name, text, value in samples(backups):
        yield gauge(f"erpops_backup_{name}", text, backups["site"], value)
