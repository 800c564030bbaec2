# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of wrongver."""

from __future__ import annotations

app_name = "wrongver"
app_title = "Wrong Version"
app_publisher = "erpops"
app_description = "Was made for a Frappe of long ago"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"
