# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of collide."""

from __future__ import annotations

app_name = "collide"
app_title = "Collide"
app_publisher = "erpops"
app_description = "Brings a DocType named as one of ERPNext"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"
