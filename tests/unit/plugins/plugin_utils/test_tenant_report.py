# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says of given events, counts and custom stats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_report import (
    MESSAGE_LENGTH,
    Record,
    Report,
    as_json,
    failure_message,
    notes_of,
    one_line,
    phase_of,
    shortened,
    tenants_of,
)

SECRET = "hunter2-hunter2"


def tenant(**changes: Any) -> dict[str, Any]:
    return {"url": "http://a.localhost:8000", "apps": ["erpnext"], "key": "ok", "jobs": {}, **changes}


def counts(**changes: int) -> dict[str, int]:
    return {"ok": 3, "changed": 0, "failures": 0, "unreachable": 0, "rescued": 0, **changes}


@pytest.mark.parametrize(
    ("name", "path", "phase"),
    [
        ("provision | Ensure the tenants", "/p/site.yml", "provision"),
        ("Provision | Ensure the tenants", "/p/site.yml", "provision"),
        ("sync | Orders | Pull", "/p/site.yml", "sync"),
        ("Ensure the tenants", "/p/provision.yml", "provision"),
        ("a|b", "/p/site.yml", "site"),
        (" | no word", "/p/site.yml", "site"),
        ("", "", "play"),
    ],
)
def test_phase(name: str, path: str, phase: str) -> None:
    assert phase_of(name, path) == phase


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n  b\tc ", "a b c"),
        ("\x1b[31mred\x07", "[31mred"),
        ("caf\u00e9 \udc80", "caf\u00e9"),
        (["x", 1], "['x', 1]"),
    ],
)
def test_one_line(value: Any, text: str) -> None:
    assert one_line(value) == text


