# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what a check found, and how that is put into words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# A ``since`` below this is so many seconds ago (three years at most), one above it is a Unix time.
EPOCH_FROM = 100_000_000


@dataclass(frozen=True)
class Outcome:
    """One check's answer.

    ``seen`` and ``needed`` are plain text; ``hint`` replaces the kind's own remedy where the check knows better;
    ``value`` is what was counted or found, for a comparison with a later run.
    """

    ok: bool
    seen: str
    needed: str
    hint: str = ""
    value: Any = None


def judged(faults: list[str], seen: str, needed: str, *, hint: str = "", value: Any = None) -> Outcome:
    """Failed with all of ``faults``, or fine with ``seen``."""
    return Outcome(not faults, "; ".join(faults) or seen, needed, hint if faults else "", value)


def listed(names: Iterable[Any], most: int = 8) -> str:
    """``a, b, c and 4 more``; ``none`` when there is no name."""
    texts = [str(name) for name in names]
    text = ", ".join(texts[:most])
    return f"{text} and {len(texts) - most} more" if len(texts) > most else text or "none"


def cut(text: Any, most: int = 200) -> str:
    """One line of at most ``most`` characters."""
    line = re.sub(r"\s+", " ", str(text)).strip()
    return line if len(line) <= most else line[: most - 3] + "..."


def quoted(value: Any) -> str:
    """A value as it is written in Python, short."""
    return repr(cut(value, 60)) if isinstance(value, str) else cut(value if value is not None else "empty", 60)


def bounds(args: dict[str, Any]) -> str:
    """``equals``, ``min`` and ``max`` in words; empty without them."""
    words = [f"exactly {args['equals']}"] if "equals" in args else []
    words += [f"at least {args['min']}"] if "min" in args else []
    words += [f"at most {args['max']}"] if "max" in args else []
    return ", ".join(words)


def within(count: float, args: dict[str, Any]) -> bool:
    """Whether a count is what ``equals``, ``min`` and ``max`` ask for."""
    return (
        ("equals" not in args or count == args["equals"])
        and ("min" not in args or count >= args["min"])
        and ("max" not in args or count <= args["max"])
    )


def start_of(since: float, site_now: datetime.datetime, now: float) -> str:
    """``since`` (seconds ago, or a Unix time) as the site writes times: its own clock and zone, without the zone's name."""
    ago = since if since < EPOCH_FROM else now - since
    return (site_now - datetime.timedelta(seconds=ago)).strftime("%Y-%m-%d %H:%M:%S.%f")
