# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role zoho on real PostgreSQL, Redis, Django and Celery: deployed, previewed, broken, rolled back, taken away.

The tests stand in the order in which an operator would do it, on one stack; each asks the stack itself, not the role.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.fleet import Result
from tests.integration.looks import wait_until
from tests.integration.zoho_stack import PROJECT, SYNCS, Stack, Unavailable

TABLE = "products_and_services_product"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    try:
        made = Stack.create(tmp_path_factory.mktemp("zoho"))
    except Unavailable as reason:
        pytest.skip(f"needs Docker and Compose: {reason}")
    made.remove_containers()
    yield made
    made.remove()


def test_every_fault_is_told_before_anything_is_made(stack: Stack) -> None:
    env = {**stack.variables("first")["zoho_env"], "DJANGO_DEBUG": True}
    weak = {"DJANGO_SECRET_KEY": "django-insecure-x", "DB_PASSWORD": "postgres", "REDIS_PASSWORD": "x" * 20}
    result = stack.play(zoho_env=env, zoho_secrets=weak, zoho_region="eu", zoho_commit="main", zoho_refresh_token="")
    message = result.failure.message
    for name in (
        "zoho_commit",
        "zoho_region",
        "DJANGO_DEBUG",
        "DJANGO_SECRET_KEY",
        "DB_PASSWORD",
        "zoho_refresh_token",
    ):
        assert name in message
    assert "django-insecure-x" not in result.stdout
    assert not stack.path.exists()
    assert not stack.data.exists()


def test_preview_of_a_clean_host_makes_nothing(stack: Stack) -> None:
    result = stack.play(check=True)
    assert result.ok, result.stdout[-4000:]
    assert result.changed
    assert not stack.path.exists()
    assert not stack.data.exists()


def test_a_commit_that_leaks_credentials_is_refused(stack: Stack) -> None:
    """Whoever's they are, and before anything is changed."""
    result = stack.play(zoho_accept_leaked_secrets=False)
    assert f"{PROJECT} at {stack.commits['first'][:12]}: credentials are committed" in result.failure.message
    assert "whatsappcrm_backend/.env: dotenv-secret (line" in result.failure.message
    assert "committed-and-known" not in result.stdout
    assert result.changed == {}
    assert not stack.path.exists()
    assert not stack.data.exists()


def test_a_secret_that_the_repository_has_is_refused(stack: Stack) -> None:
    known = {**stack.variables("first")["zoho_secrets"], "REDIS_PASSWORD": "committed-and-known-to-all"}
    env = {name: value for name, value in stack.variables("first")["zoho_env"].items() if name != "DB_CONN_MAX_AGE"}
    env["DATABASE_URL"] = "postgres://"
    del known["MAILU_IMAP_PASS"]
    message = stack.play(zoho_secrets=known, zoho_env=env).failures[-1].message
    assert "zoho_secrets.REDIS_PASSWORD" in message
    assert "whatsappcrm_backend/.env" in message
    assert "committed-and-known" not in message
    assert "zoho_env.DB_CONN_MAX_AGE. Seen: nothing, and a value in the committed" in message
    assert "zoho_env.MAILU_IMAP_PASS. Seen: nothing, and a value in the committed" in message, "read by a command only"
    assert "MAILU_IMAP_HOST" not in message
    assert "NOT_READ" not in message
    assert "zoho_env.DATABASE_URL. Seen: a name that neither" in message


def test_models_without_migrations_are_refused(stack: Stack) -> None:
    message = stack.play(zoho_makemigrations_enabled=False).failure.message
    assert "models that no migration has" in message
    assert "zoho_makemigrations_enabled" in message


def test_deployment(stack: Stack) -> None:
    result = stack.play(verbosity=3)
    assert result.ok, result.stdout[-6000:]
    assert stack.git("rev-parse", "HEAD", where=stack.path) == stack.commits["first"]
    assert stack.git("status", "--porcelain", where=stack.path) == ""
    assert (stack.data / "env").stat().st_mode & 0o777 == 0o600
    assert stack.sql(f"select count(*) from {TABLE} where zoho_item_id is not null") == "450"
    row = "select name, enabled, task from django_celery_beat_periodictask where name = 'sync-zoho-daily'"
    assert stack.sql(row) == "sync-zoho-daily|t|products_and_services.tasks.task_sync_zoho_products"
    assert json.loads(stack.sql(f"select result from {SYNCS}"))["created"] == 450
    for secret in stack.secrets.values():
        assert secret not in result.stdout
        assert secret not in json.dumps(result.events)


