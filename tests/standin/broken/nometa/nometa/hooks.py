# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of nometa."""

from __future__ import annotations

app_name = "nometa"
app_title = "No Meta"
app_publisher = "erpops"
app_description = "Without package metadata at its root, so nothing can install it"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"
