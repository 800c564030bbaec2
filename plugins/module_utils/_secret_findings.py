# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: the secret scanner's answer -> findings without any value, and their words."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from . import _secret_rules as rules

_ONLY = {rule.kind: re.compile(rule.only) for rule in rules.RULES if rule.only}
_NOT_SCANNED = [re.compile(pattern) for pattern, _why in rules.NOT_SCANNED]
_TESTS = re.compile(rules.TEST_PATHS)
_TEMPLATES = re.compile(rules.TEMPLATES)
SHOWN = 40


def counts(kind: str, path: str, entropy: float) -> bool:
    """Whether a match of this kind counts in this file (a path relative to the repository).

    >>> counts("dotenv-secret", "backend/.env", 2.0), counts("dotenv-secret", "backend/.env.example", 2.0)
    (True, False)
    """
    if any(pattern.search(path) for pattern in _NOT_SCANNED):
        return False
    if kind in rules.MADE_UP_IN_TESTS and _TESTS.search(path):
        return False
    if kind in rules.TEMPLATE_KINDS and _TEMPLATES.search(posixpath.basename(path)):
        return False
    if kind in _ONLY and not _ONLY[kind].search(path):
        return False
    return entropy >= rules.MIN_ENTROPY.get(kind, 0.0)


def findings(answer: dict[str, Any], root: str) -> list[dict[str, Any]]:
    """``[{"file", "kind", "lines", "count"}]``, one for each file and kind, in the order of their names.

    Takes the four things that it needs out of each match, and nothing else: the scanner's answer has a digest of each
    value, by which a guessed value could be proven.

    :param answer: JSON of ``kingfisher scan --format json``.
    :param root: the scanned directory, by which the answer's paths begin.
    :raises KeyError, TypeError, ValueError: this is no such answer.
    """
    found: dict[tuple[str, str], set[int]] = {}
    for match in answer["findings"]:
        kind = str(match["rule"]["id"]).partition(".")[2]
        path = posixpath.relpath(match["finding"]["path"], root)
        if counts(kind, path, float(match["finding"].get("entropy") or 0)):
            found.setdefault((path, kind), set()).add(int(match["finding"]["line"]))
    return _merged(found)


def _merged(found: dict[tuple[str, str], set[int]]) -> list[dict[str, Any]]:
    """A line is reported once, under the kind that says most of it: the scanner's own, then that of the file."""
    order = {rule.kind: number for number, rule in enumerate(rules.RULES)}
    taken: dict[str, set[int]] = {}
    merged = []
    for (path, kind), lines in sorted(found.items(), key=lambda item: (item[0][0], order.get(item[0][1], -1), item[0])):
        left = sorted(lines - taken.setdefault(path, set()))
        taken[path].update(lines)
        if left:
            merged.append({"file": path, "kind": kind, "lines": left[:SHOWN], "count": len(left)})
    return merged


def told(found: list[dict[str, Any]], most: int = 40) -> list[str]:
    """Findings as lines for people, ``most`` of them.

    >>> told([{"file": ".env", "kind": "dotenv-secret", "lines": [3, 4], "count": 2}])
    ['.env: dotenv-secret (lines 3, 4)']
    """
    lines = []
    for item in found[:most]:
        numbers = ", ".join(map(str, item["lines"][:5]))
        more = f" and {item['count'] - 5} more" if item["count"] > 5 else ""
        lines.append(f"{item['file']}: {item['kind']} ({'line' if item['count'] == 1 else 'lines'} {numbers}{more})")
    return lines + ([f"and {len(found) - most} more"] if len(found) > most else [])
