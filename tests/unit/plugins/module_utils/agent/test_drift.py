# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing is changed by hand, and just that one is named."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.plugins.answers_sets import SET_ANSWERS
from tests.unit.plugins.module_utils.agent.tools import git
from tests.unit.plugins.module_utils.agent.twins import JOBS, Twins

CRONTAB = "#!/bin/sh\nexec cat {0}\n"


@pytest.fixture(scope="module")
def app(twins: Twins) -> Path:
    """The app is a checkout at a tag, as one that was deployed."""
    folder = twins.source.bench.path / "apps/erpnext"
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    git(folder, "tag", "v1")
    return folder


@pytest.fixture
def looked(twins: Twins, app: Path) -> Iterator[Callable[..., list[tuple[str, str]]]]:
    """Parts and names of what differs on a site, whose app is put back afterwards."""
    site = twins.site()

    def look(change: Callable[[Path, str], None] | None = None, version: str = "v1", **args: Any) -> Any:
        if change:
            change(app, site)
        found = twins.source.one("drift.read", site, apps=[{"name": "erpnext", "version": version}], **args)
        assert found.keys() == SET_ANSWERS["drift.read"].keys()
        return [(one["part"], one["name"]) for one in found["differences"]]

    yield look
    git(app, "reset", "--quiet", "--hard", "v1")


def test_as_declared(looked: Callable[..., list[tuple[str, str]]], app: Path) -> None:
    assert looked() == []
    assert looked(version=git(app, "rev-parse", "HEAD")) == []
    assert looked(version=git(app, "rev-parse", "HEAD")[:10]) == []
    assert looked(version="a-branch") == [], "only its repository knows"


def test_another_commit(looked: Callable[..., list[tuple[str, str]]]) -> None:
    def change(app: Path, site: str) -> None:
        git(app, "commit", "--quiet", "--allow-empty", "--message", "by hand")

    assert looked(change) == [("commit", "erpnext")]


def test_a_local_change(looked: Callable[..., list[tuple[str, str]]]) -> None:
    def change(app: Path, site: str) -> None:
        with (app / "erpnext/hooks.py").open("a") as handle:
            handle.write("# by hand\n")

    assert looked(change) == [("local changes", "erpnext")]


def test_a_job_that_somebody_stopped(twins: Twins, looked: Callable[..., list[tuple[str, str]]]) -> None:
    seen: list[str] = []

    def change(app: Path, site: str) -> None:
        (job, *_more) = twins.source.rows(site, 'select name, method from "tabScheduled Job Type" order by method')
        twins.source.sql(site, f"update \"tabScheduled Job Type\" set stopped=1 where name='{job[0]}'")
        seen.append(job[1])

    assert looked(change) == [("job", seen[0])]
    assert looked(jobs_stopped=seen) == []
    assert JOBS.keys().isdisjoint(seen)


@pytest.fixture
def around(twins: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Files and a crontab around the bench, compared or recorded."""
    (tmp_path / "units/deep").mkdir(parents=True)
    (tmp_path / "units/web.service").write_text("one")
    (tmp_path / "units/deep/worker.service").write_text("one")
    (tmp_path / "crontab.txt").write_text("0 1 * * * backup\n")
    program = tmp_path / "bin/crontab"
    program.parent.mkdir()
    program.write_text(CRONTAB.format(tmp_path / "crontab.txt"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    kinds = {"processes": [f"{tmp_path}/units/**"], "crontab": []}

    def look(state: str = "compared", check: bool = False) -> Any:
        return twins.source.one("drift.baseline", "", check=check, kinds=kinds, state=state)

    yield look
    twins.source.state("baseline.json").unlink(missing_ok=True)


def named(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["part"], one["name"].rpartition("/")[2], one["before"]) for one in found["differences"]]


def test_nothing_is_compared_before_it_was_recorded(twins: Twins, around: Callable[..., Any]) -> None:
    found = around()
    assert (found["differences"], found["unrecorded"], found["changed"]) == ([], ["processes", "crontab"], False)
    assert around("recorded", check=True)["changed"] is True
    assert not twins.source.state("baseline.json").exists()
    assert around("recorded")["changed"] is True
    assert stat.S_IMODE(twins.source.state("baseline.json").stat().st_mode) == 0o600
    again = around("recorded")
    assert (again["changed"], around()["unrecorded"]) == (False, [])
    assert again.keys() == SET_ANSWERS["drift.baseline"].keys()


@pytest.mark.parametrize(
    ("path", "content", "difference"),
    [
        ("units/web.service", "two", ("processes", "web.service", "changed")),
        ("units/deep/worker.service", None, ("processes", "worker.service", "gone")),
        ("units/more.service", "one", ("processes", "more.service", "new")),
        ("crontab.txt", "0 1 * * * backup\n5 * * * * mine\n", ("crontab", "crontab", "changed")),
    ],
)
def test_a_file_or_the_crontab(
    around: Callable[..., Any], tmp_path: Path, path: str, content: str | None, difference: tuple[str, str, str]
) -> None:
    around("recorded")
    if content is None:
        (tmp_path / path).unlink()
    else:
        (tmp_path / path).write_text(content)
    assert named(around()) == [difference]
    assert around("recorded")["changed"] is True
    assert named(around()) == []


def test_without_cron_there_is_no_crontab(
    around: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around("recorded")
    (tmp_path / "bin/crontab").unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert named(around()) == [("crontab", "crontab", "changed")]
