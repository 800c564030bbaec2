# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a bench that was updated is as well as it was before."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._rollout_gate import LIMITS, faults, measured

LIMIT = {
    "http_errors": 0,
    "p95_ms": 1000,
    "p95_growth": 1.5,
    "failed_jobs": 0,
    "queue_jobs": 100,
    "scheduler_seconds": 900,
    "error_rows": 5,
    "health": "silent",
}
WELL: dict[str, Any] = {
    "taken_at": 1_700_000_000,
    "hours": 24,
    "queues": {"fault": "", "by_name": {"default": {"jobs": 0, "workers": 1}}},
    "sites": {
        "a.test": {
            "fault": "",
            "maintenance": "off",
            "quarantined": False,
            "scheduler": {"status": "active", "inactive_because": [], "age_seconds": 60},
            "failed_jobs": {"count": 0, "titles": []},
            "errors": {"count": 0, "titles": []},
            "integrations": {"shop": "ok"},
        }
    },
    "http": {"a.test": {"requests": 10, "failed": 0, "p95_ms": 100.0, "kinds": []}},
}


def tally(*titles: tuple[str, int]) -> dict[str, Any]:
    rows = [{"title": title, "count": count, "last": ""} for title, count in titles]
    return {"count": sum(count for _title, count in titles), "titles": rows}


def reading(**changes: Any) -> dict[str, Any]:
    """WELL with changes: of the site, of ``http``, ``queues`` or ``hours``."""
    found = copy.deepcopy(WELL)
    for name, value in changes.items():
        if name == "hours":
            found[name] = value
        elif name == "http":
            found["http"]["a.test"].update(value)
        elif name == "queue":
            found["queues"]["by_name"]["default"].update(value)
        elif name == "queues":
            found["queues"] = value
        elif name == "scheduler":
            found["sites"]["a.test"]["scheduler"].update(value)
        else:
            found["sites"]["a.test"][name] = value
    return found


