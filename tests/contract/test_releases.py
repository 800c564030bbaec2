# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases of a bench: beside the running one, switched at once, and nothing half made is ever run.

A bench of their own, since they turn it inside out; on the stand-in. What real Frappe did stands in docs/verified.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.benches import PREFIX, ContractBench
from tests.contract.building import open_standin
from tests.unit.plugins.answers_releases import RELEASE_ANSWERS

SITE = f"{PREFIX}release.localhost"
PARTS = ("apps", "env", "repos")

# Put in front of the agent's first operation: the process is killed at its Nth step.
_KILL = """
import os, signal, sys
from erpops_frappe.agent import _release as release, _release_adopt as adopt, _release_tree as tree
left = [int(sys.argv[1])]
def deadly(name, fn):
    def step(*args, **options):
        left[0] -= 1
        if left[0] == 0:
            print("killed before", name, args, file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return fn(*args, **options)
    return step
adopt.exchange = deadly("exchange", adopt.exchange)
for name in ("replace", "unlink", "symlink"):
    setattr(os, name, deadly(name, getattr(os, name)))
for name in ("write_release", "pin_environment", "relocate", "note_switch", "unpin_environment"):
    setattr(adopt, name, deadly(name, getattr(adopt, name)))
    if hasattr(release, name):
        setattr(release, name, deadly(name, getattr(release, name)))
release._forget_assets = deadly("forget", release._forget_assets)
"""

# A process of the bench that says what it has, waits for a line, and only then imports more.
_WAITING = """
import json, sys
import contractkit
print(json.dumps({"python": sys.executable}), flush=True)
sys.stdin.readline()
import contractkit.late, colorsys, click, werkzeug.debug, frappe.utils
print(json.dumps({
    "late": contractkit.late.__file__, "value": contractkit.late.VALUE, "library": werkzeug.debug.__file__,
    "framework": frappe.utils.__file__,
}), flush=True)
"""


