# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of backups share."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._backup_args import (
    RULES,
    encryption_spec,
    key_secrets,
    offsite_secrets,
    offsite_spec,
)
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _backup_plan, _cipher_plan


def test_rules_and_tools_are_those_of_the_agent() -> None:
    assert _backup_plan.RULES == RULES
    assert encryption_spec()["encryption"]["options"]["tool"]["choices"] == sorted(_cipher_plan.SUFFIXES)


def test_the_keys_of_a_bucket_are_hidden() -> None:
    options = offsite_spec()["offsite"]["options"]
    assert [name for name, how in options.items() if how.get("no_log")] == ["access_key", "secret_key"]
    assert offsite_secrets({"offsite": None}) == []
    assert offsite_secrets({"offsite": {"access_key": "AKIA", "secret_key": "12345678"}}) == ["12345678", "AKIA"]
    with pytest.raises(ErpopsError, match="too short"):
        offsite_secrets({"offsite": {"access_key": "AKIA", "secret_key": "1234567"}})


def test_each_line_of_a_private_key_is_hidden() -> None:
    key = "-----BEGIN\n" + "A" * 64 + "\n" + "B" * 64 + "\nend"
    assert key_secrets({"passphrase": None, "identity": key}) == ["", "A" * 64, "B" * 64]
    assert key_secrets({"passphrase": "secret words", "identity": None}) == ["secret words"]
