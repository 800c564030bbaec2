# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.modules.player import Player

PAGING: dict[str, Any] = {"param": "page", "until": "has_more == false"}


def test_a_result(play: Player) -> None:
    done = play.succeed(
        method="shop.api.pull", name="pull", paging=PAGING, counts={"errors": "errors"}, fail_when=["errors > 0"]
    )
    assert (done.call.op, done.call.site) == ("task.run", "a.localhost")
    assert done.call.args == {
        "method": "shop.api.pull",
        "kwargs": {},
        "check_kwargs": {},
        "name": "pull",
        "mode": "inline",
        "queue": "long",
        "paging": {**PAGING, "start": 1, "step": 1, "end_param": None, "next": None, "max_pages": 100000},
        "counts": {"errors": "errors"},
        "growth": {},
        "changed_counts": None,
        "fail_when": ["errors > 0"],
        "once": False,
        "timeout": 3595,
    }
    assert (done.answer["changed"], done.answer["site_task"]["counts"]) == (True, {"created": 7})
    assert "answer" not in done.answer["site_task"], "whatever a method returns may hold anything"


def test_types_of_arguments_survive(play: Player) -> None:
    kwargs = {"limit": 100, "dry": False, "since": None, "filters": {"a": [1, 2.5]}}
    assert play.succeed(method="a.b", kwargs=kwargs).call.args["kwargs"] == kwargs


def test_secrets_among_the_arguments_are_hidden(play: Player) -> None:
    play.answers["task.run"]["skipped"] = "told the-secret to the-shop"
    done = play.succeed(
        method="a.b",
        kwargs={"api_token": "the-secret", "shop": "the-shop"},
        check_kwargs={"secrets": ["other-secret"]},
    )
    assert done.call.args["kwargs"]["api_token"] == "the-secret"
    assert "the-secret" not in done.output
    assert "other-secret" not in done.output
    assert "the-shop" in done.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "missing required arguments: method"),
        ({"method": "a.b", "mode": "later"}, "value of mode must be one of"),
        ({"method": "a.b", "paging": {"param": "page"}}, "missing required arguments: until found in paging"),
    ],
)
def test_wrong_arguments(play: Player, args: dict[str, Any], message: str) -> None:
    assert message in play.fail(**args)
    assert play.calls == []
