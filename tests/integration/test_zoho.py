# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role zoho on real PostgreSQL, Redis, Django and Celery: deployed, previewed, broken, rolled back, taken away.

The tests stand in the order in which an operator would do it, on one stack; each asks the stack itself, not the role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.integration.fleet import Result
from tests.integration.zoho_stack import PROJECT, Stack, Unavailable

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


def test_a_secret_that_the_repository_has_is_refused(stack: Stack) -> None:
    known = {**stack.variables("first")["zoho_secrets"], "REDIS_PASSWORD": "committed-and-known-to-all"}
    env = {name: value for name, value in stack.variables("first")["zoho_env"].items() if name != "DB_CONN_MAX_AGE"}
    env["DATABASE_URL"] = "postgres://"
    message = stack.play(zoho_secrets=known, zoho_env=env).failure.message
    assert "zoho_secrets.REDIS_PASSWORD" in message
    assert "whatsappcrm_backend/.env" in message
    assert "committed-and-known" not in message
    assert "zoho_env.DB_CONN_MAX_AGE. Seen: nothing, and a value in the committed" in message
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
    assert json.loads(stack.sql("select result from django_celery_results_taskresult"))["created"] == 450
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
    rows = stack.sql("select result from django_celery_results_taskresult order by date_created").splitlines()
    counts = json.loads(rows[-1])
    assert (counts["created"], counts["updated"], counts["failed"]) == (0, 450, 0)


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
    assert (
        stack.sql("select status from django_celery_results_taskresult order by date_created desc limit 1") == "SUCCESS"
    )
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
    for kind in (("ps", "-aq"), ("volume", "ls", "-q"), ("network", "ls", "-q")):
        assert stack.docker(*kind, "--filter", label) == ""
    assert not stack.path.exists()
    assert stack.backups
    assert stack.play(zoho_state="absent", zoho_confirm=PROJECT).changed == {}
