# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: checks as they are declared, read against the table of kinds.

The module reads them before anything is asked, and the agent again before it runs them.
"""

from __future__ import annotations

from typing import Any

from .._errors import ErpopsError
from ._checks_kinds import KINDS, Kind
from ._checks_outcome import listed
from ._checks_types import convert

Args = dict[str, Any]
# What every check may have besides the arguments of its kind.
COMMON = ("check", "title", "next")


def check_problems(checks: list[Any], secrets: Args | None = None) -> tuple[list[Args], list[str]]:
    """The checks with converted values and titles, and all that is wrong with them."""
    ready: list[Args] = []
    problems: list[str] = []
    for number, given in enumerate(checks, start=1):
        check, found = _one(given, secrets or {})
        ready.append(check)
        problems += [
            f"check {number} ({check.get('title') or check.get('check') or 'without a kind'}): {text}" for text in found
        ]
    return ready, problems


def ready_checks(checks: list[Any], secrets: Args | None = None) -> list[Args]:
    """:raises ErpopsError: (400) some are wrong; says all that is."""
    ready, problems = check_problems(checks, secrets)
    if problems:
        raise ErpopsError(
            "some checks cannot be understood",
            object="checks",
            seen="; ".join(problems),
            needed="kinds and arguments as `ansible-doc erpops.frappe.site_checks` lists them",
            hint="correct them; nothing was asked of the site",
            status=400,
        )
    return ready


def _one(given: Any, secrets: Args) -> tuple[Args, list[str]]:
    if not isinstance(given, dict):
        return {}, [f"is {type(given).__name__}, not a mapping"]
    name = str(given.get("check"))
    if name not in KINDS:
        return {"title": given.get("title")}, [f"kind {given.get('check')!r} is none of {', '.join(sorted(KINDS))}"]
    kind = KINDS[name]
    # What a template left out arrives as null.
    args = {key: value for key, value in given.items() if key not in COMMON and value is not None}
    ready, problems = _converted(kind, args)
    problems += [] if problems else [text for rule in kind.rules if (text := rule(ready))]
    problems += _leak_problems(ready, secrets) if name == "leak" else []
    problems += [f"{word} must be a text" for word in ("title", "next") if not isinstance(given.get(word) or "", str)]
    title = str(given.get("title") or "") or (name if problems else kind.title(ready))
    return {"check": name, "args": ready, "title": title, "next": str(given.get("next") or "")}, problems


def _converted(kind: Kind, args: Args) -> tuple[Args, list[str]]:
    """A kind's arguments with converted values; what is wrong with their names and types."""
    known, ready = kind.arguments(), {}
    problems = [f"has no argument {name!r} (it has {', '.join(known)})" for name in args if name not in known]
    for name, how in known.items():
        if name in args:
            try:
                ready[name] = convert(how.rstrip("!"), args[name])
            except ValueError as exc:
                problems.append(f"{name} must be {exc}")
        elif how.endswith("!"):
            problems.append(f"needs {name}")
    if kind.any_of and not set(kind.any_of) & args.keys():
        problems.append(f"needs one of {', '.join(kind.any_of)}")
    return ready, problems


def _leak_problems(args: Args, secrets: Args) -> list[str]:
    if not secrets:
        return ["needs the module's option secrets"]
    unknown = [name for name in args.get("names", []) if name not in secrets]
    return [f"names {listed(unknown)}, which is not among secrets ({listed(secrets)})"] if unknown else []
