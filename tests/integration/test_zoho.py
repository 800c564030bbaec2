# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role zoho on real PostgreSQL, Redis, Django and Celery: deployed, previewed, broken, rolled back, taken away.

The tests stand in the order in which an operator would do it, on one stack; each asks the stack itself, not the role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    for name in ("zoho_commit", "zoho_region", "DJANGO_DEBUG", "DJANGO_SECRET_KEY", "DB_PASSWORD", "zoho_refresh_token"):
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
    result = stack.play()
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
