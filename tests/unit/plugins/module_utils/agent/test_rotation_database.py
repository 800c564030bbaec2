# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database's password: what is in the way of another one. Its steps: test_rotation.py, and the contract."""

from __future__ import annotations

import json

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._rotation_database import _native_only
from tests.unit.plugins.module_utils.agent.twins import ROOT, Twins

NATIVE, HASH = "mysql_native_password", "'*" + "0" * 40 + "'"


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        (f"CREATE USER `a`@`%` IDENTIFIED BY PASSWORD {HASH}", True),
        (f"CREATE USER `a`@`%` IDENTIFIED VIA mysql_native_password USING {HASH}", True),
        (
            f"CREATE USER `a`@`%` IDENTIFIED VIA {NATIVE} USING {HASH} OR {NATIVE} USING {HASH} REQUIRE X509",
            True,
        ),
        (f"CREATE USER `a`@`%` IDENTIFIED VIA mysql_native_password USING {HASH} OR unix_socket", False),
        ("CREATE USER `a`@`%` IDENTIFIED VIA ed25519 USING 'abc'", False),
        ("CREATE USER `a`@`%` IDENTIFIED VIA unix_socket", False),
        ("CREATE USER `a`@`%`", False),
    ],
)
def test_accounts_that_have_a_plain_password(told: str, plain: bool) -> None:
    assert _native_only(told) is plain


def change(twins: Twins, site: str, **values: object) -> None:
    path = twins.source.bench.sites / site / "site_config.json"
    config = {**twins.source.config(site), **values}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


@pytest.mark.parametrize(
    ("config", "root", "said"),
    [
        ({}, ROOT, []),
        ({"db_type": "postgres"}, ROOT, ["the database of", "Seen: postgres. Needed: MariaDB"]),
        ({"db_password": None}, ROOT, ["has no db_password in its site_config.json"]),
        ({"db_password": "not-the-right-one"}, ROOT, ["the database refuses"]),
        ({"replica_db_password": "another-one"}, {}, ["reads from a replica", "cannot change without a gap"]),
        ({}, {**ROOT, "password": "not-the-root-password"}, ["refuses its administrative user"]),
    ],
)
def test_faults(twins: Twins, config: dict[str, object], root: dict[str, str], said: list[str]) -> None:
    site = twins.site()
    change(twins, site, **config)
    found = twins.source.one("rotation.plan", site, request="one", secrets={"database_password": {"root": root}})
    faults = found["secrets"]["database_password"]["faults"]
    assert bool(faults) is bool(said)
    for words in said:
        assert words in " ".join(faults)


def test_another_way_to_authenticate_is_left_alone(twins: Twins) -> None:
    site = twins.site()
    path = twins.source.bench.path / f".standin-db/{twins.source.config(site)['db_name']}.user"
    account = json.loads(path.read_text())
    path.write_text(json.dumps({**account, "hashes": [*account["hashes"], "*" + "1" * 40]}))
    given = {"root": ROOT}
    found = twins.source.one("rotation.plan", site, request="one", secrets={"database_password": given})
    assert found["secrets"]["database_password"]["faults"] == [], "two passwords, as after a run that was killed"