@pytest.mark.parametrize(
    ("text", "width", "short"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bcd", 3, "a…"), ("abc", 1, "…")]
)
def test_shortened(text: str, width: int, short: str) -> None:
    assert shortened(text, width) == short


@pytest.mark.parametrize(
    ("result", "hidden", "message"),
    [
        ({"msg": "no such\nsite"}, False, "no such site"),
        ({"msg": ["one", "two"]}, False, "['one', 'two']"),
        ({}, False, "no message"),
        ({"msg": SECRET}, True, "hidden"),
        ({"msg": SECRET, "_ansible_no_log": True}, False, "hidden"),
        ({"censored": "..."}, False, "hidden"),
        (
            {"msg": "One or more items failed", "results": ["text", {"msg": "fine"}, {"failed": True, "msg": "bad"}]},
            False,
            "bad",
        ),
        ({"results": [{"failed": True, "msg": SECRET, "_ansible_no_log": True}]}, False, "hidden"),
        ({"msg": "all", "results": [{"failed": True}]}, False, "all"),
        ({"msg": "x" * 1000}, False, "x" * (MESSAGE_LENGTH - 1) + "…"),
    ],
)
def test_failure_message(result: dict[str, Any], hidden: bool, message: str) -> None:
    assert failure_message(result, hidden) == message


def test_only_documented_keys_of_tenants_are_read() -> None:
    given = {
        "a.localhost": {
            "url": "http://a.localhost",
            "apps": ["erpnext", "shop\x1b[2Jsync"],
            "key": "wrong secret",
            "jobs": {
                "orders": {"state": "done", "counts": {"created": 2, "odd": SECRET, "flag": True}, "answer": SECRET}
            },
            "curl": "curl http://a.localhost",
            "api_secret": SECRET,
        }
    }
    tenants = tenants_of(given)
    assert tenants == {
        "a.localhost": {
            "url": "http://a.localhost",
            "apps": ["erpnext", "shop [2Jsync"],
            "key": "wrong secret",
            "jobs": {"orders": {"state": "done", "counts": {"created": 2}}},
            "curl": "curl http://a.localhost",
        }
    }
    assert SECRET not in json.dumps(tenants)


@pytest.mark.parametrize("odd", [None, "text", 3, ["a"], {}])
def test_what_has_another_shape_is_left_out(odd: Any) -> None:
    assert tenants_of(odd) == {}
    bare = {"url": "", "apps": [], "key": "none", "jobs": {}}
    assert tenants_of({"a": odd}) == {"a": bare}
    assert tenants_of({"a": {"jobs": {"j": odd}}})["a"]["jobs"] == {"j": {"state": "", "counts": {}}}
    assert tenants_of({"a": {"jobs": odd}}) == {"a": bare}


@pytest.mark.parametrize(
    ("published", "notes"),
    [
        (None, []),
        ("", []),
        ("curl x \\\n  -H y\n", ["curl x \\", "  -H y"]),
        (["one", "two\nthree", 4], ["one", "two", "three", "4"]),
        ("\x1b[31mred\tx", ["[31mred    x"]),
    ],
)
def test_notes(published: Any, notes: list[str]) -> None:
    assert notes_of(published) == notes


def test_seconds_of_hosts_that_run_at_once() -> None:
    record = Record()
    record.enter("provision")
    record.begin("a", "t1", 10.0)
    record.begin("b", "t1", 11.0)
    record.end("a", "t1", "a", 13.0)
    record.begin("a", "t2", 13.0)
    record.enter("sync")  # t2 belongs to the phase it began in
    record.end("a", "t2", "a", 14.0)
    record.end("b", "t1", "bench", 15.0)
    record.end("b", "t1", "b", 99.0)  # no longer running
    record.end("c", "t9", "c", 99.0)  # never began, as a skipped meta task
    record.enter("provision")
    record.begin("a", "t1", 20.0)  # a second batch has the same ids
    record.end("a", "t1", "a", 20.5)
    assert record.phases == ["provision", "sync"]
    assert record.seconds == {"a": {"provision": 4.5}, "bench": {"provision": 4.0}}


def test_rescued_failures_are_passed_over() -> None:
    record = Record()
    for task in ("rescued", "real", "in always"):
        record.fail("a", task, f"{task} message")
    record.fail("b", "only rescued", "x")
    record.fail("c", "first", "y")
    hosts = {
        "a": counts(failures=2, rescued=1),
        "b": counts(rescued=1),
        "c": counts(unreachable=1),
        "d": counts(failures=1),
        "e": counts(),
    }
    assert record.failures(hosts) == [
        {"host": "a", "task": "real", "message": "real message"},
        {"host": "c", "task": "first", "message": "y"},
        {"host": "d", "task": "", "message": "no message"},
    ]


def test_failures_of_one_host_are_bounded() -> None:
    record = Record()
    for number in range(1000):
        record.fail("a", str(number), "x")
    assert record.failures({"a": counts(failures=1, rescued=999)}) == [{"host": "a", "task": "99", "message": "x"}]


@pytest.mark.parametrize("key", ["ok", "none", "not verified", ""])
def test_keys_that_are_no_fault(key: str) -> None:
    assert not Report(tenants={"a": tenant(key=key)}, hosts={}).failed("a")


def test_json() -> None:
    report = Report(
        tenants={"a.localhost": tenant(), "b.localhost": tenant(key="timeout")},
        hosts={"a.localhost": counts(changed=2), "b.localhost": counts(failures=1), "bench1": counts(changed=1)},
        phases=["setup", "sync"],
        seconds={"a.localhost": {"sync": 1.23456}, "bench1": {"setup": 2.0, "sync": 1.0}},
        failures=[{"host": "b.localhost", "task": "Probe it", "message": "timeout"}],
        playbook="playbooks/site.yml",
        check_mode=True,
        limit="a*",
        started="2026-01-02T03:04:05+00:00",
        finished="2026-01-02T03:04:15+00:00",
        elapsed=10.00049,
    )
    data = json.loads(json.dumps(as_json(report)))
    hosts = data.pop("hosts")
    assert hosts["a.localhost"] == counts(changed=2) | {"skipped": 0, "ignored": 0}
    assert data == {
        "schema": 1,
        "started": "2026-01-02T03:04:05+00:00",
        "finished": "2026-01-02T03:04:15+00:00",
        "playbook": "playbooks/site.yml",
        "check_mode": True,
        "limit": "a*",
        "tenants": {"a.localhost": tenant(), "b.localhost": tenant(key="timeout")},
        "phases": {"a.localhost": {"sync": 1.235}, "bench1": {"setup": 2.0, "sync": 1.0}},
        "totals": {
            "tenants": 2,
            "tenants_failed": 1,
            "hosts": 3,
            "hosts_failed": 1,
            "ok": 9,
            "changed": 3,
            "failures": 1,
            "unreachable": 0,
            "skipped": 0,
            "rescued": 0,
            "ignored": 0,
            "phases": {"setup": 2.0, "sync": 2.235},
            "seconds": 10.0,
        },
        "failures": [{"host": "b.localhost", "task": "Probe it", "message": "timeout"}],
    }
