# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key is tried and workers are warmed, with a transport and a clock that are played."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._key_http import (
    LOGGED_USER,
    MAX_ROUNDS,
    Answer,
    KeyProbe,
    site_answers,
    urls_transport,
)

USER = "sync@example.com"
OK = Answer(200, {}, json.dumps({"message": USER}), None, 5.0)
REFUSED = Answer(None, {}, "", "[Errno 111] Connection refused", 1.0)


def status(code: int, body: str = "", headers: dict[str, str] | None = None) -> Answer:
    return Answer(code, headers or {}, body, None, 5.0)


class Played:
    """Gives its answers in turn, the last one for ever; a clock that only the sleep moves."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, str], float]] = []
        self.slept: list[float] = []
        self.lock = threading.Lock()

    def transport(self, url: str, headers: dict[str, str], timeout: float) -> Answer:
        with self.lock:
            self.asked.append((url, headers, timeout))
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def probe(self, **params: Any) -> KeyProbe:
        return KeyProbe(
            {"site": "a.localhost", "url": "http://127.0.0.1:8000/", **params},
            "the-key",
            "the-secret",
            transport=self.transport,
            clock=lambda: sum(self.slept),
            sleep=self.slept.append,
        )


def test_a_key_that_works_is_asked_for_once_and_at_once() -> None:
    played = Played(OK)
    probe = played.probe()
    assert probe.verify(USER) == {"verified": True, "attempts": 1, "verify_ms": 5.0}
    ((url, headers, timeout),) = played.asked
    assert url == f"http://127.0.0.1:8000{LOGGED_USER}"
    assert headers["Host"] == "a.localhost"
    assert headers["Authorization"] == "token the-key:the-secret"
    assert (timeout, played.slept) == (30.0, [])
    assert probe.first_success > 0


@pytest.mark.parametrize(
    "first",
    [
        REFUSED,
        status(502),
        status(503, "<h1>Service Unavailable</h1>"),
        status(504),
        status(404, "<p>a.localhost does not exist</p>"),
    ],
    ids=["refused", "502", "503", "504", "not routed yet"],
)
def test_what_may_change_by_itself_is_tried_again(first: Answer) -> None:
    played = Played(first, first, OK)
    assert played.probe().verify(USER)["attempts"] == 3
    assert played.slept == [0.25, 0.529]


def test_a_server_that_asks_for_patience_gets_it() -> None:
    played = Played(status(429, headers={"Retry-After": "3"}), OK)
    assert played.probe().verify(USER)["attempts"] == 2
    assert played.slept == [3.0]


@pytest.mark.parametrize(
    ("answer", "kind", "attempts", "code", "hint"),
    [
        (status(401, '{"exc_type": "AuthenticationError"}'), "wrong_secret", 1, 401, "Issue a fresh API key"),
        (status(403, "{}"), "permission", 1, 403, "role"),
        (status(417, "Encryption key is invalid"), "encryption_key_mismatch", 1, 417, "encryption_key"),
        (status(503, "the system is being updated"), "maintenance", 1, 503, "set-maintenance-mode off"),
        (status(500, '{"exception": "x"}'), "app_error", 1, 500, "Error Log"),
        (status(429), "rate_limit", 1, 429, "rate_limit"),
        (status(429, headers={"Retry-After": "60"}), "rate_limit", 1, 429, "window"),
        (status(404, "<p>a.localhost does not exist</p>"), "host_not_routed", 6, 404, "without the proxy"),
        (status(502), "upstream_down", 6, 502, "web.error.log"),
        (REFUSED, "connection_refused", 6, 503, "supervisorctl"),
        (Answer(None, {}, "", "certificate verify failed", 1.0), "tls", 1, 503, "openssl"),
        (Answer(None, {}, "", "timed out", 1.0), "timeout", 1, 503, "workers hang"),
        (status(200, '{"message": "Guest"}'), "unexpected", 1, 200, "curl"),
        (status(200, "<html>"), "unexpected", 1, 200, "curl"),
    ],
)
def test_a_final_failure_is_classified_and_names_its_remedy(
    answer: Answer, kind: str, attempts: int, code: int, hint: str
) -> None:
    played = Played(answer)
    with pytest.raises(ErpopsError) as caught:
        played.probe().verify(USER)
    assert caught.value.data == {"kind": kind, "attempts": attempts}
    assert len(played.asked) == attempts
    assert caught.value.status == code
    assert hint in caught.value.hint
    assert f"the API key of {USER} does not work ({kind}, {attempts} attempt" in caught.value.message
    assert "the-secret" not in json.dumps(caught.value.as_dict())
    assert sum(played.slept) < 30


def test_the_user_of_the_key_must_be_the_right_one() -> None:
    with pytest.raises(ErpopsError) as caught:
        Played(OK).probe().verify("other@example.com")
    assert USER in caught.value.seen


def times(*ms: float) -> list[Answer]:
    return [Answer(200, {}, "{}", None, value) for value in ms]


@pytest.mark.parametrize(
    ("workers", "first", "slowest", "rounds"),
    [
        (1, 100, [5], 1),
        (1, 186, [180, 6], 2),  # the first round met a worker that was still cold
        (2, 186, [170, 120, 9], 3),
        (2, 900, [400], 1),  # a busy machine: slow, but far from cold
        (3, 5, [5], 1),  # warm already
    ],
)
def test_rounds_are_sent_until_no_cold_worker_is_met(
    workers: int, first: float, slowest: list[float], rounds: int
) -> None:
    size = 4 * workers
    ms = [first, *(value for slow in slowest for value in [slow, *[4.0] * (size - 1)]), 3.0]
    played = Played(*times(*ms))
    found = played.probe().warm_up(workers)
    assert found == {"first_ms": first, "after_ms": 3.0, "requests": 2 + rounds * size, "rounds": rounds}
    assert len(played.asked) == len(ms)


def test_rounds_have_an_end() -> None:
    ms = [100.0] + [90.0, *[5.0] * 7] * MAX_ROUNDS + [4.0]
    assert Played(*times(*ms)).probe().warm_up(2)["rounds"] == MAX_ROUNDS


def test_a_server_that_only_just_starts_is_waited_for() -> None:
    found = Played(REFUSED, *times(100, *[5] * 8, 4)).probe().warm_up(2)
    assert (found["first_ms"], found["requests"], found["rounds"]) == (100, 11, 1)


def test_a_server_that_does_not_answer_is_not_bothered_in_rounds() -> None:
    played = Played(status(401))
    found = played.probe().warm_up(2)
    assert (found["rounds"], len(played.asked)) == (0, 2)


class Site(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    def do_GET(self) -> None:
        code = int(self.path.rpartition("/")[2])
        body = json.dumps({"host": self.headers["Host"], "auth": self.headers["Authorization"]}).encode()
        self.send_response(code)
        self.send_header("Location", "/200")
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("code", [200, 302, 401, 404, 500])
def test_an_answer_over_http_is_an_answer_whatever_its_status(base: str, code: int) -> None:
    answer = urls_transport()(f"{base}/{code}", {"Host": "a.localhost", "Authorization": "token x:y"}, 5.0)
    assert (answer.status, answer.error) == (code, None), "redirects are not followed"
    assert json.loads(answer.body) == {"host": "a.localhost", "auth": "token x:y"}
    assert answer.headers["Retry-After"] == "7"
    assert answer.ms > 0


def nobody(base: str) -> str:
    return base.rpartition(":")[0] + ":1/"


def plain(base: str) -> str:
    return base.replace("http:", "https:") + "/200"


@pytest.mark.parametrize(
    ("address", "words"),
    [(nobody, ("refused",)), (plain, ("ssl", "SSL")), (lambda _base: "nonsense://x", ("nonsense",))],
)
def test_a_transport_that_fails_is_an_answer_too(
    base: str, address: Callable[[str], str], words: tuple[str, ...]
) -> None:
    answer = urls_transport()(address(base), {}, 5.0)
    assert (answer.status, answer.body) == (None, "")
    assert any(word in str(answer.error) for word in words), answer.error


def answers(played: Played) -> None:
    site_answers(
        "http://127.0.0.1:8000/",
        "a.localhost",
        transport=played.transport,
        clock=lambda: sum(played.slept),
        sleep=played.slept.append,
    )


def test_a_site_is_asked_for_by_its_name() -> None:
    played = Played(REFUSED, status(200, '{"message":"pong"}'))
    answers(played)
    url, headers, _timeout = played.asked[-1]
    assert (url, headers["Host"]) == ("http://127.0.0.1:8000/api/method/ping", "a.localhost")
    assert len(played.asked) == 2


@pytest.mark.parametrize("answer", [REFUSED, status(404, "not found"), status(503), status(200, '{"message":"other"}')])
def test_a_site_that_is_not_served(answer: Answer) -> None:
    with pytest.raises(ErpopsError, match="the web server does not answer for the site"):
        answers(Played(answer))
