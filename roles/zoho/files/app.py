# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks and changes the application from inside: ``manage.py shell`` runs this source, which comes on stdin.

The call of :func:`respond` with the request follows the source, so that neither code nor secrets stand in a process
list and nothing of ours is left in the container. Request: ``{"op": name, "profile": {...}, ...}``. Answer: one line
that begins with MARK, then JSON ``{"ok": true, "value": ...}`` or ``{"ok": false, "type": ..., "message": ...}``.
``profile`` holds the application's dotted names (vars/main.yml). Needs Python 3.10 and what the application has.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

MARK = "--- erpops.frappe zoho answer --- "
FINISHED = ("SUCCESS", "FAILURE", "REVOKED")
LONGEST = 400  # characters of an error
MOST_RUNS = 1000
Json = dict[str, Any]
Key = tuple[str, str]

# The columns of a PeriodicTask that an operator sets; beat itself writes the others all the time.
SCHEDULE_COLUMNS = (
    "name task interval_id crontab_id solar_id clocked_id args kwargs queue exchange routing_key headers priority "
    "expires expire_seconds one_off start_time enabled"
).split()
CREDENTIAL_SECRETS = ("client_secret", "refresh_token", "access_token")


class Refused(Exception):
    """What was asked for cannot be done; the text says what was seen and needed."""


def redacted(text: str, secrets: Iterable[str]) -> str:
    """A message without the secrets, on one line, and not longer than LONGEST."""
    for secret in sorted({value for value in secrets if value}, key=len, reverse=True):
        text = text.replace(secret, "********")
    return " ".join(text.split())[:LONGEST]


def leaves(applied: Iterable[Key], parents: Mapping[Key, Iterable[Key]]) -> dict[str, list[str]]:
    """By app, the applied migrations that no applied migration of the same app builds on: where a rollback goes to."""
    here = set(applied)
    built_on = {parent for key in here for parent in parents.get(key, ()) if parent[0] == key[0]}
    found: dict[str, list[str]] = {}
    for app, name in sorted(here - built_on):
        found.setdefault(app, []).append(name)
    return found


