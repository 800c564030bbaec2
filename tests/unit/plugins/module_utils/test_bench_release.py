# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operations bring releases to a state, and what a preview says of those that it cannot ask."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._bench_release import run_release
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.unit.plugins.answers_releases import RELEASE_ANSWERS

PARAMS: dict[str, Any] = {
    "bench_path": "/srv/bench",
    "state": "current",
    "id": None,
    "apps": [],
    "removed": [],
    "requirements": [],
    "python": None,
    "build": None,
    "accept_older_processes": True,
    "keep": 3,
    "protect": ["one"],
}


class Agent:
    """Answers as the agent does, ``same`` operations without a change."""

    def __init__(self, *same: str) -> None:
        self.same, self.asked = same, list[tuple[str, dict[str, Any]]]()

    def one(self, op: str, *, args: dict[str, Any] | None = None, secrets: list[str] | None = None) -> dict[str, Any]:
        self.asked.append((op, args or {}))
        answer = copy.deepcopy(RELEASE_ANSWERS[op])
        if op in self.same:
            answer |= {"changed": False, "actions": []}
        return answer


def ask(agent: Agent, *, check: bool = False, **params: Any) -> dict[str, Any]:
    return run_release(agent, {**PARAMS, **params}, check, [])  # type: ignore[arg-type]


def test_a_release_is_made_current() -> None:
    agent = Agent("release.adopt")
    done = ask(agent)
    assert [op for op, _args in agent.asked] == ["release.adopt", "release.build", "release.switch"]
    assert agent.asked[-1][1] == {"id": "953f2a3f6d99", "accept_older": True}
    assert (done["changed"], done["actions"]) == (True, ["built", "switched"])
    assert done["bench_release"] == {
        "id": "953f2a3f6d99",
        "path": "/srv/bench/releases/953f2a3f6d99",
        "previous": "e81b382ce53b",
        "apps": {"shop": "1" * 40},
        "assets": ["shop"],
        "removed": [],
        "busy": [],
    }
    assert done["diff"]["before"] == {"shop": "0" * 40, "current": "e81b382ce53b"}


def test_nothing_is_to_be_done() -> None:
    done = ask(Agent("release.adopt", "release.build", "release.switch"))
    assert (done["changed"], done["actions"]) == (False, [])


@pytest.mark.parametrize(
    ("same", "params", "asked"),
    [
        ((), {}, ["release.adopt", "release.build"]),
        (("release.adopt", "release.build"), {}, ["release.adopt", "release.build", "release.switch"]),
        (("release.adopt",), {"id": "x"}, ["release.adopt", "release.switch"]),
        ((), {"id": "x"}, ["release.adopt"]),
    ],
)
def test_a_preview_asks_for_no_switch_to_what_is_not_there(
    same: tuple[str, ...], params: dict[str, Any], asked: list[str]
) -> None:
    agent = Agent(*same)
    done = ask(agent, check=True, **params)
    assert [op for op, _args in agent.asked] == asked
    assert "switched" in done["actions"]


@pytest.mark.parametrize("params", [{"state": "present"}, {"apps": [{"name": "shop"}]}, {"removed": ["shop"]}])
def test_a_release_is_named_or_made(params: dict[str, Any]) -> None:
    agent = Agent()
    with pytest.raises(ErpopsError, match="id names a release that is there") as caught:
        ask(agent, id="x", **params)
    assert (caught.value.status, agent.asked) == (400, [])


def test_releases_are_pruned() -> None:
    agent = Agent()
    done = ask(agent, state="pruned")
    assert agent.asked == [("release.prune", {"keep": 3, "protect": ["one"]})]
    assert (done["bench_release"]["id"], done["bench_release"]["path"]) == ("", "")
