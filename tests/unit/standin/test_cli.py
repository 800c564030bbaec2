# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: what `bench` sees, and the traps of `execute`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench


def test_bench_learns_the_commands(shared: QuickBench) -> None:
    names = set(json.loads(shared.call("-m", "frappe.utils.bench_helper", "get-frappe-commands").stdout))
    assert names >= {"new-site", "install-app", "migrate", "backup", "restore", "scheduler", "worker", "schedule"}
    help_text = shared.call("-m", "frappe.utils.bench_helper", "get-frappe-help").stdout
    assert "Commands:" in help_text


def test_site_is_an_option_of_the_group(shared: QuickBench, site: str) -> None:
    done = shared.run("list-apps", "--site", site)
    assert done.returncode == 2
    assert "No such option" in done.stderr
    assert shared.run("list-apps", env={"FRAPPE_SITE": site}).returncode == 0


def test_list_apps(shared: QuickBench, site: str) -> None:
    text = shared.run("--site", site, "list-apps").stdout
    assert text == (
        "\nfrappe     15.0.0 UNVERSIONED\nerpnext    15.0.0 UNVERSIONED\n"
        "shopsync   1.0.0  UNVERSIONED\nledgerlift 1.0.0  UNVERSIONED\n\n"
    )
    listed = json.loads(shared.run("--site", site, "list-apps", "-f", "json").stdout)
    assert listed == {site: ["frappe", "erpnext", "shopsync", "ledgerlift"]}


def test_version(shared: QuickBench) -> None:
    rows = json.loads(shared.run("version", "-f", "json").stdout)
    assert rows[0] == {"commit": "", "app": "erpnext", "branch": "", "version": "15.0.0"}
    assert shared.run("version").stdout.splitlines()[1] == "frappe 15.0.0"


def test_scheduler_states(shared: QuickBench, site: str) -> None:
    def state(word: str, *options: str) -> str:
        return shared.run("--site", site, "scheduler", word, *options).stdout.strip()

    assert state("enable") == f"Scheduler is enabled for site {site}"
    assert json.loads(state("status", "-f", "json")) == {"status": "enabled", "site": site}
    assert state("pause") == f"Scheduler is paused for site {site}"
    assert json.loads(state("status", "-f", "json"))["status"] == "disabled"
    assert state("resume") == f"Scheduler is resumed for site {site}"
    assert json.loads(state("status", "-f", "json"))["status"] == "enabled"
    assert shared.run("--site", site, "disable-scheduler").stdout == f"Disabled for {site}\n"
    assert shared.run("--site", site, "enable-scheduler").stdout == f"Enabled for {site}\n"


@pytest.mark.parametrize(
    ("args", "out"),
    [
        (["frappe.get_installed_apps"], '["frappe", "erpnext", "shopsync", "ledgerlift"]\n'),
        (["frappe.utils.cint", "--args", "['7']"], "7\n"),
        (["frappe.utils.cint", "--args", "['0']"], ""),
        (["frappe.db.exists", "--args", "('User', 'Nobody')"], ""),
        (["frappe.db.get_value", "--args", "('User', 'Guest')"], '"Guest"\n'),
        (
            ["frappe.get_all", "--kwargs", "{'doctype': 'User', 'limit': 1, 'filters': 'Guest'}"],
            '[{"name": "Guest"}]\n',
        ),
        (["frappe.utils.cstr", "--args", "bare"], '"bare"\n'),
    ],
)
def test_execute(shared: QuickBench, site: str, args: list[str], out: str) -> None:
    done = shared.run("--site", site, "execute", *args)
    assert (done.returncode, done.stdout) == (0, out), done.stderr


def test_execute_calls_a_failing_method_twice(shared: QuickBench, site: str) -> None:
    """The second call is the expression of that name, evaluated: with an effect, it happens twice."""
    counter = shared.sites / site / "calls"
    target = shared.path / "apps/ledgerlift/ledgerlift/twice.py"
    target.write_text(f"def fail():\n    open({str(counter)!r}, 'a').write('x')\n    raise RuntimeError('first')\n")
    code = "import frappe.commands.utils as u, ledgerlift.twice; u.ledgerlift = ledgerlift"
    target.with_name("sitecustom.py").write_text(code)
    runner = "import runpy, sys; import ledgerlift.sitecustom; sys.argv[0] = 'bench'; "
    runner += "runpy.run_module('frappe.utils.bench_helper', run_name='__main__')"
    done = shared.call("-c", runner, "frappe", "--site", site, "execute", "ledgerlift.twice.fail")
    assert done.returncode == 1
    assert counter.read_text() == "xx"


def test_execute_masks_the_first_error(shared: QuickBench, site: str) -> None:
    done = shared.run("--site", site, "execute", "shopsync.sync.pull_orders")
    assert done.returncode == 1
    assert "NameError: name 'shopsync' is not defined" in done.stderr


def test_execute_needs_python_not_json(shared: QuickBench, site: str) -> None:
    done = shared.run("--site", site, "execute", "frappe.get_all", "--kwargs", '{"doctype": "User", "as_list": true}')
    assert "name 'true' is not defined" in done.stderr


def test_execute_takes_one_expression(shared: QuickBench, site: str) -> None:
    done = shared.run("--site", site, "execute", "import frappe; frappe.ping")
    assert "SyntaxError" in done.stderr


def test_trigger_scheduler_event_swallows(bench: Any) -> None:
    own = bench("lateinstall")
    created = own.run(
        "new-site", "a.test", "--admin-password", "x", "--install-app", "lateinstall", env={"LATEINSTALL_OK": "1"}
    )
    assert created.returncode == 0, created.stderr
    done = own.run("--site", "a.test", "trigger-scheduler-event", "lateinstall.install.hourly")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    code = "import frappe; frappe.init('a.test'); frappe.connect(); "
    code += "print(frappe.get_all('Scheduled Job Log', fields=['status', 'details'])[0])"
    log = own.call("-c", code).stdout
    assert "'Failed'" in log
    assert "hourly fails on purpose" in log
    unknown = own.run("--site", "a.test", "trigger-scheduler-event", "no.such.event")
    assert (unknown.returncode, unknown.stdout) == (1, "Event no.such.event does not exist!\n")


def test_users_and_passwords(shared: QuickBench, site: str) -> None:
    done = shared.run("--site", site, "add-system-manager", "boss@example.com", "--password", "Quite-long-1")
    assert done.returncode == 0, done.stderr
    roles = shared.run("--site", site, "execute", "frappe.get_roles", "--args", "['boss@example.com']").stdout
    assert json.loads(roles) == ["System Manager", "All", "Guest"]
    assert shared.run("--site", site, "set-admin-password", "other").returncode == 0
    check = "frappe.utils.password.check_password"
    good = shared.run("--site", site, "execute", check, "--args", "['Administrator', 'other']")
    assert good.stdout == '"Administrator"\n'
    missing = shared.run("--site", site, "set-password", "nobody@example.com", "x")
    assert (missing.returncode, "does not exist" in missing.stdout) == (1, True)


def test_build_and_clear_cache_and_doctor(shared: QuickBench, site: str) -> None:
    built = shared.run("build", "--app", "erpnext")
    assert (built.returncode, built.stdout) == (0, "Compiling translations for erpnext\n")
    assert shared.run("--site", site, "clear-cache").returncode == 0
    text = shared.run("--site", site, "doctor").stdout
    assert f"Scheduler disabled for {site}" in text
    assert "Workers online: 0" in text
    assert shared.run("--site", site, "show-pending-jobs").stdout == "-----Pending Jobs-----\n"
    assert shared.run("--site", site, "ready-for-migration").returncode == 0
