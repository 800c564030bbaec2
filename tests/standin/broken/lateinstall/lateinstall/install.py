# SPDX-License-Identifier: GPL-3.0-or-later
"""after_install raises unless LATEINSTALL_OK is set in the environment or `lateinstall_ok` in the site config."""

from __future__ import annotations

import os

import frappe


def after_install() -> None:
    if not (os.environ.get("LATEINSTALL_OK") or frappe.conf.get("lateinstall_ok")):
        raise RuntimeError("lateinstall: after_install fails on purpose")


def hourly() -> None:
    """Fails as scheduled jobs do when what they need is missing."""
    raise RuntimeError("lateinstall: hourly fails on purpose")