def differing(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Names of the wanted values that are not those stored."""
    return sorted(name for name, value in wanted.items() if stored.get(name) != value)


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Of rows, whatever their order; equal when none was added, removed or changed."""
    texts = sorted(json.dumps(dict(row), sort_keys=True, default=str) for row in rows)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def of_task(answers: Mapping[str, Iterable[Json]] | None, task: str) -> list[str]:
    """Ids of the runs of a task in an answer of ``inspect active``, ``reserved`` or ``scheduled``."""
    found = []
    for entries in (answers or {}).values():
        for entry in entries:
            run = entry.get("request", entry)
            if run.get("name") == task:
                found.append(run["id"])
    return sorted(found)


def named(path: str) -> Any:
    from django.utils.module_loading import import_string

    return import_string(path)


def credential_model(profile: Json) -> Any:
    return named(profile["credential_model"])


def tables() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


def op_state(request: Json) -> Json:
    """What is there: settings (booleans only), migrations, credential, schedule. Reads only."""
    profile, present = request["profile"], tables()
    return {
        "settings": _settings(),
        "tables": len(present),
        "missing": sorted(set(profile["tables"]) - present),
        "columns": _columns(profile, present),
        "migrations": _migrations(),
        "credential": _credential(request, present),
        "schedule": _schedule(request) if "django_celery_beat_periodictask" in present else None,
        "products": _product_count(profile, present),
        "pushes": _pushes(profile, present),
    }


def _settings() -> Json:
    from django.conf import settings

    return {
        "debug": bool(settings.DEBUG),
        "insecure_key": settings.SECRET_KEY.startswith("django-insecure"),
        "short_key": len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5,
        "any_host": "*" in settings.ALLOWED_HOSTS,
    }


def _columns(profile: Json, present: set[str]) -> list[str]:
    """``table.column`` of those that the profile names and the database has."""
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        for path in profile["columns"]:
            table, _dot, column = path.rpartition(".")
            if table in present:
                described = connection.introspection.get_table_description(cursor, table)
                found += [path] if column in {entry.name for entry in described} else []
    return found


def _migrations() -> Json:
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(connection)
    nodes = loader.graph.nodes
    applied = {key for key in loader.applied_migrations if key in nodes}
    parents = {key: [(one.key[0], one.key[1]) for one in loader.graph.node_map[key].parents] for key in nodes}
    state = ProjectState.from_apps(apps)
    drift = MigrationAutodetector(loader.project_state(), state).changes(graph=loader.graph)
    return {
        "leaves": leaves(applied, parents),
        "applied": sorted(".".join(key) for key in applied),
        "pending": sorted(".".join(key) for key in nodes if key not in applied),
        "lost": sorted(".".join(key) for key in set(loader.applied_migrations) - set(nodes)),
        "conflicts": sorted(loader.detect_conflicts()),
        "drift": sorted(
            f"{app}: {step.describe()}" for app, all_ in drift.items() for one in all_ for step in one.operations
        ),
    }


def _credential(request: Json, present: set[str]) -> Json:
    model = credential_model(request["profile"])
    if model._meta.db_table not in present:
        return {"rows": 0}
    rows = list(model.objects.all()[:2])
    if not rows:
        return {"rows": 0}
    row = rows[0]
    return {
        "rows": model.objects.count(),
        "client_id": bool(row.client_id),
        "client_secret": bool(row.client_secret),
        "refresh_token": bool(row.refresh_token),
        "organization_id": bool(row.organization_id),
        "api_domain": row.api_domain,
        "expires": row.expires_in.isoformat() if row.expires_in else None,
    }


def _schedule(request: Json) -> Json:
    from django_celery_beat.models import PeriodicTask

    name, task = request["schedule"], request["profile"]["sync_task"]
    row = PeriodicTask.objects.filter(name=name).select_related("crontab").first()
    others = PeriodicTask.objects.exclude(name=name)
    return {
        "row": row and {"task": row.task, "enabled": row.enabled, "queue": row.queue, "crontab": _crontab(row.crontab)},
        "same_task": sorted(others.filter(task=task, enabled=True).values_list("name", flat=True)),
        "others": others.count(),
        "others_digest": digest(others.values(*SCHEDULE_COLUMNS)),
    }


def _crontab(row: Any) -> Json | None:
    names = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
    return row and {**{name: getattr(row, name) for name in names}, "timezone": str(row.timezone)}


def _product_count(profile: Json, present: set[str]) -> int | None:
    model = named(profile["product_model"])
    if set(profile["columns"]) - set(_columns(profile, present)):
        return None
    return int(model.objects.filter(**{profile["product_key"] + "__isnull": False}).count())


def _pushes(profile: Json, present: set[str]) -> bool:
    """Whether saving a product also writes to a catalogue that customers see."""
    if not profile.get("push_model"):
        return False
    try:
        model = named(profile["push_model"])
    except ImportError:
        return False
    return model._meta.db_table in present and model.objects.filter(**profile["push_filter"]).exists()


def op_credential(request: Json) -> Json:
    """Make the one credential row have the wanted values. A token that belonged to others is forgotten."""
    from django.db import transaction

    model, wanted = credential_model(request["profile"]), request["values"]
    with transaction.atomic():
        rows = list(model.objects.select_for_update()[:2])
        if len(rows) > 1:
            raise Refused(
                f"{model.__name__} has {model.objects.count()} rows, needed: one. Remove the others in the admin"
            )
        stored = {name: getattr(rows[0], name) for name in wanted} if rows else {}
        names = differing(stored, wanted)
        if names and not request["check"]:
            row = rows[0] if rows else model()
            for name in names:
                setattr(row, name, wanted[name])
            if {"client_id", "client_secret", "refresh_token"} & set(names):
                row.access_token = row.expires_in = None
            row.save()
    return {"changed": bool(names), "names": names}


def op_schedule(request: Json) -> Json:
    """Make the PeriodicTask row as wanted (``row`` null: gone), and prove in one transaction that no other changed."""
    from django.db import transaction
    from django_celery_beat.models import CrontabSchedule, PeriodicTask

    wanted = request["row"]
    with transaction.atomic():
        before = _schedule(request)
        if before["row"] != wanted and not request["check"]:
            if wanted is None:
                PeriodicTask.objects.get(name=request["schedule"]).delete()
            else:
                crontab = None
                if wanted["crontab"]:
                    found = CrontabSchedule.objects.filter(**wanted["crontab"]).order_by("pk").first()
                    crontab = found or CrontabSchedule.objects.create(**wanted["crontab"])
                values = {"crontab": crontab, "interval": None, "solar": None, "clocked": None}
                values.update({name: wanted[name] for name in ("task", "enabled", "queue")})
                PeriodicTask.objects.update_or_create(name=request["schedule"], defaults=values)
        after = _schedule(request)
        if (before["others"], before["others_digest"]) != (after["others"], after["others_digest"]):
            raise Refused("another PeriodicTask changed at the same time; nothing was written. Run it again")
    return {"changed": before["row"] != wanted, "before": before["row"], "after": wanted, "others": after["others"]}


def op_token(request: Json) -> Json:
    """Refresh the token as if it had expired, then read one page. Writes the new token, as the application does."""
    from django.utils import timezone

    row = credential_model(request["profile"]).get_instance()
    if row is None:
        raise Refused("there is no credential row")
    client = named(request["profile"]["client"])()
    client.credentials.expires_in = timezone.now() - timedelta(days=1)  # in memory: a failure leaves the row
    token = client.get_valid_token()
    row.refresh_from_db()
    found = client.fetch_products(page=1, per_page=5)
    return {
        "length": len(token),
        "fresh": bool(row.expires_in and row.expires_in > timezone.now()),
        "items": len(found["items"]),
    }


def op_workers(request: Json) -> Json:
    """Who answers, what they know, which queues they empty, and how long these are."""
    app = named(request["profile"]["celery_app"])
    inspect = app.control.inspect(timeout=request.get("timeout", 5))
    queues = inspect.active_queues() or {}
    names = sorted({entry["name"] for entries in queues.values() for entry in entries})
    with app.connection_for_read() as connection:
        depth = {name: _depth(connection, name) for name in names}
    return {
        "ping": sorted(inspect.ping() or {}),
        "registered": {worker: sorted(tasks) for worker, tasks in (inspect.registered() or {}).items()},
        "queues": {worker: sorted(entry["name"] for entry in entries) for worker, entries in queues.items()},
        "depth": depth,
    }


def _depth(connection: Any, queue: str) -> int:
    try:
        return int(connection.default_channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:  # Redis has no list for an empty queue
        return 0


def _running(request: Json) -> list[str]:
    app, task = named(request["profile"]["celery_app"]), request["profile"]["sync_task"]
    inspect = app.control.inspect(timeout=request.get("timeout", 5))
    answers = (inspect.active(), inspect.reserved(), inspect.scheduled())
    return sorted({one for answer in answers for one in of_task(answer, task)})


def op_sync_start(request: Json) -> Json:
    """Hand the sync to a worker. The application has no lock: a second run beside one that runs is refused."""
    running = _running(request)
    if running:
        raise Refused(f"a sync runs already ({', '.join(running)}). Wait for it, or end it with zoho_state=disabled")
    return {"id": named(request["profile"]["sync_task"]).delay().id}


def op_sync_status(request: Json) -> Json:
    """What a sync came to: the worker's own record of it, counts included; waits ``wait`` seconds for its end."""
    from django_celery_results.models import TaskResult

    ends = time.monotonic() + request.get("wait", 0)
    while True:
        row = TaskResult.objects.filter(task_id=request["id"]).first()
        if (row and row.status in FINISHED) or time.monotonic() >= ends:
            break
        time.sleep(0.5)
    if row is None:
        return {"status": "PENDING"}
    result = json.loads(row.result or "null")
    found: Json = {"status": row.status, "products": _product_count(request["profile"], tables())}
    if row.status == "SUCCESS" and isinstance(result, dict):
        found["counts"] = {name: value for name, value in result.items() if isinstance(value, int)}
        found["errors"] = [_hidden(request, str(text)) for text in (result.get("errors") or [])[:5]]
    elif result is not None:
        text = result.get("exc_message", result) if isinstance(result, dict) else result
        found["errors"] = [_hidden(request, str(text))]
    return found


def op_health(request: Json) -> Json:
    """Runs of the sync of the last ``hours``, newest first, its schedule, and the queues. Reads only.

    A run whose answer counts failed products has failed, whatever the worker says of it.
    """
    from django.utils import timezone
    from django_celery_beat.models import PeriodicTask
    from django_celery_results.models import TaskResult

    now = timezone.now()
    since, task = now - timedelta(hours=request["hours"]), request["profile"]["sync_task"]
    rows = TaskResult.objects.filter(task_name=task, date_created__gte=since).order_by("-date_created")[:MOST_RUNS]
    row = PeriodicTask.objects.filter(name=request["schedule"]).first()
    workers = op_workers(request)
    return {
        "runs": [_run(request, one) for one in rows],
        "schedule": {
            "enabled": bool(row and row.enabled),
            "age": int((now - row.last_run_at).total_seconds()) if row and row.last_run_at else None,
        },
        "queues": {
            name: {"jobs": jobs, "workers": sum(name in queues for queues in workers["queues"].values())}
            for name, jobs in workers["depth"].items()
        },
    }


def _run(request: Json, row: Any) -> Json:
    error, failed = failure_of(row.status, json.loads(row.result or "null"))
    began = getattr(row, "date_started", None) or row.date_created
    return {
        "time": row.date_done.strftime("%Y-%m-%d %H:%M:%S"),
        "status": "Failed" if failed else "Success" if row.status == "SUCCESS" else row.status.capitalize(),
        "error": _hidden(request, error),
        "ms": max(0, round((row.date_done - began).total_seconds() * 1000)),
    }


def failure_of(status: str, result: Any) -> tuple[str, bool]:
    """Why a run of the sync failed, and whether it did; ``result`` is what the worker wrote of it."""
    if status == "SUCCESS":
        failed = int(result.get("failed") or 0) if isinstance(result, dict) else 0
        told = (result.get("errors") or [f"{failed} products"])[0] if failed else ""
        return str(told), bool(failed)
    if status in FINISHED or status == "RETRY":
        told = result.get("exc_message", result) if isinstance(result, dict) else result
        # Celery writes the arguments of an exception, which are a list of one.
        return str(told[0] if isinstance(told, list) and told else told or status.lower()), True
    return "", False


def op_sync_revoke(request: Json) -> Json:
    """Revoke every sync that runs or waits; no other task, and no queue is emptied."""
    running = _running(request)
    app = named(request["profile"]["celery_app"])
    for one in running if not request["check"] else []:
        app.control.revoke(one, terminate=True)
    return {"changed": bool(running), "ids": running}


def _hidden(request: Json, text: str) -> str:
    secrets = [value for value in (request.get("values") or {}).values() if isinstance(value, str) and len(value) > 7]
    try:
        rows = credential_model(request["profile"]).objects.values(*CREDENTIAL_SECRETS)
        secrets += [value for row in rows for value in row.values() if value]
    except Exception:  # noqa: BLE001 -- the table may be what is missing; the message is still to be shown
        return redacted(text, secrets)
    return redacted(text, secrets)


OPERATIONS: dict[str, Callable[[Json], Json]] = {
    "state": op_state,
    "credential": op_credential,
    "schedule": op_schedule,
    "token": op_token,
    "workers": op_workers,
    "sync_start": op_sync_start,
    "sync_status": op_sync_status,
    "sync_revoke": op_sync_revoke,
    "health": op_health,
}


def respond(text: str) -> None:
    """Answer one request; every error of the application becomes part of the answer."""
    request = json.loads(text)
    try:
        answer: Json = {"ok": True, "value": OPERATIONS[request["op"]](request)}
    except Exception as error:  # noqa: BLE001 -- the application raises bare Exception
        answer = {"ok": False, "type": type(error).__name__, "message": _hidden(request, str(error))}
    print("\n" + MARK + json.dumps(answer, sort_keys=True), flush=True)
