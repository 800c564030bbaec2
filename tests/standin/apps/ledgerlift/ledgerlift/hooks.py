# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of ledgerlift."""

from __future__ import annotations

app_name = "ledgerlift"
app_title = "Ledger Lift"
app_publisher = "erpops"
app_description = "Migrates ledger entries page by page"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"
