# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedule and the loop, with a clock that only the sleep and the calls move."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._retry import delays, retry


@dataclass(frozen=True)
class Verdict:
    transient: bool
    retry_after: float | None = None


FINE = Verdict(False)
AGAIN = Verdict(True)


class Time:
    """A clock at which a call takes ``cost`` seconds."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now = 100.0
        self.cost = cost
        self.slept: list[float] = []
        self.left: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def call(self, left: float) -> int:
        self.left.append(left)
        self.now += self.cost
        return len(self.left)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, (0.25, 0.529, 1.118, 2.364, 5.0)),
        ({"attempts": 1}, ()),
        ({"attempts": 0}, ()),
        ({"attempts": 2}, (0.25,)),
        ({"attempts": 3}, (0.25, 5.0)),
        ({"attempts": 4, "first": 1.0, "cap": 1.0}, (1.0, 1.0, 1.0)),
        ({"total": 2.0}, (0.25, 0.529, 1.118)),
        ({"attempts": 5, "first": 0.0}, (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_delays(arguments: dict[str, float], expected: tuple[float, ...]) -> None:
    assert delays(**arguments) == expected  # type: ignore[arg-type]


def test_the_default_schedule_is_six_attempts_within_thirty_seconds() -> None:
    pauses = delays()
    assert len(pauses) + 1 == 6
    assert sum(pauses) < 30
    assert list(pauses) == sorted(pauses)


@pytest.mark.parametrize(
    ("verdicts", "attempts", "slept"),
    [
        ([FINE], 1, []),
        ([AGAIN, FINE], 2, [0.25]),
        ([AGAIN] * 6, 6, [0.25, 0.529, 1.118, 2.364, 5.0]),
        ([Verdict(True, 3.0), FINE], 2, [3.0]),
        ([Verdict(True, 0.0), FINE], 2, [0.25]),
        ([Verdict(True, 3.0), AGAIN, FINE], 3, [3.0, 0.529]),
        ([Verdict(True, 31.0)], 1, []),
        ([Verdict(False, 1.0)], 1, []),
        ([Verdict(True, 20.0), Verdict(True, 20.0)], 2, [20.0]),
    ],
)
def test_retry(verdicts: list[Verdict], attempts: int, slept: list[float]) -> None:
    time = Time()
    outcome = retry(time.call, lambda number: verdicts[number - 1], clock=time.clock, sleep=time.sleep)
    assert (outcome.attempts, time.slept) == (attempts, slept)
    assert outcome.answer == attempts
    assert outcome.verdict is verdicts[attempts - 1]
    assert outcome.seconds == round(sum(slept), 3)


def test_the_first_call_has_all_the_time_and_later_ones_what_is_left() -> None:
    time = Time(cost=2.0)
    retry(time.call, lambda number: FINE if number == 3 else AGAIN, clock=time.clock, sleep=time.sleep)
    assert time.left == pytest.approx([30.0, 27.75, 25.221])


def test_slow_calls_end_the_loop_within_the_total() -> None:
    time = Time(cost=9.0)
    outcome = retry(time.call, lambda _answer: AGAIN, clock=time.clock, sleep=time.sleep)
    assert outcome.attempts == 4
    assert all(left > 0 for left in time.left)


def test_one_attempt_never_sleeps() -> None:
    time = Time()
    assert retry(time.call, lambda _answer: AGAIN, attempts=1, clock=time.clock, sleep=time.sleep).attempts == 1
    assert time.slept == []
