# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: API keys -- issued once, read back rather than rotated, and warmed up."""

from __future__ import annotations

import time
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect, plain_text


def stored_key(frappe: Any, user: str) -> tuple[str, str]:
    """The user's key and decrypted secret; an absent one is ``""``.

    :raises ErpopsError: (404) no such user; (417) the site's encryption_key does not decrypt the secret.
    """
    from frappe.utils.password import get_decrypted_password

    if not frappe.db.exists("User", user):
        raise ErpopsError(
            "there is no such user",
            object=f"{frappe.local.site}: {user}",
            hint="declare the user as a document before its key",
            status=404,
        )
    key = str(frappe.db.get_value("User", user, "api_key") or "")
    try:
        secret = get_decrypted_password("User", user, "api_secret", raise_exception=bool(key))
    except Exception as exc:
        if "ncryption key" in str(exc):
            raise ErpopsError(
                "the stored API secret cannot be decrypted",
                object=f"{frappe.local.site}: {user}",
                seen=plain_text(exc)[:120],
                hint="put the site's original encryption_key back from its backup; rotating would hide the fault",
                status=417,
            ) from exc
        secret = ""  # a key without a secret: Frappe says "Password not found"
    return key, str(secret or "")


def apply_key(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """A key and a secret exist for ``args["user"]``; with ``rotate`` the secret is replaced.

    Frappe rotates in place: the old secret answers 401 from that moment on.
    """
    frappe = connect(context.bench, context.need_site())
    user = args["user"]
    with context.locked("key.apply"):
        key, secret = stored_key(frappe, user)
        action = "" if key and secret and not args.get("rotate") else ("rotated" if key and secret else "issued")
        created = 0.0
        if action and not context.check:
            from frappe.core.doctype.user.user import generate_keys

            frappe.set_user("Administrator")
            generate_keys(user)
            frappe.db.commit()
            created = time.time()
            key, secret = stored_key(frappe, user)
    return {
        "changed": bool(action),
        "action": action,
        "user": user,
        "api_key": key,
        "api_secret": secret,
        "created": created,
        "enabled": bool(frappe.db.get_value("User", user, "enabled")),
    }


def warm_session(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Open a session of the user as Frappe does for a request, and close it again; milliseconds of both.

    ``LoginManager()`` outside a request raises; inside one (``frappe/auth.py: HTTPRequest``) it loads the
    user's roles, defaults and boot caches, which is the work that a first call otherwise waits for.
    """
    frappe = connect(context.bench, context.need_site())
    from frappe.auth import HTTPRequest
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    started = time.perf_counter()
    environ = EnvironBuilder(method="GET", path="/", headers=[("Host", context.site)]).get_environ()
    frappe.local.request = Request(environ)
    frappe.local.form_dict = frappe._dict()
    frappe.local.response = frappe._dict(docs=[])
    frappe.local.http_request = HTTPRequest()
    manager = frappe.local.login_manager
    manager.login_as(args["user"])
    opened = time.perf_counter()
    seen = frappe.session.user
    manager.logout()
    frappe.db.commit()
    frappe.set_user("Administrator")
    if seen != args["user"]:
        raise ErpopsError("the session belongs to another user", object=args["user"], seen=str(seen))
    return {
        "opened_ms": round((opened - started) * 1000, 1),
        "closed_ms": round((time.perf_counter() - opened) * 1000, 1),
    }


OPERATIONS = {"key.apply": apply_key, "key.warm": warm_session}
