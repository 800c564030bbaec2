#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run scenarios of tests/molecule, one after the other, and print how long each of their phases took.

    python tests/molecule/run.py [--distro debian13] [--keep] [--do converge] [scenario ...]

molecule does the work; this gives it the settings that all scenarios share, and an engine: a Docker engine that is
installed but does not answer is started first, and stopped at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILES = ROOT / ".cache" / "molecule"
BASE = HERE / "shared" / "base.yml"
DISTROS = ("debian12", "debian13", "ubuntu2204", "ubuntu2404")

# Seconds that a phase of a scenario is to take on a quiet machine with two cores. More is told, and is no failure: how
# loaded this machine is says nothing about the roles.
GOALS = {("default", "converge"): 360.0, ("default", "idempotence"): 90.0}

ENGINE_HELP = """molecule: the scenarios run on a Docker engine, and {problem}.
  Debian, Ubuntu, as root: apt-get install docker.io iptables mmdebstrap
  As another user: join the group "docker", or set DOCKER_HOST to an engine that is yours."""

# What molecule prints when a phase begins and when it ends, and Ansible when a play begins.
PHASE = re.compile(r"^[A-Z]+ .*(?: ➜ | > )(?P<phase>\w+)(?:: |\] )(?P<event>Executing|Executed)(?:: (?P<result>\w+))?")
PLAY = re.compile(r"^PLAY \[(?P<title>.*?)\](?: \[CHECK MODE\])? \*")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Phase:
    name: str
    begun: float
    ended: float = 0.0
    result: str = "ended"
    plays: list[tuple[str, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended - self.begun

    def lines(self) -> list[str]:
        """One line; of several plays, one more for each that took a second or longer."""
        title = self.plays[0][0] if len(self.plays) == 1 else ""
        lines = [f"  {self.name:<12} {self.seconds:7.1f} s  {self.result:<10}  {title}".rstrip()]
        ends = [begun for _, begun in self.plays[1:]] + [self.ended]
        for (play, begun), end in zip(self.plays, ends, strict=False):  # without plays, there is an end too many
            if len(self.plays) > 1 and end - begun >= 1:
                lines.append(f"  {'':<12} {end - begun:7.1f} s  - {play}")
        return lines


@dataclass
class Report:
    """The phases of one scenario, read off the lines that molecule prints, as they come."""

    scenario: str
    phases: list[Phase] = field(default_factory=list)
    passed: bool = False

    def read(self, line: str, now: float) -> None:
        text = COLOUR.sub("", line)
        if found := PHASE.search(text):
            if found["event"] == "Executing":
                self.phases.append(Phase(found["phase"], now))
            elif self.phases:
                self.phases[-1].ended = now
                self.phases[-1].result = (found["result"] or "").lower()
        elif (found := PLAY.search(text)) and self.phases:
            self.phases[-1].plays.append((found["title"], now))

    def end(self, now: float) -> None:
        """A phase in which molecule died has no end of its own."""
        if self.phases and not self.phases[-1].ended:
            self.phases[-1].ended = now

    def missed_goals(self) -> list[str]:
        return [
            f"{self.scenario}: {phase.name} took {phase.seconds:.0f} s; the goal on a quiet machine is {goal:.0f} s"
            for phase in self.phases
            if (goal := GOALS.get((self.scenario, phase.name), phase.seconds)) < phase.seconds
        ]

    def table(self) -> list[str]:
        total = sum(phase.seconds for phase in self.phases)
        lines = [line for phase in self.phases for line in phase.lines()]
        return [
            f"{self.scenario}: {'passed' if self.passed else 'FAILED'} in {total:.0f} s",
            *lines,
            *(f"  {missed}" for missed in self.missed_goals()),
        ]


def scenarios() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/molecule.yml"))


def subnet(scenario: str) -> str:
    """The first three parts of the scenario's network, which are the same in every run."""
    number = zlib.crc32(scenario.encode())
    return f"10.{200 + number % 50}.{number // 50 % 250}"


def engine_answers() -> bool:
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def engine() -> Iterator[None]:
    """An engine that answers: the one that runs, or one that is ended again, by its process id."""
    if not shutil.which("docker"):
        raise SystemExit(ENGINE_HELP.format(problem="there is no docker command"))
    if engine_answers():
        yield
        return
    if not shutil.which("dockerd"):
        raise SystemExit(ENGINE_HELP.format(problem="none is installed, nor does DOCKER_HOST lead to one"))
    if os.geteuid() or os.environ.get("DOCKER_HOST"):
        raise SystemExit(ENGINE_HELP.format(problem="it does not answer; start it: sudo systemctl start docker"))
    FILES.mkdir(parents=True, exist_ok=True)
    log = FILES / "dockerd.log"
    with log.open("w") as output, subprocess.Popen(["dockerd"], stdout=output, stderr=output) as process:
        try:
            print(f"molecule: started dockerd, process {process.pid}", flush=True)
            wait_for_engine(process, log)
            yield
        finally:
            process.terminate()
            process.wait()


def wait_for_engine(process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        if engine_answers():
            return
        if process.poll() is not None:
            break
        time.sleep(0.5)
    raise SystemExit(f"molecule: dockerd does not come up; the end of {log}:\n{log.read_text()[-2000:]}")


def environment(scenario: str, distro: str) -> dict[str, str]:
    files = FILES / scenario
    colour = {"FORCE_COLOR": "1"} if sys.stdout.isatty() else {"NO_COLOR": "1", "PY_COLORS": "0"}
    own = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_HOME": str(ROOT / ".ansible"),
        "ANSIBLE_VAULT_PASSWORD_FILE": str(vault_password(files)),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(files),
        "MOLECULE_GLOB": "tests/molecule/*/molecule.yml",
        "MOLECULE_PROJECT_DIRECTORY": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TEST_DISTRO": distro,
        "TEST_SUBNET": subnet(scenario),
    }
    return os.environ | colour | own


def vault_password(files: Path) -> Path:
    """The password of the secrets that a run makes; gone with them."""
    file = files / "vault_password"
    if not file.exists():
        files.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24) + "\n")
    return file


