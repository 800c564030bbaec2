# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: packages that an overlay brings into the bench's environment, and takes with it again."""

from __future__ import annotations

import importlib.metadata
import re

from ._app_install import pip_add
from ._bench import Bench
from ._environment import normal, read_packages


def install_packages(bench: Bench, wanted: dict[str, str], name: str) -> dict[str, str]:
    """Install requirements; answers with every distribution that came by it."""
    if not wanted:
        return {}
    before = read_packages().versions
    pip_add(bench, sorted(wanted.values()), f"requirements of {name}")
    return {dist: version for dist, version in read_packages().versions.items() if dist not in before}


def needed_by_others(own: set[str]) -> set[str]:
    """Distributions that something else than ``own`` requires by now."""
    needed = set()
    for item in importlib.metadata.distributions():
        if normal(str(item.metadata["Name"])) not in own:
            for line in item.requires or []:
                found = re.match(r"[A-Za-z0-9._-]+", line)
                if found and "extra ==" not in line:
                    needed.add(normal(found[0]))
    return needed
