# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one clear message, nothing half done, and every other tenant keeps working.

Around each test the bench and its tenants are compared with what they were. Most cases run one module as Ansible
runs it on a target; what a playbook decides is asked of the playbook.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fleet import Fleet, Result
from tests.integration.looks import Site, tree

PASSWORD = "Admin0password0of0the0test"
TRIAL = "trial.localhost"

# Not compared: what processes write by themselves, and the archive of what a test dropped itself.
BUSY = ("archive", "config", "env", "locks", "logs", ".git", ".standin-db", "__pycache__")


def photograph(fleet: Fleet) -> dict[str, Any]:
    """Files of the bench, packages of its environment, databases of its server, and every tenant's state."""
    found: dict[str, Any] = {"files": tree(fleet.bench, leave_out=BUSY)}
    found["commits"] = [(str(path), path.read_text()) for path in sorted(fleet.bench.glob("apps/*/.git/HEAD"))]
    found["packages"] = sorted(path.name for path in fleet.bench.glob("env/lib/*/site-packages/*"))
    found["databases"] = sorted(path.name for path in (fleet.bench / ".standin-db").glob("_*[!ml]"))
    for site in fleet.sites:
        found[site.name] = site.state()
    return found


def differing(before: Any, after: Any) -> list[str]:
    """What of two photographs differs."""
    pairs = [set(view.items()) if isinstance(view, dict) else set(view) for view in (before, after)]
    return sorted(str(item) for item in pairs[0] ^ pairs[1])


@pytest.fixture(autouse=True)
def unharmed(fleet: Fleet) -> Iterator[None]:
    """What every case owes: the bench and its tenants are as they were, and answer."""
    before = photograph(fleet)
    yield
    after = photograph(fleet)
    assert [(part, differing(before[part], after[part])) for part in before if before[part] != after[part]] == []
    for site in fleet.sites:
        assert site.get("/api/method/ping").message == "pong"


def refused(fleet: Fleet, module: str, *fragments: str, **args: Any) -> str:
    """The message of a module that must fail; it names what the fragments say, and is no traceback."""
    found = fleet.module(module, **args)
    assert found.get("failed"), f"{module} was to fail: {found}"
    message = str(found["msg"])
    assert [text for text in fragments if text not in message] == [], message
    assert "Traceback" not in message
    return message


def done(fleet: Fleet, module: str, **args: Any) -> dict[str, Any]:
    """The result of a module that must end well."""
    found = fleet.module(module, **args)
    assert not found.get("failed"), found["msg"]
    return found


def make_site(fleet: Fleet, **args: Any) -> dict[str, Any]:
    """Arguments with which the trial site would be made."""
    return {"site": TRIAL, "admin_password": PASSWORD, "db_root_password": fleet.root_password, **args}


# --- tenants.yml ------------------------------------------------------------------------------------------

HEAD = """\
plugin: erpops.frappe.tenants
benches: {demo: {path: "{{ demo_root }}/bench"}}
tenants:
"""
NAMES = {
    "ab": "is too short: it is a single label",
    "-a-": "has the label '-a-' that begins or ends with a hyphen",
    "Admin": "has upper-case letters",
    "a..b": "has an empty label",
    "a;id": "contains ';'",
    f"{'a' * 64}.localhost": "has a label of 64 characters; allowed are 63",
    "assets": "is reserved for the bench's own sites directory",
    "common_site_config.json": "is reserved for the bench's own sites directory",
    "admin.example.com": "begins with the reserved label 'admin'",
    "192.168.1.1": "is an IP address",
}
LINES = {
    "{name: one.localhost, bench: nope}": "tenant 'one.localhost': unknown bench 'nope'; allowed are demo",
    "{name: two.localhost, apps: erpnext}": "tenant 'two.localhost': apps is text, needed is a list",
    "{name: three.localhost, config: [a]}": "tenant 'three.localhost': config is a list, needed is a mapping",
    "{name: 7}": "site name 7 is a number, needed is text",
    "{name: four.localhost, status: asleep}": "status is 'asleep'; allowed are active, retired, suspended",
    "{name: five.localhost, plann: x}": "unknown key 'plann' (did you mean 'plan'?)",
    "{name: six.localhost, plan: gold}": "tenant 'six.localhost': unknown plan 'gold'",
    "seven.localhost": "this is text, needed is a mapping with a name",
    "{name: alpha.localhost}": "",
    "{name: alpha.localhost, wave: rest}": "tenant 'alpha.localhost': this name is given to two tenants",
}


