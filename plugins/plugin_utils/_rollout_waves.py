# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: which bench is updated in which wave of a roll-out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils.agent._move_plan import wrong

_PERCENT = re.compile(r"(100|[1-9][0-9]?)\s*%")


def wave_of(bench: Mapping[str, Any]) -> tuple[str, str]:
    """The wave of a bench, and why it has none that is sure.

    :param bench: ``name``, ``wave`` (declared for the bench itself, or empty) and ``sites`` (each with ``name``, ``wave``).
    """
    declared = str(bench.get("wave") or "")
    if declared:
        return declared, ""
    found: dict[str, list[str]] = {}
    for site in bench.get("sites") or []:
        found.setdefault(str(site.get("wave") or ""), []).append(str(site["name"]))
    if len(found) <= 1:
        return next(iter(found), ""), ""
    seen = "; ".join(f"{wave or 'no wave'}: {', '.join(sites)}" for wave, sites in sorted(found.items()))
    remedy = "set bench_wave under vars of the bench, or give its sites one wave (tenants.yml)"
    return "", wrong(f"{bench['name']}: its sites are of several waves, and share its code", seen, "one", remedy)


def waves(benches: Sequence[Mapping[str, Any]], declared: Iterable[Any], known: Iterable[str]) -> dict[str, Any]:
    """The waves in their order, and all that is wrong with the declaration.

    :param benches: as :func:`wave_of` takes them, in the order of the inventory.
    :param declared: names of waves; then, for the benches of no named wave, numbers and percentages of those that are left
        at that point, rounded up.
    :param known: names of waves that the inventory has, in this run or not.
    :returns: ``waves``: each with ``name`` and ``benches``, without those that are empty; ``faults``.
    """
    items = list(declared)
    names = [item for item in items if isinstance(item, str) and not _PERCENT.fullmatch(item) and not item.isdigit()]
    own = {str(bench["name"]): wave_of(bench) for bench in benches}
    faults = [fault for _wave, fault in own.values() if fault]
    faults += _faults(items, names, sorted({name for name in known if name}))
    left = [name for name, (wave, _fault) in own.items() if wave not in names]
    found = []
    for item in items:
        if item in names:
            chosen = [name for name, (wave, _fault) in own.items() if wave == item]
        else:
            count = _count(item, len(left))
            chosen, left = left[:count], left[count:]
        if chosen:
            found.append({"name": str(item), "benches": chosen})
    if left and items and not faults:
        faults.append(
            wrong(
                "rollout_waves leaves benches out",
                ", ".join(left),
                "a wave for each bench",
                'add "100%" to its end, which is all that are left',
            )
        )
    return {"waves": _numbered(found), "faults": faults}


def _faults(items: Sequence[Any], names: Sequence[str], known: Sequence[str]) -> list[str]:
    faults = []
    if not items:
        example = [*known, "100%"]
        faults.append(
            wrong(
                "rollout_waves is not set",
                f"waves {', '.join(known)} in the inventory" if known else "no wave in the inventory",
                "the order in which benches are updated",
                f"rollout_waves: [{', '.join(example)}], in the inventory or with -e",
            )
        )
    for item in items:
        if item not in names and _count(item, 1) < 1:
            faults.append(
                wrong("rollout_waves has what is no wave", repr(item), 'a name, a number, or "50%"', "correct it")
            )
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(wrong("rollout_waves has a wave twice", name, "each once", "remove one of them"))
    for name in dict.fromkeys(name for name in names if name not in known):
        remedy = "correct the name, or give sites (wave) or a bench (bench_wave) that wave"
        faults.append(
            wrong(
                f"no site and no bench has the wave {name}", ", ".join(known) or "no wave at all", "one of them", remedy
            )
        )
    return faults


def _count(item: Any, left: int) -> int:
    """How many of ``left`` benches; 0 for what is neither a number nor a percentage."""
    text = str(item)
    percent = _PERCENT.fullmatch(text) if isinstance(item, str) else None
    if percent:
        return -(-left * int(percent[1]) // 100)
    if isinstance(item, bool) or not text.isdigit():
        return 0
    return int(text)


def _numbered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two waves of "25%" are told apart as "25%" and "25% (2)"."""
    seen: dict[str, int] = {}
    for wave in found:
        name = wave["name"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            wave["name"] = f"{name} ({seen[name]})"
    return found
