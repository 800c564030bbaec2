# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler's switch."""

from __future__ import annotations

import frappe


def toggle_scheduler(enable: bool) -> None:
    frappe.db.rows("System Settings")["System Settings"]["enable_scheduler"] = int(enable)