def nothing_ran(result: Result) -> bool:
    return not result.ok and not result.stats and not any(e["event"].startswith("runner_") for e in result.events)


def test_tenants_file_with_bad_names_runs_nothing_and_names_them_all(fleet: Fleet) -> None:
    inventory = fleet.write_inventory("names", HEAD + "".join(f"  - name: {json.dumps(name)}\n" for name in NAMES))
    result = fleet.play("site.yml", inventory=inventory)
    assert nothing_ran(result)
    for number, (name, fault) in enumerate(NAMES.items(), start=4):
        assert f"{inventory}/tenants.yml:{number}: tenant {name!r}: site name {name!r} {fault}" in result.stdout


def test_tenants_file_with_wrong_types_runs_nothing_and_names_them_all(fleet: Fleet) -> None:
    inventory = fleet.write_inventory("types", HEAD + "".join(f"  - {line}\n" for line in LINES))
    result = fleet.play("site.yml", inventory=inventory)
    assert nothing_ran(result)
    for number, fault in enumerate(LINES.values(), start=4):
        lines = [line for line in result.stdout.splitlines() if f"tenants.yml:{number}: " in line]
        assert all(fault in line for line in lines)
        assert bool(lines) is bool(fault)


@pytest.mark.parametrize("name", NAMES)
def test_module_refuses_the_name_as_well(fleet: Fleet, name: str) -> None:
    refused(fleet, "site", "is not a site name", NAMES[name], "Next: correct the name", **make_site(fleet, site=name))


# --- apps of the bench ------------------------------------------------------------------------------------

APPS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "unknown ref": ({"name": "shopsync", "version": "no-such-tag"}, ("'no-such-tag'", "Seen: version-15")),
    "unknown commit": ({"name": "shopsync", "version": "f" * 40}, (f"has no commit {'f' * 40}", "check the pinned")),
    "unknown repository": (
        {"name": "nowhere", "repo": "/nonexistent/repo"},
        ("git ls-remote failed", "check the address"),
    ),
    "unknown subdirectory": (
        {"name": "missing", "repo": "integrations", "subdirectory": "apps/missing"},
        ("apps/missing",),
    ),
    "no metadata": ({"name": "nometa"}, ("nometa: has no package metadata", "neither pyproject.toml nor setup.py")),
    "another name": (
        {"name": "othername", "repo": "needsapp"},
        ("is not the app 'othername'", "Seen: package 'needsapp'"),
    ),
    "wrong Frappe": ({"name": "wrongver"}, ("needs frappe >=13.0.0,<14.0.0, this bench has 15.0.0",)),
    "no import": ({"name": "noimport"}, ("cannot be imported", "a_package_that_nobody_has", "the bench is as it was")),
}


@pytest.mark.parametrize("case", APPS)
def test_app_is_not_taken_to_the_bench(fleet: Fleet, case: str) -> None:
    given, fragments = APPS[case]
    wanted = given.get("repo", given["name"])
    repo = fleet.repos[wanted]["path"] if wanted in fleet.repos else wanted
    refused(fleet, "bench_app", *fragments, **{**given, "repo": repo})


