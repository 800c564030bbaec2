# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: reads the request, runs its operations, writes the answer."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from .._errors import ErpopsError
from ._bench import Bench
from ._context import Context, disconnect, end_transaction, plain_text
from ._redact import scrub

SCHEMA = 1
ANSWER_LIMIT = 16 * 1024 * 1024

Operation = Callable[[Context, dict[str, Any]], Any]

# operation family -> the file that holds it; imported when first asked for, which keeps a call that reads
# one thing from compiling all of them.
FAMILIES = {
    "config": "_config",
    "company": "_company",
    "document": "_documents",
    "app": "_apps",
    "overlay": "_overlays",
    "log": "_integration_log",
    "site": "_sites",
    "site_app": "_site_apps",
    "key": "_keys",
    "task": "_tasks",
    "scheduler": "_state",
    "maintenance": "_state",
    "info": "_info",
    "plan": "_site_plan",
    "check": "_checks",
    "backup": "_backup_set",
    "backup_sets": "_backup_keep",
    "backup_copy": "_backup_copy",
    "restore": "_restore",
    "restore_site": "_restore_site",
    "scratch": "_scratch",
    "drill": "_drill",
    "move": "_move",
    "move_set": "_move_set",
    "phase": "_phases",
    "health": "_health",
    "gates": "_gates",
    "rollout": "_rollout",
    "migration": "_migration",
    "rotation": "_rotation",
    "drift": "_drift",
    "point": "_points",
    "update": "_update",
    "update_back": "_update_back",
    "update_bench": "_update_bench",
    "update_open": "_update_open",
    "release": "_release",
}


def find_operation(name: str) -> Operation:
    """The function behind ``family.verb``: ``OPERATIONS`` of the family's file.

    :raises ErpopsError: (400) there is no such operation; lists those that there are.
    """
    family, _dot, _verb = name.partition(".")
    if family in FAMILIES:
        part = importlib.import_module(f".{FAMILIES[family]}", __package__)
        found = part.OPERATIONS.get(name)
        if found is not None:
            return found
        raise ErpopsError(f"unknown operation {name!r}", needed=", ".join(sorted(part.OPERATIONS)), status=400)
    raise ErpopsError(f"unknown operation {name!r}", needed="one of the families " + ", ".join(FAMILIES), status=400)


def describe(exc: BaseException, secrets: list[str]) -> dict[str, Any]:
    """One structured error of any exception; a Frappe exception keeps its name and its HTTP status."""
    if isinstance(exc, ErpopsError):
        error = exc.as_dict()
    else:
        frames = traceback.extract_tb(exc.__traceback__)[-3:]
        kind, text = type(exc).__name__, plain_text(exc)
        error = {
            "type": kind,
            "message": text if kind in text else f"{kind}: {text}".removesuffix(": "),
            "object": "",
            "seen": "",
            "needed": "",
            "hint": "",
            "status": int(getattr(exc, "http_status_code", 0) or 500),
            "data": {"where": [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames]},
        }
    # A secret may have gone through plain_text too; a form of a few characters would garble all else.
    forms = {*secrets, *(form for form in map(plain_text, secrets) if len(form) >= 8)}
    text = scrub(json.dumps(error, default=str), [json.dumps(form)[1:-1] for form in forms])
    return dict(json.loads(text))


def run(request: dict[str, Any], bench: Bench) -> dict[str, Any]:
    """Run the operations in order; stop at the first that fails and mark the rest as skipped."""
    if request.get("schema") != SCHEMA:
        raise ErpopsError("this agent cannot read the request", seen=f"schema {request.get('schema')}", status=400)
    results: list[dict[str, Any]] = []
    failed = ""
    secrets = [str(value) for value in request.get("secrets", [])]
    for item in request["operations"]:
        name = str(item.get("op"))
        if failed:
            results.append({"ok": False, "op": name, "skipped": f"because {failed} failed"})
            continue
        started = time.monotonic()
        context = Context(
            bench=bench,
            site=str(item.get("site") or ""),
            check=bool(request.get("check")),
            lock_timeout=float(request.get("lock_timeout", 60)),
            secrets=secrets,
        )
        try:
            value = find_operation(name)(context, item.get("args") or {})
            end_transaction()
            result = {"ok": True, "op": name, "value": value}
        except (Exception, SystemExit) as exc:  # noqa: BLE001 -- whatever an app raises becomes one structured error
            disconnect()  # gives up what was not committed, and the connection with it
            result = {"ok": False, "op": name, "error": describe(exc, secrets)}
            failed = name
        result["seconds"] = round(time.monotonic() - started, 4)
        results.append(result)
    return {"schema": SCHEMA, "results": results}


def serve(stdin: BinaryIO, stdout: BinaryIO, started: float) -> None:
    """Read one request from ``stdin`` and write one answer, behind the marker line, to ``stdout``."""
    request = json.loads(stdin.read())
    bench = Bench(request["bench_path"])
    nonce = request["nonce"]
    try:
        os.chdir(bench.sites)
    except OSError as exc:
        error = ErpopsError(
            "is not a bench (its sites directory cannot be entered)",
            object=bench.path,
            seen=exc.strerror or "",
            hint="check bench_path, or run playbooks/setup.yml for this bench",
            status=404,
        )
        answer: dict[str, Any] = {"schema": SCHEMA, "error": error.as_dict(), "results": []}
    else:
        os.umask(0o022)
        try:
            answer = run(request, bench)
        except ErpopsError as exc:
            answer = {"schema": SCHEMA, "error": exc.as_dict(), "results": []}
        disconnect()
    answer["agent"] = {
        "python": platform.python_version(),
        "frappe": str(getattr(sys.modules.get("frappe"), "__version__", "")),
        "seconds": round(time.monotonic() - started, 4),
    }
    body = json.dumps(answer, default=str).encode()
    if len(body) > ANSWER_LIMIT:
        error = ErpopsError("the answer is too large", seen=f"{len(body)} bytes", needed=f"{ANSWER_LIMIT}", status=413)
        body = json.dumps({"schema": SCHEMA, "error": error.as_dict(), "results": []}).encode()
    stdout.write(f"\n--- erpops.frappe answer {nonce} {len(body)} ---\n".encode() + body + b"\n")
    stdout.flush()


def main(stdin: BinaryIO) -> None:
    """The agent process: apps may print what they like, it goes to stderr; stdout is ours alone."""
    started = time.monotonic()
    with os.fdopen(os.dup(1), "wb") as stdout:
        os.dup2(2, 1)
        serve(stdin, stdout, started)
