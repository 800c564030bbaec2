# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a user's login password, Administrator's for one.

The new one is the controller's, which has written it into its vault file before: whatever is killed, both of them are
known there. The old one comes back as its hash, so that the undo does not depend on what anybody thinks it was.
"""

from __future__ import annotations

from typing import Any

from ._context import Context, connect
from ._move_plan import wrong

_ROW = "doctype='User' and name=%s and fieldname='password' and encrypted=0"


def _user(args: dict[str, Any]) -> str:
    return str(args.get("user") or "Administrator")


def _is_password(user: str, password: str) -> bool:
    import frappe
    from frappe.utils.password import check_password

    try:
        check_password(user, password)
    except frappe.AuthenticationError:
        return False
    return True


def faults(context: Context, args: dict[str, Any], entry: Any) -> list[str]:
    """What is in the way of another password."""
    frappe, found, user = connect(context.bench, context.need_site()), [], _user(args)
    if not frappe.db.exists("User", user):
        found.append(wrong(f"{context.site} has no user {user}", "none", "a user", "check the name"))
    if int(frappe.db.get_singles_dict("System Settings").get("disable_user_pass_login") or 0):
        remedy = "switch System Settings.disable_user_pass_login off for the rotation"
        seen = "login by password is switched off"
        found.append(wrong(f"a password of {context.site} cannot be proven", seen, "a login", remedy))
    return found


def begin(context: Context, args: dict[str, Any], entry: Any) -> dict[str, Any]:
    """The user logs in with ``args["new"]``."""
    frappe, user, new = connect(context.bench, context.site), _user(args), str(args["new"])
    if not _is_password(user, new):
        from frappe.utils.password import update_password

        if not entry.values:
            rows = frappe.db.sql(f"select password from `__Auth` where {_ROW}", (user,))  # noqa: S608 -- a constant
            entry.save(state="noted", hash=str(rows[0][0]) if rows else "")
        update_password(user, new)
        frappe.db.commit()
    entry.save(state="set")
    return {}


def finish(context: Context, args: dict[str, Any], entry: Any) -> None:
    """Whoever is logged in with the old one is logged in no more."""
    frappe = connect(context.bench, context.site)
    from frappe.sessions import clear_sessions

    clear_sessions(user=_user(args), keep_current=False, force=True)
    frappe.db.commit()


def undo(context: Context, args: dict[str, Any], entry: Any) -> None:
    """The old password is the user's again."""
    frappe, user, old = connect(context.bench, context.site), _user(args), entry.values.get("hash")
    if old:
        frappe.db.sql(f"update `__Auth` set password=%s where {_ROW}", (old, user))  # noqa: S608 -- a constant
    elif old is not None:
        frappe.db.sql(f"delete from `__Auth` where {_ROW}", (user,))  # noqa: S608 -- a constant
    frappe.db.commit()
