# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection to a site, the locks of an operation, and what is made of Frappe's messages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import (
    connect,
    disconnect,
    end_transaction,
    frappe_module,
    plain_text,
)
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<b>email</b> is<br>mandatory", "email is mandatory"),
        ("a<br />b<br/>c", "a b c"),
        ("  many \n lines\t", "many lines"),
        ("1 < 2", "1 < 2"),
        ("", ""),
    ],
)
def test_a_message_without_its_html(text: str, expected: str) -> None:
    assert plain_text(ValueError(text)) == expected


def test_one_connection_serves_consecutive_operations(site: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    site.site("b.localhost")
    bench = site.at().bench
    frappe = connect(bench, SITE)
    calls: list[str] = []

    def noting(name: str, real: Callable[[], None]) -> Callable[[], None]:
        def call() -> None:
            calls.append(name)
            real()

        return call

    for name in ("connect", "destroy"):
        monkeypatch.setattr(frappe, name, noting(name, getattr(frappe, name)))
    assert connect(bench, SITE) is frappe
    assert calls == []
    connect(bench, "b.localhost")
    assert (calls, frappe.local.site) == (["destroy", "connect"], "b.localhost")
    disconnect()
    disconnect()
    assert calls == ["destroy", "connect", "destroy"]


def test_what_was_not_committed_is_given_up(site: Tools) -> None:
    frappe = connect(site.at().bench, SITE)
    frappe.db.rows("Note")["x"] = {"name": "x"}
    disconnect()
    assert site.docs("Note") == {}


def test_between_operations_everything_is_read_anew(site: Tools) -> None:
    bench = site.at().bench
    end_transaction()
    frappe = connect(bench, SITE)
    frappe.db.rows("Note")["ours"] = {"name": "ours"}
    data = site.database()
    data["docs"]["Note"] = {"theirs": {"name": "theirs"}}
    site.write("databases/_a_localhost.json", data)
    end_transaction()
    connect(bench, SITE)
    assert list(frappe.db.rows("Note")) == ["theirs"]


def test_a_site_that_is_not_there(framework: Tools) -> None:
    with pytest.raises(ErpopsError, match="no such site") as caught:
        connect(framework.at().bench, SITE)
    assert (caught.value.status, caught.value.seen) == (404, "no site at all")


def test_a_database_that_does_not_answer(site: Tools) -> None:
    (site.path / "databases/_a_localhost.json").unlink()
    for _attempt in range(2):
        with pytest.raises(ErpopsError, match="does not answer") as caught:
            connect(site.at().bench, SITE)
        assert (caught.value.status, caught.value.object) == (503, SITE)
        assert caught.value.seen == "OperationalError: (1049, Unknown database _a_localhost)"
        assert "repair: true" in caught.value.hint
    assert _context._connection.site == ""


def test_an_app_that_is_not_there_is_not_taken_for_the_database(site: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code came or went while this agent ran."""

    def load_hooks() -> None:
        raise ModuleNotFoundError("No module named 'shop'")

    with monkeypatch.context() as patched:
        patched.setattr(frappe_module(), "connect", load_hooks)
        with pytest.raises(ErpopsError, match="an app of the bench cannot be imported") as caught:
            connect(site.at().bench, SITE)
    assert (caught.value.status, caught.value.object) == (500, SITE)
    assert "No module named 'shop'" in caught.value.seen
    assert _context._connection.site == ""


def test_a_framework_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "frappe", None)
    with pytest.raises(ErpopsError, match="cannot be imported") as caught:
        frappe_module()
    assert caught.value.object == sys.executable


@pytest.mark.parametrize(("name", "lock"), [("", SITE), ("bench", "bench")])
def test_an_operation_holds_its_lock(tools: Tools, name: str, lock: str) -> None:
    context = tools.at()
    with context.locked("first", name):
        assert (tools.path / f".erpops/locks/{lock}.lock").read_text().endswith(": first\n")
        with pytest.raises(ErpopsError) as caught, tools.at().locked("second", name):
            pass
    assert caught.value.status == 423


def test_check_mode_takes_no_lock(tools: Tools) -> None:
    with tools.at().locked("first"), tools.at(check=True).locked("second"):
        pass
    with tools.at("", check=True).locked("third"):
        pass


def test_an_operation_without_a_site() -> None:
    context: Any = _context.Context(bench=None)  # type: ignore[arg-type]
    with pytest.raises(ErpopsError, match="needs a site") as caught:
        context.need_site()
    assert caught.value.status == 400
