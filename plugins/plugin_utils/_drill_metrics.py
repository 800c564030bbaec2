# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: a drill's result as Prometheus metrics, for node_exporter's textfile collector.

Input is RV(drill) of ``modules/site_drill.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._prometheus import family, gauge

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def families(drill: Mapping[str, Any]) -> Iterator[Metric]:
    """The metrics of a site's last drill."""
    values = [
        ("last_timestamp_seconds", "When the site's last drill ended.", drill["ended"]),
        ("success", "1 if nothing was wrong with the backup set.", float(drill["ok"])),
        ("findings", "What was wrong with it.", len(drill["findings"])),
        ("set_taken_timestamp_seconds", "When the set was taken.", drill["set"]["taken"]),
        ("rpo_seconds", "How old the set was.", drill["rpo_seconds"]),
    ]
    if drill["rto_seconds"] is not None:  # a zero would say that it took no time
        values.append(("rto_seconds", "How long it took until the site answered.", drill["rto_seconds"]))
    for name, text, value in values:
        yield gauge(f"erpops_drill_{name}", text, drill["site"], value)
    steps = family("erpops_drill_step_seconds", "How long each step took.", "step")
    for step, seconds in drill["seconds"].items():
        steps.add_metric([drill["site"], step], seconds)
    yield steps
