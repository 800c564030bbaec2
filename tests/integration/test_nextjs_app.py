# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nextjs_app with a real Next.js application: built, switched, switched back, never half live."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.fleet import ROOT, Result, environment, run_playbook
from tests.integration.looks import family, processes_of, wait_until
from tests.ports import free_ports

NODE, NPM = shutil.which("node"), shutil.which("npm")
pytestmark = pytest.mark.skipif(not (NODE and NPM), reason="needs the programs node and npm in PATH")
# The role refuses to build as root.
BUILDER = "daemon" if os.geteuid() == 0 else ""
SECRET = "Nextjs0secret0of0the0test"

# What the service of a host does, and refuses to run the release `late`: it answers the probe and fails once it is live.
START = """#!/bin/sh
grep -q '"late"' release.json && exit 1
exec "$@"
"""
SUPERVISOR = """[supervisord]
logfile={root}/supervisord.log
pidfile={root}/supervisord.pid
[unix_http_server]
file={root}/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{root}/s.sock
[program:signup]
command={root}/start {node} --env-file={root}/app/shared/env node_modules/next/dist/bin/next start
    --hostname 127.0.0.1 --port {port}
directory={root}/app/current
autostart=false
startsecs=1
startretries=0
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={root}/signup.log
{user}
"""


