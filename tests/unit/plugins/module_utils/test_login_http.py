# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins by password, with a transport that is played."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._login_http import (
    LOGIN,
    LOGOUT,
    LoginProbe,
    session_of,
)

Asked = list[tuple[str, dict[str, str], "dict[str, str] | None"]]


@pytest.mark.parametrize(
    ("cookies", "session"),
    [
        ([], ""),
        (["user_id=a; Path=/", "sid=abc; Expires=x; HttpOnly"], "abc"),
        (["sid=; Path=/"], ""),
        (["xsid=abc"], ""),
    ],
)
def test_sessions(cookies: list[str], session: str) -> None:
    assert session_of(cookies) == session


def probe(statuses: dict[str, int], asked: Asked) -> LoginProbe:
    def ask(url: str, headers: dict[str, str], form: dict[str, str] | None) -> tuple[int, str]:
        asked.append((url, headers, form))
        status = statuses[form["pwd"]] if form else 200
        if status == 0:
            raise OSError("refused")
        return status, "the-session" if form and status == 200 else ""

    return LoginProbe("a.localhost", "http://127.0.0.1:8000/", "Administrator", ask)


def test_a_session_that_was_opened_is_ended() -> None:
    asked: Asked = []
    probe({"new": 200, "old": 401}, asked).prove("new", "old")
    assert [url.removeprefix("http://127.0.0.1:8000") for url, _headers, _form in asked] == [LOGIN, LOGOUT, LOGIN]
    assert (asked[0][1]["Host"], asked[1][1]["Cookie"]) == ("a.localhost", "sid=the-session")


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ({"new": 401, "old": 401}, "the new password is not let in. Seen: HTTP 401"),
        ({"new": 200, "old": 200}, "the old password is not refused. Seen: HTTP 200"),
        ({"new": 200, "old": 503}, "the old password is not refused. Seen: HTTP 503"),
        ({"new": 0, "old": 0}, "the web server cannot be asked"),
    ],
)
def test_what_is_wrong(statuses: dict[str, int], said: str) -> None:
    with pytest.raises(ErpopsError) as raised:
        probe(statuses, []).prove("new", "old")
    assert said in str(raised.value)


def test_an_old_password_that_nobody_knows_is_not_tried() -> None:
    asked: Asked = []
    probe({"new": 200}, asked).prove("new", "")
    assert len(asked) == 2
