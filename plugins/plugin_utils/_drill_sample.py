# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, pure: whose turn it is to have its backup tried."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def sample(last: Mapping[str, float], count: int) -> list[str]:
    """``count`` sites whose last drill is longest ago; each one's turn comes, however often drills are held.

    Those that never had one come first. Which of several is taken is decided by their names' digests, so that it does not
    depend on the order of the inventory, and neighbours on a bench are not taken together.

    :param last: seconds since 1970 by site, 0 for none.
    """
    order = sorted(last, key=lambda site: (last[site], hashlib.sha256(site.encode()).hexdigest()))
    return order[: max(count, 0)]
