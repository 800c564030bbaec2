# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches and migrate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench

INI = "[pre_model_sync]\na.one\n# a remark\nexecute:print('x: y = z')\n\n[post_model_sync]\na.two #2024-01-02\n"


@pytest.mark.parametrize(
    ("text", "every", "pre", "post"),
    [
        (
            INI,
            ["a.one", "execute:print('x: y = z')", "a.two #2024-01-02"],
            ["a.one", "execute:print('x: y = z')"],
            ["a.two #2024-01-02"],
        ),
        ("a.one\n\n# a remark\na.two x\n", ["a.one", "a.two x"], ["a.one", "a.two x"], []),
        ("", [], [], []),
        ("\n\n", [], [], []),
    ],
)
def test_patches_txt(
    frappe: Any,
    shared: QuickBench,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    text: str,
    every: list[str],
    pre: list[str],
    post: list[str],
) -> None:
    from frappe.modules import patch_handler

    (tmp_path / "patches.txt").write_text(text)
    monkeypatch.setattr(frappe, "get_app_path", lambda app, *joins: str(tmp_path.joinpath(*joins)))
    kinds = patch_handler.PatchType
    assert patch_handler.get_patches_from_app("a") == every
    assert patch_handler.get_patches_from_app("a", kinds.pre_model_sync) == pre
    assert patch_handler.get_patches_from_app("a", kinds.post_model_sync) == post


def test_a_fresh_site_has_all_patches_in_its_log(frappe: Any) -> None:
    from frappe.modules.patch_handler import get_all_patches

    assert set(frappe.get_all("Patch Log", filters={"skipped": 0}, pluck="patch")) == set(get_all_patches())
    assert "shopsync.patches.v1_0.normalise_status #2024-01-01" in get_all_patches()


@pytest.fixture
def lab(bench: Callable[..., QuickBench]) -> QuickBench:
    own = bench("ledgerlift")
    done = own.run("new-site", "a.test", "--admin-password", "x", "--install-app", "ledgerlift")
    assert done.returncode == 0, done.stderr
    return own


def patch(own: QuickBench, lines: str, **modules: str) -> None:
    """Write patches.txt of ledgerlift and modules of its package `patches`."""
    package = own.path / "apps/ledgerlift/ledgerlift"
    (package / "patches.txt").write_text(lines)
    (package / "patches").mkdir(exist_ok=True)
    (package / "patches/__init__.py").touch()
    for name, body in modules.items():
        (package / f"patches/{name}.py").write_text(body)


