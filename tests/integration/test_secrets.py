# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is in a process list, in what is printed, or in a file that is not made to hold it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from tests.integration.conftest import Built
from tests.integration.fleet import SITES, Fleet
from tests.integration.looks import Sampler, processes_of, wait_until

# Files that hold secrets on purpose, each readable by its owner alone; vault files are encrypted and are searched.
KEEPERS = ("vault_password", "shop_token", "site_config.json", "site_config_backup.json", ".user")
# The database and its dumps: a tenant's data.
DATA = (".standin-db", "archive")


def secrets_of(fleet: Fleet) -> dict[str, str]:
    """Every secret that the fleet was made with or made itself: name -> value."""
    found = {name: (fleet.demo / name).read_text() for name in ("vault_password", "shop_token")}
    found["db_root_password"] = str(fleet.vaulted("bench")["db_root_password"])
    for site in fleet.sites:
        found |= {f"{site.name} {key}": str(value) for key, value in fleet.vaulted(site.name).items()}
        found[f"{site.name} api_secret"] = fleet.key(site.name)[1]
        found |= {f"{site.name} {key}": site.config[key] for key in ("db_password", "encryption_key")}
    assert all(len(value) >= 8 for value in found.values())
    return found


def leaks(text: str, secrets: dict[str, str]) -> list[str]:
    """Names of the secrets that occur in a text."""
    return [name for name, value in secrets.items() if value in text]


def leaking_files(root: Path, secrets: dict[str, str]) -> dict[str, list[str]]:
    """Files below ``root`` that hold a secret and are not made to."""
    found = {}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_symlink() or not path.is_file() or path.name.endswith(KEEPERS) or set(DATA) & set(inside.parts):
            continue
        if hits := leaks(path.read_bytes().decode("utf-8", "replace"), secrets):
            found[str(inside)] = hits
    return found


def test_first_run_shows_no_secret(built: Built) -> None:
    """With -vvv, while the command lines of all processes were sampled."""
    fleet, secrets = built.fleet, secrets_of(built.fleet)
    watched = "\n".join(built.commands)
    # What was there to be seen: the controller, the bench command, and the agent in the bench's own Python.
    for expected in ("ansible-playbook", f"{fleet.demo}/bench-cli/bin/bench", f"{fleet.bench}/env/bin/python"):
        assert expected in watched
    assert leaks(watched, secrets) == []
    assert leaks(built.first.stdout, secrets) == []
    assert leaks(repr(built.first.events), secrets) == []
    assert "Using module file" in built.first.stdout, "the run was to be verbose"


def test_processes_that_stay_have_no_secret(fleet: Fleet) -> None:
    secrets, staying = secrets_of(fleet), processes_of(fleet.root)
    assert {"supervisord", "gunicorn", "shop_server.py"} <= {
        name for name in ("supervisord", "gunicorn", "shop_server.py") for p in staying if name in p.command
    }
    for process in staying:
        assert leaks(process.command + process.environment, secrets) == [], process.command


def test_changed_secrets_are_shown_as_changed_and_nothing_more(fleet: Fleet) -> None:
    alpha = fleet.site("alpha.localhost")
    old = secrets_of(fleet)
    path = fleet.demo / "secrets" / f"{alpha.name}.yml"
    renewed = {
        **fleet.vaulted(alpha.name),
        "webhook_secret": "Renewed0webhook0" * 2,
        "shop_api_secret": "Renewed0shop0key" * 2,
    }
    path.write_bytes(fleet.vault.encrypt(yaml.safe_dump(renewed)))
    with Sampler() as sampler:
        preview = fleet.play("configure.yml", limit=alpha.name, check=True, diff=True, verbosity=3)
        run = fleet.play("configure.yml", limit=alpha.name, diff=True, verbosity=3)
    secrets = {**old, **{f"renewed {key}": value for key, value in renewed.items()}}
    for result in (preview, run):
        assert (result.ok, result.changed) == (True, {alpha.name: 2})
        (config_before, config_after), (documents_before, documents_after) = result.diffs(alpha.name)
        assert list(config_before) == list(config_after) == ["shopsync_webhook_secret"]
        assert config_before != config_after, "that it changed must be seen"
        assert config_after["shopsync_webhook_secret"].startswith("********")
        assert documents_before == {"Shop Settings Shop Settings": {"api_secret": "(another secret, or none)"}}
        assert documents_after["Shop Settings Shop Settings"]["api_secret"].startswith("********")
        assert leaks(result.stdout + repr(result.events), secrets) == []
    assert leaks("\n".join(sampler.seen), secrets) == []
    assert leaking_files(fleet.root, secrets) == {}
    assert alpha.config["shopsync_webhook_secret"] == renewed["webhook_secret"]


def test_no_file_holds_a_secret_that_is_not_made_to(fleet: Fleet) -> None:
    """Logs of bench and sites, state files, artifacts, events, report, repositories, programs' configuration."""
    looked_at = {path.name for path in fleet.root.rglob("*") if path.is_file()}
    assert {"bench.log", "web.log", "report.json", "orders.json", "supervisor.conf", "stdout"} <= looked_at
    assert leaking_files(fleet.root, secrets_of(fleet)) == {}


def test_files_that_hold_secrets_are_their_owners_alone(fleet: Fleet) -> None:
    state = fleet.bench / ".erpops"
    files = [fleet.demo / "vault_password", fleet.demo / "shop_token", fleet.root / "report.json", state / "bench.json"]
    files += [*fleet.root.rglob("site_config.json"), *(fleet.demo / "secrets").iterdir()]
    files += [*(state / "sites").iterdir(), *(state / "tasks").rglob("*.json"), *(state / "locks").iterdir()]
    assert len(files) > 6 * len(SITES)
    assert {str(path): path.stat().st_mode & 0o077 for path in files if path.stat().st_mode & 0o077} == {}
    assert {path.stat().st_mode & 0o777 for path in (fleet.demo / "secrets", state)} == {0o700}


def test_the_search_finds_what_is_there_to_be_found(fleet: Fleet, tmp_path: Path) -> None:
    """Otherwise the tests above prove nothing."""
    control = {"control": "Control0secret0of0the0test"}
    log = fleet.bench / "logs" / "planted.log"
    log.write_text(f"2026 password={control['control']}\n")
    try:
        assert leaking_files(fleet.root, control) == {".demo/bench/logs/planted.log": ["control"]}
    finally:
        log.unlink()
    with Sampler() as sampler:
        command = [sys.executable, "-c", "import sys; sys.stdin.read()", control["control"]]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            wait_until("a look at all processes", lambda: leaks("\n".join(list(sampler.seen)), control))
            process.communicate()
    assert leaks("\n".join(sampler.seen), control) == ["control"]
