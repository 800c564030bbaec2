# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A truth table of answers: what Frappe, werkzeug, nginx, Traefik and the transport really say."""

from __future__ import annotations

import json

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._http_classify import (
    classify,
    exception_name,
    parse_retry_after,
)
from ansible_collections.erpops.frappe.plugins.module_utils._http_expect import Expect

NOW = 1_700_000_000.0
NOW_TEXT = "Tue, 14 Nov 2023 22:13:20 GMT"
IN_7_SECONDS = "Tue, 14 Nov 2023 22:13:27 GMT"

KEY_PROBLEM = json.dumps(
    {
        "exc_type": "ValidationError",
        "_server_messages": '["{\\"message\\": \\"Encryption key is invalid! Please check site_config.json\\"}"]',
    }
)
WERKZEUG = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>{}</p>\n"
NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>nginx</center>"
)
UPDATING = "<title>Updating</title><p>The system is being updated. Please refresh again after a few moments.</p>"
APACHE = (
    "<title>503</title>The server is temporarily unable to service your request due to maintenance downtime or capacity"
)


def frappe(name: str, **more: str) -> str:
    """An error as Frappe's API (version 1) answers it."""
    return json.dumps({"exc_type": name, **more})


@pytest.mark.parametrize(
    ("status", "body", "kind", "transient"),
    [
        (200, '{"message": "pong"}', "ok", False),
        (401, frappe("AuthenticationError"), "wrong_secret", False),
        (401, "", "wrong_secret", False),
        (403, frappe("AuthenticationError"), "wrong_secret", False),
        (403, frappe("PermissionError"), "permission", False),
        (403, NGINX.format("403 Forbidden"), "permission", False),
        (417, KEY_PROBLEM, "encryption_key_mismatch", False),
        (500, KEY_PROBLEM, "encryption_key_mismatch", False),
        (500, frappe("InvalidToken", exception="cryptography.fernet.InvalidToken"), "encryption_key_mismatch", False),
        (
            500,
            frappe("ValidationError", exception="Encryption key is in invalid format!"),
            "encryption_key_mismatch",
            False,
        ),
        (500, frappe("InvalidTokenless"), "app_error", False),
        (404, WERKZEUG.format("nowhere.localhost does not exist"), "host_not_routed", True),
        (404, WERKZEUG.format("The requested URL was not found on the server."), "host_not_routed", True),
        (404, "Traceback ... frappe.exceptions.IncorrectSitePath: nowhere", "host_not_routed", True),
        (404, "404 page not found\n", "host_not_routed", True),
        (404, NGINX.format("404 Not Found"), "host_not_routed", True),
        (404, frappe("DoesNotExistError", exception="User x does not exist"), "not_found", False),
        (404, json.dumps({"errors": [{"type": "DoesNotExistError"}]}), "not_found", False),
        (404, "<title>Not Found</title> The page you are looking for has gone missing.", "not_found", False),
        (404, "", "not_found", False),
        (503, frappe("SessionStopped"), "maintenance", False),
        (503, frappe("InReadOnlyMode"), "maintenance", False),
        (503, UPDATING, "maintenance", False),
        (503, "This service is in maintenance mode", "maintenance", False),
        (503, NGINX.format("503 Service Temporarily Unavailable"), "upstream_down", True),
        (503, APACHE, "upstream_down", True),
        (503, "no available server", "upstream_down", True),
        (503, frappe("QueueOverloaded"), "upstream_down", True),
        (502, NGINX.format("502 Bad Gateway"), "upstream_down", True),
        (504, "", "upstream_down", True),
        (417, frappe("ValidationError"), "app_error", False),
        (500, frappe("KeyError"), "app_error", False),
        (508, "", "app_error", False),
        (429, frappe("TooManyRequestsError"), "rate_limit", False),
        (400, frappe("CSRFTokenError"), "unexpected", False),
        (405, "", "unexpected", False),
        (301, "", "unexpected", False),
    ],
)
def test_answers(status: int, body: str, kind: str, transient: bool) -> None:
    verdict = classify(status, {}, body, site="alpha.localhost", url="http://alpha.localhost/x")
    assert (verdict.kind, verdict.transient) == (kind, transient)
    assert verdict.ok == (kind == "ok")
    assert bool(verdict.remedy) == (kind != "ok")
    assert f"HTTP {status}" in verdict.message


