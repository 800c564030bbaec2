# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading declared checks: everything that is wrong, at once, before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_args import check_problems, ready_checks
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_kinds import KINDS

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# One good check of each kind, and its default title.
GOOD: dict[str, tuple[dict[str, Any], str]] = {
    "imports": ({"modules": "a.b", "apps": "all"}, "imports of a.b, all"),
    "apps": ({"app": "shop", "commit": COMMIT}, f"apps: app shop, commit {COMMIT}"),
    "doctype": ({"doctypes": ["Job Card"], "module": "Manufacturing"}, "DocTypes Job Card"),
    "field": ({"doctype": "Item", "fields": {"woo": "Data"}}, "fields of Item: woo"),
    "index": ({"doctype": "Item", "columns": ["a", "b"]}, "index of Item on a, b"),
    "records": ({"doctype": "Role", "filters": {"name": "x"}, "equals": "0"}, "number of Role where {'name': 'x'}"),
    "values": ({"doctype": "Shop", "secrets_set": "token"}, "values of Shop"),
    "sync_log": ({"doctype": "Log", "equal": {"status": "Success"}}, "newest Log"),
    "balanced": ({"voucher_type": "Sales Invoice"}, "general ledger of Sales Invoice"),
    "config": ({"scope": "common", "set": ["redis_queue"]}, "common_site_config.json"),
    "leak": ({}, "secrets in logs"),
    "jobs": ({"prefix": "shop", "logs": "complete", "since": 60}, "scheduled jobs of shop"),
    "scheduler": ({}, "scheduler enabled"),
    "workers": ({"queues": ["short"]}, "workers of short"),
    "errors": ({"since": 60, "titles": "%shop%"}, "Error Log like %shop%"),
    "links": ({"app": "shop"}, "links of shop's fixtures"),
    "collisions": ({"app": "shop"}, "DocTypes of shop against those of other apps"),
    "savable": ({"doctype": "Item", "values": {"item_code": "x"}}, "a Item can be saved"),
    "method": ({"method": "a.b", "expect": {"status": "ok"}}, "answer of a.b"),
}


def test_every_kind_is_tried() -> None:
    assert GOOD.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_check(kind: str) -> None:
    args, title = GOOD[kind]
    left_out = {"title": None, **({"max": None} if "max" in KINDS[kind].arguments() else {})}
    (ready,) = ready_checks([{"check": kind, **args, **left_out}], {"a": "secret-value"})
    assert (ready["check"], ready["title"], ready["next"]) == (kind, title, "")
    assert ready["args"].keys() == args.keys()


def test_values_are_converted() -> None:
    (ready,) = ready_checks(
        [{"check": "records", "doctype": "Role", "equals": "0", "title": "No role", "next": "Make it"}]
    )
    assert ready == {
        "check": "records",
        "args": {"doctype": "Role", "equals": 0},
        "title": "No role",
        "next": "Make it",
    }


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        ("imports", "check 1 (without a kind): is str, not a mapping"),
        ({}, "check 1 (without a kind): kind None is none of apps, balanced"),
        ({"check": "import", "title": "Shop"}, "check 1 (Shop): kind 'import' is none of"),
        ({"check": "imports"}, "check 1 (imports): needs one of modules, attributes, apps"),
        ({"check": "records"}, "needs doctype"),
        ({"check": "records", "doctype": "Role", "minimum": 1}, "has no argument 'minimum' (it has doctype, filters,"),
        ({"check": "records", "doctype": "Role", "min": "many"}, "min must be a number"),
        ({"check": "records", "doctype": "Role", "title": 3}, "title must be a text"),
        ({"check": "apps", "commit": COMMIT}, "commit needs app"),
        ({"check": "apps", "app": "shop", "commit": "v1.2"}, "commit must be seven or more hexadecimal digits"),
        ({"check": "apps", "app": "shop"}, "needs one of contain"),
        ({"check": "apps", "contain": ["a"], "equal": ["a"]}, "contain and equal exclude each other"),
        ({"check": "doctype", "of_app": "shop", "module": "Shop"}, "module needs doctypes"),
        ({"check": "values", "doctype": "Shop", "equal": {"api_secret": "x"}}, "equal: api_secret sounds like a secret"),
        ({"check": "values", "doctype": "Shop", "name": "a", "filters": {}, "set": "b"}, "name and filters exclude"),
        ({"check": "config", "equal": {"db_password": "x"}}, "equal: db_password sounds like a secret"),
        ({"check": "config", "types": {"a": "boolean"}}, "types: boolean is none of bool, int"),
        ({"check": "config", "mode": 384}, "mode must be a text"),
        ({"check": "config", "mode": "rw"}, "mode must be octal text, such as '0600'"),
        ({"check": "config", "scope": "bench", "set": "a"}, "scope must be one of site, common"),
        ({"check": "jobs", "prefix": "shop", "since": 3}, "since needs logs"),
        ({"check": "leak"}, "needs the module's option secrets"),
    ],
)  # fmt: skip
def test_what_is_wrong(check: Any, problem: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        ready_checks([check])
    assert problem in caught.value.seen
    assert caught.value.status == 400


def test_a_secret_that_was_not_given() -> None:
    _ready, problems = check_problems([{"check": "leak", "names": ["a", "c"]}], {"a": "x", "b": "y"})
    assert problems == ["check 1 (leak): names c, which is not among secrets (a, b)"]


def test_everything_wrong_is_told_at_once() -> None:
    _ready, problems = check_problems([{"check": "index"}, {"check": "apps", "contain": "a"}, {"check": "x"}])
    assert [text.partition(":")[0] for text in problems] == [
        "check 1 (index)",
        "check 1 (index)",
        "check 3 (without a kind)",
    ]
