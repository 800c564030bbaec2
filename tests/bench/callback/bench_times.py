# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one JSON line per result to the file that BENCH_TIMES names: what ran, on which host, and how long."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bench_times
type: aggregate
short_description: Times of tasks for tests/bench/run.py
description: One JSON line for each result, with its times and what the site agent told of itself.
"""


class CallbackModule(CallbackBase):
    """Times seen from the controller: from the task's start on a host to its result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "bench_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display: Any = None) -> None:
        super().__init__(display=display)
        self.started: dict[tuple[str, str], float] = {}
        self._write({"event": "loaded"})

    def _write(self, line: dict[str, Any]) -> None:
        with open(os.environ["BENCH_TIMES"], "a", encoding="utf-8") as handle:
            handle.write(json.dumps({"at": time.time(), **line}) + "\n")

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._write({"event": "playbook"})

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._write({"event": "play", "name": play.get_name()})

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self.started[host.get_name(), task._uuid] = time.time()

    def _result(self, outcome: str, result: Any) -> None:
        host, task = result._host.get_name(), result._task
        data = result._result
        begun = self.started.pop((host, task._uuid), time.time())
        items = data.get("results") or [data]
        agents = [item["agent"] for item in items if isinstance(item, dict) and isinstance(item.get("agent"), dict)]
        self._write(
            {
                "event": outcome,
                "host": host,
                "task": task.get_name(),
                "action": task.action,
                "seconds": round(time.time() - begun, 4),
                "changed": bool(data.get("changed")),
                "agent_seconds": [agent.get("seconds") for agent in agents],
            }
        )

    def v2_runner_on_ok(self, result: Any) -> None:
        self._result("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._result("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._result("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._result("skipped", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._write({"event": "stats"})