@dataclass
class Host:
    """A directory with a repository, an application and its supervisor."""

    root: Path
    port: int
    runs: int = 0

    @property
    def app(self) -> Path:
        return self.root / "app"

    def git(self, *words: str) -> str:
        """Run git in the repository, as its owner."""
        as_owner = ["runuser", "-u", BUILDER, "--"] if BUILDER else []
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        command = [*as_owner, "git", "-C", str(self.root / "repo"), *identity, *words]
        environment = {**os.environ, "HOME": str(self.root / "repo")}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        return done.stdout.strip()

    def commit(self, **release: object) -> str:
        """A commit whose release.json says this."""
        path = self.root / "repo" / "release.json"
        path.write_text(json.dumps({"broken": False, **release}) + "\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", str(release.get("name")))
        return self.git("rev-parse", "HEAD")

    def variables(self, **changes: Any) -> dict[str, Any]:
        control = [str(Path(sys.executable).with_name("supervisorctl")), "-c", str(self.root / "supervisor.conf")]
        npm = {name: os.environ[name] for name in os.environ if name.lower().startswith(("npm_config", "http", "no_p"))}
        authority = "/etc/ssl/certs/ca-certificates.crt"
        trusted = (
            {"NODE_EXTRA_CA_CERTS": authority, "npm_config_cafile": authority} if Path(authority).is_file() else {}
        )
        return {
            "nextjs_app_name": "signup",
            "nextjs_app_root": str(self.app),
            "nextjs_app_user": BUILDER,
            "nextjs_app_repo": str(self.root / "repo"),
            "secret_scan_command": str(self.root / "kingfisher"),
            "secret_scan_state_path": str(self.root / "secret-scan"),
            "nextjs_app_port": self.port,
            "nextjs_app_process_manager": "none",
            "nextjs_app_restart_argv": [*control, "restart", "signup"],
            "nextjs_app_stop_argv": [*control, "stop", "signup"],
            "nextjs_app_environment": {"ERP_NEXT_URL": "http://erp", "NEXT_PUBLIC_GREETING": "it's me"},
            "nextjs_app_secrets": {"ERP_API_SECRET": SECRET},
            "nextjs_app_build_environment": {**npm, **trusted},
            "nextjs_app_health_path": "/health",
            "nextjs_app_health_seconds": 20,
            "ansible_become_method": "ansible.builtin.su",
            "ansible_become_flags": "-s /bin/sh",
            **changes,
        }

    def command(self, check: bool = False, entry: str = "main", **changes: Any) -> list[str]:
        role = {"name": "erpops.frappe.nextjs_app", "tasks_from": entry}
        tasks = [{"name": "Run it", "ansible.builtin.include_role": role}]
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
        (self.root / "play.yml").write_text(yaml.safe_dump(play))
        (self.root / "variables.json").write_text(json.dumps(self.variables(**changes)))
        python = "/usr/bin/python3" if BUILDER else sys.executable  # one that the builder may run
        (self.root / "hosts.ini").write_text(
            f"localhost ansible_connection=local ansible_python_interpreter={python}\n"
        )
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        options = ["-e", f"@{self.root}/variables.json", *(["--check", "--diff"] if check else [])]
        return [program, "-i", str(self.root / "hosts.ini"), str(self.root / "play.yml"), *options]

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.root)

    def play(self, check: bool = False, **changes: Any) -> Result:
        """Run the role through ansible-runner."""
        self.runs += 1
        _program, _i, inventory, playbook, *options = self.command(check, **changes)
        return run_playbook(
            self.root / "runs" / str(self.runs),
            playbook=playbook,
            inventory=inventory,
            cmdline=" ".join(options),
            envvars=self.environment,
            timeout=1800,  # a build on a busy machine
        )

    @property
    def current(self) -> str:
        return os.readlink(self.app / "current") if (self.app / "current").is_symlink() else ""

    @property
    def releases(self) -> list[str]:
        return sorted(path.name for path in (self.app / "releases").iterdir())

    def ask(self, path: str = "/health") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    @property
    def answer(self) -> dict[str, Any]:
        status, body = self.ask()
        assert status == 200, (status, body)
        return dict(json.loads(body))


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    root = Path(tempfile.mkdtemp(prefix="nx-"))
    root.chmod(0o711)
    host = Host(root, free_ports(2))
    shutil.copytree(
        ROOT / "tests/fake/nextjs_app", root / "repo", ignore=shutil.ignore_patterns("node_modules", ".next")
    )
    # Where the builder may run it; the environment's own may be below a home.
    shutil.copy(Path(sysconfig.get_path("purelib"), "kingfisher/bin/kingfisher"), root)
    (root / "secret-scan").mkdir()
    if BUILDER:
        owner = pwd.getpwnam(BUILDER)
        for path in [root / "repo", *(root / "repo").rglob("*"), root / "secret-scan"]:
            os.chown(path, owner.pw_uid, owner.pw_gid)
    host.git("init", "--quiet")
    (root / "start").write_text(START)
    (root / "start").chmod(0o755)
    user = f"user={BUILDER}" if BUILDER else ""
    (root / "supervisor.conf").write_text(SUPERVISOR.format(root=root, node=NODE, port=host.port, user=user))
    command = [str(Path(sys.executable).with_name("supervisord")), "--nodaemon", "-c", str(root / "supervisor.conf")]
    supervisor = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until("the supervisor", (root / "s.sock").exists)
        yield host
    finally:
        supervisor.terminate()
        supervisor.wait(60)
        for process in processes_of(root):  # of a run that was ended
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        wait_until("processes end", lambda: not processes_of(root), 30, 0.05)
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def first(host: Host) -> str:
    """The first release, live."""
    commit = host.commit(name="one")
    preview = host.play(check=True, nextjs_app_version=commit)
    assert preview.ok, preview.stdout[-4000:]
    assert preview.changed
    assert not host.app.exists()
    done = host.play(nextjs_app_version=commit)
    assert done.ok, done.stdout[-6000:]
    return commit


def test_first_release_answers_and_a_second_run_changes_nothing(host: Host, first: str) -> None:
    assert host.current == f"releases/{first[:12]}-1"
    assert host.answer == {"release": "one", "erp": "http://erp"}
    assert "it&#x27;s me" in host.ask("/")[1]
    again = host.play(nextjs_app_version=first)
    assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
    assert host.play(check=True, nextjs_app_version=first).changed == {}