def test_deploy_of_a_broken_app_stops_there_and_the_sites_work_on(fleet: Fleet) -> None:
    apps = [{"name": name, "repo": fleet.repos[name]["path"]} for name in ("erpnext", "noimport", "needsapp")]
    result = fleet.play("deploy.yml", extravars={"bench_apps": apps})
    assert [failure.host for failure in result.failures][:1] == ["demo"]
    assert "noimport" in result.failures[0].message
    assert "is not put into apps.txt" in result.failures[0].message
    assert len(result.failures) == 1
    assert not (fleet.bench / "apps" / "needsapp").exists(), "the app after the broken one was deployed all the same"
    assert not (fleet.bench / ".erpops" / "restart.json").exists()
    command = [str(fleet.bench / "env/bin/python"), "-m", "frappe.utils.bench_helper", "frappe"]
    for site in fleet.sites:
        listed = subprocess.run(
            [*command, "--site", site.name, "list-apps"],
            cwd=fleet.bench / "sites",
            capture_output=True,
            text=True,
            check=True,
        )
        assert "shopsync" in listed.stdout


# --- apps of a site ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def deployed(fleet: Fleet, app: str) -> Iterator[None]:
    """An app on the bench, and off it again."""
    done(fleet, "bench_app", name=app, repo=fleet.repos[app]["path"])
    try:
        yield
    finally:
        done(fleet, "bench_app", name=app, state="absent")
        (fleet.bench / ".erpops" / "restart.json").unlink()


def test_app_that_misses_another_is_refused(fleet: Fleet) -> None:
    with deployed(fleet, "needsapp"):
        message = ("gamma.localhost: needsapp: required apps are not on the site", "missing: missingapp")
        refused(fleet, "site_app", *message, site="gamma.localhost", apps=["needsapp"])


def test_app_that_would_overwrite_a_doctype_is_refused(fleet: Fleet) -> None:
    with deployed(fleet, "collide"):
        message = ("would overwrite DocTypes of another app", "Item (of erpnext, module Stock)", "nothing was changed")
        refused(fleet, "site_app", *message, site="gamma.localhost", apps=["collide"])


def test_app_that_is_not_on_the_bench_is_refused(fleet: Fleet) -> None:
    message = ("nothere: this app is not on the bench", "frappe, erpnext, shopsync, ledgerlift")
    refused(fleet, "site_app", *message, site="gamma.localhost", apps=["nothere"])


def test_install_that_fails_late_is_never_called_done_until_it_is(fleet: Fleet) -> None:
    """The framework lists the app before its last steps; so a second look must not be taken in."""
    trial = fleet.site(TRIAL)
    install = {"site": TRIAL, "apps": ["lateinstall"]}
    with deployed(fleet, "lateinstall"):
        done(fleet, "site", **make_site(fleet))
        try:
            for _time in range(2):
                refused(fleet, "site_app", "install-app lateinstall", "after_install fails on purpose", **install)
                assert trial.apps == ["frappe", "lateinstall"], "so says the framework"
                plan = done(fleet, "site_plan", **install)["plan"]
                assert plan["differs"] == ["apps"], "and so say we"
            assert trial.count("Scheduled Job Type") > 0
            assert not trial.value("select name from `tabRole` where name='Late Role'")
            # Its cause is gone: the next run brings what was missing.
            done(fleet, "site_config", site=TRIAL, config={"lateinstall_ok": True})
            assert done(fleet, "site_app", **install)["changed"]
            assert trial.value("select name from `tabRole` where name='Late Role'")
            assert trial.value("select name from `tabScheduled Job Type` where method='lateinstall.install.hourly'")
            assert not done(fleet, "site_app", **install)["changed"]
            refused(fleet, "bench_app", "is installed on sites", TRIAL, name="lateinstall", state="absent")
        finally:
            fleet.drop(TRIAL)


# --- configuration ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def config_of(site: Site, text: str) -> Iterator[None]:
    """The site's configuration is this text, and then as it was."""
    path = site.folder / "site_config.json"
    good = path.read_text()
    path.write_text(text)
    try:
        yield
        assert path.read_text() == text, "nothing may be restored by guess"
    finally:
        path.write_text(good)


