# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""roles/zoho/files: leaves, digests, dumps, backups; what needs neither Django nor PostgreSQL."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.repository import ROOT


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"zoho_{name}", ROOT / f"roles/zoho/files/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


app, host, controller = load("app"), load("host"), load("controller")
LINE = [("a", "0001"), ("a", "0002"), ("a", "0003"), ("b", "0001")]
PARENTS = {
    ("a", "0002"): [("a", "0001")],
    ("a", "0003"): [("a", "0002"), ("b", "0001")],
    ("b", "0001"): [("a", "0001")],
}


@pytest.mark.parametrize(
    ("applied", "found"),
    [
        (LINE, {"a": ["0003"], "b": ["0001"]}),
        (LINE[:2], {"a": ["0002"]}),
        ([("a", "0001"), ("b", "0001")], {"a": ["0001"], "b": ["0001"]}),
        ([], {}),
    ],
)
def test_leaves_are_what_no_applied_migration_of_the_app_builds_on(applied: Any, found: Any) -> None:
    assert app.leaves(applied, PARENTS) == found


def test_two_ends_are_two_leaves() -> None:
    fork = {("a", "0002"): [("a", "0001")], ("a", "0002_x"): [("a", "0001")]}
    assert app.leaves([("a", "0001"), *fork], fork) == {"a": ["0002", "0002_x"]}


def test_redaction_takes_the_longest_first() -> None:
    assert app.redacted("token abcdef and abc\nend", ["abc", "abcdef", ""]) == "token ******** and ******** end"
    assert len(app.redacted("x" * 1000, [])) == app.LONGEST


def test_digest_sees_rows_and_not_their_order() -> None:
    one, two = {"name": "a", "enabled": True}, {"name": "b", "enabled": True}
    assert app.digest([one, two]) == app.digest([two, one])
    assert app.digest([one, two]) != app.digest([one, {**two, "enabled": False}])
    assert app.digest([one]) != app.digest([one, two])


def test_runs_of_a_task() -> None:
    answers = {
        "w1": [{"name": "sync", "id": "2"}, {"name": "other", "id": "3"}],
        "w2": [{"request": {"name": "sync", "id": "1"}}],
    }
    assert app.of_task(answers, "sync") == ["1", "2"]
    assert app.of_task(None, "sync") == []


