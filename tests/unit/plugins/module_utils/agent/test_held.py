# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is let through while something is tried; the whole is asked of two frameworks in tests/contract."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._held import (
    Held,
    _Queue,
    _replace,
    own_addresses,
    statement,
)


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("select 1", ""),
        ("INSERT INTO x values (1)", ""),
        ("update commits set a=1", ""),
        ("rollback", ""),
        ("savepoint a", ""),
        ("commit", "commit"),
        ("  COMMIT;", "commit"),
        ("START TRANSACTION ", "commit"),
        ("begin", "commit"),
        ("create table x (a int)", "schema"),
        ("\n  ALTER TABLE x add column a int", "schema"),
        ("create temporary table x (a int)", ""),
        ("truncate x", "schema"),
        ("drop table x", "schema"),
        ("", ""),
        ("(select 1)", ""),
    ],
)
def test_statements(query: str, what: str) -> None:
    assert statement(query) == what


def test_own_addresses() -> None:
    found = own_addresses({"db_host": "127.0.0.1", "db_port": "3307", "redis_queue": "redis://127.0.0.1:6390"})
    assert found == {("127.0.0.1", 3307), ("127.0.0.1", 6390)}
    assert ("localhost", 3306) in own_addresses({})
    assert ("cache.invalid", 6379) in own_addresses({"redis_cache": "redis://cache.invalid"})


def test_words() -> None:
    assert str(Held()) == ""
    held = Held(commits=2, schema=["alter table x"], connections=["a:1", "a:1"])
    assert str(held) == "held back: 2 commits, schema changes (alter table x), connections to a:1"


def test_a_queue_that_takes_nothing() -> None:
    held = Held()
    job = _Queue(held).enqueue_call(print, kwargs={"job_name": "shop.pull", "method": "x"})
    assert (held.jobs, job.get_status(), job.return_value()) == (["shop.pull"], "canceled", None)


def test_what_was_replaced_is_put_back() -> None:
    class Plain:
        def run(self) -> str:
            return "plain"

    thing: Any = Plain()
    own: Any = Plain()
    own.run = lambda: "own"
    with contextlib.ExitStack() as undo:
        _replace(undo, thing, "run", lambda: "held")
        _replace(undo, own, "run", lambda: "held")
        assert (thing.run(), own.run()) == ("held", "held")
    assert (thing.run(), own.run(), vars(thing)) == ("plain", "own", {})