def test_second_run_changes_nothing(stack: Stack) -> None:
    containers = stack.docker("ps", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={PROJECT}")
    result = stack.play()
    assert result.ok, result.stdout[-6000:]
    assert result.changed == {}
    again = stack.docker("ps", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={PROJECT}")
    assert sorted(again.split()) == sorted(containers.split())
    assert stack.backups == []


def test_second_sync_creates_nothing(stack: Stack) -> None:
    result = stack.play(entry="sync")
    assert result.ok, result.stdout[-4000:]
    rows = stack.sql(f"select result from {SYNCS} order by date_created").splitlines()
    counts = json.loads(rows[-1])
    assert (counts["created"], counts["updated"], counts["failed"]) == (0, 450, 0)
    asked = result.results("Ask the container that runs")
    assert len(asked) == 3, "state, start and end: a sync that has ended is not asked for any more"


def test_second_run_at_once_is_refused(stack: Stack) -> None:
    """Two real runs: the second is told who, since when and what to do; a preview is in nobody's way."""
    stack.vendor(delay=20)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(stack.play, entry="sync")
        wait_until("the lock", lambda: bool(stack.lock.get("run")), 300)
        holder = stack.lock
        second = stack.play()
        preview = stack.play(check=True)
        stack.vendor(delay=0)
        done = first.result()
    assert done.ok, done.stdout[-4000:]
    assert preview.ok, preview.stdout[-4000:]
    message = second.failure.message
    assert (
        f"Seen: Zoho | Run the role of {holder['user']} at {holder['controller']}, process {holder['pid']}" in message
    )
    assert re.search(r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, \d+ s ago", message)
    assert message.endswith("its playbook runs. Needed: one run at a time. Next: wait for it")
    assert second.changed == {}
    assert stack.lock == {}


def test_killed_controller_does_not_lock_the_host(stack: Stack) -> None:
    """What it left running on the host does, until that has ended."""
    stack.vendor(delay=20)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(stack.play, entry="sync")
        wait_until("the lock", lambda: bool(stack.lock.get("run")), 300)
        holder = stack.lock
        marker = f"ERPOPS_ZOHO_RUN={holder['run']}".encode()
        wait_until("a command of the run", lambda: marker in environments(), 300)
        os.kill(holder["pid"], signal.SIGKILL)
        assert first.result().stats == {}, "it did not come to its end"
    assert stack.lock == holder
    stack.vendor(delay=0)
    # Stands for a dump or a build of that run, which may take long.
    name, _is, value = marker.decode().partition("=")
    with subprocess.Popen(["sleep", "600"], env={name: value}) as long:
        message = stack.play().failure.message
        long.kill()
    assert f"process {long.pid} (sleep)" in message, message
    assert "of it on this host" in message
    wait_until("its processes end", lambda: marker not in environments(), 300)
    again = stack.play()
    assert again.ok, again.stdout[-4000:]
    (told,) = again.results("Tell of one that was left behind")
    assert f"process {holder['pid']}) was left behind, and is taken over" in told["msg"]
    assert stack.lock == {}


def environments() -> bytes:
    """Of all processes."""
    found = b""
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += path.read_bytes()
    return found


def test_lock_of_another_controller(stack: Stack) -> None:
    """Whether that one lives cannot be known here: somebody has to say so, or time."""
    elsewhere = {"run": "0123456789ab", "what": "Configure", "user": "ops", "controller": "elsewhere", "pid": 7,
                 "start": 1, "space": "another boot", "taken": time.time(), "schema": 1}  # fmt: skip
    stack.lock_file.write_text(json.dumps(elsewhere))
    message = stack.play().failure.message
    assert "Configure of ops at elsewhere, process 7" in message
    assert "its controller cannot be asked from here" in message
    assert "-e zoho_lock_broken=0123456789ab" in message
    assert stack.lock == elsewhere
    assert stack.play(zoho_lock_broken="0123456789ab").ok
    stack.lock_file.write_text(json.dumps({**elsewhere, "taken": time.time() - 20}))
    assert stack.play(zoho_lock_seconds=10).ok
    assert stack.lock == {}


def test_verify(stack: Stack) -> None:
    result = stack.play(entry="verify")
    assert result.ok, result.stdout[-6000:]
    assert result.changed == {}
    assert len([one for one in result.results("Check the application") if "item" in one]) > 10


def test_the_playbooks_say_the_same(stack: Stack) -> None:
    configured = stack.play(book="configure.yml")
    assert configured.ok, configured.stdout[-6000:]
    assert configured.changed == {}
    synced = stack.play(book="sync.yml")
    assert synced.ok, synced.stdout[-4000:]
    assert '"created": 0' in synced.stdout
    verified = stack.play(book="verify.yml")
    assert verified.ok, verified.stdout[-6000:]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"rollback_integration": "zoho", "rollback_scope": "deployment"}, "--limit hanna -e rollback_confirm=hanna"),
        ({"rollback_integration": "zoho", "rollback_scope": "removed"}, "is not taken back without confirmation"),
        ({"rollback_integration": "zoho", "rollback_scope": "off"}, "it may be disabled or deployment or removed"),
    ],
)
def test_what_is_not_taken_back_by_accident(stack: Stack, words: dict[str, str], said: str) -> None:
    assert said in stack.play(book="rollback.yml", extra=words).failure.message


