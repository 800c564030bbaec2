# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words -> faults, and whom they hit."""

from __future__ import annotations

import pytest

from tests.fake.faults import Fault


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("500", Fault("500")),
        ("429=2:3", Fault("429", "2", 3)),
        ("slow=0.5@GET /x", Fault("slow", "0.5", None, "GET /x")),
        ("drop:1@page=7", Fault("drop", "", 1, "page=7")),
    ],
)
def test_words(word: str, fault: Fault) -> None:
    assert Fault.parse(word) == fault


@pytest.mark.parametrize("word", ["", "200", "dragon", "429:x"])
def test_what_is_no_fault(word: str) -> None:
    with pytest.raises(ValueError, match=r"kind is a status|invalid literal"):
        Fault.parse(word)


def test_it_strikes_as_often_as_it_says() -> None:
    fault = Fault.parse("500:2@page=7")
    asked = ["GET /x?page=6", "GET /x?page=7", "GET /x?page=7", "GET /x?page=7"]
    assert [fault.strikes(line) for line in asked] == [False, True, True, False]