def see(own: QuickBench, expression: str) -> Any:
    code = f"import frappe, json; frappe.init('a.test'); frappe.connect(); print(json.dumps({expression}, default=str))"
    done = own.call("-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


NOTE = "import frappe\n\ndef execute():\n    frappe.db.set_global('{0}', frappe.db.get_global('{0}') and 'again' or 'done')\n"
LOG = "frappe.get_all('Patch Log', {'patch': ['like', '%ledgerlift%']}, ['patch', 'skipped'], order_by='creation')"


def test_new_lines_run_once_in_their_order(lab: QuickBench) -> None:
    patch(
        lab,
        "[pre_model_sync]\nledgerlift.patches.one\n[post_model_sync]\nledgerlift.patches.two #1\n",
        one=NOTE.format("one"),
        two=NOTE.format("two"),
    )
    done = lab.run("--site", "a.test", "migrate")
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("Executing ledgerlift.patches.one in a.test (_") < done.stdout.index("Updating DocTypes")
    assert "Success: Done in 0.0" in done.stdout
    assert see(lab, "[frappe.db.get_global('one'), frappe.db.get_global('two')]") == ["done", "done"]
    assert "Executing ledgerlift" not in lab.run("--site", "a.test", "migrate").stdout
    patch(lab, "[pre_model_sync]\nledgerlift.patches.one\n[post_model_sync]\nledgerlift.patches.two #2\n")
    assert "Executing ledgerlift.patches.two #2" in lab.run("--site", "a.test", "migrate").stdout
    assert see(lab, "frappe.db.get_global('two')") == "again"
    assert [row["patch"] for row in see(lab, LOG)] == [
        "ledgerlift.patches.one",
        "ledgerlift.patches.two #1",
        "ledgerlift.patches.two #2",
    ]


def test_a_failing_patch_stops_and_leaves_what_came_before(lab: QuickBench) -> None:
    bad = "import frappe\n\ndef execute():\n    frappe.db.set_global('bad', 'x')\n    raise ValueError('no')\n"
    patch(lab, "ledgerlift.patches.one\nledgerlift.patches.bad\n", one=NOTE.format("one"), bad=bad)
    failed = lab.run("--site", "a.test", "migrate")
    assert failed.returncode == 1
    assert "ValueError: no" in failed.stderr
    assert see(lab, "[frappe.db.get_global('one'), frappe.db.get_global('bad')]") == ["done", None]
    assert [row["patch"] for row in see(lab, LOG)] == ["ledgerlift.patches.one"]
    touched = json.loads((lab.sites / "a.test/touched_tables.json").read_text())
    assert ("tabPatch Log" in touched, "tabLedger Entry" in touched) == (True, False)
    skipped = lab.run("--site", "a.test", "migrate", "--skip-failing")
    assert skipped.returncode == 0, skipped.stderr
    assert {row["patch"]: row["skipped"] for row in see(lab, LOG)} == {
        "ledgerlift.patches.one": 0,
        "ledgerlift.patches.bad": 1,
    }
    assert "Executing ledgerlift.patches.bad" in lab.run("--site", "a.test", "migrate", "--skip-failing").stdout


def test_changed_doctypes_jobs_and_orphans(lab: QuickBench) -> None:
    package = lab.path / "apps/ledgerlift/ledgerlift"
    path = package / "ledger_lift/doctype/ledger_entry/ledger_entry.json"
    doctype = json.loads(path.read_text())
    doctype["fields"].append({"fieldname": "cost_centre", "fieldtype": "Data", "label": "Cost Centre"})
    path.write_text(json.dumps(doctype))
    with open(package / "hooks.py", "a") as hooks:
        hooks.write('\nscheduler_events = {"daily": ["ledgerlift.migration.status", "ledgerlift.no.such"]}\n')
    done = lab.run("--site", "a.test", "migrate")
    assert done.returncode == 0, done.stderr
    assert "ledgerlift.no.such is not a valid method" in done.stdout
    assert see(lab, "frappe.db.has_column('Ledger Entry', 'cost_centre')") is True
    assert "tabLedger Entry" in json.loads((lab.sites / "a.test/touched_tables.json").read_text())
    jobs = "frappe.get_all('Scheduled Job Type', {'method': ['like', 'ledgerlift%']}, ['name', 'frequency'])"
    assert see(lab, jobs) == [{"name": "migration.status", "frequency": "Daily"}]
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()
    done = lab.run("--site", "a.test", "migrate")
    assert "Orphaned DocType(s) found: Ledger Entry" in done.stdout
    assert see(lab, "[frappe.db.exists('DocType', 'Ledger Entry'), frappe.db.table_exists('Ledger Entry')]") == [
        None,
        True,
    ]


def test_hooks_around_migrate(lab: QuickBench) -> None:
    with open(lab.path / "apps/ledgerlift/ledgerlift/hooks.py", "a") as hooks:
        hooks.write('\nbefore_migrate = "ledgerlift.around.before"\nafter_migrate = ["ledgerlift.around.after"]\n')
    body = "def before():\n    print('BEFORE')\n\n\ndef after():\n    print('AFTER')\n"
    (lab.path / "apps/ledgerlift/ledgerlift/around.py").write_text(body)
    out = lab.run("--site", "a.test", "migrate").stdout
    assert out.index("BEFORE") < out.index("Updating DocTypes") < out.index("AFTER")
    assert "Queued rebuilding of search index for a.test" in out
    assert "Queued" not in lab.run("--site", "a.test", "migrate", "--skip-search-index").stdout


def test_another_migrate_is_running(lab: QuickBench) -> None:
    import fcntl

    with open(lab.sites / "a.test/locks/bench_migrate.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = lab.run("--site", "a.test", "migrate")
    assert done.returncode == 1
    assert "LockTimeoutError" in done.stderr
