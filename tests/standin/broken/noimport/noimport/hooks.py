# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of noimport."""

from __future__ import annotations

import importlib

app_name = "noimport"
app_title = "No Import"
app_publisher = "erpops"
app_description = "Its hooks need a package that nobody has"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

importlib.import_module("a_package_that_nobody_has")
