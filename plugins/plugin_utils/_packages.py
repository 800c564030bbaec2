# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: which of Debian's packages nothing on a machine names any more.

Pure. apt keeps every package that could serve an alternative (gawk, where something depends on "mawk | gawk"), so that
its word alone leaves packages behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Names in "libc6 (>= 2.34), mawk | gawk, python3:any": what follows the beginning, a comma or a bar. Debian Policy 5.6.1.
_NAME = re.compile(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]+)")


def unnamed(kept: Iterable[str], relations: Iterable[str], brought: Iterable[str]) -> list[str]:
    """Those of ``kept`` that no staying package names.

    :param kept: packages of ours that apt would keep.
    :param relations: a line ``name#relations`` for each installed package, relations as dpkg words them.
    :param brought: all packages of ours. The others stay, and so does what one that stays names.
    :returns: in the order of ``kept``.
    """
    names = {name: set(_NAME.findall(text)) for name, _mark, text in (line.partition("#") for line in relations)}
    left = list(dict.fromkeys(kept))
    staying = set(names) - set(brought)
    while staying:
        named = set().union(*(names.get(one, set()) for one in staying))
        staying = {one for one in left if one in named}
        left = [one for one in left if one not in staying]
    return left
