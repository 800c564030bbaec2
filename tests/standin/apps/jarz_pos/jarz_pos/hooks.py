# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of the twin."""

from __future__ import annotations

app_name = "jarz_pos"
app_title = "Jarz POS"
app_publisher = "erpops"
app_description = "The twin of an app that jarz_woocommerce_integration needs"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"
