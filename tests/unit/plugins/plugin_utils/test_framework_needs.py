# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which major version a branch, a tag or a number is."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._framework_needs import NEEDS, UnknownFramework, needs


@pytest.mark.parametrize(
    ("version", "major"),
    [
        ("version-15", 15),
        ("version-15-hotfix", 15),
        ("v15.105.0", 15),
        ("15.105.0", 15),
        ("15", 15),
        ("v14.99.1", 14),
        ("version-16", 16),
        ("v16.0.0-beta.1", 16),
    ],
)
def test_the_major_is_read(version: str, major: int) -> None:
    assert needs(version) == {"major": major, **NEEDS[major]}


def test_it_can_be_said() -> None:
    assert needs("0123456789abcdef0123456789abcdef01234567", 15)["node"] == 18
    assert needs("develop", 16)["python"] == "3.14"


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("develop", "'develop' does not say which major version of Frappe it is; say bench_frappe_major"),
        ("1234567", "does not say which major"),
        ("version-13", "Frappe 13 is not known; known are 14, 15, 16"),
        ("v155.0", "does not say"),
    ],
)
def test_what_is_not_known_is_refused(version: str, message: str) -> None:
    with pytest.raises(UnknownFramework, match=message):
        needs(version)