def test_malformed_configuration_is_pointed_at_with_its_newest_backup(fleet: Fleet) -> None:
    gamma, alpha = fleet.site("gamma.localhost"), fleet.site("alpha.localhost")
    broken = (gamma.folder / "site_config.json").read_text().replace('"mute_emails": true,', '"mute_emails": true')
    number = broken[: broken.index('"mute_emails"')].count("\n") + 2  # where the missing comma is missed
    where = f"{gamma.folder}/site_config.json: is not valid JSON"
    line = f"Expecting ',' delimiter at line {number}"
    backups = [gamma.folder / f"private/backups/2026110{day}-site_config_backup.json" for day in (1, 2)]
    with config_of(gamma, broken):
        note = "no backup of it was found: repair it by hand"
        refused(fleet, "site_config", where, line, note, site=gamma.name, config={"mute_emails": False})
        for age, path in enumerate(reversed(backups)):
            path.write_text("{}")
            os.utime(path, (time.time() - age, time.time() - age))
        newest = f"the newest copy of it is {backups[-1]}"
        records = [{"doctype": "Warehouse", "name": "Ready - GT", "values": {"disabled": 1}}]
        refused(fleet, "document", where, line, newest, site=gamma.name, documents=records)
        result = fleet.play("provision.yml")
        assert result.failure.host == gamma.name
        assert [text for text in (where, line, newest) if text not in result.failure.message] == []
        assert (result.changed, result.stats["failures"]) == ({}, {gamma.name: 1})
        assert alpha.get("/api/method/ping").message == "pong"
        for path in backups:
            path.unlink()


def test_configuration_with_another_database_password_is_not_repaired_by_guess(fleet: Fleet) -> None:
    gamma = fleet.site("gamma.localhost")
    with config_of(gamma, json.dumps({**gamma.config, "db_password": "tampered0password"})):
        message = ("was a whole site once", "nothing of it is touched", "Access denied for user")
        refused(fleet, "site", *message, **make_site(fleet, site=gamma.name, repair=True))
        gone = {"state": "absent", "confirm": gamma.name, "db_root_password": fleet.root_password}
        refused(fleet, "site", "backup failed", "nothing was changed", site=gamma.name, **gone)


def test_identity_of_a_living_site_is_not_changed(fleet: Fleet) -> None:
    message = "refuses to change encryption_key, which the site's data depends on"
    refused(fleet, "site_config", message, site="gamma.localhost", secrets={"encryption_key": "another0key0altogether"})


# --- records, secrets, tasks ------------------------------------------------------------------------------


def warehouse(**values: Any) -> dict[str, Any]:
    return {"documents": [{"doctype": "Warehouse", "name": "Ready - AT", "values": values}]}


