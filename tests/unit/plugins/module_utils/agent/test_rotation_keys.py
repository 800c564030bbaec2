# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: what is in the way of another one. Their steps, over HTTP: the contract."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.plugins.module_utils.agent.twins import USER, Twins

SYNC = "sync@example.com"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": USER}, []),
        ({"user": USER, "standby": SYNC}, []),
        ({"user": USER, "standby": SYNC, "active": USER}, []),
        ({}, ["has no API user"]),
        ({"user": SYNC}, [f"{SYNC} of ", "has no API key to rotate"]),
        ({"user": USER, "standby": USER}, ["cannot stand in for"]),
        ({"user": USER, "active": SYNC}, [f"{SYNC} of ", "have the key of", "no site_api_standby_user"]),
    ],
)
def test_faults(twins: Twins, given: dict[str, Any], said: list[str]) -> None:
    found = twins.source.one("rotation.plan", twins.site(), request="one", secrets={"api_key": given})
    faults = found["secrets"]["api_key"]["faults"]
    assert bool(faults) is bool(said)
    for words in said:
        assert words in " ".join(faults)


def test_killed_before_and_after_the_secret_was_replaced(twins: Twins) -> None:
    import json

    site = twins.site()
    given: dict[str, Any] = {"secret": "api_key", "request": "one", "user": USER}
    first = twins.source.one("rotation.begin", site, **given)["told"]
    path = twins.source.state("rotations", f"{site}.json")
    journal = json.loads(path.read_text())
    journal["open"]["api_key"]["state"] = "replacing"
    path.write_text(json.dumps(journal))
    again = twins.source.one("rotation.begin", site, **given)["told"]
    assert again == first, "it was replaced, and is not replaced again"
    journal["open"]["api_key"]["old"] = {"user": USER, **{k: first["new"][k] for k in ("api_key", "api_secret")}}
    path.write_text(json.dumps(journal))
    third = twins.source.one("rotation.begin", site, **given)["told"]
    assert third["new"]["api_secret"] != first["new"]["api_secret"], "it was not replaced yet"
