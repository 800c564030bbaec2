# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift: several things are changed by hand, and just these are named, in the failure and in the report."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import Fleet, Result
from tests.integration.looks import Site

NAME = "gamma.localhost"


def git(fleet: Fleet, *words: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words]
    subprocess.run(command, cwd=fleet.bench / "apps/shopsync", check=True, capture_output=True)


def look(fleet: Fleet, **given: Any) -> tuple[Result, dict[str, Any]]:
    """A run, and the report that it wrote."""
    folder = fleet.root / "drift"
    extra = {"drift": True, "drift_report": str(folder), **given}
    done = fleet.play("verify.yml", limit=f"{NAME},demo", extravars=extra)
    return done, dict(json.loads((folder / f"{NAME}.json").read_text()))


def stop_a_job(site: Site, stopped: int) -> str:
    (name, method), *_more = site.rows('select name, method from "tabScheduled Job Type" order by method')
    connection = site.connection()
    try:
        connection.execute('update "tabScheduled Job Type" set stopped=? where name=?', (stopped, name))
    finally:
        connection.close()
    return str(method)


@pytest.fixture
def spoiled(fleet: Fleet) -> Iterator[list[str]]:
    """A key of the configuration, an app's commit and a file of it, a job, and a file of the processes."""
    site, programs = fleet.site(NAME), fleet.bench / "config/supervisor.conf"
    config, text = site.folder / "site_config.json", programs.read_text()
    kept = config.read_text()
    config.write_text(json.dumps({**site.config, "mute_emails": False}))
    git(fleet, "commit", "--quiet", "--allow-empty", "--message", "by hand")
    changed = fleet.bench / "apps/shopsync/shopsync/hooks.py"
    changed.write_text(changed.read_text() + "# by hand\n")
    method = stop_a_job(site, 1)
    programs.write_text(text + "; by hand\n")
    yield [
        "config",
        "commit (shopsync)",
        "local changes (shopsync)",
        f"job ({method})",
        f"processes ({programs})",
    ]
    config.write_text(kept)
    stop_a_job(site, 0)
    programs.write_text(text)
    git(fleet, "reset", "--quiet", "--hard", "HEAD~1")


def tree_of(folder: Path) -> dict[str, float]:
    return {
        str(path): path.stat().st_mtime for path in folder.rglob("*") if path.is_file() and ".git/" not in str(path)
    }


def test_what_was_changed_by_hand_is_named(fleet: Fleet, spoiled: list[str]) -> None:
    before = tree_of(fleet.site(NAME).folder / "private"), fleet.site(NAME).state()
    done, report = look(fleet)
    assert (done.rc != 0, done.changed.get("demo", 0)) == (True, 0)
    message = " ".join(done.failure.message.split())
    assert f"{NAME} differs from its declaration in {', '.join(spoiled)}. See what with" in message
    assert "For the apps: playbooks/deploy.yml" in message
    assert report["differs"] == spoiled
    assert report["unrecorded"] == ["web_server", "crontab"], "deploy has recorded its processes' files"
    parts = {one["part"]: one for one in report["differences"]}
    assert (parts["config"]["before"], parts["config"]["after"]) == ({"mute_emails": False}, {"mute_emails": True})
    assert (tree_of(fleet.site(NAME).folder / "private"), fleet.site(NAME).state()) == before


def test_as_declared_nothing_differs(fleet: Fleet) -> None:
    recorded = fleet.play("verify.yml", limit="demo", extravars={"drift_recorded": True})
    assert (recorded.ok, recorded.changed) == (True, {"demo": 1}), recorded.stdout[-3000:]
    done, report = look(fleet)
    assert (done.ok, done.changed) == (True, {}), done.stdout[-3000:]
    assert (report["differs"], report["differences"], report["unrecorded"]) == ([], [], [])
