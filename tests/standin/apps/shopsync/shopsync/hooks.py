# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of shopsync."""

from __future__ import annotations

app_name = "shopsync"
app_title = "Shop Sync"
app_publisher = "erpops"
app_description = "Orders of a web shop in ERPNext"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

# With the organisation: a bare "erpnext" makes Frappe ask api.github.com.
required_apps = ["frappe/erpnext"]

after_install = "shopsync.install.after_install"

fixtures = [
    {"dt": "Role", "filters": [["name", "=", "Shop Manager"]]},
    {"dt": "Custom Field", "filters": [["module", "=", "Shop Sync"]]},
]

scheduler_events = {
    "cron": {"*/15 * * * *": ["shopsync.sync.pull_all"]},
    "hourly": ["shopsync.sync.check_health"],
    "daily": ["shopsync.sync.prune_logs"],
}
