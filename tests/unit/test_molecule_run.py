# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios' driver: what it reads off molecule, and that the scenarios are whole."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.molecule import run
from tests.molecule.images import build
from tests.unit.repository import ROOT, known, read_yaml, report, where

# As molecule prints them, without and with colours.
LINES = [
    ("INFO     [redis > create] Executing", 10.0),
    ("PLAY [Create the hosts] *******", 10.5),
    ("INFO     [redis > create] Executed: Successful", 16.0),
    ("\x1b[36mINFO    \x1b[0m \x1b[32mredis\x1b[0m ➜ \x1b[33mconverge\x1b[0m: \x1b[36mExecuting\x1b[0m", 16.0),
    ("PLAY [Setup] [CHECK MODE] ****", 17.0),
    ("PLAY [Nothing to do] ****", 60.0),
    ("PLAY [Deploy] ****", 60.1),
    ("ERROR    [redis > converge] Executed: Failed", 96.0),
]


def read(scenario: str, lines: list[tuple[str, float]]) -> run.Report:
    found = run.Report(scenario)
    for line, now in lines:
        found.read(line, now)
    found.end(100.0)
    return found


def test_phases_and_plays_are_read_off_the_output() -> None:
    assert read("redis", LINES).table() == [
        "redis: FAILED in 86 s",
        "  create           6.0 s  successful  Create the hosts",
        "  converge        80.0 s  failed",
        "                  43.0 s  - Setup",
        "                  35.9 s  - Deploy",
    ]


def test_a_phase_in_which_molecule_died_ends_with_it() -> None:
    phase = read("redis", LINES[:2]).phases[0]
    assert (phase.seconds, phase.result) == (90.0, "ended")


def test_a_phase_that_misses_its_goal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "GOALS", {("redis", "converge"): 79.0})
    told = "redis: converge took 80 s; the goal on a quiet machine is 79 s"
    assert read("redis", LINES).missed_goals() == [told]
    assert read("redis", LINES).table()[-1] == f"  {told}"
    monkeypatch.setattr(run, "GOALS", {("redis", "converge"): 80.0})
    assert read("redis", LINES).missed_goals() == []


def test_goals_are_of_scenarios_that_exist() -> None:
    assert {scenario for scenario, _phase in run.GOALS} <= set(run.scenarios())


def test_each_scenario_has_a_network_of_its_own() -> None:
    subnets = {run.subnet(scenario): scenario for scenario in run.scenarios()}
    assert len(subnets) == len(run.scenarios()), "rename one of two scenarios with the same network"
    assert all(re.fullmatch(r"10\.2[0-4]\d\.\d{1,3}", subnet) for subnet in subnets)


def test_every_scenario_is_whole() -> None:
    """A scenario without a cleanup or a verification would pass: molecule skips a playbook that is not there."""
    faults = []
    for path in known("tests/molecule/*/molecule.yml"):
        for name in ("converge.yml", "verify.yml", "cleanup.yml"):
            if not (path.parent / name).is_file():
                faults.append(f"{where(path.parent)}: {name} is missing")
        inventory = path.parent / "inventory"
        if not any((inventory / name).is_file() for name in ("hosts.yml", "tenants.yml")):
            faults.append(f"{where(inventory)}: neither hosts.yml nor tenants.yml")
        faults += [f"{where(path)}: the sequence leaves out {step!r}" for step in left_out(path.parent.name)]
    report(faults)


def left_out(scenario: str) -> list[str]:
    """Steps of the shared sequence that a scenario's own sequence does not have."""
    shared = read_yaml(run.BASE)["scenario"]["test_sequence"]
    own = (read_yaml(run.HERE / scenario / "molecule.yml") or {}).get("scenario", {}).get("test_sequence", shared)
    return sorted({step for step in shared if own.count(step) < shared.count(step)})


def test_the_driver_and_the_images_know_the_same_distributions() -> None:
    assert set(run.DISTROS) == set(build.DISTROS)


@pytest.mark.parametrize(
    ("elapsed", "minutes", "limit"),
    [(0, 10, 600), (60 * 60, 40, 28 * 60), (88 * 60 - 5, 40, 5), (90 * 60, 40, 1)],
    ids=["its own", "what is left", "nearly nothing is left", "nothing is left"],
)
def test_ci_keeps_within_its_time(tmp_path: Path, elapsed: int, minutes: int, limit: int) -> None:
    text = (ROOT / ".ci" / "run").read_text()
    function = text[text.index("stage() {") : text.index("\ninstall_missing\n")]
    given = f"output={tmp_path}; failed=0; report=(); timeout() {{ echo limit $2; return 1; }}"
    script = f"set -euo pipefail\n{given}\n{function}\nSECONDS={elapsed}\nstage {minutes} lint\necho failed $failed"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    (seconds,) = re.findall(r"^limit (\d+)$", done.stdout, re.MULTILINE)
    assert limit - 2 <= int(seconds) <= limit, "the clock goes on meanwhile"
    assert "failed 1" in done.stdout


@pytest.mark.parametrize(("elapsed", "fleet"), [(0, True), (43 * 60, True), (45 * 60, False), (90 * 60, False)])
def test_ci_leaves_the_longest_scenario_out_when_no_time_is_left_for_it(elapsed: int, fleet: bool) -> None:
    text = (ROOT / ".ci" / "run").read_text()
    function = text[text.index("scenarios() {") : text.index("\ninstall_missing\n")]
    script = f"set -euo pipefail\n{function}\nSECONDS={elapsed}\nscenarios"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["package", "default", *(["fleet"] if fleet else [])]
    assert ("no time is left for the scenario fleet" in done.stderr) is not fleet


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engine that is installed and stopped: it answers while its daemon's file is there."""
    mark = tmp_path / "up"
    for name, script in {
        "docker": f"test -e {mark}",
        "dockerd": f"trap 'rm {mark}; exit' TERM; touch {mark}; while :; do sleep 0.01; done",
    }.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(run, "FILES", tmp_path / "files")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    return mark


def test_a_stopped_engine_is_started_and_ended_again(stopped: Path) -> None:
    with run.engine():
        assert stopped.exists()
    assert not stopped.exists()


def test_an_engine_that_runs_is_left_alone(stopped: Path) -> None:
    stopped.touch()
    with run.engine():
        pass
    assert stopped.exists()


@pytest.mark.usefixtures("stopped")
def test_only_root_starts_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo systemctl start docker"), run.engine():
        pass


def test_an_engine_that_does_not_come_up_shows_its_log(stopped: Path) -> None:
    (stopped.parent / "dockerd").write_text("#!/bin/sh\necho no iptables; exit 1\n")
    with pytest.raises(SystemExit, match="no iptables"), run.engine():
        pass


def test_without_an_engine_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"apt-get install docker\.io"), run.engine():
        pass
