# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of the framework itself."""

from __future__ import annotations

app_name = "frappe"
app_title = "Framework"
app_publisher = "erpops"
app_description = "Stand-in for the Frappe framework"
app_license = "GPL-3.0-or-later"
app_email = "nobody@example.com"

after_install = "frappe.utils.install.after_install"
before_request = ["frappe.rate_limiter.apply"]

scheduler_events = {
    "cron": {"0/15 * * * *": ["frappe.utils.standin_jobs.flush_queue"]},
    "hourly": ["frappe.utils.standin_jobs.sync_deferred"],
    "daily": ["frappe.utils.standin_jobs.clean_old_logs"],
}
