# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what the events of a run tell of a sign-up -- failures, timings, what it published.

Pure: takes the events of ansible-runner, one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_FAILED = ("runner_on_failed", "runner_item_on_failed", "runner_on_unreachable")
KEY_TASK = "Ensure the API keys"
REFUSAL_TASK = "Refuse a name that is taken"


class Story:
    """A run as it unfolds."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        # What the play published with set_stats.
        self.published: dict[str, Any] = {}
        # Seconds from the issue of the key to the first answer to it, as the module that asked measured it.
        self.key_seconds: float | None = None
        # The name was seen to be somebody's, before anything was made.
        self.refused = False

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in one event."""
        data = event.get("event_data") or {}
        kind = event.get("event")
        if kind == "playbook_on_stats":
            self.published = dict((data.get("artifact_data") or {}).get("erpops_signup") or {})
            return
        result = data.get("res") or {}
        if kind in _FAILED and not data.get("ignore_errors") and "results" not in result:
            self.failures.append(str(result.get("msg") or data.get("task") or "a task failed"))
            self.refused = self.refused or str(data.get("task")).endswith(REFUSAL_TASK)
        elif kind in ("runner_on_ok", "runner_item_on_ok"):
            self._note(str(data.get("task") or ""), result)

    def _note(self, task: str, result: Mapping[str, Any]) -> None:
        if task.endswith(KEY_TASK) and isinstance(result.get("api_key"), Mapping):
            seconds = result["api_key"].get("seconds_to_active")
            self.key_seconds = float(seconds) if seconds is not None else self.key_seconds

    def error(self, status: str) -> str:
        """What went wrong first, with how many more there were."""
        if not self.failures:
            return f"the run ended ({status}) before any task failed; its log on the standard error says more"
        more = f" (and {len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
        return self.failures[0] + more


def measured(outcomes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The success metrics of the sign-ups so far: rate, seconds (median and worst), steps taken by hand.

    A refused request (bad or taken name) is neither a success nor a failure of the machinery. What counts as a step by
    hand is a call with ``--discard``, and a second call that had to finish what a first one left.
    """
    made = [one for one in outcomes if one["outcome"] == "made"]
    failed = [one for one in outcomes if one["outcome"] == "failed"]
    tried = len(made) + len(failed)
    seconds = sorted(float(one["seconds"]) for one in made)
    keys = sorted(float(one["key_seconds"]) for one in made if one.get("key_seconds") is not None)
    return {
        "signups": tried,
        "success_percent": round(100 * len(made) / tried, 1) if tried else None,
        "refused": sum(one["outcome"] == "refused" for one in outcomes),
        "provisioning_seconds": {"median": _median(seconds), "worst": seconds[-1] if seconds else None},
        "key_activation_seconds": {"median": _median(keys), "worst": keys[-1] if keys else None},
        "manual_steps": sum(one["outcome"] == "discarded" or bool(one.get("resumed")) for one in outcomes),
    }


def _median(values: list[float]) -> float | None:
    if not values:
        return None
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else round((values[middle - 1] + values[middle]) / 2, 3)
