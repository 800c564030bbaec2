# SPDX-License-Identifier: GPL-3.0-or-later
"""new-site, drop-site, configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench

Make = Callable[..., QuickBench]


def config(own: QuickBench, site: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((own.sites / site / "site_config.json").read_text())
    return values


def test_what_new_site_makes(shared: QuickBench) -> None:
    done = shared.run("new-site", "made.test", "--admin-password", "x", "--install-app", "ledgerlift")
    assert done.returncode == 0, done.stderr
    assert "*** Scheduler is disabled ***" in done.stdout
    site = shared.sites / "made.test"
    made = sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_dir())
    assert made == ["locks", "logs", "private", "private/backups", "private/files", "public", "public/files"]
    values = config(shared, "made.test")
    name = "_" + hashlib.sha1(str(site.resolve()).encode()).hexdigest()[:16]
    assert (values["db_name"], values["db_type"], len(values["db_password"])) == (name, "mariadb", 16)
    assert (shared.path / f".standin-db/{name}.sqlite3").exists()
    status = shared.run("--site", "made.test", "scheduler", "status", "--format", "json")
    assert json.loads(status.stdout) == {"status": "disabled", "site": "made.test"}
    again = shared.run("new-site", "made.test", "--admin-password", "x")
    assert (again.returncode, again.stdout) == (1, "Site made.test already exists\n")


def test_every_option_is_taken(shared: QuickBench) -> None:
    options = ["--db-name", "_chosen", "--db-password", "pw", "--db-host", "127.0.0.1", "--db-port", "3306"]
    options += ["--db-type", "mariadb", "--mariadb-root-username", "root", "--mariadb-root-password", "x"]
    options += ["--mariadb-user-host-login-scope", "%", "--admin-password", "x", "--verbose", "--set-default"]
    done = shared.run("new-site", "options.test", *options)
    assert done.returncode == 0, done.stderr
    values = config(shared, "options.test")
    assert (values["db_name"], values["db_password"], values["db_port"]) == ("_chosen", "pw", 3306)
    account = json.loads((shared.path / ".standin-db/_chosen.user").read_text())
    assert account == {"hashes": ["*D821809F681A40A6E379B50D0463EFAE20BDD122"], "host": "%"}
    common = json.loads((shared.sites / "common_site_config.json").read_text())
    assert common.pop("default_site") == "options.test"
    (shared.sites / "common_site_config.json").write_text(json.dumps(common))


def test_a_failed_new_site_leaves_directory_database_and_user(bench: Make) -> None:
    own = bench()
    failed = own.run("new-site", "a.test", "--admin-password", "x", "--install-app", "nosuchapp", "--db-name", "_a")
    assert failed.returncode == 1
    assert (own.sites / "a.test/site_config.json").exists()
    assert (own.path / ".standin-db/_a.sqlite3").exists()
    assert (own.path / ".standin-db/_a.user").exists()
    again = own.run("new-site", "a.test", "--admin-password", "x", "--db-name", "_a")
    assert (again.returncode, again.stdout) == (1, "Site a.test already exists\n")
    other = own.run("new-site", "b.test", "--admin-password", "x", "--db-name", "_a")
    assert other.returncode == 1
    assert "Database _a already exists" in other.stderr
    forced = own.run("new-site", "a.test", "--admin-password", "x", "--force")
    assert forced.returncode == 0, forced.stderr


def test_a_login_scope_that_shuts_the_site_out(bench: Make) -> None:
    own = bench()
    words = ["--admin-password", "x", "--db-name", "_a"]
    failed = own.run("new-site", "a.test", *words, "--mariadb-user-host-login-scope", "10.9.9.9")
    assert failed.returncode == 1
    assert "Access denied for user '_a'@'localhost'" in failed.stdout, "what the mariadb client says is printed"
    assert "CommandFailedError: Command failed" in failed.stderr
    assert (own.path / ".standin-db/_a.sqlite3").exists()
    assert json.loads((own.path / ".standin-db/_a.user").read_text())["host"] == "10.9.9.9"


def test_a_remote_database_wants_the_address_that_it_is_reached_from(bench: Make) -> None:
    own = bench()
    config = own.path / "sites/common_site_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"db_host": "127.0.0.2"}))
    words = ["--admin-password", "x", "--mariadb-user-host-login-scope"]
    refused = own.run("new-site", "a.test", *words, "localhost")
    assert refused.returncode == 1
    assert "'@'127.0.0.1' (using" in refused.stdout
    taken = own.run("new-site", "b.test", *words, "127.0.0.1")
    assert taken.returncode == 0, taken.stderr


def test_without_admin_password_it_asks_and_fails_without_a_terminal(bench: Make) -> None:
    own = bench()
    done = own.run("new-site", "a.test")
    assert done.returncode == 1
    assert done.stderr.endswith("Aborted!\n")
    assert (own.sites / "a.test").exists()


def test_names(shared: QuickBench) -> None:
    assert "an app called erpnext" in shared.run("new-site", "erpnext", "--admin-password", "x").stdout
    assert "Invalid site name" in shared.run("new-site", "a b", "--admin-password", "x").stderr


def test_a_site_that_is_not_there(shared: QuickBench) -> None:
    done = shared.run("--site", "nobody.test", "list-apps")
    assert (done.returncode, done.stdout) == (1, "Site nobody.test does not exist!\n")
    done = shared.run("migrate")
    assert (done.returncode, done.stdout) == (1, "Please specify --site sitename\n")


def test_a_directory_without_database(shared: QuickBench, site: str) -> None:
    (shared.path / f".standin-db/{config(shared, site)['db_name']}.sqlite3").unlink()
    done = shared.run("--site", site, "list-apps")
    assert done.returncode == 1
    assert "Unknown database" in done.stderr


def test_malformed_config(shared: QuickBench, site: str, site_path: Path) -> None:
    (site_path / "site_config.json").write_text('{"db_name": ')
    done = shared.run("--site", site, "list-apps")
    assert done.returncode == 1
    assert f"{site}/site_config.json is invalid" in done.stdout
    assert "db_name missing" in done.stderr


def test_source_sql_brings_the_apps_along(shared: QuickBench, site: str, tmp_path: Path) -> None:
    assert shared.run("--site", site, "backup", "--backup-path-db", str(tmp_path / "t.sql.gz")).returncode == 0
    done = shared.run("new-site", "copy.test", "--admin-password", "x", "--source-sql", str(tmp_path / "t.sql.gz"))
    assert done.returncode == 0, done.stderr
    assert "App frappe already installed" in done.stdout
    listed = shared.run("--site", "copy.test", "list-apps", "-f", "json").stdout
    assert json.loads(listed) == {"copy.test": ["frappe", "erpnext", "shopsync", "ledgerlift"]}


def test_drop_site(shared: QuickBench, site: str, tmp_path: Path) -> None:
    name = config(shared, site)["db_name"]
    done = shared.run("drop-site", site, "--archived-sites-path", str(tmp_path / "attic"), "--root-login", "root")
    assert done.returncode == 0, done.stderr
    assert not (shared.sites / site).exists()
    assert not list((shared.path / ".standin-db").glob(f"{name}.*"))
    assert len(list((tmp_path / "attic" / site / "private/backups").iterdir())) == 4
    assert shared.run("drop-site", site, "--no-backup").returncode == 1


def test_drop_site_into_the_default_archive_numbers_them(shared: QuickBench) -> None:
    for _number in range(2):
        shared.clone_site("template.test", "twice.test")
        assert shared.run("drop-site", "twice.test", "--no-backup", "--force").returncode == 0
    archive = shared.path / "archived/sites"
    assert sorted(path.name for path in archive.iterdir() if "twice" in path.name) == ["twice.test", "twice.test1"]


def test_a_site_without_database_needs_force(shared: QuickBench, site: str) -> None:
    (shared.path / f".standin-db/{config(shared, site)['db_name']}.sqlite3").unlink()
    stopped = shared.run("drop-site", site)
    assert stopped.returncode == 1
    assert "The operation has stopped because backup of" in stopped.stdout
    assert shared.run("drop-site", site, "--force").returncode == 0


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("true", True),
        ("false", False),
        ("0", 0),
        ("1", 1),
        ("True", "True"),
        ("900", "900"),
        ("2.5", "2.5"),
        ('{"a": 1}', '{"a": 1}'),
        ("", ""),
    ],
)
def test_set_config_stores_strings(frappe: Any, site_path: Path, value: str, stored: Any) -> None:
    from frappe.installer import update_site_config

    update_site_config("key", value)
    written = json.loads((site_path / "site_config.json").read_text())["key"]
    assert (written, type(written)) == (stored, type(stored))


def test_set_config_on_the_command_line(shared: QuickBench, site: str) -> None:
    def run(*args: str) -> Any:
        done = shared.run("--site", site, "set-config", *args)
        assert done.returncode == 0, done.stderr
        return config(shared, site)

    assert run("timeout", "900")["timeout"] == "900"
    assert run("-p", "timeout", "900")["timeout"] == 900
    assert run("-p", "rate_limit", "{'limit': 5, 'window': 60}")["rate_limit"] == {"limit": 5, "window": 60}
    assert "timeout" not in run("timeout", "None")
    assert "shared_key" not in run("-g", "shared_key", "v")
    assert json.loads((shared.sites / "common_site_config.json").read_text())["shared_key"] == "v"
    shown = json.loads(shared.run("--site", site, "show-config", "-f", "json").stdout)
    assert shown[site]["shared_key"] == "v"


def test_config_order_common_site_environment(shared: QuickBench, site: str, site_path: Path) -> None:
    values = config(shared, site)
    (site_path / "site_config.json").write_text(json.dumps({**values, "frappe_user": "site"}))
    code = f"import frappe; frappe.init({site!r}); print(frappe.conf.frappe_user, frappe.conf.db_host)"
    assert shared.call("-c", code).stdout == "site 127.0.0.1\n"
    assert shared.call("-c", code, env={"FRAPPE_DB_HOST": "db"}).stdout == "site db\n"


def test_maintenance_mode(shared: QuickBench, site: str) -> None:
    shared.run("--site", site, "set-maintenance-mode", "on")
    assert config(shared, site)["maintenance_mode"] == 1
    shared.run("--site", site, "set-maintenance-mode", "off")
    assert config(shared, site)["maintenance_mode"] == 0


def test_sites_are_directories_with_a_config(on_bench: Any, site: str) -> None:
    assert site in on_bench.utils.get_sites(".")
    assert "assets" not in on_bench.utils.get_sites(".")


def test_a_lock_that_somebody_holds(frappe: Any, site_path: Path) -> None:
    import fcntl

    from frappe.utils.synchronization import LockTimeoutError, filelock, lock_path

    assert lock_path("x") == str((site_path / "locks/x.lock").resolve())
    assert lock_path("x", is_global=True) == str(site_path.parent.parent.resolve() / "config/x.lock")
    with open(lock_path("bench_migrate"), "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with (
            pytest.raises(LockTimeoutError, match="Failed to aquire lock: bench_migrate"),
            filelock("bench_migrate", timeout=0),
        ):
            pass
    with filelock("bench_migrate", timeout=0):
        pass
