# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real nginx of the tests' own, on loopback, with the configuration that the role ``nginx`` writes."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.integration.looks import wait_until
from tests.ports import free_ports
from tests.unit.repository import ROOT
from tests.unit.roles.test_nginx import template

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
WITHOUT_NGINX = "needs nginx on this machine (Debian: apt-get install nginx)"

_MAIN = """
user {user};
worker_processes 1;
daemon off;
pid {root}/pid;
error_log {root}/error.log info;
events {{}}
http {{
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    include erpops/*.conf;
    include erpops/benches/*.conf;
}}
"""


def snippet(secret: str, previous: str = "") -> str:
    """The front door of chat_bridge, as an inventory renders it for machine_snippets."""
    text = trust_as_template((ROOT / "templates/nginx/chatwoot.conf.j2").read_text())
    variables = {"chatwoot_webhook_secret": secret, "chatwoot_webhook_secret_previous": previous}
    return str(Templar(loader=DataLoader(), variables=variables).template(text, escape_backslashes=False))


@dataclass
class Answer:
    """What came back; ``message`` is that of a Frappe method."""

    status: int
    text: str

    @property
    def message(self) -> Any:
        return json.loads(self.text)["message"]

    @property
    def verdict(self) -> tuple[int, str]:
        """The status, and what the method said of itself (or nginx, with ``""``)."""
        try:
            return self.status, str(self.message["status"])
        except (ValueError, KeyError, TypeError):
            return self.status, ""


def ask(port: int, host: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """One request, with the path as it is written; a body that is no text is sent as JSON."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
    if data is not None and not isinstance(body, (str, bytes)):
        names.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, data, {"Host": host, **names})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


class Door:
    """nginx before the web server of a bench."""

    def __init__(
        self,
        root: Path,
        sites: Path,
        web_port: int,
        site: str,
        secret: str = "",
        snippets: dict[str, str] | None = None,
    ) -> None:
        self.root, self.site, self.port = root, site, free_ports(2)
        self.log = root / "access.log"
        snippets = {"chatwoot": snippet(secret)} if snippets is None else snippets
        served = {"name": site, "http_only": True, "snippets": list(snippets)}
        bench = {"name": "one", "web_port": web_port, "socketio_port": 1, "sites_path": str(sites), "sites": [served]}
        files = template(
            "__nginx_rendered",
            nginx_benches=[bench],
            nginx_snippets=snippets,
            nginx_http_port=f"127.0.0.1:{self.port}",
            nginx_https_port=f"127.0.0.1:{self.port + 1}",
            nginx_status_port=free_ports(2),
            nginx_ipv6_enabled=False,
            nginx_access_log=str(self.log),
        )
        for name, text in files.items():
            path = root / "erpops" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("/etc/nginx/erpops", f"{root}/erpops"))
        user = "root" if os.geteuid() == 0 else "nobody"
        (root / "nginx.conf").write_text(_MAIN.format(root=root, user=user))
        self._command = [str(NGINX), "-p", str(root), "-c", str(root / "nginx.conf"), "-e", str(root / "error.log")]
        tested = subprocess.run([*self._command, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("nginx answers", self._answers, 10)

    def _answers(self) -> bool:
        try:
            return ask(self.port, "unknown.localhost", "GET", "/").status > 0
        except http.client.RemoteDisconnected:
            return True  # 444: it closes the connection to those that name no site
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return ask(self.port, self.site, method, path, body, **headers)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
