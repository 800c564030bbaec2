# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions; there is one only inside a request."""

from __future__ import annotations

from types import SimpleNamespace

import frappe


class HTTPRequest:
    def __init__(self) -> None:
        frappe.local.login_manager = SimpleNamespace(
            login_as=lambda user: frappe.set_user(frappe.switch("session") or user),
            logout=lambda: frappe.set_user("Guest"),
        )
        frappe.local.request_host = frappe.local.request.environ["HTTP_HOST"]
