# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the options of a task (documented in ``modules/site_task.py``)."""

from __future__ import annotations

from typing import Any


def task_spec() -> dict[str, Any]:
    """Options of ``site_task`` besides those of every site module; the agent's ``task.run`` takes the same."""
    return {
        "method": {"type": "str", "required": True},
        "kwargs": {"type": "dict", "default": {}},
        "check_kwargs": {"type": "dict", "default": {}},
        "name": {"type": "str"},
        "mode": {"type": "str", "choices": ["inline", "enqueued"], "default": "inline"},
        "queue": {"type": "str", "default": "long"},
        "paging": {
            "type": "dict",
            "options": {
                "param": {"type": "str", "required": True},
                "end_param": {"type": "str"},
                "start": {"type": "int", "default": 1},
                "step": {"type": "int", "default": 1},
                "next": {"type": "str"},
                "until": {"type": "str", "required": True},
                "max_pages": {"type": "int", "default": 100000},
            },
        },
        "counts": {"type": "dict", "default": {}},
        "growth": {"type": "dict", "default": {}},
        "changed_counts": {"type": "list", "elements": "str"},
        "fail_when": {"type": "list", "elements": "str", "default": []},
        "once": {"type": "bool", "default": False},
    }