def git(repo: Path, *words: str) -> str:
    person = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    done = subprocess.run(["git", *person, *words], cwd=repo, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Released:
    """The bench, its apps' repositories, and what the tests ask of both."""

    def __init__(self, bench: ContractBench) -> None:
        self.bench = bench
        self.kit = Path(bench.repos["contractkit"]["path"])
        self.mono = Path(bench.repos["integrations"]["path"])
        self.first = self.commit("first")
        self.second = self.commit("second")

    def commit(self, value: str) -> str:
        (self.kit / "contractkit" / "late.py").write_text(f"VALUE = {value!r}\n")
        git(self.kit, "add", "--all")
        git(self.kit, "commit", "--quiet", "--message", value)
        return git(self.kit, "rev-parse", "HEAD")

    def app(self, version: str) -> dict[str, Any]:
        return {"name": "contractkit", "repo": str(self.kit), "version": version}

    @property
    def current(self) -> str:
        return Path(os.readlink(self.bench.path / "current")).name

    def release(self, name: str) -> Path:
        return self.bench.path / "releases" / name

    def record(self, name: str) -> dict[str, Any]:
        return dict(json.loads((self.release(name) / "release.json").read_text()))

    @property
    def names(self) -> set[str]:
        folder = self.bench.path / "releases"
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()

    @property
    def listed(self) -> list[str]:
        return (self.bench.sites / "apps.txt").read_text().split()

    def adopt(self) -> Any:
        return self.bench.one("release.adopt")

    def build(self, *apps: dict[str, Any], **args: Any) -> Any:
        return self.bench.one("release.build", args={"apps": list(apps), **args})

    def switch(self, name: str, **args: Any) -> Any:
        return self.bench.one("release.switch", args={"id": name, **args})

    def value(self) -> str:
        """What a new process of the bench has for code."""
        answer = self.bench.query("import contractkit.late\nanswer = contractkit.late.VALUE", site=SITE)
        return str(answer)

    def plain(self) -> None:
        """As before the first release."""
        self.bench.one("release.leave")
        for name in self.names:
            subprocess.run(["rm", "-rf", str(self.release(name))], check=True)

    def killed(self, op: str, step: int, **args: Any) -> bool:
        """Run one operation, killed at its Nth step; False when it ended before that."""
        from ansible_collections.erpops.frappe.plugins.module_utils._agent_bundle import bundle
        from ansible_collections.erpops.frappe.plugins.module_utils.agent._bootstrap import BOOTSTRAP

        source = bundle()
        head, _main, _rest = BOOTSTRAP.partition("from erpops_frappe.agent._protocol")
        request: dict[str, Any] = {"schema": 1, "nonce": "00", "bench_path": str(self.bench.path), "operations": []}
        request["operations"] = [{"op": op, "args": args}]
        done = subprocess.run(
            [self.bench.python, "-c", head + _KILL + _main + _rest, str(step)],
            input=str(len(source)).encode() + b"\n" + source + json.dumps(request).encode(),
            cwd=self.bench.path,
            capture_output=True,
            check=False,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr[-2000:]
        return done.returncode == -signal.SIGKILL

    def start(self, code: str, python: str = "") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python or self.bench.python, "-c", code],
            cwd=self.bench.sites,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """A plain bench with a site that has an app, and an app of a subdirectory."""
    work = tmp_path_factory.mktemp("releases")
    with open_standin(work) as bench, pytest.MonkeyPatch.context() as patch:
        # uv is that of the bench command's environment, as in the role app.
        patch.setenv("PATH", f"{work}/bench-cli/bin:{os.environ['PATH']}")
        released = Released(bench)
        bench.one("app.apply", args=released.app(released.first))
        mono = {"repo": str(released.mono), "version": git(released.mono, "rev-parse", "HEAD")}
        bench.one("app.apply", args={"name": "ledgerlift", "subdirectory": "apps/ledgerlift", **mono})
        bench.make_site(SITE)
        bench.one("site_app.apply", SITE, {"apps": ["contractkit"]})
        yield released
        released.bench.one("release.leave")


@pytest.fixture
def released(made: Released) -> Released:
    """Adopted, the first release current, with the first commit of the app."""
    made.plain()
    made.bench.one("app.apply", args=made.app(made.first))
    made.adopt()
    return made


@pytest.fixture
def plain(made: Released) -> Released:
    made.plain()
    return made


class Watch(threading.Thread):
    """Looks all the time for what a process of the bench needs, by the paths that it knows."""

    def __init__(self, bench: Path) -> None:
        super().__init__(daemon=True)
        names = ("apps/frappe/frappe/__init__.py", "env/bin/python", "apps/ledgerlift/ledgerlift/hooks.py")
        self.paths = [bench / name for name in (*names, "sites/apps.txt", "env/pyvenv.cfg")]
        self.missed: list[str] = []
        self.looks = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            # Twice: not every kernel's lookup is one step with the exchange of two names that it crosses.
            self.missed += [str(path) for path in self.paths if not path.exists() and not path.exists()]
            self.looks += 1

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.over.set()
        self.join()
        assert self.looks > 100
        assert self.missed == []


def test_a_bench_is_adopted_and_made_plain_again(plain: Released) -> None:
    bench = plain.bench
    before = {part: (bench.path / part).is_symlink() for part in PARTS}
    assert not any(before.values())
    ask = "from frappe.utils import get_bench_id\nanswer = get_bench_id()"
    queue, value = bench.query(ask, site=SITE), plain.value()
    foretold = bench.one("release.adopt", check=True)
    assert (foretold["changed"], (bench.path / "releases").exists() and plain.names != set()) == (True, False)
    with Watch(bench.path):
        done = plain.adopt()
    assert (done["changed"], done["id"]) == (True, foretold["id"])
    assert plain.current == done["id"]
    for part in PARTS:
        assert os.readlink(bench.path / part) == f"current/{part}"
        assert (plain.release(done["id"]) / part).is_dir()
    assert os.readlink(bench.sites / "assets") == "../current/assets"
    # The app of a subdirectory is inside of the release too.
    inside = plain.release(done["id"]) / "apps/ledgerlift"
    assert inside.resolve() == plain.release(done["id"]).resolve() / "repos/ledgerlift/apps/ledgerlift"
    # Nothing in it names the paths of the bench, which lead to another release one day.
    packages = next((plain.release(done["id"]) / "env/lib").glob("python*/site-packages"))
    told = [path.read_text() for path in (*packages.glob("*.pth"), plain.release(done["id"]) / "env/bin/gunicorn")]
    assert not [text for text in told if f"{bench.path}/apps" in text or f"{bench.path}/env" in text]
    assert (bench.query(ask, site=SITE), plain.value()) == (queue, value)
    assert json.loads((bench.sites / "common_site_config.json").read_text())["bench_id"] == queue
    assert json.loads((bench.path / ".erpops/restart.json").read_text())["release"] == done["id"]
    assert plain.adopt() == {"changed": False, "id": done["id"], "actions": []}
    assert bench.one("info.site", SITE)["state"] == "present"

    with Watch(bench.path):
        back = bench.one("release.leave")
    assert (back["changed"], plain.names) == (True, set())
    assert not any((bench.path / part).is_symlink() for part in (*PARTS, "current", "sites/assets"))
    assert (plain.value(), bench.query(ask, site=SITE)) == (value, queue)
    assert bench.one("release.leave")["changed"] is False


@pytest.mark.parametrize("op", ["release.adopt", "release.leave"])
def test_what_was_killed_at_any_step_is_finished(plain: Released, op: str) -> None:
    value, steps = plain.value(), 0
    if op == "release.leave":
        plain.adopt()
    for step in range(1, 60):
        if not plain.killed(op, step):
            break
        steps += 1
        assert plain.value() == value  # and it runs meanwhile
        plain.bench.one(op)
        assert not (plain.bench.path / ".erpops/adoption.json").exists()
        assert plain.value() == value
        if op == "release.adopt":
            assert (plain.bench.path / "apps").is_symlink()
            assert len(plain.names) == 1
            plain.plain()
        else:
            assert not (plain.bench.path / "apps").is_symlink()
            assert plain.names == set()
            plain.adopt()
    assert 15 < steps < 59
    assert plain.value() == value


def test_a_switch_that_was_killed_at_any_step_is_finished(released: Released) -> None:
    names = [released.current, released.build(removed=["ledgerlift"])["id"]]
    steps = 0
    for step in range(1, 40):
        was, name = released.current, next(name for name in names if name != released.current)
        if not released.killed("release.switch", step, id=name):
            break
        steps += 1
        assert released.bench.cli("list-apps", site=SITE).returncode == 0  # neither code misses an app of apps.txt
        assert released.switch(name)["changed"] is True
        assert released.switch(name)["changed"] is False
        assert released.listed == released.record(name)["order"]
        assert released.bench.one("release.read")["previous"] == was
    assert 4 < steps < 39
    released.switch(names[0])


def test_a_release_is_built_switched_to_and_back(released: Released) -> None:
    bench, first = released.bench, released.current
    foretold = bench.one("release.build", args={"apps": [released.app(released.second)]}, check=True)
    assert (foretold["changed"], released.names) == (True, {first})
    assert foretold["diff"]["before"]["contractkit"] == released.first
    assert foretold["diff"]["after"]["contractkit"] == released.second
    with Watch(bench.path):
        built = released.build(released.app(released.second))
    assert (built["changed"], built["id"]) == (True, foretold["id"])
    assert (released.current, released.value()) == (first, "first")
    record = released.record(built["id"])
    assert (record["state"], record["apps"]["contractkit"]["commit"]) == ("ready", released.second)
    assert record["apps"]["ledgerlift"]["subdirectory"] == "apps/ledgerlift"
    assert record["apps"]["ledgerlift"]["repo"] == str(released.mono)
    assert record["packages"] == released.record(first)["packages"]
    assert released.build(released.app(released.second))["changed"] is False
    # Its own code serves the site before anything is switched, as a migration before the switch does.
    from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench

    python = str(released.release(built["id"]) / "env/bin/python")
    asked = Bench(str(bench.path)).cli(["migrate"], site=SITE, python=python)
    assert asked.code == 0, asked.output
    where = "import sys, contractkit.late as late; print(late.VALUE, sys.prefix)"
    done = subprocess.run([python, "-c", where], cwd=bench.sites, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["second", str(released.release(built["id"]).resolve() / "env")]

    assert bench.one("release.switch", args={"id": built["id"]}, check=True)["changed"] is True
    assert released.current == first
    with Watch(bench.path):
        switched = released.switch(built["id"])
    assert (switched["previous"], released.current, released.value()) == (first, built["id"], "second")
    assert released.switch(built["id"])["changed"] is False
    assert json.loads((bench.path / ".erpops/restart.json").read_text())["release"] == built["id"]
    assert bench.one("release.read")["previous"] == first

    back = released.switch(first)
    assert (back["previous"], released.value()) == (built["id"], "first")


def test_an_old_process_goes_on_with_its_own_code(released: Released) -> None:
    first = released.current
    built = released.build(released.app(released.second))["id"]
    old = released.start(_WAITING)  # as <bench>/env/bin/python, by the path that changes its meaning
    try:
        assert old.stdin
        assert old.stdout
        home = str(released.release(first).resolve())
        assert json.loads(old.stdout.readline())["python"] == f"{home}/env/bin/python"
        assert old.pid in {row["id"]: row for row in released.bench.one("release.read")["releases"]}[first]["processes"]
        released.switch(built)
        old.stdin.write("go\n")
        old.stdin.flush()
        said = json.loads(old.stdout.readline())
    finally:
        old.kill()
        old.wait()
    assert said.pop("value") == "first"
    assert [path for path in said.values() if not path.startswith(f"{home}/")] == []
    assert released.value() == "second"


def test_processes_of_before_the_adoption_are_restarted_first(plain: Released) -> None:
    plain.bench.one("app.apply", args=plain.app(plain.first))
    older = plain.start(_WAITING)
    try:
        assert older.stdout
        older.stdout.readline()
        plain.adopt()
        built = plain.build(plain.app(plain.second))["id"]
        assert plain.bench.one("release.read")["older_processes"] == [older.pid]
        error = plain.bench.refused("release.switch", args={"id": built})
        assert (error["status"], str(older.pid) in error["seen"]) == (409, True)
        assert plain.value() == "first"
        assert plain.switch(built, accept_older=True)["changed"] is True
    finally:
        older.kill()
        older.wait()


def test_an_app_that_cannot_be_imported_leaves_all_as_it_was(released: Released) -> None:
    first, listed = released.current, released.listed
    broken = {"name": "noimport", "repo": released.bench.repos["noimport"]["path"]}
    error = released.bench.refused("release.build", args={"apps": [broken]})
    assert (error["status"], "cannot be imported" in error["message"]) == (409, True)
    assert (released.names, released.current, released.listed, released.value()) == ({first}, first, listed, "first")


def test_a_build_that_was_killed_is_never_switched_to(released: Released) -> None:
    first = released.current
    args = {"apps": [released.app(released.second)]}
    name = released.bench.one("release.build", args=args, check=True)["id"]
    killed = threading.Event()

    def kill() -> None:
        deadline = time.monotonic() + 120
        while not killed.is_set() and time.monotonic() < deadline:
            if (released.release(name) / "apps/frappe").is_dir():
                for pid in agents(released.bench.path):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                return

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        error = released.bench.refused("release.build", args=args)
    finally:
        killed.set()
        killer.join()
    assert "gave no answer" in error["message"]
    assert released.record(name)["state"] == "building"
    assert "half made" in released.bench.refused("release.switch", args={"id": name})["message"]
    assert (released.current, released.value()) == (first, "first")
    assert released.build(*args["apps"])["id"] == name
    assert (released.record(name)["state"], released.names) == ("ready", {first, name})
    assert released.switch(name)["changed"] is True
    assert released.value() == "second"


def agents(bench: Path) -> list[int]:
    """Agents of the bench and of its releases."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            text = path.read_bytes().decode("utf-8", "replace")
            if text.startswith(str(bench)) and "erpops_frappe" in text:
                found.append(int(path.parent.name))
    return found


def test_a_release_without_an_app_of_a_site_is_refused(released: Released) -> None:
    first = released.current
    lean = released.build(removed=["contractkit"])["id"]
    error = released.bench.refused("release.switch", args={"id": lean})
    assert (error["status"], error["seen"]) == (409, f"contractkit: {SITE}")
    assert (released.current, "contractkit" in released.listed) == (first, True)
    # One that no site has goes off the list with the switch, and comes back with it.
    other = released.build(removed=["ledgerlift"])["id"]
    released.switch(other)
    assert "ledgerlift" not in released.listed
    assert released.bench.cli("list-apps", site=SITE).returncode == 0
    released.switch(first)
    assert "ledgerlift" in released.listed


def test_a_deployment_in_place_makes_another_release_of_it(released: Released) -> None:
    first = released.current
    mono = {"repo": str(released.mono), "version": git(released.mono, "rev-parse", "HEAD")}
    released.bench.one("app.apply", args=released.app(released.second))
    assert (released.current, released.value()) == (first, "second")
    assert released.record(first)["apps"]["contractkit"]["commit"] == released.second
    assert released.build(released.app(released.second))["id"] == first  # it is what is asked for, by another name
    again = released.build(released.app(released.first))
    assert again["id"] == f"{first}-2"
    released.switch(again["id"])
    assert released.value() == "first"
    # Off the bench and on again, from a subdirectory, inside of the current release.
    gone = {"name": "ledgerlift", "subdirectory": "apps/ledgerlift", "state": "absent"}
    released.bench.one("app.apply", args=gone)
    assert not (released.release(again["id"]) / "repos/ledgerlift").exists()
    released.bench.one("app.apply", args={**gone, "state": "present", **mono})
    assert (released.release(again["id"]) / "apps/ledgerlift/ledgerlift/hooks.py").exists()
    assert released.record(again["id"])["order"] == released.listed


def test_answers_are_those_that_are_played_to_the_modules(released: Released) -> None:
    """tests/unit/plugins/answers_releases.py."""
    first = released.current
    found = {
        "release.adopt": released.adopt(),
        "release.build": released.build(),
        "release.switch": released.switch(first),
        "release.prune": released.bench.one("release.prune", args={"keep": 1}),
        "release.read": released.bench.one("release.read"),
        "release.leave": released.bench.one("release.leave"),
    }
    assert {op: set(value) for op, value in found.items()} == {op: set(value) for op, value in RELEASE_ANSWERS.items()}
    row = found["release.read"]["releases"][0]
    assert set(row) - {"adopted"} == set(RELEASE_ANSWERS["release.read"]["releases"][0])


def test_local_changes_are_not_left_behind(released: Released) -> None:
    path = released.bench.path / "apps/contractkit/contractkit/late.py"
    path.write_text("VALUE = 'by hand'\n")
    error = released.bench.refused("release.build", args={"apps": [released.app(released.second)]})
    assert (error["status"], error["seen"]) == (409, "contractkit/late.py")
    path.write_text("VALUE = 'first'\n")


def test_old_releases_go_and_those_in_use_stay(released: Released) -> None:
    first = released.current
    second = released.build(released.app(released.second))["id"]
    lean = released.build(removed=["ledgerlift"])["id"]
    plain = {"keep": 1}
    assert released.bench.one("release.prune", args={**plain, "protect": [second, lean]})["changed"] is False
    running = released.start("import sys; sys.stdin.readline()", str(released.release(second) / "env/bin/python"))
    try:
        rows: Any = {}
        while not rows.get(second):
            rows = {row["id"]: row["processes"] for row in released.bench.one("release.read")["releases"]}
        assert rows[second] == [running.pid]
        foretold = released.bench.one("release.prune", args=plain, check=True)
        assert (foretold["removed"], released.names) == ([lean], {first, second, lean})
        done = released.bench.one("release.prune", args=plain)
        assert (done["removed"], done["busy"], released.names) == ([lean], [second], {first, second})
    finally:
        running.kill()
        running.wait()
    assert released.bench.one("release.prune", args=plain)["removed"] == [second]
    assert released.bench.one("release.prune", args=plain)["changed"] is False
    assert released.value() == "first"


def test_requests_that_cannot_be_met(released: Released) -> None:
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("release.switch", {"id": "../apps"}, 404),
        ("release.switch", {"id": "none"}, 404),
        ("release.build", {"removed": ["frappe"]}, 400),
        ("release.build", {"apps": [released.app(released.first)] * 2}, 400),
        ("release.build", {"python": "/no/such/python"}, 404),
    ]
    for op, args, status in cases:
        assert released.bench.refused(op, args=args)["status"] == status
    assert len(released.names) == 1
