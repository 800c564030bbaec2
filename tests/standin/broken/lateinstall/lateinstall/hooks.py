# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of lateinstall."""

from __future__ import annotations

app_name = "lateinstall"
app_title = "Late Install"
app_publisher = "erpops"
app_description = "Fails in after_install, when the site already lists it"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

after_install = "lateinstall.install.after_install"
scheduler_events = {"hourly": ["lateinstall.install.hourly"]}
fixtures = [{"dt": "Role", "filters": [["name", "=", "Late Role"]]}]
