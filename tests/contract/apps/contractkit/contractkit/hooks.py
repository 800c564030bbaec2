# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of contractkit."""

from __future__ import annotations

app_name = "contractkit"
app_title = "Contract Kit"
app_publisher = "erpops"
app_description = "What the contract tests ask of a framework"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

fixtures = [{"dt": "Role", "filters": [["name", "=", "Kit Operator"]]}]

scheduler_events = {
    "cron": {"*/15 * * * *": ["contractkit.tasks.quarter"]},
    "hourly": ["contractkit.tasks.tick"],
}
