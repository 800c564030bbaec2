# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the API key of an integration.

Frappe replaces a secret at once, so that a consumer which has the old one is cut off. Without a gap it takes a second
user of the same roles, the standby: it gets a key, consumers are given that one, and when the time of grace is over the
secret of the first is replaced by one that nobody knows. The next rotation goes the other way.
"""

from __future__ import annotations

import time
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect
from ._keys import stored_key
from ._move_plan import wrong

# What a user of the same rights has alike; a field that this version does not know is left out.
_ALIKE = ("first_name", "last_name", "language", "time_zone", "module_profile", "role_profile_name", "restrict_ip")

_LIMITS = ("allow", "for_value", "applicable_for", "apply_to_all_doctypes", "is_default", "hide_descendants")


def faults(context: Context, args: dict[str, Any], entry: Any) -> list[str]:
    """What is in the way of another key."""
    frappe, site, found = connect(context.bench, context.need_site()), context.site, []
    user, active, standby = str(args.get("user") or ""), _active(args), str(args.get("standby") or "")
    if not user:
        return [wrong(f"{site} has no API user", "none", "site_api_user", "name one in the inventory")]
    for one in sorted({user, active}):
        if not frappe.db.exists("User", one) or not all(stored_key(frappe, one)):
            remedy = f"playbooks/provision.yml --limit {site}"
            found.append(wrong(f"{one} of {site} has no API key to rotate", "none", "a key", remedy))
    if standby and standby in (user, "Administrator", "Guest"):
        remedy = "give another site_api_standby_user"
        found.append(
            wrong(f"{standby} cannot stand in for {user} of {site}", "the same or a special user", "another", remedy)
        )
    if active not in (user, standby or user):
        remedy = f"-e rotate_api_key_gap=true, which gives the key of {user} back to the consumers, or name it again"
        found.append(
            wrong(f"the consumers of {site} have the key of {active}", "no site_api_standby_user", active, remedy)
        )
    return found


def _active(args: dict[str, Any]) -> str:
    """Whose key the consumers have."""
    return str(args.get("active") or args.get("user") or "")


def begin(context: Context, args: dict[str, Any], entry: Any) -> dict[str, Any]:
    """There is a new pair, which ``told`` holds with that of before; its place is the consumers' file."""
    frappe = connect(context.bench, context.site)
    if entry.values.get("state") == "waiting":
        return {}
    if not entry.values:
        user, active, standby = str(args["user"]), _active(args), str(args.get("standby") or "")
        new = (standby if active == user else user) if standby else active
        key, secret = stored_key(frappe, active)
        entry.save(state="noted", old={"user": active, "api_key": key, "api_secret": secret}, user=new)
    old, user = entry.values["old"], entry.values["user"]
    if user != old["user"]:
        _stand_in(frappe, old["user"], user)
    if entry.values["state"] == "noted":
        entry.save(state="replacing")
        _replace(frappe, user)
    elif entry.values["state"] == "replacing" and stored_key(frappe, user)[1] == _spent(entry):
        _replace(frappe, user)  # it was ended before it replaced anything
    key, secret = stored_key(frappe, user)
    entry.save(state="issued")
    return {"old": old, "new": {"user": user, "api_key": key, "api_secret": secret}, "gap": user == old["user"]}


def _spent(entry: Any) -> str:
    """The secret that must not stay; of a standby any does, since nobody was told it."""
    old = entry.values["old"]
    return str(old["api_secret"]) if entry.values["user"] == old["user"] else ""


def _replace(frappe: Any, user: str) -> None:
    from frappe.core.doctype.user.user import generate_keys

    frappe.set_user("Administrator")
    generate_keys(user)
    frappe.db.commit()


def _stand_in(frappe: Any, like: str, user: str) -> None:
    """``user`` is there, enabled, and has the roles and the user permissions of ``like``."""
    model = frappe.get_doc("User", like)
    if frappe.db.exists("User", user):
        document = frappe.get_doc("User", user)
    else:
        document = frappe.new_doc("User")
        document.update({"email": user, "first_name": user, "send_welcome_email": 0})
        document.flags.no_welcome_mail = True
    alike = {field: model.get(field) for field in _ALIKE if model.get(field)}
    wanted = sorted({row.role for row in model.get("roles") or []})
    have = sorted({row.role for row in document.get("roles") or []})
    if document.is_new() or have != wanted or not int(document.enabled or 0):
        document.update({**alike, "enabled": 1})
        document.set("roles", [{"role": role} for role in wanted])
        document.save(ignore_permissions=True)
    _same_limits(frappe, like, user)
    frappe.db.commit()


def _same_limits(frappe: Any, like: str, user: str) -> None:
    """The user permissions, which narrow down what roles allow, are those of ``like``."""
    if not frappe.db.exists("DocType", "User Permission"):
        return
    fields = [field for field in _LIMITS if frappe.get_meta("User Permission").has_field(field)]

    def limits(of: str) -> list[dict[str, Any]]:
        return [dict(row) for row in frappe.get_all("User Permission", filters={"user": of}, fields=fields, limit=0)]

    wanted, have = limits(like), limits(user)
    if sorted(map(str, wanted)) == sorted(map(str, have)):
        return
    for name in frappe.get_all("User Permission", filters={"user": user}, pluck="name", limit=0):
        frappe.delete_doc("User Permission", name, ignore_permissions=True)
    for row in wanted:
        frappe.get_doc({"doctype": "User Permission", "user": user, **row}).insert(ignore_permissions=True)


def finish(context: Context, args: dict[str, Any], entry: Any) -> dict[str, Any]:
    """The consumers' file has the new pair. That of before is let in for ``args["grace"]`` seconds more, then retired."""
    frappe = connect(context.bench, context.site)
    old, user = entry.values["old"], entry.values["user"]
    if user == old["user"]:
        return {"old": old}
    if entry.values["state"] != "waiting":
        entry.save(state="waiting", since=time.time())
    until = float(entry.values["since"]) + float(args.get("grace") or 0)
    if time.time() < until:
        return {"waits_until": until}
    if stored_key(frappe, old["user"])[1] == old["api_secret"]:
        _replace(frappe, old["user"])
    return {"old": old}


def undo(context: Context, args: dict[str, Any], entry: Any) -> dict[str, Any]:
    """The pair of before is in force and in ``told``; that of a standby is worth nothing any more."""
    frappe = connect(context.bench, context.site)
    old, user = entry.values["old"], entry.values["user"]
    key, secret = stored_key(frappe, old["user"])
    if secret != old["api_secret"]:
        from frappe.utils.password import set_encrypted_password

        set_encrypted_password("User", old["user"], old["api_secret"], "api_secret")
        frappe.db.commit()
        key, secret = stored_key(frappe, old["user"])
    if (key, secret) != (old["api_key"], old["api_secret"]):
        raise ErpopsError("the key of before could not be put back", object=old["user"], status=502)
    if user != old["user"] and entry.values["state"] != "noted":
        _replace(frappe, user)
    return {"old": old}
