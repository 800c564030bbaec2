# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a set fits a bench, and which configuration comes back with it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._restore_plan import (
    config_after,
    needs_migration,
    older,
    unfit,
)

APPS = [{"name": "frappe", "version": "15.105.0", "commit": "f1"}, {"name": "shop", "version": "1.2.0", "commit": "s1"}]
BENCH: dict[str, dict[str, Any]] = {
    "frappe": {"version": "15.105.0", "commit": "f1"},
    "shop": {"version": "1.2.0", "commit": "s1"},
    "more": {"version": "9", "commit": "m"},
}


def test_configuration_comes_back_but_for_the_database_and_the_moment() -> None:
    copy = {
        "db_name": "_old",
        "db_password": "old",
        "db_host": "10.0.0.1",
        "db_type": "mariadb",
        "encryption_key": "the-key",
        "maintenance_mode": 1,
        "pause_scheduler": 1,
        "shop_token": "t",
        "limits": {"users": 5},
    }
    live = {"db_name": "_new", "db_password": "new", "db_type": "mariadb", "encryption_key": "another"}
    assert config_after(copy, live) == {
        "db_name": "_new",
        "db_password": "new",
        "db_type": "mariadb",
        "encryption_key": "the-key",
        "shop_token": "t",
        "limits": {"users": 5},
    }


@pytest.mark.parametrize(
    ("version", "wanted", "is_older"),
    [
        ("15.9.0", "15.105.0", True),
        ("15.105.0", "15.9.0", False),
        ("15.105", "15.105.0", False),
        ("15.105.0", "15.105.0-dev", False),
        ("14.99", "15", True),
        ("16.0.0-dev", "15.105.0", False),
        ("", "1.0", False),
        ("develop", "1.0", False),
    ],
)
def test_versions(version: str, wanted: str, is_older: bool) -> None:
    assert older(version, wanted) is is_older


@pytest.mark.parametrize(
    ("change", "frappe", "said"),
    [
        ({}, "15.105.0", []),
        ({}, "16.0.0", []),
        ({}, "15.104.9", ["the framework is 15.104.9, the site had 15.105.0"]),
        ({"shop": {"version": "1.1.9", "commit": ""}}, "15.105.0", ["shop is 1.1.9, the site had 1.2.0"]),
        (
            {"shop": None},
            "14.0.0",
            ["the framework is 14.0.0, the site had 15.105.0", "the app shop is not on the bench"],
        ),
    ],
)
def test_what_does_not_fit_is_said_at_once(change: dict[str, Any], frappe: str, said: list[str]) -> None:
    bench = {name: app for name, app in {**BENCH, **change}.items() if app}
    assert unfit(APPS, "15.105.0", bench, frappe) == said


@pytest.mark.parametrize(
    ("change", "apps"),
    [
        ({}, []),
        ({"shop": {"version": "1.2.0", "commit": "s2"}}, ["shop"]),
        ({"frappe": {"version": "15.105.0", "commit": ""}}, ["frappe"]),
    ],
)
def test_other_code_needs_a_migration(change: dict[str, Any], apps: list[str]) -> None:
    assert needs_migration(APPS, {**BENCH, **change}) == apps


def test_code_without_a_commit_is_never_taken_for_the_same() -> None:
    apps = [{**APPS[0], "commit": ""}]
    assert needs_migration(apps, {"frappe": {"version": "15.105.0", "commit": ""}}) == ["frappe"]