def test_a_stack_is_not_retired_as_a_tenant_is(stack: Stack) -> None:
    words = (
        "rollback.yml -e rollback_integration=zoho -e rollback_scope=removed --limit hanna -e rollback_confirm=hanna"
    )
    confirmed = {"retire_confirm": "hanna"}
    assert words in stack.play(book="retire.yml", limit="hanna", extra=confirmed).failure.message
    assert stack.play(book="retire.yml", extra=confirmed).ok, "nobody named it"


def faults_of(result: Result, task: str) -> str:
    """All messages of a task that looks at several things, and found something."""
    found = "\n".join(failure.message for failure in result.failures if failure.task.endswith(task))
    assert found, result.stdout[-6000:]
    return found


def test_verify_tells_all_faults_at_once(stack: Stack) -> None:
    stack.sql("update integrations_zohocredential set api_domain = 'https://inventory.zoho.com'")
    stack.sql("update django_celery_beat_periodictask set enabled = false where name = 'sync-zoho-daily'")
    result = stack.play(entry="verify")
    found = faults_of(result, "Check the application")
    assert "(6.3.6) the API domain of the region. Seen: https://inventory.zoho.com" in found
    assert "(6.3.7) a forced refresh of the token" in found
    assert "(6.3.8) the schedule" in found
    assert found.count("Next:") == 3
    # and a plain run mends both, telling so, and touches no other schedule
    others = stack.sql(
        "select name, enabled from django_celery_beat_periodictask where name <> 'sync-zoho-daily' order by 1"
    )
    mended = stack.play()
    assert mended.ok, mended.stdout[-4000:]
    assert "ZohoCredential of erpops-zoho-hanna: api_domain" in mended.stdout
    left = stack.sql(
        "select name, enabled from django_celery_beat_periodictask where name <> 'sync-zoho-daily' order by 1"
    )
    assert others == left != ""
    assert stack.play(entry="verify").ok


def test_verify_from_outside(stack: Stack) -> None:
    open_port = stack.ports["HANNA_VENDOR_PORT"]
    result = stack.play(
        entry="verify",
        zoho_profile={"closed_ports": [open_port], "paths": {"landing": "/", "admin": "/no", "metrics": "/"}},
    )
    found = faults_of(result, "Check it from outside")
    assert f"(6.3.10) port {open_port}. Seen: open" in found
    assert "(6.3.10) metrics" in found
    assert "(6.3.10) admin" in found
    assert f"Next: docker compose -p {PROJECT} logs --since 10m backend; zoho_profile" in found
    assert "frappe" not in found, "the probe's own remedies are for sites of Frappe"


