# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: names of rollback points, which of them is meant, and which may go."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


def is_point_id(text: str) -> bool:
    """Whether this can name a point: it is a directory's name as well."""
    return bool(_ID.fullmatch(text)) and ".." not in text


def chosen(points: Iterable[Mapping[str, Any]], named: str) -> str:
    """Id of the point that is meant; ``""`` where there is none to choose.

    :param points: oldest first, as :func:`_points.all_points` gives them.
    :param named: a point; or a release, which means the newest point that was taken when the bench had that; ``""``: the newest.
    """
    whole = [one for one in points if one["whole"]]
    if named and named not in [one["id"] for one in whole]:
        whole = [one for one in whole if one["release"] == named]
        return str(whole[-1]["id"]) if whole else named
    return named or (str(whole[-1]["id"]) if whole else "")


def disposable(points: Iterable[Mapping[str, Any]], keep: int, protected: Collection[str]) -> list[str]:
    """Ids of the points that go when ``keep`` of them stay, oldest first.

    Points that were never completed do not count as kept, and go unless a run still needs them.

    :param points: ``id``, ``begun`` (seconds since 1970), ``whole``.
    :param protected: ids that stay whatever their age, such as those of updates that are not over.
    """
    found = sorted(points, key=lambda one: (float(one["begun"]), str(one["id"])))
    whole = [str(one["id"]) for one in found if one["whole"]]
    kept = {*(whole[-keep:] if keep > 0 else []), *protected}
    return [str(one["id"]) for one in found if one["id"] not in kept]


def partial(point: Mapping[str, Any], commits: Mapping[str, str], sites: Iterable[str], wanted: Iterable[str]) -> str:
    """Why going back to ``point`` would leave something half way; ``""`` if it would not.

    :param commits: of the bench's apps now; ``sites`` of the bench now; ``wanted``: those that are to go back.
    """
    there, going = set(sites), set(wanted)
    lacking = sorted(going - set(point["sites"]))
    if lacking:
        return f"the point has no set of {', '.join(lacking)}"
    if dict(point["commits"]) != dict(commits):
        staying = sorted(there - going)
        if staying:
            return (
                f"the code goes back as well, which all sites of the bench share, and {', '.join(staying)} would stay"
            )
    return ""
