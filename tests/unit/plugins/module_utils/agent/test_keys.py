# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: issued once, read back, rotated on purpose only."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._keys import OPERATIONS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

USER = "Administrator"
SECRET = f"User|{USER}|api_secret"


def apply(tools: Tools, check: bool = False, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["key.apply"](tools.at(check=check), {"user": USER, **args}))


def test_a_key_is_issued_once_and_rotated_on_purpose(site: Tools) -> None:
    first = apply(site)
    assert (first["changed"], first["action"]) == (True, "issued")
    assert (first["api_key"], first["api_secret"]) == ("key-of-Administrator", "first-secret")
    assert first["created"] > 0
    assert first["enabled"] is True
    assert site.database()["passwords"][SECRET] == "first-secret", "committed"
    again = apply(site)
    assert again == {**first, "changed": False, "action": "", "created": 0.0}
    rotated = apply(site, rotate=True)
    assert (rotated["action"], rotated["api_key"], rotated["api_secret"]) == (
        "rotated",
        "key-of-Administrator",
        "second-secret",
    )


@pytest.mark.parametrize(("rotate", "action"), [(False, "issued"), (True, "issued")])
def test_check_mode_issues_nothing(site: Tools, rotate: bool, action: str) -> None:
    planned = apply(site, check=True, rotate=rotate)
    assert (planned["changed"], planned["action"], planned["api_secret"]) == (True, action, "")
    assert site.database()["passwords"] == {}


def test_check_mode_rotates_nothing(site: Tools) -> None:
    apply(site)
    planned = apply(site, check=True, rotate=True)
    assert (planned["action"], planned["api_secret"]) == ("rotated", "first-secret")
    assert site.database()["passwords"][SECRET] == "first-secret"


def test_a_key_without_a_secret_gets_one(site: Tools) -> None:
    site.change_database(docs={"User": {USER: {"name": USER, "api_key": "half", "enabled": 0}}})
    done = apply(site)
    assert (done["action"], done["api_key"], done["api_secret"]) == ("issued", "half", "first-secret")
    assert done["enabled"] is False


def test_a_secret_of_another_encryption_key_is_not_rotated_away(site: Tools) -> None:
    site.change_database(
        docs={"User": {USER: {"name": USER, "api_key": "key"}}}, passwords={SECRET: "!written under another key"}
    )
    with pytest.raises(ErpopsError, match="cannot be decrypted") as caught:
        apply(site)
    assert (caught.value.status, caught.value.object) == (417, f"{SITE}: {USER}")
    assert "encryption_key" in caught.value.hint
    assert site.database()["passwords"][SECRET] == "!written under another key"


def test_a_user_who_is_not_there(site: Tools) -> None:
    with pytest.raises(ErpopsError, match="no such user") as caught:
        apply(site, user="nobody@example.com")
    assert caught.value.status == 404


def test_a_session_is_opened_and_closed_as_for_a_request(site: Tools) -> None:
    found = OPERATIONS["key.warm"](site.at(), {"user": "u@example.com"})
    assert found.keys() == {"opened_ms", "closed_ms"}
    assert min(found.values()) >= 0
    import frappe

    assert frappe.local.request_host == SITE
    assert frappe.session.user == "Administrator", "the next operation is the administrator's again"


def test_a_session_of_somebody_else_is_an_error(site: Tools) -> None:
    site.switch(session="Guest")
    with pytest.raises(ErpopsError, match="belongs to another user"):
        OPERATIONS["key.warm"](site.at(), {"user": "u@example.com"})
