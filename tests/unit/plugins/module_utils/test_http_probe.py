# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options -> probes, judging, retries, summary, and what must never be shown."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_client import Answer, Request
from ansible_collections.erpops.frappe.plugins.module_utils._http_probe import (
    Probe,
    failure_text,
    judge,
    percentile,
    probes_of,
    run,
    run_all,
    secret_values,
    summary_of,
)

DOWN = Answer(502)
FINE = Answer(200, body='{"message": "pong"}', ms=12.0)


def option(**more: Any) -> dict[str, Any]:
    """One of the module's requests as argument parsing delivers it."""
    return {"url": "http://a.localhost/x", "method": "GET", "expect_status": [200], **more}


def probe(**more: Any) -> Probe:
    return probes_of([option(**more)])[0]


class Site:
    """Answers in turn, and a clock that only sleeping moves."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[Request, float]] = []
        self.slept: list[float] = []

    def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append((request, timeout))
        return self.answers[min(len(self.sent), len(self.answers)) - 1]

    def clock(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def run(self, one: Probe, timeout: float = 10, attempts: int = 6) -> dict[str, Any]:
        return run(one, self.send, timeout=timeout, attempts=attempts, clock=self.clock, sleep=self.sleep)


def test_a_request_as_it_is_sent() -> None:
    one = probe(
        method="POST",
        host="b.localhost",
        connect="127.0.0.1:8400",
        auth_key="k" * 15,
        auth_secret="s" * 15,
        body_json={"a": [1, True]},
        headers={"X-A": 1},
        expect_status=[200, 201],
        max_ms=50,
    )
    assert one.request.headers == {
        "X-A": "1",
        "Authorization": f"token {'k' * 15}:{'s' * 15}",
        "Content-Type": "application/json",
    }
    assert one.request.body == b'{"a": [1, true]}'
    assert (one.request.host, one.request.connect) == ("b.localhost", "127.0.0.1:8400")
    assert (one.name, one.site, one.expect.status, one.max_ms) == (
        "POST http://a.localhost/x",
        "b.localhost",
        (200, 201),
        50,
    )


def test_all_faults_are_told_at_once() -> None:
    options = [
        option(name="one", url="nonsense"),
        option(name="two"),
        option(auth_key="only"),
        option(name="four", auth_key="k", auth_secret="short"),
        option(name="five", headers={"X": "a\nb"}),
    ]
    with pytest.raises(ErpopsError) as caught:
        probes_of(options)
    text = str(caught.value)
    for words in ("request one: ", "url is not valid", "request 3: ", "belong together", "request four: ", "too short"):
        assert words in text
    assert "request five: " in text
    assert "request two" not in text


@pytest.mark.parametrize(
    ("method", "answer", "transient"),
    [
        ("GET", DOWN, True),
        ("HEAD", DOWN, True),
        ("POST", DOWN, False),
        ("DELETE", Answer(error="Server disconnected"), False),
        ("POST", Answer(error="Connection refused"), True),
        ("POST", Answer(404, body="404 page not found"), True),
        ("POST", Answer(429, {"retry-after": "1"}), True),
        ("GET", Answer(401), False),
    ],
)
def test_what_may_be_sent_again(method: str, answer: Answer, transient: bool) -> None:
    assert judge(probe(method=method), answer).transient is transient


@pytest.mark.parametrize(("ms", "kind"), [(50.0, "ok"), (50.1, "timeout")])
def test_too_late_is_wrong(ms: float, kind: str) -> None:
    verdict = judge(probe(max_ms=50), Answer(200, ms=ms))
    assert verdict.kind == kind
    assert not verdict.transient
    assert kind == "ok" or "50.1 ms, allowed are 50 ms" in verdict.message


def test_a_result() -> None:
    site = Site(FINE)
    assert site.run(probe(name="ping", expect_json={"message": "pong"})) == {
        "name": "ping",
        "url": "http://a.localhost/x",
        "status": 200,
        "ok": True,
        "kind": "ok",
        "ms": 12.0,
        "attempts": 1,
        "message": "HTTP 200",
        "remedy": "",
        "json": {"message": "pong"},
    }
    assert site.sent[0][1] == 10


@pytest.mark.parametrize(
    ("answers", "attempts", "ok"),
    [([DOWN, DOWN, FINE], 3, True), ([DOWN], 6, False), ([Answer(401), FINE], 1, False)],
)
def test_retries(answers: list[Answer], attempts: int, ok: bool) -> None:
    site = Site(*answers)
    result = site.run(probe())
    assert (result["attempts"], result["ok"]) == (attempts, ok)
    assert len(site.sent) == attempts


def test_retries_can_be_switched_off() -> None:
    site = Site(DOWN)
    assert site.run(probe(), attempts=1)["attempts"] == 1
    assert site.slept == []


def test_a_timeout_longer_than_the_schedule_is_kept() -> None:
    site = Site(FINE)
    site.run(probe(), timeout=60)
    assert site.sent[0][1] == 60


def test_check_mode_sends_only_what_changes_nothing() -> None:
    site = Site(FINE)
    probes = [probe(name=method, method=method) for method in ("GET", "POST", "HEAD", "OPTIONS")]
    results = run_all(probes, site.send, timeout=1, attempts=1, concurrency=2, check_mode=True, sleep=site.sleep)
    assert [(result["name"], result["kind"], result["ok"]) for result in results] == [
        ("GET", "ok", True),
        ("POST", "skipped", False),
        ("HEAD", "ok", True),
        ("OPTIONS", "skipped", False),
    ]
    assert sorted(request.method for request, _timeout in site.sent) == ["GET", "HEAD"]
    assert failure_text(results) == ""
    assert summary_of(results)["skipped"] == 2


def test_requests_are_under_way_side_by_side_and_results_keep_their_order() -> None:
    together = threading.Barrier(4, timeout=10)

    def send(request: Request, _timeout: float) -> Answer:
        together.wait()
        return Answer(200, body=request.url)

    probes = [probe(name=str(number)) for number in range(4)]
    results = run_all(probes, send, timeout=1, attempts=1, concurrency=4)
    assert [result["name"] for result in results] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [
        (0, 95, 0.0),
        (1, 50, 1.0),
        (1, 95, 1.0),
        (2, 50, 1.0),
        (20, 95, 19.0),
        (100, 95, 95.0),
        (10, 50, 5.0),
        (3, 0, 1.0),
    ],
)
def test_percentiles(count: int, percent: int, expected: float) -> None:
    assert percentile([float(number) for number in range(1, count + 1)], percent) == expected


def test_the_summary_counts_what_was_sent_and_times_what_answered() -> None:
    def result(kind: str, status: int | None, ms: float) -> dict[str, Any]:
        return {"ok": kind == "ok", "kind": kind, "status": status, "ms": ms}

    results = [result("ok", 200, 10.0), result("ok", 200, 30.0), result("wrong_secret", 401, 20.0)]
    results += [result("timeout", None, 9000.0), result("skipped", None, 0.0)]
    assert summary_of(results) == {
        "total": 5,
        "ok": 2,
        "failed": 2,
        "skipped": 1,
        "p50_ms": 20.0,
        "p95_ms": 30.0,
        "max_ms": 30.0,
        "error_rate": 0.5,
    }
    assert summary_of([])["error_rate"] == 0.0


def test_every_failure_is_named_with_its_remedy() -> None:
    results = [Site(Answer(401)).run(probe(name="key")), Site(FINE).run(probe(name="fine"))]
    text = failure_text(results)
    assert text.splitlines()[0] == "1 of 2 probes failed:"
    assert "key (http://a.localhost/x): wrong_secret, HTTP 401, after 1 attempt(s). Issue a fresh API key" in text
    assert "fine" not in text


def test_secrets_in_the_free_parts_are_found() -> None:
    options = [
        option(
            url="http://a.localhost/x?token=query-secret&page=2",
            headers={
                "Authorization": "token key-of-15-chars:secret-of-15-chars",
                "Cookie": "sid=abcdef",
                "X-Api-Key": "apikey-value",
                "X-Shop-Signature": "c2lnbmVk",
                "Accept": "application/json",
            },
            body_json={"usr": "Administrator", "pwd": "hunter2hunter2", "nested": [{"webhook_secret": "hook-secret"}]},
        ),
        option(headers={"Authorization": "Basic YWxhZGRpbjpvcGVuc2VzYW1l"}),
        option(url="http://[", headers={"Authorization": "Basic !"}),
    ]
    found = set(secret_values(options))
    assert {
        "query-secret",
        "token key-of-15-chars:secret-of-15-chars",
        "secret-of-15-chars",
        "sid=abcdef",
        "apikey-value",
        "c2lnbmVk",
        "hunter2hunter2",
        "hook-secret",
        "opensesame",
    } <= found
    assert not {"application/json", "Administrator", "2"} & found


def test_the_shown_url_hides_secrets_of_the_query() -> None:
    one = probe(url="http://a.localhost/x?api_key=abc123&page=2")
    assert one.shown_url == "http://a.localhost/x?api_key=********&page=2"
    assert one.request.url.endswith("api_key=abc123&page=2")
