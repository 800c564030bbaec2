# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: trying again, at once first and then ever more slowly, within a fixed time.

Pure but for the clock, the sleep and the call it is given. Standard library only: targets use it too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

ATTEMPTS = 6
FIRST_DELAY = 0.25
DELAY_CAP = 5.0
TOTAL = 30.0

T = TypeVar("T")


class Judgement(Protocol):
    """What an answer must tell to be tried again (``_http_classify.Verdict`` does)."""

    @property
    def transient(self) -> bool:
        """Whether another attempt may end differently."""

    @property
    def retry_after(self) -> float | None:
        """Seconds the other side asked to wait, if it did."""


J = TypeVar("J", bound=Judgement)


@dataclass(frozen=True)
class Outcome(Generic[T, J]):
    """The last answer, what it means, how many attempts it took and how many seconds in all."""

    answer: T
    verdict: J
    attempts: int
    seconds: float


def delays(
    attempts: int = ATTEMPTS, first: float = FIRST_DELAY, cap: float = DELAY_CAP, total: float = TOTAL
) -> tuple[float, ...]:
    """The pauses between ``attempts`` attempts: from ``first`` growing evenly to ``cap``, at most ``total``
    seconds together. The first attempt has no pause before it, so there is one pause less than attempts.

    >>> delays()
    (0.25, 0.529, 1.118, 2.364, 5.0)
    """
    if attempts < 2:
        return ()
    growth = (cap / first) ** (1 / (attempts - 2)) if attempts > 2 and cap > first > 0 else 1.0
    pauses: list[float] = []
    for number in range(attempts - 1):
        pause = round(min(first * growth**number, cap), 3)
        if sum(pauses) + pause > total:
            break
        pauses.append(pause)
    return tuple(pauses)


def retry(
    call: Callable[[float], T],
    classify: Callable[[T], J],
    *,
    attempts: int = ATTEMPTS,
    first: float = FIRST_DELAY,
    cap: float = DELAY_CAP,
    total: float = TOTAL,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome[T, J]:
    """Call until the answer is not transient, the attempts are used up, or ``total`` seconds would be passed.

    :param call: gets the seconds that are left and shall not take longer.
    :param classify: what an answer means. A ``retry_after`` longer than the next pause replaces it; if
        it does not fit into the time that is left, the answer is final.
    """
    started = clock()
    pauses = delays(attempts, first, cap, total)
    number = 0
    while True:
        answer = call(max(total - (clock() - started), 0.0))
        verdict = classify(answer)
        number += 1
        spent = clock() - started
        if not verdict.transient or number > len(pauses):
            break
        pause = max(pauses[number - 1], verdict.retry_after or 0.0)
        if spent + pause >= total:
            break
        sleep(pause)
    return Outcome(answer, verdict, number, round(spent, 3))