def test_wrong_refresh_token(stack: Stack) -> None:
    """A revoked token: Zoho answers 200 with an error, and the sync fails with what it said."""
    stack.vendor(refresh="another")
    stack.sql("update integrations_zohocredential set access_token = null")
    result = stack.play(entry="sync")
    assert "invalid_code" in result.failure.message
    assert stack.secrets["refresh_token"] not in result.stdout
    assert "(6.3.7)" in faults_of(stack.play(entry="verify"), "Check the application")
    stack.vendor(refresh=stack.secrets["refresh_token"])


def test_partial_failure_fails_the_play(stack: Stack) -> None:
    stack.vendor(bad=3)
    message = stack.play(entry="sync").failure.message
    assert "3 of 450 items failed: Failed to sync item 'Item 0'" in message
    assert stack.newest_sync == "SUCCESS"
    assert stack.play(entry="sync", zoho_sync_max_failed=3).ok
    stack.vendor(bad=0)


def test_dirty_tree_is_refused_with_its_files(stack: Stack) -> None:
    path = stack.path / "whatsappcrm_backend/manage.py"
    before = path.read_text()
    path.write_text(before + "# by hand\n")
    (stack.path / "notes.txt").write_text("x")
    message = stack.play("second").failure.message
    assert "changed files: whatsappcrm_backend/manage.py, notes.txt" in message
    assert path.read_text() == before + "# by hand\n"
    path.write_text(before)
    (stack.path / "notes.txt").unlink()


def test_preview_of_an_update(stack: Stack) -> None:
    before = (stack.git("rev-parse", "HEAD", where=stack.path), (stack.data / "migrations.txt").read_text())
    result = stack.play("second", check=True)
    assert result.ok, result.stdout[-4000:]
    assert result.changed
    assert before == (stack.git("rev-parse", "HEAD", where=stack.path), (stack.data / "migrations.txt").read_text())
    assert stack.backups == []
    stack.git("fetch", "-q", where=stack.path)
    shown = str(stack.play("broken", check=True).diffs("hanna"))
    assert "products_and_services.0003_broken" in shown


def test_image_that_cannot_be_built_changes_nothing_that_runs(stack: Stack) -> None:
    """The containers have the checkout mounted: it must not be of a commit that needs another image."""
    label = f"label=com.docker.compose.project={PROJECT}"
    before = sorted(stack.docker("ps", "-q", "--filter", label).split())
    message = stack.play("unbuildable").failures[-1].message
    assert "no such package" in message
    assert f"its code is {stack.commits['first'][:10]} again" in message
    assert stack.git("rev-parse", "HEAD", where=stack.path) == stack.commits["first"]
    assert sorted(stack.docker("ps", "-q", "--filter", label).split()) == before
    known = {**stack.variables("first")["zoho_secrets"], "REDIS_PASSWORD": "committed-and-known-to-all"}
    refused = stack.play("second", zoho_secrets=known).failures[-1].message
    assert "zoho_secrets.REDIS_PASSWORD" in refused
    assert f"its code is {stack.commits['first'][:10]} again" in refused
    back = stack.play("first")
    assert back.ok, back.stdout[-6000:]
    assert stack.play("first").changed == {}
    shutil.rmtree(stack.data / "backups" / stack.backups[0])  # the next tests count them


def test_killed_between_backup_and_migration(stack: Stack) -> None:
    """The next run goes on, with the backup of before."""
    result = stack.play("second", cancel=lambda: bool(stack.backups) and not stack.backups[-1].endswith(".part"))
    assert not result.ok
    assert len(stack.backups) == 1
    assert "brand" not in columns(stack)
    again = stack.play("second")
    assert again.ok, again.stdout[-6000:]
    assert len(stack.backups) == 1
    assert "brand" in columns(stack)
    assert not (stack.data / "journal.json").exists()
    assert stack.play("second").changed == {}


def columns(stack: Stack) -> list[str]:
    return stack.sql(f"select column_name from information_schema.columns where table_name = '{TABLE}'").split()


def test_failing_migration_leaves_a_way_back(stack: Stack) -> None:
    message = stack.play("broken").failure.message
    assert "this migration fails" in message
    assert "rollback_scope=deployment" in message
    assert len(stack.backups) == 2
    back = stack.play("broken", entry="rollback", zoho_confirm=PROJECT)
    assert back.ok, back.stdout[-6000:]
    assert stack.git("rev-parse", "HEAD", where=stack.path) == stack.commits["second"]
    assert "brand" in columns(stack)
    assert stack.play("second").changed == {}
    assert stack.play("second", entry="verify").ok


