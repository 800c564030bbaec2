# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login password: faults, and the hash that comes back. Logins over HTTP: the contract."""

from __future__ import annotations

from typing import Any

from tests.unit.plugins.module_utils.agent.twins import Twins

HASH = "select password from __Auth where doctype='User' and name='Administrator' and fieldname='password'"
NEW = "Another0password0of0the0administrator"


def test_the_hash_comes_back(twins: Twins) -> None:
    site = twins.site()
    before = twins.source.rows(site, HASH)
    given: dict[str, Any] = {"secret": "admin_password", "request": "one", "new": NEW}
    assert twins.source.one("rotation.begin", site, **given)["open"] is True
    assert twins.source.rows(site, HASH) != before
    assert twins.source.one("rotation.begin", site, **given)["changed"] is False
    twins.source.one("rotation.undo", site, **given)
    assert twins.source.rows(site, HASH) == before


def test_faults(twins: Twins) -> None:
    site = twins.site()
    twins.source.sql(
        site,
        "insert into tabSingles (doctype, field, value) values ('System Settings', 'disable_user_pass_login', '1')",
    )
    found = twins.source.one("rotation.plan", site, request="one", secrets={"admin_password": {"user": "nobody"}})
    first, second = found["secrets"]["admin_password"]["faults"]
    assert "has no user nobody" in first
    assert "login by password is switched off" in second
