# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong at a vendor, in one word each.

``KIND[=VALUE][:COUNT][@TEXT]``: the next COUNT requests (all of them without it) whose ``METHOD /path?query`` contains
TEXT. KIND is a status (``429=1`` has ``Retry-After: 1``), ``slow=SECONDS``, ``truncate`` (fewer bytes than announced),
``cut`` (a whole answer with half of its JSON), ``html`` (a 200 page that is no JSON), ``notice`` (text before the JSON)
or ``drop`` (no answer at all).

>>> Fault.parse("429=2:3@page=7")
Fault(kind='429', value='2', left=3, text='page=7')
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("slow", "truncate", "cut", "html", "notice", "drop")


@dataclass
class Fault:
    """One fault; ``left`` counts down, and None is for ever."""

    kind: str
    value: str = ""
    left: int | None = None
    text: str = ""

    @classmethod
    def parse(cls, word: str) -> Fault:
        """:raises ValueError: this is no fault that the servers know."""
        head, _at, text = word.partition("@")
        head, _colon, count = head.partition(":")
        kind, _equals, value = head.partition("=")
        if kind not in KINDS and not (kind.isdigit() and 400 <= int(kind) <= 599):
            raise ValueError(f"{word!r}: the kind is a status from 400 to 599 or one of {', '.join(KINDS)}")
        return cls(kind, value, int(count) if count else None, text)

    def strikes(self, request: str) -> bool:
        """Whether this request is hit; it then counts as used."""
        if self.left == 0 or self.text not in request:
            return False
        if self.left is not None:
            self.left -= 1
        return True
