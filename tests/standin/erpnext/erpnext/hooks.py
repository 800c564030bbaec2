# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of the stand-in app."""

from __future__ import annotations

app_name = "erpnext"
app_title = "ERPNext"
app_publisher = "erpops"
app_description = "Stand-in for ERPNext"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

after_install = "erpnext.setup.install.after_install"

setup_wizard_stages = "erpnext.setup.setup_wizard.setup_wizard.get_setup_stages"

scheduler_events = {
    "hourly": ["erpnext.stock.utils.check_reorder"],
    "daily_long": ["erpnext.stock.utils.update_valuation"],
}
