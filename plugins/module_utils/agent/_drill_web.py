# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a restored site asked over HTTP, from the bench's own host: login, API read, API key."""

from __future__ import annotations

import http.client
import json
import secrets
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ._context import Context, connect, disconnect
from ._keys import stored_key

_LOGGED_USER = "/api/method/frappe.auth.get_logged_user"


def ask_site(context: Context, url: str, doctype: str, user: str) -> list[str]:
    """What a site does not answer as it should, as sentences; empty when it does.

    Its Administrator gets a password that nobody knows, so that a login can be tried: only of a scratch site.

    :param url: of the bench's web server, ``http://127.0.0.1:8000``; the site is named in the Host header.
    :param doctype: of which one row is read.
    :param user: whose API key is tried, as it came out of the set; none with ``""``.
    """
    frappe = connect(context.bench, context.need_site())
    from frappe.utils.password import decrypt, encrypt, update_password

    faults = []
    text = secrets.token_urlsafe(24)
    try:
        if decrypt(encrypt(text)) != text:
            faults.append("a text that is encrypted is not the same when it is decrypted")
    except Exception as exc:  # noqa: BLE001 -- Frappe's own ValidationError, or the cipher's
        faults.append(f"nothing can be encrypted with the site's key: {type(exc).__name__}")
    update_password("Administrator", text)
    key, secret = stored_key(frappe, user) if user else ("", "")
    frappe.db.commit()
    disconnect()

    def expect(what: str, wanted: Any, path: str, **more: Any) -> str:
        status, message, cookie = _ask(url, context.site, path, **more)
        if status != 200 or (wanted is not None and message != wanted):
            faults.append(f"{what}: HTTP {status}, {str(message)[:120]}" if status else f"{what}: {message}")
        return cookie

    expect("ping", "pong", "/api/method/ping")
    cookie = expect("login", None, "/api/method/login", data={"usr": "Administrator", "pwd": text})
    expect("who is logged in", "Administrator", _LOGGED_USER, headers={"Cookie": cookie})
    read = f"/api/resource/{quote(doctype)}?limit_page_length=1"
    expect(f"reading a {doctype}", None, read, headers={"Cookie": cookie})
    if user:
        if key and secret:
            expect(f"the API key of {user}", user, _LOGGED_USER, headers={"Authorization": f"token {key}:{secret}"})
        else:
            faults.append(f"the API key of {user} is not in the set, or cannot be decrypted")
    return faults


def _ask(
    url: str, site: str, path: str, data: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any, str]:
    """Status (0: no answer), the answer's ``message``, ``data`` or text, and the cookies that it set."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=60.0)
    given = {"Host": site, "Accept": "application/json", **(headers or {})}
    body = urlencode(data) if data else None
    if body:
        given["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request("POST" if body else "GET", path, body=body, headers=given)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        cookies = [value.partition(";")[0] for value in response.headers.get_all("Set-Cookie") or []]
    except (OSError, http.client.HTTPException) as exc:
        return 0, f"no answer from {url}: {exc}", ""
    finally:
        connection.close()
    try:
        found = json.loads(text)
        message = found.get("message", found.get("data", found.get("exc_type", "")))
    except (ValueError, AttributeError):
        message = text.strip()
    return response.status, message, "; ".join(cookies)
