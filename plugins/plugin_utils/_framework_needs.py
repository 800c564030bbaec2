# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what each major version of Frappe needs on its machine.

Pure. Read in pyproject.toml and package.json of 14.x, 15.105.0 and, for 16, in the framework's prerequisites page.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

# python: [least, below). Frappe 14 pins Pillow 10.3, which has no wheel for 3.13.
# env: what its environment needs besides its own requirements. A fresh environment gets a setuptools without
# pkg_resources, which some DocTypes of 14 and 15 import.
NEEDS: dict[int, dict[str, Any]] = {
    14: {"python": "3.10", "python_below": "3.13", "node": 16, "mariadb": "10.6", "env": ["setuptools<80"]},
    15: {"python": "3.10", "python_below": "3.15", "node": 18, "mariadb": "10.6", "env": ["setuptools<80"]},
    16: {"python": "3.14", "python_below": "3.15", "node": 24, "mariadb": "10.6", "env": []},
}


class UnknownFramework(ErpopsError):
    """A version that says no major, or one that this release does not know."""


def needs(version: str, major: int | None = None) -> dict[str, Any]:
    """What a version (``version-15``, ``v15.105.0``, ``15``) needs.

    :param major: says it for a version that does not, such as a commit.
    :returns: major, python, python_below, node, mariadb, env.
    :raises UnknownFramework: if the major cannot be read, or is none of NEEDS.
    """
    found = major or _major(version)
    if found is None:
        raise UnknownFramework(
            f"{version!r} does not say which major version of Frappe it is; say bench_frappe_major: "
            f"{' or '.join(str(known) for known in NEEDS)}"
        )
    if found not in NEEDS:
        raise UnknownFramework(f"Frappe {found} is not known; known are {', '.join(str(known) for known in NEEDS)}")
    return {"major": found, **NEEDS[found]}


def _major(version: str) -> int | None:
    match = re.fullmatch(r"(?:version-|v)?(\d{1,2})(?:[.-].*)?", version)
    return int(match.group(1)) if match else None