@pytest.mark.parametrize(
    ("error", "kind", "transient"),
    [
        ("ConnectError: [Errno 111] Connection refused", "connection_refused", True),
        ("Request failed: <urlopen error [Errno 111] Connection refused>", "connection_refused", True),
        ("ConnectError: [Errno 61] Connection refused", "connection_refused", True),
        ("ConnectError: [Errno -2] Name or service not known", "dns", False),
        ("ConnectError: [Errno -3] Temporary failure in name resolution", "dns", True),
        ("<urlopen error [Errno 8] nodename nor servname provided, or not known>", "dns", False),
        (
            "ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate",
            "tls",
            False,
        ),
        ("ConnectError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "tls", False),
        ("Hostname mismatch, certificate is not valid for 'a.example.com'.", "tls", False),
        ("ConnectTimeout: timed out", "timeout", False),
        ("ReadTimeout: The read operation timed out", "timeout", False),
        ("RemoteProtocolError: Server disconnected without sending a response.", "upstream_down", True),
        ("ReadError: [Errno 104] Connection reset by peer", "upstream_down", True),
        ("ReadError", "upstream_down", True),
        ("Remote end closed connection without response", "upstream_down", True),
        ("ConnectError: [Errno 113] No route to host", "upstream_down", True),
        ("ConnectError: All connection attempts failed", "unexpected", False),
        ("LocalProtocolError: Illegal header value b'x'", "unexpected", False),
    ],
)
def test_no_answer(error: str, kind: str, transient: bool) -> None:
    verdict = classify(None, error=error, url="https://alpha.example.com/")
    assert (verdict.kind, verdict.transient) == (kind, transient)
    assert verdict.remedy


def test_no_answer_and_no_error_is_still_told() -> None:
    assert classify(None).message == "no answer"


@pytest.mark.parametrize(
    ("headers", "retry_after", "transient"),
    [
        ({}, None, False),
        ({"Retry-After": "7"}, 7.0, True),
        ({"retry-after": " 0 "}, 0.0, True),
        ({"Retry-After": IN_7_SECONDS}, 7.0, True),
        ({"Retry-After": "soon"}, None, False),
        ({"Retry-After": "-1"}, None, False),
        ({"Retry-After": "²"}, None, False),
    ],
)
def test_rate_limits_are_transient_only_with_a_time(
    headers: dict[str, str], retry_after: float | None, transient: bool
) -> None:
    verdict = classify(429, headers, "", now=NOW)
    assert (verdict.kind, verdict.retry_after, verdict.transient) == ("rate_limit", retry_after, transient)


def test_other_answers_pass_their_retry_after_on() -> None:
    assert classify(503, {"Retry-After": "2"}, "").retry_after == 2.0


@pytest.mark.parametrize(
    ("value", "now", "date", "expected"),
    [
        (None, NOW, None, None),
        (IN_7_SECONDS, None, NOW_TEXT, 7.0),
        (IN_7_SECONDS, None, None, None),
        (IN_7_SECONDS, None, "rubbish", None),
        (NOW_TEXT, NOW + 60, None, 0.0),
    ],
)
def test_retry_after(value: str | None, now: float | None, date: str | None, expected: float | None) -> None:
    assert parse_retry_after(value, now, date) == expected


@pytest.mark.parametrize(
    ("status", "expect", "body", "kind", "words"),
    [
        (401, Expect(status=(401,)), "", "ok", "HTTP 401"),
        (404, Expect(status=(200, 404)), "", "ok", "HTTP 404"),
        (200, Expect(status=(401,)), "", "unexpected", "HTTP 200"),
        (200, Expect(json={"message": "Administrator"}), '{"message": "Guest"}', "unexpected", '"Guest"'),
        (200, Expect(json={"message": "x"}), "<html>", "unexpected", "not JSON"),
        (200, Expect(text="pong"), "ping", "unexpected", '"pong" is not in it'),
        (200, Expect(text="pong"), "pong", "ok", "HTTP 200"),
        (200, Expect(json={"a": 1}), "Encryption key is invalid", "encryption_key_mismatch", "HTTP 200"),
    ],
)
def test_expectations(status: int, expect: Expect, body: str, kind: str, words: str) -> None:
    verdict = classify(status, {}, body, expect=expect)
    assert verdict.kind == kind
    assert words in verdict.message


def test_a_redirect_tells_where_to_but_not_the_query() -> None:
    verdict = classify(302, {"Location": "https://sso.example.com/login?token=abc\r\nX: y"}, "")
    assert verdict.message == "HTTP 302, a redirect to https://sso.example.com/login"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (frappe("ValidationError"), "ValidationError"),
        (json.dumps({"errors": [{"type": "PermissionError"}]}), "PermissionError"),
        (json.dumps({"exc_type": "rm -rf; <b>"}), ""),
        (json.dumps({"exc_type": 5, "errors": []}), ""),
        ("[]", ""),
        ("", ""),
    ],
)
def test_exception_names(body: str, name: str) -> None:
    assert exception_name(body) == name


def test_the_message_names_the_exception_and_nothing_else_of_the_answer() -> None:
    verdict = classify(500, {}, frappe("KeyError", exception="KeyError: hunter2-secret"))
    assert verdict.message == "HTTP 500 (KeyError)"
    assert "hunter2" not in verdict.remedy