def test_nothing_of_it_is_roots_and_its_secret_is_its_own(host: Host, first: str) -> None:
    assert (host.app / "shared/env").stat().st_mode & 0o777 == 0o600
    builders = {path.stat().st_uid for path in (host.app / "current").resolve().glob(".next/*")}
    assert builders == {pwd.getpwnam(BUILDER).pw_uid if BUILDER else os.geteuid()}
    running = [p for p in processes_of(host.root) if "next" in p.command]
    assert running
    assert [p.command for p in running if SECRET in p.command or SECRET in p.environment] == []
    kept = [p for p in host.root.rglob("*") if p.is_file() and not p.is_symlink() and p.name != "variables.json"]
    assert [str(p) for p in kept if SECRET.encode() in p.read_bytes()] == [str(host.app / "shared/env")]


def test_verify(host: Host, first: str) -> None:
    done = host.play(entry="verify", nextjs_app_version=first)
    assert done.ok, done.stdout[-4000:]
    assert done.changed == {}
    release = host.current.removeprefix("releases/")
    (told,) = done.results("Tell all that is not as it should be")
    assert f"release {release} answers at http://127.0.0.1:{host.port}/health, process " in told["msg"]
    assert host.play(entry="verify", check=True, nextjs_app_version=first).ok


def test_verify_tells_all_faults_at_once(host: Host, first: str) -> None:
    other = host.commit(name="other")
    host.git("reset", "--quiet", "--hard", first)
    env = host.app / "shared/env"
    env.chmod(0o644)
    (host.app / "current").unlink()
    (host.app / "current").symlink_to("releases/elsewhere")
    message = host.play(entry="verify", nextjs_app_version=other, nextjs_app_health_path="/nowhere").failure.message
    env.chmod(0o600)
    (host.app / "current").unlink()
    (host.app / "current").symlink_to(f"releases/{first[:12]}-1")
    for words in (
        "signup, release. Seen: elsewhere without .erpops-release.json",
        f"noted as live is {first[:12]}-1",
        f"it works in {host.app}/releases/{first[:12]}-1",
        "signup, health. Seen: HTTP 404",
        "with mode 0644",
    ):
        assert words in message, message
    message = host.play(entry="verify", nextjs_app_version=other).failure.message
    assert message == (
        f"signup, commit. Seen: {other} is none of {host.app}/source. Needed: one that was fetched. "
        "Next: run playbooks/configure.yml --limit localhost"
    )
    assert host.play(entry="verify", nextjs_app_version=first).ok


def test_a_release_that_does_not_answer_never_goes_live(host: Host, first: str) -> None:
    broken = host.commit(name="broken", broken=True)
    before = host.current
    done = host.play(nextjs_app_version=broken, nextjs_app_health_seconds=4)
    assert "does not answer as it should, so it never went live. Seen: " in done.failure.message
    assert "HTTP 500" in done.failure.message
    assert (host.current, host.answer["release"]) == (before, "one")
    assert [p.command for p in processes_of(host.root) if f"--port {host.port + 1}" in p.command] == []