def test_truncated_backup_is_refused(stack: Stack) -> None:
    newest = stack.data / "backups" / stack.backups[0]
    whole = (newest / "database.dump").read_bytes()
    (newest / "database.dump").write_bytes(whole[: len(whole) // 2])
    result = stack.play("second", entry="rollback", zoho_confirm=PROJECT, zoho_backup=stack.backups[0])
    assert "database.dump" in result.failure.message
    assert stack.git("rev-parse", "HEAD", where=stack.path) == stack.commits["second"]
    (newest / "database.dump").write_bytes(whole)


def test_rollback_to_the_recorded_leaves(stack: Stack) -> None:
    first = stack.backups[0]
    leaves = json.loads((stack.data / "backups" / first / "manifest.json").read_text())["leaves"]
    assert leaves["products_and_services"] == ["0001_initial"]
    preview = stack.play("second", check=True, entry="rollback", zoho_backup=first)
    (said,) = preview.results("Say what it does")
    assert "migrate products_and_services 0001_initial" in said["msg"]
    assert "brand" in columns(stack)
    unconfirmed = stack.play("second", entry="rollback", zoho_backup=first)
    assert "zoho_confirm" in unconfirmed.failure.message
    result = stack.play("second", entry="rollback", zoho_backup=first, zoho_confirm=PROJECT)
    assert result.ok, result.stdout[-6000:]
    assert "brand" not in columns(stack)
    assert stack.git("rev-parse", "HEAD", where=stack.path) == stack.commits["first"]
    made = stack.path / "whatsappcrm_backend/products_and_services/migrations"
    assert sorted(path.name for path in made.glob("0*.py")) == ["0001_initial.py"]
    assert stack.sql(f"select count(*) from {TABLE}") == "450"
    again = stack.play("first")
    assert (again.ok, again.changed) == (True, {}), again.stdout[-6000:]


def test_rollback_of_the_data(stack: Stack) -> None:
    assert stack.play("second").ok
    first = stack.backups[0]
    stack.sql(f"delete from {TABLE} where id % 2 = 0")
    stack.sql("create table left_over (id int)")
    result = stack.play("second", entry="rollback", zoho_backup=first, zoho_confirm=PROJECT, zoho_rollback_data=True)
    assert result.ok, result.stdout[-6000:]
    assert stack.sql(f"select count(*) from {TABLE}") == "450"
    assert stack.sql("select to_regclass('left_over')") == ""
    assert "brand" not in columns(stack)
    assert stack.play("first", entry="verify").ok


def test_disabled(stack: Stack) -> None:
    stack.vendor(delay=20)
    stack.inside("backend", "python", "manage.py", "shell", "-v0", "-c",
                 "from products_and_services.tasks import task_sync_zoho_products as t; t.delay()")  # fmt: skip
    result = stack.play(book="rollback.yml", extra={"rollback_integration": "zoho"})
    assert result.ok, result.stdout[-4000:]
    assert "revoked:" in result.stdout
    row = "select enabled from django_celery_beat_periodictask where name = 'sync-zoho-daily'"
    assert stack.sql(row) == "f"
    stack.vendor(delay=0)
    assert stack.play(zoho_state="disabled").changed == {}


def test_absent(stack: Stack) -> None:
    assert "zoho_confirm" in stack.play(zoho_state="absent").failure.message
    words = {"rollback_integration": "zoho", "rollback_scope": "removed", "rollback_confirm": "hanna"}
    result = stack.play(book="rollback.yml", extra=words)
    assert result.ok, result.stdout[-6000:]
    label = f"label=com.docker.compose.project={PROJECT}"
    for kind in (("ps", "-aq"), ("volume", "ls", "-q"), ("network", "ls", "-q"), ("images", "-q")):
        assert stack.docker(*kind, "--filter", label) == ""
    assert not stack.path.exists()
    assert stack.backups
    assert stack.play(zoho_state="absent", zoho_confirm=PROJECT).changed == {}
