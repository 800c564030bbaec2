# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known before a site goes back to a set: which set it is, and what is in the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.plugins.module_utils.agent.test_restore_site import NAME, saved
from tests.unit.plugins.module_utils.agent.twins import Side, Twins


@pytest.fixture
def side(twins: Twins) -> Side:
    return twins.source


@pytest.fixture
def site(twins: Twins) -> str:
    return twins.site()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"site": "b.localhost"}, "the set is one of b.localhost; into another site it goes with restore_as"),
        ({"frappe": "99.0.0"}, "the framework is 15.0.0, the site had 99.0.0"),
        ({"files": {"x.sql.gz": "0"}}, "x.sql.gz is missing"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything(
    side: Side, site: str, changes: dict[str, Any], fault: str
) -> None:
    folder = saved(side, site)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))
    assert fault in "; ".join(side.one("restore_site.plan", site, set=NAME)["faults"])
    assert fault in str(side.refused("restore_site.apply", site, set=NAME))
    assert not side.state("restores", f"{site}.json").exists()


def test_a_set_that_is_not_there(side: Side, site: str) -> None:
    saved(side, site)
    error = side.refused("restore_site.apply", site, set="two")
    assert (error.status, error.seen, error.needed) == (404, NAME, "two")
    error = side.refused("restore_site.apply", site, set="newest")
    assert (error.status, error.needed) == (404, "a set of the schedule")


def test_an_update_that_is_not_over_is_in_the_way(side: Side, site: str) -> None:
    saved(side, site)
    side.state("updates").mkdir(exist_ok=True)
    path = side.state("updates", f"{site}.json")
    path.write_text(json.dumps({"schema": 1, "run": "one", "state": "saved"}))
    assert "an update of the site is not over (at `saved`)" in side.refused("restore_site.apply", site, set=NAME).seen
    path.unlink()


def test_a_site_that_cannot_be_asked_is_told(side: Side, site: str) -> None:
    """A broken site is what a restore is for; what it is now can be given up."""
    saved(side, site)
    (side.bench.path / f".standin-db/{side.config(site)['db_name']}.user").unlink()
    planned = side.one("restore_site.plan", site, set=NAME)
    assert (planned["lost"], bool(planned["trouble"])) == (None, True)
    assert "with restore_safety=skip it is given up" in "; ".join(planned["faults"])
    assert side.one("restore_site.plan", site, set=NAME, safety="skip")["faults"] == []
