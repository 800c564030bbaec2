# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose requirements the bench's environment meets; what becomes of a refusal is in test_apps."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._environment import Unmet, read_packages, unmet
from tests.unit.plugins.module_utils.agent.test_overlay_packages import put
from tests.unit.plugins.module_utils.agent.tools import Tools


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("sealer~=46.0.3", "50.0.2"),
        ("Sealer_X (>=51)", "1"),
        ("nowhere", ""),
        ("sealer<50; python_version >= '3'", "50.0.2"),
        ("sealer<50; python_version < '3'", None),
        ("sealer<50; extra == 'more'", None),
        ("sealer", None),
        ("sealer>=50", None),
        ("early>=2.0", None),
        ("sealer @ https://example.com/sealer.tar.gz", None),
        ("sealer >= fifty", None),
    ],
)
def test_a_requirement(line: str, seen: str | None) -> None:
    found = unmet({"sealer": "50.0.2", "sealer-x": "1", "early": "2.1b1"}, {"frappe": [line]})
    assert [one.version for one in found] == ([] if seen is None else [seen])


def test_it_says_who_needs_what() -> None:
    assert str(Unmet("frappe", "pyjwt", "~=2.8.0", "2.15.1")) == "frappe needs pyjwt~=2.8.0, and would get 2.15.1"
    assert str(Unmet("frappe", "pyjwt", "", "")) == "frappe needs pyjwt, and would get none"


def test_names_are_normalised_and_folders_are_told_apart(framework: Tools) -> None:
    put(framework.packages, "My_Package.X")
    put(framework.packages, "an_app", "my.package-x>=2")
    (framework.packages / "an_app-1.0.dist-info/direct_url.json").write_text('{"url": "file:///srv/an_app"}')
    found = read_packages()
    assert found.versions["my-package-x"] == "1.0"
    assert "an-app" in found.placed
    assert "my-package-x" not in found.placed
    assert Unmet("an-app", "my-package-x", ">=2", "1.0") in found.unmet