@contextlib.contextmanager
def alone(scenario: str) -> Iterator[None]:
    """Two runs of one scenario in this clone wait for each other: their hosts have the same names."""
    FILES.mkdir(parents=True, exist_ok=True)
    with (FILES / f"{scenario}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"molecule: waiting for another run of {scenario}", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def molecule(scenario: str, distro: str, *action: str) -> Report:
    """One action of molecule; its lines are handed on as they come, and kept beside the scenario's files."""
    report = Report(scenario)
    command = ["molecule", "--base-config", str(BASE), *action, "--no-command-borders", "--no-report"]
    command += ["--scenario-name", scenario]
    log = FILES / f"{scenario}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("a") as copy,
        subprocess.Popen(
            command, cwd=ROOT, env=environment(scenario, distro), stdout=-1, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        for line in process.stdout or ():
            report.read(line, time.monotonic())
            copy.write(line)
            print(line, end="", flush=True)
    report.end(time.monotonic())
    report.passed = process.returncode == 0
    return report


def run(scenario: str, distro: str, keep: bool) -> Report:
    """The whole sequence on fresh hosts, which are gone afterwards."""
    with alone(scenario):
        shutil.rmtree(FILES / scenario, ignore_errors=True)
        (FILES / f"{scenario}.log").unlink(missing_ok=True)
        try:
            # Not destroyed by molecule, which would clean up first after a failure: that takes time, and hides the cause.
            report = molecule(scenario, distro, "test", "--destroy=never")
        finally:
            if not keep:
                molecule(scenario, distro, "destroy")
    return report


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], prog="make molecule ARGS=")
    parser.add_argument("scenario", nargs="*", help=f"of: {' '.join(scenarios())} (all of them)")
    parser.add_argument("--distro", choices=DISTROS, default="debian12", help="of the hosts (debian12)")
    parser.add_argument("--keep", action="store_true", help="leave the hosts there, to look into them")
    parser.add_argument("--do", metavar="ACTION", help="only this action of molecule (converge, verify, destroy ...)")
    args = parser.parse_args()
    unknown = set(args.scenario) - set(scenarios())
    if unknown:
        parser.error(f"no such scenario: {' '.join(sorted(unknown))}; there are: {' '.join(scenarios())}")
    return args


def main() -> int:
    # A runner's time limit ends us with it: the hosts, and an engine of ours, are to be gone then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("molecule: ended from outside"))
    args = arguments()
    wanted = args.scenario or scenarios()
    with engine():
        if args.do:
            reports = [molecule(scenario, args.distro, args.do) for scenario in wanted]
        else:
            reports = [run(scenario, args.distro, args.keep) for scenario in wanted]
    print()
    for report in reports:
        print(*report.table(), sep="\n")
    failed = [report.scenario for report in reports if not report.passed]
    print(f"molecule: {len(reports) - len(failed)} of {len(reports)} scenarios passed on {args.distro}", *failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
