# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication of requests (imitates `frappe/auth.py`): cookies, `token key:secret`, `Basic`."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import frappe
from frappe.sessions import Session, delete_session
from frappe.utils.password import get_decrypted_password

SAFE_HTTP_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
UNSAFE_HTTP_METHODS = frozenset(("POST", "PUT", "DELETE", "PATCH"))


class HTTPRequest:
    """Cookies and session of the request that is bound to `frappe.local.request`."""

    def __init__(self) -> None:
        forwarded = frappe.get_request_header("X-Forwarded-For")
        remote = getattr(frappe.request, "remote_addr", None) if frappe.request else None
        frappe.local.request_ip = forwarded.split(",", 1)[0].strip() if forwarded else remote or "127.0.0.1"
        frappe.local.cookie_manager = CookieManager()
        frappe.local.login_manager = LoginManager()


class LoginManager:
    """Outside a request its constructor raises AttributeError, as in real Frappe."""

    def __init__(self) -> None:
        self.user: str | None = None
        self.info: Any = None
        self.full_name: str | None = None
        self.user_type: str | None = None
        if frappe.local.form_dict.get("cmd") == "login" or frappe.local.request.path == "/api/method/login":
            self.login()
            self.resume = False
        else:
            self.resume = True
            self.make_session(resume=True)
            self.get_user_info()

    def login(self) -> None:
        self.authenticate()
        frappe.form_dict.pop("pwd", None)
        self.post_login()

    def login_as(self, user: str, session_end: Any = None, audit_user: Any = None) -> None:
        self.user = user
        self.post_login()

    def post_login(self) -> None:
        for method in frappe.get_hooks("on_login"):
            frappe.call(frappe.get_attr(method), login_manager=self)
        self.get_user_info()
        self.make_session()
        _activity("Login", self.user, "Success")
        frappe.local.response["message"] = "Logged In" if self.user_type == "System User" else "No App"
        frappe.local.response["home_page"] = "/app" if self.user_type == "System User" else "/me"
        frappe.local.response["full_name"] = self.full_name
        cookies = frappe.local.cookie_manager
        cookies.set_cookie("sid", frappe.local.session.sid)
        cookies.set_cookie("system_user", "yes" if self.user_type == "System User" else "no")
        cookies.set_cookie("full_name", self.full_name or "")
        cookies.set_cookie("user_id", self.user or "")

    def get_user_info(self) -> None:
        fields = ["user_type", "first_name", "last_name"]
        self.info = frappe.db.get_value("User", self.user, fields, as_dict=True) or frappe._dict()
        self.user_type = self.info.user_type
        self.full_name = " ".join(filter(None, [self.info.first_name, self.info.last_name]))

    def make_session(self, resume: bool = False, **kwargs: Any) -> None:
        frappe.local.session_obj = Session(user=self.user, resume=resume)
        self.user = frappe.local.session_obj.user
        frappe.local.session = frappe.local.session_obj.data

    def authenticate(self, user: str | None = None, pwd: str | None = None) -> None:
        from frappe.core.doctype.user.user import User

        if not (user and pwd):
            user, pwd = frappe.form_dict.get("usr"), frappe.form_dict.get("pwd")
        if not (user and pwd):
            self.fail("Incomplete login details", user=user)
        found = User.find_by_credentials(str(user), str(pwd))
        if not found or not found.is_authenticated:
            self.fail("Invalid login credentials", user=user)
        if not (found.name == "Administrator" or found.enabled):
            self.fail("User disabled or missing", user=user)
        self.user = found.name

    def check_password(self, user: str, pwd: str) -> Any:
        from frappe.utils.password import check_password

        try:
            return check_password(user, pwd)
        except frappe.AuthenticationError:
            self.fail("Incorrect password", user=user)

    def fail(self, message: str, user: str | None = None) -> None:
        frappe.local.session = frappe._dict(user="Guest", sid="Guest", data=frappe._dict())
        frappe.local.response["message"] = message
        _activity(message, user or "Unknown User", "Failed")
        frappe.db.commit()
        raise frappe.AuthenticationError

    def logout(self, arg: str = "", user: str | None = None) -> None:
        user = user or frappe.session.user
        if frappe.session.sid and frappe.session.sid != "Guest":
            delete_session(frappe.session.sid)
        _activity("Logout", user, "Success")
        if hasattr(frappe.local, "cookie_manager"):
            frappe.local.cookie_manager.delete_cookie(["full_name", "user_id", "sid", "system_user"])

    def clear_cookies(self) -> None:
        frappe.local.cookie_manager.delete_cookie(["full_name", "user_id", "sid", "system_user"])