def judged(before: dict[str, Any], now: dict[str, Any], **limits: Any) -> list[str]:
    return faults(reading(**before), reading(**{"hours": 0.5, **now}), {**LIMIT, **limits}, "bench1")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {}),
        ({}, {"errors": tally(("x", 5))}),
        # One row an hour is usual: 5 and 12 of 24 h, in 12 h.
        ({"errors": tally(("x", 24))}, {"errors": tally(("x", 17)), "hours": 12}),
        ({"errors": tally(("x", 24))}, {"errors": tally(("x", 53)), "hours": 48}),
        ({"failed_jobs": tally(("x", 24))}, {"failed_jobs": tally(("x", 1))}),
        ({"http": {"failed": 5}}, {"http": {"failed": 5}}),
        ({"http": {"p95_ms": 900.0}}, {"http": {"p95_ms": 1350.0}}),
        ({}, {"http": {"p95_ms": 1000.0}}),
        ({"queue": {"jobs": 300}}, {"queue": {"jobs": 250}}),
        ({"queue": {"workers": 0}}, {"queue": {"workers": 0}}),
        ({"scheduler": {"status": "inactive"}}, {"scheduler": {"status": "inactive"}}),
        (
            {"scheduler": {"status": "late", "age_seconds": 5000}},
            {"scheduler": {"status": "late", "age_seconds": 6000}},
        ),
        ({"scheduler": {"age_seconds": None}}, {"scheduler": {"age_seconds": None}}),
        ({"integrations": {"shop": "failing"}}, {"integrations": {"shop": "failing"}}),
        ({}, {"integrations": {"shop": "silent"}}),
        ({"maintenance": "on"}, {"maintenance": "on"}),
        ({"fault": "gone"}, {"fault": "gone"}),
        ({"queues": {"fault": "down", "by_name": {}}}, {"queues": {"fault": "down", "by_name": {}}}),
    ],
)
def test_what_passes(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert judged(before, now) == []


@pytest.mark.parametrize(
    ("before", "now", "told", "limit"),
    [
        ({}, {"errors": tally(("shop.pull", 4), ("other", 2))},
         "a.test: new rows in Error Log since the update. Seen: 6 (4 x shop.pull; 2 x other). Needed: at most 5",
         "error_rows"),
        ({"errors": tally(("x", 24))}, {"errors": tally(("x", 18)), "hours": 12}, "at most 5 and the usual 12", "error_rows"),
        ({}, {"failed_jobs": tally(("shop.pull", 1))}, "background jobs failed since the update. Seen: 1 (1 x", "failed_jobs"),
        ({}, {"http": {"failed": 1, "kinds": ["app_error, HTTP 500"]}},
         "a.test: requests from outside failed. Seen: 1 of 10 (app_error, HTTP 500). Needed: at most 0 %", "http_errors"),
        ({"http": {"failed": 1}}, {"http": {"failed": 2}}, "at most 10 %", "http_errors"),
        ({}, {"http": {"p95_ms": 1001.0}}, "a.test answers slowly. Seen: 1001 ms at p95, 100 ms before", "p95_ms"),
        ({"http": {"p95_ms": 900.0}}, {"http": {"p95_ms": 1351.0}}, "at most 1350 ms", "p95_ms"),
        ({}, {"queue": {"jobs": 101}}, "bench1: jobs wait on the queue default. Seen: 101", "queue_jobs"),
        ({}, {"queue": {"workers": 0}}, "bench1: no worker takes jobs from the queue default", "queue_jobs"),
        ({}, {"queues": {"fault": "refused", "by_name": {}}}, "bench1: its queues could not be counted", "queue_jobs"),
        ({}, {"scheduler": {"status": "inactive", "inactive_because": ["pause_scheduler"]}},
         "a.test: its scheduler is held. Seen: pause_scheduler", "scheduler_seconds"),
        ({}, {"scheduler": {"age_seconds": 901}}, "last began a job too long ago. Seen: 901 s ago", "scheduler_seconds"),
        ({}, {"scheduler": {"age_seconds": None}}, "Seen: no beat", "scheduler_seconds"),
        ({}, {"integrations": {"shop": "degraded"}}, "the integration shop is degraded. Seen: ok before", "health"),
        ({"integrations": {"shop": "degraded"}}, {"integrations": {"shop": "failing"}}, "Seen: degraded before", "health"),
    ],
)  # fmt: skip
def test_what_does_not_and_how_it_is_switched_off(
    before: dict[str, Any], now: dict[str, Any], told: str, limit: str
) -> None:
    (fault,) = judged(before, now)
    assert told in fault
    assert "Next: " in fault
    for off in (-1, None, "-1"):
        assert judged(before, now, **{limit: off}) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [({"fault": "no database"}, "cannot be looked into"), ({"maintenance": "on"}, "is in maintenance and was not")],
)
def test_a_site_that_is_not_served_is_told_whatever_the_limits(now: dict[str, Any], told: str) -> None:
    (fault,) = judged({}, now, **dict.fromkeys(LIMITS, -1))
    assert told in fault


def test_all_is_told_at_once_and_new_sites_are_judged_by_the_limits_alone() -> None:
    now = reading(hours=0.5, errors=tally(("x", 9)), http={"failed": 9}, queue={"jobs": 500})
    assert len(faults({}, now, LIMIT, "bench1")) == 3
    assert len(faults(WELL, now, LIMIT, "bench1")) == 3


def test_a_tenant_in_quarantine_does_not_fail_the_gate() -> None:
    now = reading(hours=0.5, quarantined=True, maintenance="on", errors=tally(("x", 99)), http={"failed": 10})
    assert faults(WELL, now, LIMIT, "bench1") == []


@pytest.mark.parametrize("limits", [{"error_row": 5}, {"error_rows": "many"}, {"p95_ms": -5}, {"health": "bad"}])
def test_limits_that_mean_nothing_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"limit|could not convert"):
        faults(WELL, WELL, limits, "bench1")


def test_answers_are_summed_up_by_site() -> None:
    def probe(name: str, ms: float, ok: bool = True) -> dict[str, Any]:
        kind, message = ("ok", "HTTP 200") if ok else ("app_error", "HTTP 500")
        return {"name": name, "ok": ok, "kind": kind, "ms": ms, "status": 200 if ok else 500, "message": message}

    found = measured({"hours": 1}, [probe("a.test 1", 5), probe("b.test 1", 9), probe("a.test 2", 7, ok=False)])
    assert found["hours"] == 1
    assert found["http"]["a.test"] == {"requests": 2, "failed": 1, "p95_ms": 7, "kinds": ["app_error, HTTP 500"]}
    assert found["http"]["b.test"] == {"requests": 1, "failed": 0, "p95_ms": 9, "kinds": []}
