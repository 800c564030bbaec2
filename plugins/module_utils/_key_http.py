# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: an API key tried over HTTP, from the bench's own host, and web workers warmed with it.

``frappe.auth.get_logged_user`` answers the key's user: the smallest request that proves site routing,
decryption of the secret and the user's session at once (systems.md, 4.4).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import SSLValidationError, open_url

from ._errors import ErpopsError
from ._http_classify import Verdict, classify
from ._http_expect import Expect
from ._retry import retry

LOGGED_USER = "/api/method/frappe.auth.get_logged_user"
MAX_ROUNDS = 3
# Milliseconds: on Frappe 15 a warm worker answers in 5 to 12, a cold one in 186 (measured, docs/verified.md).
WARM_MS = 50.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer or the transport's error, and how long it took."""

    status: int | None
    headers: dict[str, str]
    body: str
    error: str | None
    ms: float


Transport = Callable[[str, dict[str, str], float], Answer]


def urls_transport(validate_certs: bool = True, ca_path: str | None = None) -> Transport:
    """GET by Ansible's own client, which every target has."""

    def get(url: str, headers: dict[str, str], timeout: float) -> Answer:
        started = time.perf_counter()

        def answer(status: int | None, found: Any, body: bytes, error: str | None) -> Answer:
            lower = {str(name): str(value) for name, value in (found or {}).items()}
            spent = (time.perf_counter() - started) * 1000
            return Answer(status, lower, body.decode("utf-8", "replace"), error, round(spent, 1))

        try:
            response = open_url(
                url,
                headers=headers,
                timeout=timeout,
                validate_certs=validate_certs,
                ca_path=ca_path,
                follow_redirects="none",
            )
            return answer(response.status, response.headers, response.read(1 << 20), None)
        except HTTPError as exc:
            return answer(exc.code, exc.headers, exc.read(1 << 20), None)
        except (OSError, UrlsConnectionError, SSLValidationError) as exc:
            return answer(None, {}, b"", str(getattr(exc, "reason", "") or exc))

    return get


def site_answers(
    url: str,
    site: str,
    *,
    transport: Transport | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Ask the web server at ``url`` whether it serves ``site``, by its ``Host`` header.

    :raises ErpopsError: it does not (6 attempts in 30 s at most).
    """
    get, address = transport or urls_transport(), url.rstrip("/") + "/api/method/ping"
    headers, expect = {"Host": site, "Accept": "application/json"}, Expect(json={"message": "pong"})

    def judge(answer: Answer) -> Verdict:
        return classify(answer.status, answer.headers, answer.body, answer.error, expect, site=site, url=address)

    outcome = retry(
        lambda timeout: get(address, headers, max(min(timeout, 30.0), 0.1)), judge, clock=clock, sleep=sleep
    )
    if not outcome.verdict.ok:
        raise ErpopsError(
            f"the web server does not answer for the site ({outcome.verdict.kind}, {outcome.attempts} attempts)",
            object=site,
            seen=outcome.verdict.message,
            hint=outcome.verdict.remedy,
            status=outcome.answer.status or 503,
        )


class KeyProbe:
    """Authenticated requests with one key.

    :param params: ``site, url, validate_certs, ca_path`` of the module.
    """

    def __init__(
        self,
        params: dict[str, Any],
        key: str,
        secret: str,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.site = str(params["site"])
        self.url = str(params["url"]).rstrip("/") + LOGGED_USER
        self.headers = {"Host": self.site, "Authorization": f"token {key}:{secret}", "Accept": "application/json"}
        self.transport = transport or urls_transport(bool(params.get("validate_certs", True)), params.get("ca_path"))
        self.clock = clock
        self.sleep = sleep
        self.first_success = 0.0

    def _get(self, timeout: float) -> Answer:
        answer = self.transport(self.url, self.headers, max(min(timeout, 30.0), 0.1))
        if answer.status == 200 and not self.first_success:
            self.first_success = time.time()
        return answer

    def _judge(self, answer: Answer, expect: Expect) -> Verdict:
        return classify(answer.status, answer.headers, answer.body, answer.error, expect, site=self.site, url=self.url)

    def verify(self, user: str) -> dict[str, Any]:
        """Ask until the key's user is answered (6 attempts in 30 s at most).

        :raises ErpopsError: with the class of the final answer and its remedy.
        """
        expect = Expect(json={"message": user})
        outcome = retry(self._get, lambda answer: self._judge(answer, expect), clock=self.clock, sleep=self.sleep)
        if not outcome.verdict.ok:
            raise ErpopsError(
                f"the API key of {user} does not work ({outcome.verdict.kind}, {outcome.attempts} attempts in "
                f"{outcome.seconds:g} s)",
                object=self.site,
                seen=outcome.verdict.message,
                hint=outcome.verdict.remedy,
                status=outcome.answer.status or 503,
                data={"kind": outcome.verdict.kind, "attempts": outcome.attempts},
            )
        return {"verified": True, "attempts": outcome.attempts, "verify_ms": outcome.answer.ms}

    def refused(self) -> None:
        """Ask once more until it is sure that the key is not let in.

        :raises ErpopsError: (409) it is, or nobody can tell.
        """
        expect = Expect(status=(401,))
        outcome = retry(self._get, lambda answer: self._judge(answer, expect), clock=self.clock, sleep=self.sleep)
        if not outcome.verdict.ok:
            raise ErpopsError(
                "a key that was replaced is not refused",
                object=self.site,
                seen=outcome.verdict.message,
                needed="HTTP 401",
                hint="look whether the web server serves another copy of the site, then run again",
                status=409,
            )

    def warm_up(self, workers: int) -> dict[str, Any]:
        """Send rounds of requests at once until no request of a round met a cold worker.

        Which worker takes a request cannot be chosen or seen from outside. A round is four requests for each
        worker, all at the same time, so that a busy one cannot take them all; a cold worker shows by an
        answer that takes neither less than ``WARM_MS`` nor less than half of the very first one.
        """
        expect = Expect()
        outcome = retry(self._get, lambda answer: self._judge(answer, expect), clock=self.clock, sleep=self.sleep)
        first = outcome.answer.ms
        sent, rounds = outcome.attempts, 0
        size = 4 * workers
        with ThreadPoolExecutor(max_workers=size) as pool:
            while outcome.verdict.ok and rounds < MAX_ROUNDS:
                times = [answer.ms for answer in pool.map(lambda _number: self._get(30.0), range(size))]
                rounds += 1
                sent += len(times)
                if max(times) <= max(first / 2, WARM_MS):
                    break
        after = self._get(30.0)
        return {"first_ms": first, "after_ms": after.ms, "requests": sent + 1, "rounds": rounds}