def _activity(subject: str, user: str | None, status: str) -> None:
    doc = {"doctype": "Activity Log", "subject": f"{user}: {subject}", "status": status, "user": user}
    operation = subject if subject in ("Login", "Logout") else "Login"
    frappe.get_doc({**doc, "operation": operation}).insert(ignore_permissions=True, ignore_links=True)


class CookieManager:
    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.to_delete: list[str] = []

    def set_cookie(self, key: str, value: str, **kwargs: Any) -> None:
        self.cookies[key] = value

    def delete_cookie(self, keys: str | list[str]) -> None:
        self.to_delete += [keys] if isinstance(keys, str) else keys

    def flush_cookies(self, response: Any) -> None:
        for key, value in self.cookies.items():
            response.set_cookie(key, value, httponly=key == "sid", samesite="Lax")
        for key in self.to_delete:
            response.set_cookie(key, "", expires=0)


def validate_auth() -> None:
    """An Authorization header that names no user is 401, also when it is malformed."""
    header = (frappe.get_request_header("Authorization") or "").split(" ")
    if len(header) == 2:
        validate_auth_via_api_keys(header)
    for hook in frappe.get_hooks("auth_hooks"):
        frappe.get_attr(hook)()
    if len(header) == 2 and frappe.session.user in ("", "Guest"):
        raise frappe.AuthenticationError


def validate_auth_via_api_keys(authorization_header: list[str]) -> None:
    """`token key:secret` or `Basic base64(key:secret)`; what cannot be split is ignored here."""
    kind, value = authorization_header[0].lower(), authorization_header[1]
    source = frappe.get_request_header("Frappe-Authorization-Source")
    try:
        if kind == "basic":
            api_key, api_secret = base64.b64decode(value).decode().split(":")
        elif kind == "token":
            api_key, api_secret = value.split(":")
        else:
            return
        validate_api_key_secret(api_key, api_secret, source)
    except binascii.Error:
        text = "Failed to decode token, please provide a valid base64-encoded token."
        frappe.throw(text, frappe.InvalidAuthorizationToken)
    except (AttributeError, TypeError, ValueError):
        pass


def validate_api_key_secret(api_key: str, api_secret: str, source: str | None = None) -> None:
    """Compare with the decrypted secret. A wrong encryption key reads as "no secret": 401 as well,

    while reading any Password field on such a site fails with ValidationError (417)."""
    if not api_key or not api_secret:
        raise frappe.AuthenticationError
    doctype = source or "User"
    docname = frappe.db.get_value(doctype, {"api_key": api_key, "enabled": 1}, "name")
    if not docname:
        raise frappe.AuthenticationError
    form_dict = frappe.local.form_dict
    secret = get_decrypted_password(doctype, docname, fieldname="api_secret", raise_exception=False)
    if not secret or secret != api_secret:
        raise frappe.AuthenticationError
    user = docname if doctype == "User" else frappe.db.get_value(doctype, docname, "user")
    if frappe.local.login_manager.user in ("", "Guest"):
        frappe.set_user(user)
    frappe.local.form_dict = form_dict


@frappe.whitelist()
def get_logged_user() -> str:
    return frappe.session.user
