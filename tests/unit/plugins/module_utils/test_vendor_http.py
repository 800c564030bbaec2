# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a vendor -> data or an explained error; which requests are sent again; what is shown of URLs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import Answer, Request
from ansible_collections.erpops.frappe.plugins.module_utils._vendor_http import (
    Explained,
    Failure,
    Vendor,
    VendorApi,
    checked_base,
    common,
    is_this_machine,
    query_values,
    redacted_url,
    secrets_in,
)

SECRET = "the-secret-of-the-shop"


class Played:
    """Answers in turn; the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[Request, float]] = []
        self.slept: list[float] = []
        self.now = 0.0

    def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append((request, timeout))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def api(self, **more: Any) -> VendorApi:
        headers = {"X-Key": SECRET}
        vendor = Vendor("Shop", "https://shop.example.com", headers, more.pop("explain", nothing), (SECRET,), **more)
        return VendorApi(vendor, self.send, clock=lambda: self.now, sleep=self.sleep)


def nothing(_failure: Failure) -> Explained | None:
    return None


def test_a_right_answer_is_its_data() -> None:
    played = Played(Answer(200, {"X-Total": "7"}, '[{"id": 1}]'))
    reply = played.api(connect="127.0.0.1:1").call("GET", "/x", {"page": 2, "q": "a b"})
    assert (reply.status, reply.headers, reply.data) == (200, {"x-total": "7"}, [{"id": 1}])
    request = played.sent[0][0]
    assert (request.url, request.connect) == ("https://shop.example.com/x?page=2&q=a+b", "127.0.0.1:1")
    assert request.headers == {"Accept": "application/json", "X-Key": SECRET}


@pytest.mark.parametrize(
    ("how", "kind", "content"),
    [
        ({"body": {"a": [1]}}, "application/json", b'{"a": [1]}'),
        ({"form": {"a": "b c", "d": "&"}}, "application/x-www-form-urlencoded", b"a=b+c&d=%26"),
    ],
)
def test_what_is_sent(how: dict[str, Any], kind: str, content: bytes) -> None:
    played = Played(Answer(201, {}, ""))
    assert played.api().call("POST", "/x", **how).data is None
    request = played.sent[0][0]
    assert (request.headers["Content-Type"], request.body) == (kind, content)


DOWN, REFUSED, LIMITED = Answer(502), Answer(error="Connection refused"), Answer(429, {"Retry-After": "3"})
CUT = Answer(error="RemoteProtocolError: peer closed connection without sending complete message body (incomplete)")
FINE = Answer(200, {}, "{}")


@pytest.mark.parametrize(
    ("method", "first", "sent"),
    [
        ("GET", DOWN, 2),
        ("GET", CUT, 2),
        ("GET", REFUSED, 2),
        ("GET", LIMITED, 2),
        ("POST", REFUSED, 2),
        ("POST", LIMITED, 2),
        # These may have been worked on.
        ("POST", DOWN, 1),
        ("PUT", CUT, 1),
        ("DELETE", Answer(error="ReadTimeout: timed out"), 1),
        # These will not pass by themselves.
        ("GET", Answer(500), 1),
        ("GET", Answer(404, {}, "<center>nginx</center>"), 1),
        ("GET", Answer(429), 1),
        ("GET", Answer(200, {}, "no json"), 1),
    ],
)
def test_what_is_sent_again(method: str, first: Answer, sent: int) -> None:
    played = Played(first, FINE)
    api = played.api()
    if sent == 1:
        with pytest.raises(ErpopsError):
            api.call(method, "/x")
    else:
        assert api.call(method, "/x").data == {}
    assert len(played.sent) == api.requests == sent


def test_it_waits_as_long_as_it_is_told() -> None:
    played = Played(LIMITED, FINE)
    played.api().call("GET", "/x")
    assert played.slept == [3.0]


def test_an_error_names_vendor_request_words_and_remedy() -> None:
    body = json.dumps({"code": "broken", "message": f"no  such {SECRET} thing", "data": {"status": 400}})
    seen: list[Failure] = []

    def explain(failure: Failure) -> Explained:
        seen.append(failure)
        return Explained("the shop is closed", "open it")

    with pytest.raises(ErpopsError) as raised:
        Played(Answer(400, {}, body)).api(explain=explain).call("GET", "/x", {"token": SECRET})
    assert str(raised.value) == (
        "Shop at https://shop.example.com: the shop is closed. Seen: HTTP 400 (broken: no such ******** thing) to GET /x, "
        "after 1 attempt(s). Next: open it."
    )
    assert (seen[0].status, seen[0].data["code"], seen[0].said) == (400, "broken", "broken: no such ******** thing")
    assert raised.value.data == {"kind": "unexpected", "attempts": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('[{"id": 1}, {"id"', "JSON that breaks off or is broken, 17 characters long"),
        ("<html>", "a page of HTML"),
        ("closed", "text"),
    ],
)
def test_what_is_no_json_is_described_and_not_quoted(body: str, words: str) -> None:
    with pytest.raises(ErpopsError) as raised:
        Played(Answer(200, {}, body)).api().call("GET", "/x")
    assert words in raised.value.seen
    assert raised.value.data["kind"] == "not_json"


@pytest.mark.parametrize(
    ("kind", "method", "words"),
    [
        ("tls", "GET", "openssl s_client -connect shop.example.com:443"),
        ("dns", "GET", "getent hosts shop.example.com"),
        ("connection_refused", "GET", "curl -sv https://shop.example.com"),
        ("timeout", "GET", "timeout"),
        ("rate_limit", "GET", "wait as long as it asks"),
        ("upstream_down", "GET", "nothing was changed"),
        ("upstream_down", "POST", "it looks first"),
        ("not_json", "GET", "curl -si https://shop.example.com/x"),
        ("app_error", "GET", "look at the whole answer"),
    ],
)
def test_common_remedies(kind: str, method: str, words: str) -> None:
    vendor = Vendor("Shop", "https://shop.example.com", {}, nothing)
    assert words in common(Failure(kind, None, {}, "", method, "/x"), vendor).hint


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://shop.example.com/", ""),
        ("https://shop.example.com:8443/shop", ""),
        ("http://127.0.0.1:8080", ""),
        ("http://[::1]:8080", ""),
        ("http://shop.localhost", ""),
        ("http://shop.example.com", "without TLS"),
        ("http://10.0.0.5", "without TLS"),
        ("ftp://shop.example.com", "no http(s) address"),
        ("shop.example.com", "no http(s) address"),
        ("http://[::1", "no http(s) address"),
        ("https://shop.example.com/?consumer_key=x", "a query"),
        ("https://me:secret@shop.example.com", "credentials"),
    ],
)
def test_addresses_that_secrets_may_be_sent_to(url: str, fault: str) -> None:
    if not fault:
        assert checked_base(url, "base_url") == url.rstrip("/")
        return
    with pytest.raises(ErpopsError) as raised:
        checked_base(url, "base_url")
    assert fault in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("a.com", False),
    ],
)
def test_this_machine(host: str, here: bool) -> None:
    assert is_this_machine(host) is here


def test_what_is_shown_of_a_url() -> None:
    assert redacted_url("https://me:pw@a.com/x?site=abcdefgh&token=12345678#f") == (
        "https://a.com/x?site=********&token=********"
    )
    assert redacted_url("https://a.com/x") == "https://a.com/x"
    assert redacted_url("http://[::1") == "(no valid URL)"
    assert query_values("https://a.com/x?a=12345678&b=short") == {"12345678"}
    assert query_values("http://[::1") == set()
    assert secrets_in(["a", None, ""]) == ("a",)
