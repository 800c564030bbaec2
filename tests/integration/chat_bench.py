# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench with chat_bridge on one site, its web server, and the front door before it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.door import Answer, Door, ask
from tests.integration.looks import wait_until
from tests.ports import free_ports
from tests.standin.quick_bench import QuickBench

SITE = "a.localhost"
SECRET = "door-Secret_0123456789-abcdef"

CONNECTED = f"""
import json, sys, frappe
frappe.init(site={SITE!r}, sites_path='.'); frappe.connect()
given = json.loads(sys.argv[1])
"""
SETTINGS = "doc = frappe.get_doc('Chat Integration Settings'); doc.update(given); doc.save()"
SERVE = """
import sys
from werkzeug.serving import run_simple
from frappe.app import application
run_simple('127.0.0.1', int(sys.argv[1]), application, processes=4)
"""


class ChatBench:
    """A bench with chat_bridge, its web server, and the door before it."""

    def __init__(self, root: Path) -> None:
        self.bench = QuickBench.create(root / "bench", "erpnext", "chat_bridge")
        made = self.bench.run("new-site", SITE, "--admin-password", "admin", "--install-app", "erpnext")
        assert made.returncode == 0, made.stderr
        made = self.bench.run("--site", SITE, "install-app", "chat_bridge")
        assert made.returncode == 0, made.stderr
        self.web_port = free_ports(2)
        self.web: Any = None
        self.start_web()
        (root / "door").mkdir()
        self.door = Door(root / "door", self.bench.sites, self.web_port, SITE, SECRET)
        self.settings(enabled=1, enable_sync=1, webhook_secret=SECRET)

    def start_web(self) -> None:
        self.web = subprocess.Popen(
            [str(self.bench.python), "-c", SERVE, str(self.web_port)],
            cwd=self.bench.sites,
            env=self.bench.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until("the web server answers", self._answers, 20, 0.05)

    def _answers(self) -> bool:
        try:
            return self.direct("GET", "/api/method/ping").status == 200
        except OSError:
            return False

    def stop_web(self) -> None:
        os.killpg(self.web.pid, signal.SIGTERM)
        self.web.wait(10)

    def direct(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Past the door."""
        return ask(self.web_port, SITE, method, path, body, **headers)

    def settings(self, **values: Any) -> None:
        """As somebody in the desk would save them."""
        self.python(SETTINGS, **values)

    def python(self, code: str, **given: Any) -> Any:
        """What code inside the site, which finds ``given``, leaves in ``answer``."""
        text = f"{CONNECTED}\nanswer = None\n{code}\nfrappe.db.commit()\nprint('<<' + json.dumps(answer, default=str))"
        done = self.bench.call("-c", text, json.dumps(given))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.rpartition("<<")[2])
