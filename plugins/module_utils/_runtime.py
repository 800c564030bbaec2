# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: how a module reaches a bench. The only place that starts processes for one.

A runtime runs an argument list where the bench is (on this host now; inside a container of a stack next)
and knows the bench's interpreter. Modules get one from :func:`runtime_from` and touch the bench in no
other way: with Docker its files are not on the file system beside the module.

``AnsibleModule.run_command`` is not used: it has neither a time limit nor a bound on what it collects.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from typing import IO, Any, Protocol

from ._errors import ErpopsError

OUTPUT_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True)
class Completed:
    """A process that ended by itself: exit code, stdout, and the end of stderr."""

    code: int
    stdout: bytes
    stderr: bytes


class Runtime(Protocol):
    """Where a bench lives and how to run something there."""

    bench_path: str

    @property
    def python(self) -> str:
        """The bench's own interpreter, as an absolute path where :meth:`run` runs."""

    def run(
        self,
        argv: list[str],
        *,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        cwd: str | None = None,
        timeout: float = 600.0,
    ) -> Completed:
        """Run ``argv`` to its end.

        :raises ErpopsError: (404) the program is not there; (504) it took longer than ``timeout`` seconds,
            and its whole process group was ended.
        """


class HostRuntime:
    """The bench is on this host, and this process already runs as its user (``become_user``, or oneself)."""

    def __init__(self, bench_path: str) -> None:
        self.bench_path = os.path.abspath(bench_path)

    @property
    def python(self) -> str:
        return os.path.join(self.bench_path, "env", "bin", "python")

    def run(
        self,
        argv: list[str],
        *,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        cwd: str | None = None,
        timeout: float = 600.0,
    ) -> Completed:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd or self.bench_path,
                env={**os.environ, **(env or {})},
                start_new_session=True,  # a group of its own, so that a time-out ends its children too
            )
        except OSError as exc:
            raise ErpopsError(
                "cannot be started",
                object=argv[0],
                seen=exc.strerror or str(exc),
                hint="check bench_path and that this user may enter it, or run playbooks/setup.yml for the bench",
                status=404,
            ) from exc
        return _collect(process, argv[0], stdin, timeout)


def _collect(process: subprocess.Popen[bytes], name: str, stdin: bytes, timeout: float) -> Completed:
    """Feed and drain the process's pipes with bounds on time and size, then reap it."""
    collected: dict[str, bytes] = {}

    def drain(key: str, stream: IO[bytes], keep_end: bool) -> None:
        data = b""
        for block in iter(lambda: stream.read(65536), b""):
            data = (data + block)[-65536:] if keep_end else (data + block)[: OUTPUT_LIMIT + 1]
        collected[key] = data

    def feed(stream: IO[bytes]) -> None:
        with contextlib.suppress(BrokenPipeError):
            stream.write(stdin)
        with contextlib.suppress(BrokenPipeError):
            stream.close()

    if not (process.stdin and process.stdout and process.stderr):
        raise ErpopsError("was started without pipes", object=name)
    threads = [
        threading.Thread(target=feed, args=(process.stdin,), daemon=True),
        threading.Thread(target=drain, args=("stdout", process.stdout, False), daemon=True),
        threading.Thread(target=drain, args=("stderr", process.stderr, True), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired as exc:
        _end_group(process)
        raise ErpopsError(
            f"did not end within {timeout:g} s and was ended with all its children",
            object=name,
            hint="raise the module's timeout, or find out what it waits for",
            status=504,
        ) from exc
    for thread in threads:
        thread.join(timeout=5.0)
    stdout = collected.get("stdout", b"")
    if len(stdout) > OUTPUT_LIMIT:
        raise ErpopsError("printed too much", object=name, needed=f"at most {OUTPUT_LIMIT} bytes", status=413)
    return Completed(process.returncode, stdout, collected.get("stderr", b""))


def _end_group(process: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """Ask the process group to end; then end it, since a child may outlive its parent's polite end."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def runtime_from(params: dict[str, Any]) -> Runtime:
    """The runtime that a module's parameters ask for.

    :raises ErpopsError: (400) an unknown ``bench_runtime``.
    """
    kind = params.get("bench_runtime") or "host"
    if kind == "host":
        return HostRuntime(params["bench_path"])
    raise ErpopsError("unknown bench_runtime", seen=str(kind), needed="host", status=400)
