# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: a process that becomes a framework command, at once or when it is told."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys

# What `bench` itself becomes for a framework command (bench/cli.py: frappe_cmd), with the arguments read from a socket instead
# of argv, where every user of the machine could read a password in them. With them come the descriptors of locks: whoever ends
# the agent does not end the command, which holds them on. Without arguments nobody is left that wants it.
#
# The framework puts the password of the site's database on the command line of MariaDB's programs (frappe/database/__init__.py,
# get_command); they take it from the environment as well (their manual: "MYSQL_PWD"), which only the same user can read. Before
# Frappe 15 there is no such function, and nothing is done about it.
_LAUNCHER = """
import json, os, runpy, socket, sys
given = socket.socket(fileno=os.dup(0))
if sys.argv[1:]:
    import importlib
    for name in sys.argv[1:]:
        try:
            importlib.import_module(name)
        except Exception:
            pass
    try:
        given.send(b".")
    except OSError:
        sys.exit(1)
said, held, _flags, _address = socket.recv_fds(given, 65536, 64)
while said and not said.endswith(b"\\n"):
    more = given.recv(65536)
    said = said + more if more else b""
if not said:
    sys.exit(1)
given.close()
def hide_password():
    import frappe, frappe.database
    plain = frappe.database.get_command
    def get_command(*args, **named):
        if named.get("password") and frappe.conf.get("db_type") != "postgres":
            os.environ["MYSQL_PWD"] = named.pop("password")
        return plain(*args, **named)
    frappe.database.get_command = get_command
try:
    hide_password()
except (Exception, SystemExit):
    pass
sys.argv = ["bench"] + json.loads(said)
runpy.run_module("frappe.utils.bench_helper", run_name="__main__", alter_sys=True)
"""
# What `backup` and `migrate` import before they do anything (frappe/commands/site.py); an older framework may lack some.
_PREPARED = (
    "frappe",
    "frappe.commands.site",
    "frappe.commands.utils",
    "frappe.migrate",
    "frappe.model.sync",
    "frappe.modules.patch_handler",
    "frappe.utils.backups",
    "frappe.utils.connections",
    "frappe.core.doctype.scheduled_job_type.scheduled_job_type",
)


class CliProcess:
    """A framework command that is about to be.

    :param python: the interpreter, whose code it is.
    :param prepared: import what takes long while nobody waits; :meth:`wait` tells when that is done.
    """

    def __init__(self, python: str, sites: str, *, prepared: bool = False) -> None:
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [python or sys.executable, "-c", _LAUNCHER, *(_PREPARED if prepared else ())],
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=sites,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"},
            )

    def wait(self, timeout: float) -> bool:
        """Whether it is prepared after at most ``timeout`` seconds; False for one that has ended."""
        self._ours.settimeout(timeout)
        with contextlib.suppress(OSError):
            return bool(self._ours.recv(1))
        return self._process.poll() is None

    def run(self, argv: list[str], held: list[int], timeout: float) -> tuple[int, bytes]:
        """Exit code and output of the command.

        :param held: descriptors of locks that it holds as well.
        :raises subprocess.TimeoutExpired: it took longer than ``timeout`` seconds, and was ended.
        """
        said = (json.dumps(argv) + "\n").encode()
        with self._ours, self._process as process:
            self._ours.settimeout(timeout)
            with contextlib.suppress(OSError):  # it ended at once; what it printed says why
                sent = socket.send_fds(self._ours, [said], held) if held else 0
                self._ours.sendall(said[sent:])
                self._ours.shutdown(socket.SHUT_WR)
            try:
                output, _stderr = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                with contextlib.suppress(subprocess.TimeoutExpired):  # a child of its may keep the pipe open
                    process.communicate(timeout=5.0)
                raise
        return process.returncode, output

    def end(self) -> None:
        """It is not needed."""
        with self._ours, self._process as process:
            process.kill()
            process.communicate()