FAULTS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "DocType misspelt": (
        "document",
        {"documents": [{"doctype": "Warehous", "name": "x"}]},
        ("there is no DocType 'Warehous'", "Needed: Warehouse"),
    ),
    "field misspelt": (
        "document",
        warehouse(warehous_name="x"),
        ("Warehouse Ready - AT: has no field 'warehous_name'", "Needed: warehouse_name"),
    ),
    "second of two records": (
        "document",
        {"documents": [*warehouse(disabled=1)["documents"], *warehouse(disable=1)["documents"]]},
        ("record 2 of 2", "has no field 'disable'", "Needed: disabled", "nothing of this call was kept"),
    ),
    "no yes or no": (
        "document",
        warehouse(disabled="maybe"),
        ("field 'disabled' cannot hold this value", "Needed: Check"),
    ),
    "mapping for a word": ("document", warehouse(city={"a": 1}), ("field 'city' is a Data", "Seen: dict")),
    "secret in plain sight": (
        "document",
        {"documents": [{"doctype": "Shop Settings", "values": {"api_secret": PASSWORD}}]},
        ("field 'api_secret' is a Password: give it under `secrets`",),
    ),
    "empty secret": (
        "document",
        {"documents": [{"doctype": "Shop Settings", "secrets": {"api_secret": ""}}]},
        ("the secret 'api_secret' is empty", "leave the key out to keep the stored secret"),
    ),
    "short secret of a record": (
        "document",
        {"documents": [{"doctype": "Shop Settings", "secrets": {"api_secret": "x7-9z"}}]},
        ("'api_secret' is too short", "Seen: 5 characters", "at least 8"),
    ),
    "short secret": (
        "site_config",
        {"secrets": {"shopsync_token": "x7-9z"}},
        ("'shopsync_token' is too short", "Seen: 5 characters", "at least 8"),
    ),
    "user that is not there": ("api_key", {"user": "nobody@example.com"}, ("there is no such user",)),
    "method misspelt": (
        "site_task",
        {"method": "shopsync.sync.pull_order"},
        ("shopsync.sync.pull_order: there is no such method",),
    ),
    "count that is not answered": (
        "site_task",
        {"method": "shopsync.sync.status", "counts": {"done": "finished"}},
        ("the method's answer has no 'finished'", "orders"),
    ),
    "condition misspelt": (
        "site_task",
        {"method": "shopsync.sync.status", "fail_when": ["errors more than 0"]},
        ("errors more than 0: cannot read this condition",),
    ),
    "site that is not there": (
        "site_config",
        {"site": "nosuch.localhost", "config": {"a": 1}},
        ("nosuch.localhost: there is no such site on this bench", "Seen: alpha.localhost, beta.localhost"),
    ),
    "bench that is not there": (
        "site_config",
        {"bench_path": "/nonexistent/bench", "config": {"a": 1}},
        ("/nonexistent/bench", "check bench_path", "playbooks/setup.yml"),
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_module_says_what_is_wrong(fleet: Fleet, case: str) -> None:
    module, args, fragments = FAULTS[case]
    refused(fleet, module, *fragments, **{"site": "alpha.localhost", **args})


def test_short_passwords_make_no_site(fleet: Fleet) -> None:
    for name in ("admin_password", "db_root_password"):
        message = (f"the password '{name}' is too short", "Seen: 5 characters")
        refused(fleet, "site", *message, **make_site(fleet, **{name: "x7-9z"}))


# --- the host ---------------------------------------------------------------------------------------------


def test_host_that_cannot_hold_a_bench_is_told_all_at_once(fleet: Fleet) -> None:
    old = fleet.root / "old-python"
    old.write_text("#!/bin/sh\necho 3.8.10\n")
    old.chmod(0o755)
    result = fleet.play("setup.yml", extravars={"bench_python": str(old), "bench_min_free_mb": 999_999_999})
    message = result.failure.message
    assert f"bench_python {old} is Python 3.8.10, needed is 3.10 or newer" in message
    assert "MiB free, needed are 999999999: free space there, or lower bench_min_free_mb" in message
    assert result.changed == {}


def test_two_benches_that_would_install_into_one_environment_at_once_are_refused(fleet: Fleet) -> None:
    shared = str(fleet.root / "shared-cli")
    given = {"bench_web_port": 1, "bench_programs": [], "bench_cli_venv": shared}
    benches = {name: {"path": f"{{{{ demo_root }}}}/{name}", "vars": given} for name in ("one", "two")}
    inventory = fleet.write_inventory("shared", {"plugin": "erpops.frappe.tenants", "benches": benches, "tenants": []})
    result = fleet.play("setup.yml", inventory=inventory)
    messages = {failure.host: failure.message for failure in result.failures}
    assert messages["one"].startswith(f"bench_cli_venv {shared} is also that of two, on the same machine")
    assert messages["two"].startswith(f"bench_cli_venv {shared} is also that of one, on the same machine")
    assert messages["one"].endswith("leave bench_cli_venv to its default, or name another directory for each bench")
    assert result.changed == {}
    assert not Path(f"{shared}.lock").exists()


def test_directory_of_somebody_else_is_not_made_a_bench(fleet: Fleet) -> None:
    other = fleet.root / "other"
    other.mkdir()
    (other / "letter.txt").write_text("dear diary")
    result = fleet.play("setup.yml", extravars={"bench_path": str(other)})
    assert f"{other} is there, but is no bench of ours" in result.failure.message
    assert tree(other) == {"letter.txt": tree(other)["letter.txt"]}
    shutil.rmtree(other)
    result = fleet.play("deploy.yml", extravars={"bench_path": str(other)})
    assert result.failure.message.startswith(f"There is no bench in {other}. Run playbooks/setup.yml first")
    assert not other.exists()


def test_port_of_another_program_is_not_fought_for(fleet: Fleet) -> None:
    """A second bench that was given the first one's port."""
    second = fleet.root / "second"
    (second / "sites").mkdir(parents=True)
    (second / "sites" / "apps.txt").write_text("frappe\n")
    before = tree(second)
    result = fleet.play("deploy.yml", extravars={"bench_path": str(second), "bench_apps": []})
    assert f"port {fleet.port} of 127.0.0.1 is taken by another program" in result.failure.message
    assert "choose another process_manager_web_port (inventory: bench_web_port)" in result.failure.message
    assert tree(second) == before
    shutil.rmtree(second)


# --- the database server ----------------------------------------------------------------------------------


@pytest.fixture
def root_password(fleet: Fleet) -> Iterator[str]:
    """The server asks for root's password from here on."""
    path = fleet.bench / ".standin-db" / "root_password"
    path.write_text(fleet.root_password)
    yield fleet.root_password
    path.unlink()


def test_wrong_root_password_makes_no_site(fleet: Fleet, root_password: str) -> None:
    message = ("root: the database server refuses its administrative user", "check db_root_user and db_root_password")
    text = refused(fleet, "site", *message, **make_site(fleet, db_root_password="Wrong0password"))
    assert root_password not in text
    refused(
        fleet,
        "site",
        "new-site failed",
        "nothing of the site was left behind",
        **make_site(fleet, db_root_password=None),
    )
    assert fleet.site(TRIAL).record == {}


# --- half-made sites --------------------------------------------------------------------------------------


@pytest.fixture
def half(fleet: Fleet) -> Iterator[Path]:
    """A directory with something in it where a site is to be."""
    folder = fleet.bench / "sites" / TRIAL
    folder.mkdir()
    (folder / "keep.txt").write_text("not to be lost")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
    (fleet.bench / ".erpops" / "sites" / f"{TRIAL}.json").unlink(missing_ok=True)


def note(fleet: Fleet, hours: float) -> None:
    """Our own record of a creation that was begun that long ago."""
    record = {"schema": 1, "state": "creating", "db_name": "_trial", "started": time.time() - hours * 3600}
    (fleet.bench / ".erpops" / "sites" / f"{TRIAL}.json").write_text(json.dumps(record))


def test_half_made_site_of_somebody_else_is_left_alone(fleet: Fleet, half: Path) -> None:
    message = ("is half made, and not by us", "there is a directory but no site_config.json in it")
    refused(fleet, "site", *message, **make_site(fleet, repair=True))
    gone = {"state": "absent", "confirm": TRIAL, "backup": "skip"}
    refused(fleet, "site", "was not made by us and is never dropped", **make_site(fleet, **gone))
    assert (half / "keep.txt").read_text() == "not to be lost"


def test_half_made_site_of_ours_is_repaired_only_when_that_is_asked_and_safe(fleet: Fleet, half: Path) -> None:
    note(fleet, hours=25)
    message = ("was begun by a run of ours, but long ago", "begun 25 hours ago", f"Needed: confirm: {TRIAL}")
    refused(fleet, "site", *message, **make_site(fleet, repair=True))
    note(fleet, hours=1)
    refused(fleet, "site", "is half made by an earlier run of ours", "repair: true", **make_site(fleet))
    assert (half / "keep.txt").exists()
    assert done(fleet, "site", **make_site(fleet, repair=True))["actions"] == ["removed half-made site", "created site"]
    assert not (half / "keep.txt").exists()
    assert fleet.site(TRIAL).get("/api/method/ping").message == "pong"
    fleet.drop(TRIAL)


def test_database_without_a_site_is_not_overwritten(fleet: Fleet) -> None:
    identity = json.loads((fleet.bench / ".erpops" / "bench.json").read_text())["id"]
    name = "_" + hashlib.sha256(f"{identity}:{TRIAL}".encode()).hexdigest()[:16]
    path = fleet.bench / ".standin-db" / f"{name}.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("create table precious (x)")
    before = path.read_bytes()
    message = ("is half made, and not by us", f"there is a database {name} but no site directory")
    refused(fleet, "site", *message, **make_site(fleet, repair=True))
    refused(fleet, "site", "already exists", **make_site(fleet, db_root_password=None))  # which cannot look for it
    assert path.read_bytes() == before
    path.unlink()


# --- what the operating system refuses --------------------------------------------------------------------


@pytest.fixture
def plain_user() -> tuple[str, ...]:
    """Words in front of a command by which file modes bind it, as they bind every user but root."""
    if os.geteuid() != 0:
        return ()
    words = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
    if not shutil.which(words[0]) or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        pytest.skip("root here may not give up its powers: run as another user, or install util-linux's setpriv")
    return words


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    mode = folder.stat().st_mode & 0o7777
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(mode)


def test_folder_that_may_not_be_written_is_named(fleet: Fleet, plain_user: tuple[str, ...]) -> None:
    hint = "run as the user that owns the bench (become_user), or correct the owner"
    gamma = fleet.site("gamma.localhost").folder
    with read_only(gamma):
        message = (f"{gamma}/site_config.json: Permission denied", hint)
        refused(fleet, "site_config", *message, prefix=plain_user, site=gamma.name, config={"mute_emails": False})
    with read_only(fleet.bench / "apps"):
        app = {"name": "needsapp", "repo": fleet.repos["needsapp"]["path"]}
        refused(fleet, "bench_app", f"{fleet.bench}/apps/needsapp: Permission denied", hint, prefix=plain_user, **app)
    with read_only(fleet.bench / "sites"):
        texts = ("new-site failed", "Permission denied", "nothing of the site was left behind")
        refused(fleet, "site", *texts, prefix=plain_user, **make_site(fleet))
    with read_only(fleet.bench / ".erpops" / "sites"):
        refused(fleet, "site", f"{TRIAL}.json: Permission denied", hint, prefix=plain_user, **make_site(fleet))


def test_write_that_is_cut_short_leaves_the_old_file(fleet: Fleet) -> None:
    """A limit on the size of files stands in for a disk that fills up in the middle."""
    before = (fleet.bench / "sites/alpha.localhost/site_config.json").read_bytes()
    limited = ("prlimit", f"--fsize={len(before) // 2}")
    message = "alpha.localhost/site_config.json: File too large"
    refused(fleet, "site_config", message, prefix=limited, site="alpha.localhost", config={"note": "x"})
    assert (fleet.bench / "sites/alpha.localhost/site_config.json").read_bytes() == before


def test_lock_of_another_run_is_waited_for_and_then_named(fleet: Fleet) -> None:
    path = fleet.bench / ".erpops" / "locks" / "alpha.localhost.lock"
    change = {"site": "alpha.localhost", "config": {"mute_emails": False}, "lock_timeout": 0}
    with path.open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("pid 4711: another run\n")
        lock.flush()
        refused(fleet, "site_config", "is locked by another run", "holder: pid 4711: another run", **change)
    # What is written in it is no lock: the one who wrote it has gone.
    assert done(fleet, "site_config", **change)["changed"]
    done(fleet, "site_config", site="alpha.localhost", config={"mute_emails": True})


def test_requirements_that_are_overridden_later_reach_a_bench_that_is_there(fleet: Fleet) -> None:
    """An app of later needs them: bench_app names them when it refuses one."""
    given = {"bench_requirement_overrides": ["pypika==0.48.9"], "bench_requirement_constraints": ["lxml<6"]}
    files = [fleet.bench.with_name(f"bench.{kind}.txt") for kind in ("overrides", "constraints")]
    try:
        assert fleet.play("setup.yml", check=True, extravars=given).changed == {"demo": 1}
        assert not any(path.exists() for path in files)
        assert fleet.play("setup.yml", extravars=given).ok
        assert [path.read_text() for path in files] == ["pypika==0.48.9\n", "lxml<6\n"]
        assert fleet.play("setup.yml", extravars=given).changed == {}
    finally:
        for path in files:
            path.unlink(missing_ok=True)
