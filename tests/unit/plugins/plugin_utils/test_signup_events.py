# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the events of a run tell, and what many runs come to."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._signup_events import Story, measured


def told(*events: tuple[str, str, dict[str, Any]]) -> Story:
    story = Story()
    for kind, task, result in events:
        story.add({"event": kind, "event_data": {"task": task, "res": result}})
    return story


def test_the_first_failure_is_the_error() -> None:
    story = told(
        ("runner_on_ok", "site : Ensure the site", {"changed": True}),
        ("runner_on_failed", "a", {"msg": "first"}),
        ("runner_on_failed", "b", {"msg": "second"}),
    )
    assert story.error("failed") == "first (and 1 more)"
    assert story.refused is False


def test_a_loop_is_counted_by_its_items() -> None:
    story = told(("runner_item_on_failed", "a", {"msg": "item"}), ("runner_on_failed", "a", {"results": []}))
    assert story.failures == ["item"]


def test_a_run_that_ended_before_any_task() -> None:
    assert "(timeout)" in told().error("timeout")


def test_a_refusal_is_no_failure_of_the_machinery() -> None:
    assert told(("runner_on_failed", "signup : preflight | Refuse a name that is taken", {"msg": "taken"})).refused


def test_the_keys_seconds_are_those_of_the_module() -> None:
    story = told(("runner_item_on_ok", "inside | Ensure the API keys", {"api_key": {"seconds_to_active": 0.25}}))
    assert story.key_seconds == 0.25


def test_what_was_published() -> None:
    story = Story()
    story.add({"event": "playbook_on_stats", "event_data": {"artifact_data": {"erpops_signup": {"db_name": "x"}}}})
    assert story.published == {"db_name": "x"}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], {"signups": 0, "success_percent": None, "refused": 0, "manual_steps": 0}),
        (
            [
                {"outcome": "made", "seconds": 10, "key_seconds": 0.2},
                {"outcome": "made", "seconds": 30, "key_seconds": 0.4},
                {"outcome": "made", "seconds": 20, "key_seconds": None, "resumed": True},
                {"outcome": "failed", "seconds": 5},
                {"outcome": "refused"},
                {"outcome": "discarded", "seconds": 1},
            ],
            {
                "signups": 4,
                "success_percent": 75.0,
                "refused": 1,
                "manual_steps": 2,
                "provisioning_seconds": {"median": 20.0, "worst": 30.0},
                "key_activation_seconds": {"median": 0.3, "worst": 0.4},
            },
        ),
    ],
)
def test_measures(outcomes: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    found = measured(outcomes)
    assert {key: pytest.approx(found[key]) if found[key] is not None else None for key in expected} == expected
