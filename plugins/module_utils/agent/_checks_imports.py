# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: whether the bench's interpreter can import what a site needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from typing import Any

from ._bench import Bench
from ._checks_outcome import Outcome, cut, judged, listed

LIMIT = 30
_MARK = "\n--- erpops imports ---\n"

# One process without a site, as `env/bin/python -c "import x"` is, which forks for every name: an import that raises,
# ends the interpreter or hangs costs its own fork only. The framework, which most names need, is imported once.
_DRIVER = """
import importlib, json, os, select, signal, sys, time
wanted = json.loads(sys.stdin.readline())
try:
    import frappe
except BaseException:
    pass
def attempt(kind, name):
    if kind == "module":
        return importlib.import_module(name)
    module, _dot, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)
def child(kind, name, out):
    os.setpgid(0, 0)
    said = ""
    try:
        attempt(kind, name)
    except BaseException as exc:
        said = f"{type(exc).__name__}: {exc}"
    os.write(out, said.encode("utf-8", "replace")[:1000] + b"\\0")
    os._exit(0)
def parent(pid, inlet, limit):
    said, deadline = b"", time.monotonic() + limit
    while not said.endswith(b"\\0"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([inlet], [], [], left)[0]:
            return f"was not imported within {limit} s"
        more = os.read(inlet, 4096)
        if not more:
            _pid, status = os.waitpid(pid, 0)
            return f"ended the interpreter (exit code {os.waitstatus_to_exitcode(status)})"
        said += more
    return said[:-1].decode("utf-8", "replace")
found = []
for kind, name, limit in wanted:
    inlet, outlet = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(inlet)
        try:
            child(kind, name, outlet)
        finally:
            os._exit(70)
    os.close(outlet)
    found.append(parent(pid, inlet, limit))
    os.close(inlet)
    for end in (lambda: os.killpg(pid, signal.SIGKILL), lambda: os.waitpid(pid, 0)):
        try:
            end()
        except (ProcessLookupError, PermissionError, ChildProcessError):
            pass
sys.stdout.write(MARK + json.dumps(found))
""".replace("MARK", repr(_MARK))

Wanted = tuple[str, str, int]


def wanted_names(bench: Bench, args: dict[str, Any]) -> list[Wanted]:
    """``(kind, name, seconds)`` of everything that one check wants imported."""
    limit = int(args.get("limit") or LIMIT)
    apps = args.get("apps") or []
    if apps == ["all"]:
        apps = list(dict.fromkeys(bench.listed_apps()))
    names = [("module", name) for name in args.get("modules") or []]
    names += [("module", f"{app}.hooks") for app in apps]
    names += [("attribute", name) for name in args.get("attributes") or []]
    return [(kind, name, limit) for kind, name in names]


class Imports:
    """All imports of a request, tried beside the other checks; a context manager, so that no process is left."""

    def __init__(self, bench: Bench, checks: list[dict[str, Any]]) -> None:
        names = [wanted_names(bench, check["args"]) for check in checks if check["check"] == "imports"]
        self.wanted = list(dict.fromkeys(item for part in names for item in part))
        self.bench = bench
        self._found: dict[Wanted, str] | None = None

    def __enter__(self) -> Imports:
        # Files instead of pipes: nobody reads while the other checks run, and an app may print a lot.
        self._output, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _DRIVER],
            cwd=self.bench.sites,
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._errors,
        )
        if self._process.stdin:
            with self._process.stdin as stdin:
                stdin.write(json.dumps(self.wanted).encode() + b"\n")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()
        self._errors.close()

    def fault(self, wanted: Wanted) -> str:
        """Why a name cannot be imported; empty when it can."""
        if self._found is None:
            self._found = dict(zip(self.wanted, self._collect(), strict=True))
        return self._found[wanted]

    def _collect(self) -> list[str]:
        try:
            self._process.wait(sum(limit for _kind, _name, limit in self.wanted) + 60)
        except subprocess.TimeoutExpired:
            return ["was not tried: the interpreter does not end"] * len(self.wanted)
        self._output.seek(0)
        _noise, marker, body = self._output.read().decode("utf-8", "replace").rpartition(_MARK)
        if marker:
            return list(json.loads(body))
        self._errors.seek(0)
        said = cut(self._errors.read()[-300:].decode("utf-8", "replace"))
        return [f"was not tried: exit code {self._process.returncode}: {said}"] * len(self.wanted)


def line_faults(lines: list[str], folders: list[str]) -> list[str]:
    """What is wrong with ``apps.txt`` itself: every app stands once, on a line of its own, and is in ``apps/``."""
    names = [line.strip() for line in lines if line.strip()]
    faults = [f"{name} stands {count} times in apps.txt" for name, count in Counter(names).items() if count > 1]
    unknown = [name for name in dict.fromkeys(names) if name not in folders]
    return faults + [f"the line {name!r} of apps.txt is no folder of apps/" for name in unknown]


def imports(look: Any, args: dict[str, Any]) -> Outcome:
    """Every module, hooks module and dotted attribute can be imported."""
    bench: Bench = look.context.bench
    wanted = wanted_names(bench, args)
    faults = [f"{name}: {fault}" for kind, name, limit in wanted if (fault := look.imports.fault((kind, name, limit)))]
    if args.get("apps"):
        with open(os.path.join(bench.sites, "apps.txt"), encoding="utf-8") as handle:
            faults += line_faults(handle.read().splitlines(), os.listdir(bench.apps))
    names = [name for _kind, name, _limit in wanted]
    return judged(faults, f"{len(names)} imported", "every one imported: " + listed(names))


CHECKS = {"imports": imports}
