# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: differences, each with a name, what was found and what was to be there."""

from __future__ import annotations

from typing import Any

Difference = dict[str, Any]
_SHOWN = 12


def difference(part: str, name: str, before: str, after: str) -> Difference:
    """``part`` is the kind of thing, ``name`` the thing; ``before`` is what is there, ``after`` what is declared."""
    return {"part": part, "name": name, "before": before, "after": after}


def commit_differences(apps: list[dict[str, Any]]) -> list[Difference]:
    """Checkouts at another commit than the declared one, and those with local changes.

    :param apps: ``name, declared`` (version), ``wanted`` (its commit; empty if only the repository could tell),
        ``commit, dirty`` (changed files).
    """
    found = []
    for app in apps:
        if app["wanted"] and app["commit"] != app["wanted"]:
            found.append(difference("commit", app["name"], app["commit"] or "none", app["wanted"]))
        if app["dirty"]:
            shown = ", ".join(app["dirty"][:_SHOWN])
            found.append(difference("local changes", app["name"], shown, "none"))
    return found


def job_differences(stopped: list[str], ours: list[str]) -> list[Difference]:
    """Scheduled jobs that somebody stopped, other than those that an integration of ours did."""
    return [difference("job", method, "stopped", "enabled") for method in sorted(set(stopped) - set(ours))]


def file_differences(kind: str, known: dict[str, str], now: dict[str, str]) -> list[Difference]:
    """Files that are not what was recorded of them; of a digest only that it differs is told."""
    found = []
    for path in sorted({*known, *now}):
        if path not in now:
            found.append(difference(kind, path, "gone", "as it was recorded"))
        elif path not in known:
            found.append(difference(kind, path, "new", "not there"))
        elif known[path] != now[path]:
            found.append(difference(kind, path, "changed", "as it was recorded"))
    return found
