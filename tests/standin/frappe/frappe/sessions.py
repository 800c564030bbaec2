# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions in `tabSessions` (imitates the surface of `frappe/sessions.py`)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import now


class Session:
    """Resume by the `sid` cookie (unknown: Guest) or start one for `user`."""

    def __init__(self, user: str | None, resume: bool = False, **kwargs: Any) -> None:
        self.data = frappe._dict(data=frappe._dict(), user=user or "Guest", sid="Guest")
        if resume:
            self._resume()
        elif user and user != "Guest":
            self._start(user)
        self.user: str = self.data.user

    def _resume(self) -> None:
        request = frappe.local.request
        sid = frappe.form_dict.pop("sid", None) or request.cookies.get("sid") or "Guest"
        if sid == "Guest":
            return
        user = frappe.db.sql("select user from `tabSessions` where sid=%s", (sid,), pluck=True)
        if user:
            self.data.update(user=user[0], sid=sid)

    def _start(self, user: str) -> None:
        sid = frappe.generate_hash()
        frappe.db.sql(
            "insert into `tabSessions` (user, sid, sessiondata, ipaddress, lastupdate, status)"
            " values (%s, %s, '{}', %s, %s, 'Active')",
            (user, sid, frappe.local.request_ip, now()),
        )
        frappe.db.set_value("User", user, "last_active", now(), update_modified=False)
        self.data.update(user=user, sid=sid)
        frappe.db.commit()


def delete_session(sid: str, user: str | None = None, reason: str = "") -> None:
    frappe.db.delete("Sessions", {"sid": sid})


def clear_sessions(user: str | None = None, keep_current: bool = False, force: bool = False) -> None:
    filters: dict[str, Any] = {"user": user or frappe.session.user}
    if keep_current:
        filters["sid"] = ["!=", frappe.session.sid or ""]
    frappe.db.delete("Sessions", filters)


def clear_all_sessions(reason: str | None = None) -> None:
    frappe.only_for("Administrator")
    frappe.db.delete("Sessions")
