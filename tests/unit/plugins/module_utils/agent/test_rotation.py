# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of rotations, and the way back when a step fails: on a site of the stand-in."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.twins import ROOT, Twins


def journal(twins: Twins, site: str) -> dict[str, Any]:
    return dict(json.loads(twins.source.state("rotations", f"{site}.json").read_text()))


def step(twins: Twins, verb: str, site: str, check: bool = False, **args: Any) -> Any:
    given = {"secret": "database_password", "request": "one", **args}
    return twins.source.one(f"rotation.{verb}", site, check=check, **given)


def test_the_answers_that_are_played_have_the_keys_of_these(twins: Twins) -> None:
    site = twins.site()
    for verb in ("begin", "finish", "undo"):
        answer = step(twins, verb, site, request=verb)
        assert answer.keys() == SET_ANSWERS[f"rotation.{verb}"].keys(), verb
    found = twins.source.one("rotation.plan", site, request="one", secrets={"database_password": {"root": ROOT}})
    played = SET_ANSWERS["rotation.plan"]["secrets"]["database_password"]
    assert found["secrets"]["database_password"].keys() == played.keys()


def test_check_mode_changes_nothing(twins: Twins) -> None:
    site = twins.site()
    before = twins.source.config(site)
    planned = step(twins, "begin", site, check=True)
    assert (planned["changed"], planned["open"]) == (True, False)
    assert planned["diff"]["before"] == {"database_password": "as it was made"}
    assert (twins.source.config(site), twins.source.state("rotations", f"{site}.json").exists()) == (before, False)


def test_the_journal_is_its_owners_and_forgets_the_secrets(twins: Twins) -> None:
    site = twins.site()
    step(twins, "begin", site)
    path = twins.source.state("rotations", f"{site}.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    entry = journal(twins, site)["open"]["database_password"]
    assert entry["new"] == twins.source.config(site)["db_password"]
    step(twins, "finish", site)
    text = path.read_text()
    assert (entry["new"] in text, entry["old"] in text) == (False, False)
    twins.source.one("site.apply", site, state="absent", confirm=site, backup="skip")
    assert not path.exists()


def test_a_step_that_fails_is_undone(twins: Twins) -> None:
    """The configuration cannot be replaced, once the server lets both passwords in."""
    site = twins.site()
    old = twins.source.config(site)["db_password"]
    folder = twins.source.bench.sites / site
    lock = folder / "locks/site_config.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir(parents=True)
    error = twins.source.refused("rotation.begin", site, secret="database_password", request="one")
    assert "the rotation failed, and so did its undo" in str(error)
    assert journal(twins, site)["open"]["database_password"]["state"] == "noted"
    assert twins.source.config(site)["db_password"] == old
    assert twins.source.one("site.read", site)["state"] == "present", "its password is let in all the same"
    lock.rmdir()
    assert step(twins, "undo", site)["changed"] is True
    assert (journal(twins, site)["open"], twins.source.config(site)["db_password"]) == ({}, old)
    assert step(twins, "undo", site)["changed"] is False


def test_a_secret_that_nobody_knows(twins: Twins) -> None:
    with pytest.raises(ErpopsError, match="is no secret that can be rotated"):
        step(twins, "begin", twins.site(), secret="pin")


def test_a_running_rotation_is_not_disturbed(twins: Twins, tmp_path: Path) -> None:
    import fcntl

    site = twins.site()
    path = twins.source.state("locks", f"{site}.rotation.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "is locked by another run" in str(
            twins.source.refused("rotation.begin", site, secret="database_password", request="one")
        )
