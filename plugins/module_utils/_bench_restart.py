# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: processes whose code changed are restarted, and sites wait no longer than they must."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ._errors import ErpopsError

# Whoever changes the code of a bench writes it (agent/_release_adopt.py: note_restart); whoever restarts all of it removes it.
NOTE = ".erpops/restart.json"


def restart(params: dict[str, Any], check: bool) -> dict[str, Any]:
    """The result of ``bench_restart``; its options are those of the module.

    The note stays until the web server answers: a run that was ended begins with it again.

    :raises ErpopsError: (500) a command failed; (504) nobody listens on ``host`` and ``port`` in time.
    """
    note = os.path.join(params["bench_path"], NOTE)
    due = os.path.lexists(note)
    state = {
        "before": {"processes": "of former code" if due else "of this code"},
        "after": {"processes": "of this code"},
    }
    if due and not check:
        (_by_supervisor if params["supervisorctl"] else _by_systemd)(params)
        with suppress(FileNotFoundError):
            os.unlink(note)
    return {"changed": due, "actions": ["restarted"] if due else [], "diff": state}


def _by_supervisor(params: dict[str, Any]) -> None:
    """All of the group are stopped; first the web server is started, for which sites wait, then the others.

    Neither start is waited for: supervisor calls a program started after its ``startsecs`` (configuration of
    ``[program:x]``), when its web server has long been answering.
    """
    control, group = params["supervisorctl"], params["group"]
    _run([*control, "stop", f"{group}:*"])
    words = [*control, "start", f"{group}:{params['web']}"]
    with tempfile.TemporaryFile() as output:
        start = _begin(words, output)

        def failure() -> str:
            if not start.poll():
                return ""
            output.seek(0)
            return f"{' '.join(words)}: exit code {start.returncode}, {output.read().decode(errors='replace').strip()}"

        _wait(params, failure)
    _begin([*control, "start", f"{group}:*"], subprocess.DEVNULL)


def _by_systemd(params: dict[str, Any]) -> None:
    """The web server, for which sites wait, and then the others; a busy one ends its job first, and is not waited for."""
    _run(["systemctl", "restart", params["web"]])
    _wait(params, lambda: "")
    for busy in (True, False):
        names = [unit["name"] for unit in params["units"] if unit["busy"] is busy and unit["name"] != params["web"]]
        if names:
            _run(["systemctl", "restart", *(["--no-block"] if busy else []), *names])


def _begin(words: list[str], output: Any) -> subprocess.Popen[bytes]:
    # A session of its own: it goes on when the connection that the module came by is closed.
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)


def _run(words: list[str]) -> None:
    """:raises ErpopsError: it failed, or is not there."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        said = (done.stdout + done.stderr).strip()
        seen = ": ".join(filter(None, (f"exit code {done.returncode}", said))) if done.returncode else ""
    except OSError as exc:
        seen = str(exc)
    if seen:
        raise ErpopsError("failed", object=" ".join(words), seen=seen[-2000:])


def _wait(params: dict[str, Any], failure: Callable[[], str]) -> None:
    """Until somebody listens, which a web server with ``--preload`` does when it has read all of its code.

    :param failure: says why what starts it has failed; ``""`` while it runs, and when it ended well.
    :raises ErpopsError: nobody listens in time, or what starts it failed.
    """
    host, port, timeout = params["host"], int(params["port"]), float(params["timeout"])
    until = time.monotonic() + timeout
    while True:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        seen = failure()
        if seen:
            raise ErpopsError("the web server did not start", object=f"{host}:{port}", seen=seen[-2000:])
        if time.monotonic() > until:
            raise ErpopsError(
                "the web server does not listen",
                object=f"{host}:{port}",
                seen=f"nothing for {timeout:g} s after the restart",
                hint="read logs/web.log of the bench, or the journal of its web unit",
                status=504,
            )
        time.sleep(0.05)
