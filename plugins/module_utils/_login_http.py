# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: a login by password tried over HTTP, from the bench's own host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import SSLValidationError, open_url

from ._errors import ErpopsError

LOGIN, LOGOUT = "/api/method/login", "/api/method/logout"

# (address, headers, form or None) -> status and session id; raises OSError.
Transport = Callable[[str, "dict[str, str]", "dict[str, str] | None"], "tuple[int, str]"]


def urls_transport(validate_certs: bool = True, ca_path: str | None = None) -> Transport:
    """POST of a form, or GET without one, by Ansible's own client, which every target has."""

    def ask(url: str, headers: dict[str, str], form: dict[str, str] | None) -> tuple[int, str]:
        try:
            answer = open_url(
                url,
                data=urlencode(form).encode() if form else None,
                headers=headers,
                method="POST" if form else "GET",
                timeout=30,
                validate_certs=validate_certs,
                ca_path=ca_path,
                follow_redirects="none",
            )
        except HTTPError as exc:
            return int(exc.code), ""
        except (UrlsConnectionError, SSLValidationError) as exc:
            raise OSError(str(exc)) from exc
        return int(answer.status), session_of(answer.headers.get_all("Set-Cookie") or [])

    return ask


def session_of(cookies: list[str]) -> str:
    """Frappe's session id in ``Set-Cookie`` headers; empty if there is none."""
    for cookie in cookies:
        name, _equals, value = cookie.partition(";")[0].partition("=")
        if name.strip() == "sid":
            return value.strip()
    return ""


@dataclass(frozen=True)
class LoginProbe:
    """Logins of one user of one site."""

    site: str
    url: str
    user: str
    transport: Transport

    def lets_in(self, password: str) -> int:
        """The status of a login, whose session is ended again at once.

        :raises ErpopsError: (503) the web server cannot be asked.
        """
        headers: dict[str, Any] = {"Host": self.site, "Accept": "application/json"}
        base = self.url.rstrip("/")
        try:
            status, session = self.transport(base + LOGIN, headers, {"usr": self.user, "pwd": password})
            if session:
                self.transport(base + LOGOUT, {**headers, "Cookie": f"sid={session}"}, None)
        except OSError as exc:
            raise ErpopsError(
                "the web server cannot be asked for a login",
                object=self.site,
                seen=str(exc)[:200],
                hint="playbooks/deploy.yml starts what is stopped",
                status=503,
            ) from exc
        return status

    def prove(self, new: str, old: str) -> None:
        """The new password is let in, the old one (``""``: unknown) is not.

        :raises ErpopsError: (401) not so.
        """
        status = self.lets_in(new)
        if status != 200:
            raise self._wrong("the new password is not let in", status, "200")
        status = self.lets_in(old) if old and old != new else 401
        if status != 401:
            raise self._wrong("the old password is not refused", status, "401")

    def _wrong(self, message: str, status: int, needed: str) -> ErpopsError:
        hint = "look at the newest Activity Log of the site, then run again"
        seen = f"HTTP {status}"
        return ErpopsError(message, object=f"{self.site}: {self.user}", seen=seen, needed=needed, hint=hint, status=401)
