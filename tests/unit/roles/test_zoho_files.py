# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""roles/zoho/files: leaves, digests, dumps, backups; what needs neither Django nor PostgreSQL."""

from __future__ import annotations

import importlib.util
import json
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


app, host = load("app"), load("host")
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
