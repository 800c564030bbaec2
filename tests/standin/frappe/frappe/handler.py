# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of whitelisted methods (imitates `frappe/handler.py`)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

import frappe
from frappe import ping  # noqa: F401 - reachable as /api/method/ping


def handle() -> Any:
    """Call `form_dict.cmd`; what it returns becomes `message`."""
    cmd = frappe.local.form_dict.cmd
    data = None
    if cmd != "login":
        data = execute_cmd(cmd)
    if isinstance(data, Response):
        return data
    if data is not None:
        frappe.response["message"] = data
    return None


def execute_cmd(cmd: str) -> Any:
    """Unknown method: ValidationError (417). Not whitelisted or wrong verb: PermissionError (403)."""
    for hook in reversed(frappe.get_hooks("override_whitelisted_methods", {}).get(cmd, [])):
        cmd = hook
        break
    try:
        method = frappe.get_attr(cmd) if "." in cmd else globals()[cmd]
    except Exception as e:
        frappe.throw(f"Failed to get method for command {cmd} with {e}")
    frappe.is_whitelisted(method)
    verbs = frappe.allowed_http_methods_for_whitelisted_func.get(method, [])
    if frappe.local.request.method not in verbs and frappe.local.request.method != "HEAD":
        frappe.throw("Not permitted", frappe.PermissionError)
    form = frappe._dict(frappe.form_dict)
    form.pop("cmd", None)
    return frappe.call(method, **form)


@frappe.whitelist(allow_guest=True)
def logout() -> None:
    frappe.local.login_manager.logout()
    frappe.db.commit()


@frappe.whitelist(allow_guest=True)
def version() -> str:
    return frappe.__version__
