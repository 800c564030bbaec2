# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each secret is told what it needs, and no other secret's."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._rotation_spec import SECRETS, rotation_args, rotation_spec

GIVEN = {name: f"the {name}" for name in (*rotation_spec(), "new_password")}


@pytest.mark.parametrize(
    ("secret", "keys"),
    [
        ("api_key", {"user", "standby", "active", "grace"}),
        ("database_password", {"root", "gap"}),
        ("admin_password", {"new"}),
        ("encryption_key", {"confirm", "elsewhere", "backup", "drain_timeout"}),
    ],
)
def test_arguments(secret: str, keys: set[str]) -> None:
    assert secret in SECRETS
    assert rotation_args(GIVEN, secret).keys() == keys


def test_passwords_do_not_show() -> None:
    assert rotation_spec()["db_root_password"]["no_log"] is True
