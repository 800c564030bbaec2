# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to the user, whitelisting, roles (imitates parts of `frappe/__init__.py`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from frappe._local import _dict
from frappe._site import local
from frappe.exceptions import PermissionError, ValidationError

whitelisted: set[Any] = set()
guest_methods: set[Any] = set()
allowed_http_methods_for_whitelisted_func: dict[Any, list[str]] = {}


def _(msg: str, lang: str | None = None, context: str | None = None) -> str:
    """Translation: the stand-in speaks English only."""
    return msg


def bold(text: Any) -> str:
    return f"<strong>{text}</strong>"


def msgprint(
    msg: str,
    title: str | None = None,
    raise_exception: Any = False,
    indicator: str | None = None,
    alert: bool = False,
    **kwargs: Any,
) -> None:
    """Queue a message (`_server_messages` of the response) and raise, if told to."""
    out = _dict(message=msg, title=title or "Message")
    if raise_exception:
        out.indicator, out.raise_exception = indicator or "red", 1
    elif indicator:
        out.indicator = indicator
    if alert:
        out.alert = 1
    if not local.flags.mute_messages:
        local.message_log.append(out)
    if raise_exception:
        if inspect.isclass(raise_exception) and issubclass(raise_exception, Exception):
            raise raise_exception(msg)
        if isinstance(raise_exception, Exception):
            raise_exception.args = (msg,)
            raise raise_exception
        raise ValidationError(msg)


def throw(msg: str, exc: Any = ValidationError, title: str | None = None, **kwargs: Any) -> None:
    msgprint(msg, title=title, raise_exception=exc, indicator="red")


def clear_messages() -> None:
    local.message_log = []


def clear_last_message() -> None:
    local.message_log = local.message_log[:-1]


def get_message_log() -> list[dict[str, Any]]:
    return list(local.message_log)


def whitelist(
    allow_guest: bool = False, xss_safe: bool = False, methods: list[str] | None = None
) -> Callable[[Any], Any]:
    """Let a function be called over HTTP."""

    def innerfn(fn: Any) -> Any:
        whitelisted.add(fn)
        allowed_http_methods_for_whitelisted_func[fn] = methods or ["GET", "POST", "PUT", "DELETE"]
        if allow_guest:
            guest_methods.add(fn)
        return fn

    return innerfn


def is_whitelisted(method: Any) -> None:
    """PermissionError (403) unless whitelisted, and for Guest only with allow_guest."""
    is_guest = local.session.user == "Guest"
    if method not in whitelisted or (is_guest and method not in guest_methods):
        name = f"{method.__module__}.{method.__name__}"
        summary = "You are not permitted to access this resource. Login to access"
        detail = f"Function {bold(name)} is not whitelisted."
        throw(f"<details><summary>{summary}</summary>{detail}</details>", PermissionError, "Method Not Allowed")


def get_roles(username: str | None = None) -> list[str]:
    """Roles of a user, with the automatic ones (All, Guest)."""
    user = username or local.session.user
    if user == "Guest" or not user:
        return ["Guest"]
    roles = local.db.sql(
        "select role from `tabHas Role` where parenttype='User' and parent=%s and role not in ('All', 'Guest')",
        (user,),
        pluck=True,
    )
    if user == "Administrator":
        roles = local.db.sql("select name from `tabRole`", pluck=True)
    return [*roles, *(role for role in ("All", "Guest") if role not in roles)]


def only_for(roles: str | Iterable[str], message: bool = False) -> None:
    """PermissionError unless Administrator or a holder of one of the roles."""
    if local.flags.in_test or local.session.user == "Administrator":
        return
    wanted = {roles} if isinstance(roles, str) else set(roles)
    if wanted.isdisjoint(get_roles()):
        if not message:
            raise PermissionError
        names = ", ".join(bold(role) for role in wanted)
        throw(f"This action is only allowed for {names}", PermissionError, "Not Permitted")


def has_permission(
    doctype: str | None = None, ptype: str = "read", doc: Any = None, user: str | None = None, **kwargs: Any
) -> bool:
    """Role permissions (DocPerm rows of level 0); owner rows and user permissions are not modelled."""
    user = user or local.session.user
    if user == "Administrator":
        return True
    from frappe.model.meta import get_meta

    doctype = doctype or doc.doctype
    meta = get_meta(doctype)
    if meta.istable:
        parent = getattr(doc, "parenttype", None) if doc is not None else None
        return bool(parent and has_permission(parent, ptype, user=user))
    key = (user, doctype, ptype)
    if key not in local.role_permissions:
        roles = set(get_roles(user))
        rights = [p for p in meta.permissions if p.role in roles and not p.permlevel]
        local.role_permissions[key] = any(p.get(ptype) for p in rights)
    return local.role_permissions[key]