def test_differing_names() -> None:
    assert app.differing({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ["b", "c"]


def test_an_error_of_the_application_is_an_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: Any) -> Any:
        raise Exception("said client-secret-1")

    monkeypatch.setitem(app.OPERATIONS, "state", fail)
    app.respond(json.dumps({"op": "state", "profile": {}, "values": {"client_secret": "client-secret-1"}}))
    answer = json.loads(capsys.readouterr().out.split(app.MARK)[1])
    assert answer == {"ok": False, "type": "Exception", "message": "said ********"}


LISTING = """;
; Archive created at 2026-01-01
3000; 0 16400 TABLE DATA public products_and_services_product hanna
3001; 0 16401 TABLE DATA public django_migrations hanna
215; 1259 16389 TABLE public products_and_services_product hanna
"""


def test_tables_of_a_listing() -> None:
    assert host.table_data(LISTING) == ["django_migrations", "products_and_services_product"]
    assert host.table_data("") == []


def test_rows_of_a_dump() -> None:
    dump = (
        b'SET x;\nCOPY public."Odd" (id) FROM stdin;\n1\n2\n\\.\n\nCOPY public.empty (id) FROM stdin;\n\\.\nSELECT 1;\n'
    )
    assert host.copied_rows(dump.splitlines(keepends=True)) == {"public.Odd": 2, "public.empty": 0}


MANIFEST = {"files": {"database.dump": {"bytes": 3, "sha256": "x"}, "migrations.tar": {"bytes": 1, "sha256": "y"}}}
SIZES = {"database.dump": (3, "x"), "migrations.tar": (1, "y")}


@pytest.mark.parametrize(
    ("sizes", "tables", "fault"),
    [
        (SIZES, ["t"], ""),
        ({**SIZES, "database.dump": (2, "x")}, ["t"], "database.dump has 2 bytes"),
        ({**SIZES, "database.dump": (3, "z")}, ["t"], "another checksum"),
        ({"database.dump": (3, "x")}, ["t"], "migrations.tar is missing"),
        (SIZES, ["other"], "no rows of t"),
    ],
)
def test_faults_of_a_backup(sizes: Any, tables: list[str], fault: str) -> None:
    found = host.faults_of(MANIFEST, sizes, tables, ["t"])
    assert len(found) == (1 if fault else 0)
    assert fault in "".join(found)


def request(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    """A stack of plain commands: a dump is what ``printf`` prints, and its listing names one table."""
    (tmp_path / "checkout/app/one/migrations").mkdir(parents=True, exist_ok=True)
    (tmp_path / "checkout/app/one/migrations/0001_initial.py").write_text("# first\n")
    listing = [
        sys.executable,
        "-c",
        f"import sys; sys.exit('broken') if len(sys.stdin.read()) < 5 else print({LISTING!r})",
    ]
    commands = {
        "database.dump": ["printf", "a dump"],
        "list_dump": listing,
        "rows_of_dump": ["printf", "COPY public.t (id) FROM stdin;\n1\n\\\\.\n"],
    }
    base = {
        "backups": str(tmp_path / "backups"),
        "checkout": str(tmp_path / "checkout"),
        "commands": commands,
        "copies": {},
    }
    return {**base, "id": "one", "needed": ["django_migrations"], "manifest": {"commit": "c"}, **changes}


def test_a_backup_is_saved_verified_and_refused_when_it_is_cut(tmp_path: Path) -> None:
    saved = host.op_save(request(tmp_path))["manifest"]
    assert saved["rows"] == {"public.t": 1}
    assert sorted(saved["files"]) == ["database.dump", "migrations.tar"]
    assert (tmp_path / "backups/one").stat().st_mode & 0o777 == 0o700
    assert host.op_verify(request(tmp_path))["manifest"] == saved
    (tmp_path / "backups/one/database.dump").write_text("a")
    with pytest.raises(host.Refused, match=r"pg_restore cannot read its database.dump.*broken"):
        host.op_verify(request(tmp_path))


@pytest.mark.parametrize("wrong", [["false"], ["printf", "x"]])
def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, wrong: list[str]) -> None:
    asked = request(tmp_path)
    asked["commands"]["database.dump"] = wrong
    with pytest.raises(host.Refused):
        host.op_save(asked)
    assert list((tmp_path / "backups").iterdir()) == []
    assert host.op_list(asked) == {"backups": []}


def test_migrations_made_since_go_unless_git_has_them() -> None:
    assert host.strangers(["a/1", "a/2", "a/3"], ["a/1"], ["a/3"]) == ["a/2"]


@pytest.mark.parametrize(
    ("status", "result", "error", "failed"),
    [
        ("SUCCESS", {"created": 3, "failed": 0, "errors": []}, "", False),
        ("SUCCESS", {"failed": 2, "errors": ["SKU-1: no price", "x"]}, "SKU-1: no price", True),
        ("SUCCESS", {"failed": 2}, "2 products", True),
        ("SUCCESS", None, "", False),
        ("FAILURE", {"exc_type": "Timeout", "exc_message": ["read timed out"]}, "read timed out", True),
        ("FAILURE", {"exc_message": "gone"}, "gone", True),
        ("RETRY", None, "retry", True),
        ("REVOKED", None, "revoked", True),
        ("STARTED", None, "", False),
    ],
)
def test_a_run_that_counts_failures_has_failed(status: str, result: Any, error: str, failed: bool) -> None:
    assert app.failure_of(status, result) == (error, failed)


HOLDER = {"run": "aa", "what": "Configure", "user": "ops", "controller": "c1", "pid": 7, "taken": 1000.0}


@pytest.mark.parametrize(
    ("alive", "left", "now", "broken", "why"),
    [
        ("yes", [], 1010, "", "its playbook runs"),
        ("yes", [], 1010, "aa", "its playbook runs"),  # what is seen to live is not dead because somebody says so
        ("yes", ["process 9 (docker)"], 1010, "", "its playbook runs"),
        ("no", [], 1010, "", ""),
        ("no", ["process 9 (docker)"], 1010, "", "process 9 (docker) of it on this host"),
        ("no", ["process 9 (docker)"], 1010, "aa", "process 9 (docker) of it on this host"),
        ("unknown", [], 1010, "", "cannot be asked"),
        ("unknown", [], 1010, "bb", "cannot be asked"),
        ("unknown", [], 1010, "aa", ""),
        ("unknown", [], 1100, "", ""),
        ("unknown", ["process 9 (docker)"], 1100, "", "on this host"),
    ],
)
def test_who_holds_a_lock(alive: str, left: list[str], now: float, broken: str, why: str) -> None:
    found, then = host.holds(HOLDER, alive, left, now, 100, broken)
    assert (why in found) if why else found == ""
    # What would not be obeyed is not recommended either.
    assert ("zoho_lock_broken=aa" in then) == ("cannot be asked" in why)
    assert bool(then) == bool(why)


def lock_request(path: Path, **changes: Any) -> dict[str, Any]:
    me = {"run": "bb", "what": "Sync", "user": "ops", "controller": "c2", "pid": 8}
    return {"lock": str(path), "me": me, "seen": "", "alive": "unknown", "longest": 100, "broken": "", **changes}


def test_lock_is_taken_refused_and_given_back_by_its_own_run_alone(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert host.op_holder({"lock": str(path)}) == {"holder": {}}
    assert not path.exists()
    assert host.op_lock(lock_request(path)) == {"left_behind": {}}
    assert path.stat().st_mode & 0o777 == 0o600
    other = {**lock_request(path)["me"], "run": "cc"}
    with pytest.raises(
        host.Refused, match=r"Sync of ops at c2, process 8, since .*, 0 s ago; its controller .*\nwait .*_broken=bb$"
    ):
        host.op_lock(lock_request(path, me=other))
    # The answer is of another run than the one that holds it now: it was taken in between.
    with pytest.raises(host.Refused):
        host.op_lock(lock_request(path, me=other, alive="no", seen="aa"))
    assert host.op_unlock({"lock": str(path), "me": other}) == {"released": False}
    assert host.op_lock(lock_request(path, me=other, alive="no", seen="bb"))["left_behind"]["run"] == "bb"
    assert host.op_unlock({"lock": str(path), "me": other}) == {"released": True}
    assert host.op_holder({"lock": str(path)}) == {"holder": {}}


def test_lock_sees_what_a_run_left(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    host.op_lock(lock_request(path))
    with subprocess.Popen(["sleep", "60"], env={host.RUN: "bb"}) as process:
        try:
            with pytest.raises(host.Refused, match=rf"process {process.pid} \(sleep\) of it on this host"):
                host.op_lock(lock_request(path, me={"run": "cc"}, alive="no", seen="bb"))
        finally:
            process.kill()
    assert host.op_lock(lock_request(path, me={"run": "cc"}, alive="no", seen="bb"))["left_behind"]


def test_lock_follows_no_link_of_others(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "lock").symlink_to("victim")
    with pytest.raises(OSError, match="symbolic"):
        host.op_lock(lock_request(tmp_path / "lock"))
    assert (tmp_path / "victim").read_text() == "mine"


def processes(proc: Path, *rows: tuple[int, int, str, str, int]) -> Path:
    """A /proc of (number, parent, command line, state, start)."""
    for number, parent, line, state, start in rows:
        here = proc / str(number)
        here.mkdir(parents=True)
        (here / "cmdline").write_bytes(line.replace(" ", "\0").encode())
        (here / "stat").write_text(f"{number} (a) b) {state} {parent} " + "0 " * 17 + f"{start} 0\n")
    return proc


PLAYBOOK = "/venv/bin/python /venv/bin/ansible-playbook play.yml"
RUN = [(9, 8, "sh -c x", "S", 5), (8, 7, PLAYBOOK, "S", 4), (7, 6, PLAYBOOK, "S", 3)]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # module, shell, worker (a fork with the same command line), playbook, the runner's python or its program
        ([*RUN, (6, 1, "python -m pytest", "S", 2)], 7),
        ([*RUN, (6, 1, "/bin/ansible-runner x", "S", 2)], 7),
        ([(9, 8, "sh -c x", "S", 5), (8, 1, "/usr/bin/python3 x", "S", 4)], 0),
    ],
)
def test_which_process_is_the_playbook(tmp_path: Path, rows: Any, found: int) -> None:
    assert controller.playbook(9, processes(tmp_path, *rows)) == found


@pytest.mark.parametrize(
    ("holder", "found"),
    [
        ({"pid": 7, "start": 3, "space": "here"}, "yes"),
        ({"pid": 7, "start": 4, "space": "here"}, "no"),  # another one, with the same number
        ({"pid": 8, "start": 3, "space": "here"}, "no"),
        ({"pid": 6, "start": 2, "space": "here"}, "no"),  # killed; its parent has not looked yet
        ({"pid": 7, "start": 3, "space": "there"}, "unknown"),
        ({"pid": 0, "start": 0, "space": ""}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_whether_the_holder_lives(tmp_path: Path, holder: dict[str, Any], found: str) -> None:
    proc = processes(tmp_path, (7, 1, PLAYBOOK, "S", 3), (6, 1, PLAYBOOK, "Z", 2))
    assert controller.alive(holder, "here", proc) == found