def test_a_build_that_was_killed_leaves_nothing_live_and_is_made_anew(host: Host, first: str) -> None:
    second = host.commit(name="two")
    with (host.root / "killed.log").open("wb") as log:
        process = subprocess.Popen(
            host.command(nextjs_app_version=second),
            cwd=ROOT,
            env={**os.environ, **host.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    unfinished = host.app / "releases" / f"{second[:12]}-1"

    def building() -> bool:
        assert process.poll() is None, (host.root / "killed.log").read_text()[-4000:]
        return (unfinished / "node_modules").exists()

    wait_until("packages", building, 120, 0.02)
    for member in family(process.pid):
        os.kill(member.pid, 9)
    process.wait(60)
    assert host.answer["release"] == "one"
    done = host.play(nextjs_app_version=second)
    assert done.ok, done.stdout[-6000:]
    assert host.current == f"releases/{second[:12]}-1"
    assert host.answer["release"] == "two"


def test_a_release_that_fails_once_it_is_live_is_taken_back(host: Host, first: str) -> None:
    before, running = host.current, host.answer["release"]
    late = host.commit(name="late")
    done = host.play(nextjs_app_version=late, nextjs_app_health_seconds=5)
    assert done.rc != 0
    told = done.failures[-1].message
    assert f"release {late[:12]}-1 did not answer" in told
    assert f"The former release {before.removeprefix('releases/')} runs again" in told
    assert (host.current, host.answer["release"]) == (before, running)


def test_back_to_the_previous_release_and_forth_without_building(host: Host, first: str) -> None:
    second = host.git("rev-parse", "HEAD~1")
    done = host.play(nextjs_app_version=second)
    assert (done.ok, host.answer["release"]) == (True, "two"), done.stdout[-4000:]
    back = host.play(nextjs_app_state="previous")
    assert back.ok, back.stdout[-4000:]
    assert host.answer["release"] == "one"
    forth = host.play(nextjs_app_version=second)
    assert (forth.ok, host.answer["release"]) == (True, "two")
    assert not forth.results("build | Build")


def test_changed_environment_restarts_and_builds_only_what_needs_it(host: Host, first: str) -> None:
    second = host.git("rev-parse", "HEAD~1")
    other = {"ERP_NEXT_URL": "http://other", "NEXT_PUBLIC_GREETING": "it's me"}
    done = host.play(nextjs_app_version=second, nextjs_app_environment=other)
    assert done.ok, done.stdout[-4000:]
    assert not done.results("build | Build")
    assert host.answer["erp"] == "http://other"
    public = {**other, "NEXT_PUBLIC_GREETING": "somebody else"}
    done = host.play(nextjs_app_version=second, nextjs_app_environment=public)
    assert done.results("build | Build")
    assert host.current == f"releases/{second[:12]}-2"
    assert "somebody else" in host.ask("/")[1]
    assert len(host.releases) <= 3, "old ones are removed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nextjs_app_name": "Not A Name"}, "nextjs_app_name is Not A Name"),
        ({"nextjs_app_version": ""}, "name the repository and the commit"),
        ({"nextjs_app_node": "/nowhere/node"}, "/nowhere/node is not there"),
        ({"nextjs_app_restart_argv": []}, "which needs nextjs_app_restart_argv"),
        ({"nextjs_app_secrets": {"A": "one\ntwo"}}, "values of A have a line break"),
        ({"nextjs_app_process_manager": "systemd", "nextjs_app_node": "node"}, "systemd wants the whole path"),
        ({"nextjs_app_keep": 1}, "needed are at least 2"),
        ({"nextjs_app_state": "absent"}, "is not removed without confirmation"),
    ],
)
def test_faults_are_told_before_anything_changes(host: Host, changes: dict[str, Any], message: str) -> None:
    done = host.play(**{"nextjs_app_version": "main", **changes})
    assert message in done.failure.message
    assert not done.changed


def test_a_commit_that_leaks_credentials_is_refused(host: Host) -> None:
    value = "kd8201x5qm77tr03wz"
    leaked = host.root / "repo/mail.env"
    leaked.write_text(f"SMTP_PASSWORD={value}\n")
    leaked.chmod(0o644)  # whatever the umask is: the builder reads it
    commit = host.commit(name="leaking")
    leaked.unlink()
    host.commit(name="leaking no more")
    for check in (True, False):
        done = host.play(check, nextjs_app_version=commit)
        assert f"signup at {commit[:12]}: credentials are committed" in done.failure.message
        assert "mail.env: dotenv-secret (line 1)" in done.failure.message
        assert value not in done.stdout
        assert not done.changed


@pytest.mark.skipif(not BUILDER, reason="only root can be refused; run as root")
def test_root_does_not_build(host: Host) -> None:
    assert "it would be built by root" in host.play(nextjs_app_version="main", nextjs_app_user="").failure.message


def test_absent_leaves_nothing(host: Host, first: str) -> None:
    done = host.play(nextjs_app_state="absent", nextjs_app_confirm="signup")
    assert done.ok, done.stdout[-4000:]
    assert not host.app.exists()
    assert host.ask()[0] == 0
    again = host.play(nextjs_app_state="absent", nextjs_app_confirm="signup")
    assert (again.ok, again.changed) == (True, {})
