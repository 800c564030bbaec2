# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of migrations, by the site."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._migration_history import (
    failed_before,
    forget_migrations,
    history,
    remember_failure,
    remember_migration,
)

CHANGE = [{"name": "shop", "from": "a" * 40, "to": "b" * 40}, {"name": "frappe", "from": "c" * 40, "to": "c" * 40}]


def test_migrations_and_failures_do_not_disturb_each_other(tmp_path: Path) -> None:
    one, other = (Context(Bench(str(tmp_path)), site) for site in ("a.localhost", "b.localhost"))
    assert (history(one), failed_before(one, CHANGE)) == ([], "")
    remember_failure(one, CHANGE, "no such field")
    remember_migration(one, 4.567, {"shop": "b" * 40})
    assert failed_before(one, CHANGE) == "no such field"
    assert failed_before(one, [{**CHANGE[0], "to": "d" * 40}]) == ""
    assert [(entry["seconds"], entry["commits"]) for entry in history(one)] == [(4.57, {"shop": "b" * 40})]
    assert (history(other), failed_before(other, CHANGE)) == ([], "")


def test_only_the_last_are_kept(tmp_path: Path) -> None:
    context = Context(Bench(str(tmp_path)), "a.localhost")
    for number in range(25):
        remember_migration(context, float(number), {})
    assert [entry["seconds"] for entry in history(context)] == [float(number) for number in range(5, 25)]


def test_what_was_taken_back_is_forgotten(tmp_path: Path) -> None:
    context = Context(Bench(str(tmp_path)), "a.localhost")
    forget_migrations(context, 0.0)
    assert history(context) == []
    remember_failure(context, CHANGE, "no such field")
    remember_migration(context, 1.0, {"shop": "one"})
    at = history(context)[0]["at"]
    remember_migration(context, 2.0, {"shop": "two"})
    forget_migrations(context, at + 1e-6)
    assert [entry["commits"] for entry in history(context)] == [{"shop": "one"}]
    assert failed_before(context, CHANGE) == "no such field"
