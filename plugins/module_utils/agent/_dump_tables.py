# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: single tables of a database dump, and which of them a migration may have changed.

mariadb-dump writes a table as one section that begins with ``DROP TABLE IF EXISTS`` and goes on to the next of these.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

_SECTION = re.compile(rb"^DROP (?:TABLE|SEQUENCE) IF EXISTS `((?:[^`]|``)+)`")
# Views, triggers and routines stand in conditional comments of these versions, outside of the tables' sections.
_FOREIGN = re.compile(rb"^/\*!5000[13] (?:DROP|CREATE|SET)")
# What frappe/database/database.py, log_touched_tables, can tell: a name of another form it never sees.
_SEEN = re.compile(r"tab[A-Z]\w+( [A-Z]\w+)*")
# Around a table's definition and its rows; what else a section has is of another kind (rows, an index, a sequence's value).
_AROUND = re.compile(rb"^(?:--|/\*!|LOCK TABLES |UNLOCK TABLES;|\s*$)")


class MixedDumpError(ValueError):
    """The dump has parts that belong to no table."""


def only(lines: Iterable[bytes], tables: Collection[str]) -> Iterator[bytes]:
    """The dump's head and the sections of ``tables``.

    :raises MixedDumpError: it has views, triggers or routines, which a part of it would leave out.
    """
    wanted, keep = {table.encode().replace(b"`", b"``") for table in tables}, True
    for line in lines:
        if _FOREIGN.match(line):
            raise MixedDumpError(line[:80].decode("utf-8", "replace").strip())
        begins = _SECTION.match(line)
        if begins:
            keep = begins.group(1) in wanted
        if keep:
            yield line


def without(lines: Iterable[bytes], empty: Mapping[str, str]) -> Iterator[bytes]:
    """The dump, but for sections that would make an empty table of a definition that is there: of ERPNext's tables most are so.

    :param empty: tables that have no row, with their definitions as ``SHOW CREATE TABLE`` tells them, which is what a dump has.
    :raises MixedDumpError: it has views, triggers or routines.
    """
    there = {table.encode().replace(b"`", b"``"): text.encode().strip() for table, text in empty.items()}
    held: list[bytes] = []  # of a section that may be left out
    wanted: bytes | None = None
    made = b""
    for line in lines:
        if _FOREIGN.match(line):
            raise MixedDumpError(line[:80].decode("utf-8", "replace").strip())
        begins = _SECTION.match(line)
        if begins:
            held, made, wanted = [], b"", there.get(begins.group(1))
        if wanted is None:
            yield line
            continue
        held.append(line)
        within = made and not made.endswith(b";\n")
        if within or (not made and line.startswith(b"CREATE TABLE ")):
            made += line
            same = not made.endswith(b";\n") or made[:-2].strip() == wanted
        else:
            same = bool(begins or _AROUND.match(line))
        if not same:
            yield from held
            wanted = None


def touched(told: Iterable[str], before: Collection[str]) -> set[str]:
    """Tables to bring back after a migration that ended by itself.

    :param told: ``touched_tables.json``; Frappe finds a table in a statement by a pattern of its name, so those of other
        names (``__Auth``, ``tabItem-old``) are brought back in any case.
    :param before: the tables of the dump.
    """
    seen = set(told)
    return {table for table in before if table in seen or not _SEEN.fullmatch(table)}


def surplus(now: Iterable[str], before: Collection[str]) -> list[str]:
    """Tables that came after the dump, and go."""
    return sorted(set(now) - set(before))
