# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see of a report, and at which width."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_report import Report
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenant_table import LEAST_WIDTH, WIDTH, lines


def tenant(**changes: Any) -> dict[str, Any]:
    return {"url": "http://a.localhost:8000", "apps": ["erpnext"], "key": "ok", "jobs": {}, **changes}


def counts(**changes: int) -> dict[str, int]:
    return {"ok": 3, "changed": 0, "failures": 0, "unreachable": 0, "rescued": 0, **changes}


def texts(report: Report, width: int = WIDTH) -> list[str]:
    return [text for text, _tone in lines(report, width)]


def test_table() -> None:
    report = Report(
        tenants={
            "alpha.localhost": tenant(jobs={"orders": {"state": "done", "counts": {"created": 2}}}),
            "b.localhost": tenant(key="none", apps=[]),
        },
        hosts={"alpha.localhost": counts(changed=12), "b.localhost": counts(), "bench1": counts(changed=3)},
        phases=["setup", "provision", "sync"],
        seconds={
            "alpha.localhost": {"provision": 3.21, "sync": 12.0},
            "b.localhost": {"provision": 1.0},
            "bench1": {"setup": 20.0},
        },
        notes=["curl ..."],
    )
    assert "\n".join(texts(report)) == dedent(
        """\
        tenant           url                      apps     key   jobs                   changed
        alpha.localhost  http://a.localhost:8000  erpnext  ok    orders done created=2       12
        b.localhost      http://a.localhost:8000  -        none  -                            0
        total of 2                                                                           12

        seconds          provision  sync
        alpha.localhost        3.2  12.0
        b.localhost            1.0     -
        total of 2             4.2  12.0
        also bench1: changed 3, setup 20.0 s

        curl ..."""
    )
    assert [tone for _text, tone in lines(report)] == ["", "changed", "ok", *[""] * 9]


def test_table_of_one_tenant_that_no_task_ran_for() -> None:
    assert texts(Report(tenants={"a.localhost": tenant()}, hosts={})) == [
        "tenant       url                      apps     key  jobs  changed",
        "a.localhost  http://a.localhost:8000  erpnext  ok   -           -",
    ]


@pytest.mark.parametrize(
    ("apps", "jobs"), [(["erpnext"], 9), ([f"app{number}" for number in range(30)], 0), (["long_app_name"] * 9, 9)]
)
def test_long_apps_and_jobs_go_on_in_the_next_line(apps: list[str], jobs: int) -> None:
    ran = {f"job{number}": {"state": "done", "counts": {"created": number, "errors": 0}} for number in range(jobs)}
    ran["last"] = {"state": "failed", "counts": {}}
    report = Report(tenants={"a.localhost": tenant(apps=apps, jobs=ran)}, hosts={})
    shown = texts(report)
    assert max(map(len, shown)) <= WIDTH
    words = " ".join(shown[1:]).replace(",", " ").split()
    assert all(words.count(app) == apps.count(app) for app in apps)
    assert all(f"job{number}" in words for number in range(jobs))
    assert "last failed" in shown[1]  # what failed comes first
    assert "errors=0" not in words
    assert len(texts(report, 1000)) == 2


def test_columns_that_give_way_keep_some_room() -> None:
    report = Report(tenants={"a" * 90: tenant(apps=["x" * 40], jobs={"y" * 40: {"state": "", "counts": {}}})}, hosts={})
    row = texts(report)[1].split()
    assert row[2] == "x" * LEAST_WIDTH
    assert row[4] == "y" * LEAST_WIDTH


def test_of_many_tenants_the_first_and_the_failed_are_shown() -> None:
    sites = [f"t{number:04}" for number in range(1000)]
    tenants = {site: tenant() for site in sites}
    tenants["t0500"] = tenant(key="wrong secret")
    tenants["t0501"] = tenant(jobs={"orders": {"state": "failed", "counts": {}}})
    hosts = {site: counts(changed=1) for site in sites} | {"t0502": counts(unreachable=1)}
    failures = [{"host": "t0502", "task": "Ensure it", "message": "no route"}]
    report = Report(tenants=tenants, hosts=hosts, failures=failures)
    shown = lines(report)
    named = [text.split()[0] for text, _tone in shown[1:-2]]
    assert named == [*sites[:10], "t0500", "t0501", "t0502"]
    assert shown[-2][0].startswith("total of 1000  3 failed, 987 not shown")
    assert shown[-2][0].split()[-1] == "999"
    assert shown[-1] == ("failed t0502: Ensure it: no route", "failed")
    assert [tone for _text, tone in shown].count("failed") == 5


@pytest.mark.parametrize(("number", "rows"), [(40, 40), (41, 10)])
def test_forty_tenants_are_shown(number: int, rows: int) -> None:
    report = Report(tenants={f"t{count}": tenant() for count in range(number)}, hosts={})
    assert len(lines(report)) == 1 + rows + 1


@pytest.mark.parametrize(
    ("others", "named"), [(["b1"], "b1"), (["b3", "b1", "b2"], "b1, b2, b3"), (list("abcd"), "4 other hosts")]
)
def test_other_hosts_have_one_line(others: list[str], named: str) -> None:
    report = Report(tenants={"t": tenant()}, hosts={name: counts(changed=1) for name in others})
    assert texts(report)[-1] == f"also {named}: changed {len(others)}"
