# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of needsapp."""

from __future__ import annotations

app_name = "needsapp"
app_title = "Needs App"
app_publisher = "erpops"
app_description = "Requires an app that no bench has"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

required_apps = ["frappe/missingapp"]
