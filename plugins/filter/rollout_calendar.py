# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: rollout_calendar
short_description: Whether a bench may be changed now
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Looks at the update window of a bench, on the wall clock of its time zone, and at the fleet's freezes.
positional: _input, freezes
options:
  _input:
    description:
      - C(from) and C(to), times of the day in quotes; C(days) on which it begins (C(mon) to C(sun), every day without);
        C(timezone), UTC without. An empty window is always open. One that ends before it begins goes on after midnight.
    type: dict
    required: true
  freezes:
    description: Each with C(from) and C(to), dates (to the end of the day) or times, C(reason) and C(timezone).
    type: list
    elements: dict
    default: []
  now:
    description: The moment that is asked for, as Unix time; now without it.
    type: float
"""

EXAMPLES = r"""
- name: See whether it may be begun
  ansible.builtin.debug:
    msg: "{{ window | erpops.frappe.rollout_calendar }}"
  vars:
    window: {days: [fri, sat], from: "22:00", to: "04:00", timezone: Europe/Berlin}
"""

RETURN = r"""
_value:
  description:
    - C(open), whether the window is; C(opens), when it opens next, empty when it is open; C(frozen), until when
      and why nothing is begun, empty when it is not.
  type: dict
  sample: {open: false, opens: Fri 2026-11-27 22:00 Europe/Berlin, frozen: ""}
"""

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_calendar import calendar


def rollout_calendar(
    window: dict[str, Any], freezes: Iterable[dict[str, Any]] = (), now: float | None = None
) -> dict[str, Any]:
    """See the documentation of the filter."""
    moment = datetime.now(timezone.utc) if now is None else datetime.fromtimestamp(float(now), timezone.utc)
    try:
        return calendar(window, freezes, moment)
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"erpops.frappe.rollout_calendar: {error}") from error


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        """The filters of this file."""
        return {"rollout_calendar": rollout_calendar}
