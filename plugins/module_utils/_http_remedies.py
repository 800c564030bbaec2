# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what to do about each kind of HTTP failure, as one sentence with a command.

Pure. The commands are typed by people, so every name put into them is quoted for the shell.
"""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

_REMEDIES = {
    # Forced: the user has a key and the file is there, so that a plain run sees nothing to do.
    "wrong_secret": (
        "Issue a fresh API key, or store the one that the site has: "
        "ansible-playbook playbooks/configure.yml --limit {site} -e tenant_forced=true"
    ),
    "encryption_key_mismatch": (
        "Put the encryption_key that this data was written with back into site_config.json, from the newest copy: "
        "ls -t sites/{site}/private/backups/*-site_config_backup.json | head -1"
    ),
    "permission": (
        "Give the user the role this address needs, after looking at its roles: "
        "bench --site {site} execute frappe.get_roles --args '[\"USER\"]'"
    ),
    "host_not_routed": (
        "Ask the bench without the proxy to see which of the two does not know the host: "
        "curl -i -H 'Host: '{site} http://127.0.0.1:8000/api/method/ping"
    ),
    "maintenance": "If no update is running on it, end it: bench --site {site} set-maintenance-mode off",
    "rate_limit": (
        "Wait for the window to pass; if the limit is too low for this site, raise its rate_limit: "
        "ansible-playbook playbooks/configure.yml --limit {site}"
    ),
    "tls": (
        "Look at the certificate that is served: openssl s_client -connect {host}:{port} -servername {host} </dev/null"
    ),
    "timeout": "See whether the web workers hang or the host is overloaded: sudo supervisorctl status",
    "connection_refused": "Nothing listens there; start it, or correct the port: sudo supervisorctl status",
    "dns": "Add the name to the DNS, or give the address in `connect`: getent hosts {host}",
    "upstream_down": "The proxy answers and the bench does not; look why: tail -n 50 logs/web.error.log",
    "app_error": "Read the traceback in the newest Error Log of the site: tail -n 50 sites/{site}/logs/frappe.log",
    "not_found": "Check the path, and that the app that serves it is installed: bench --site {site} list-apps",
    "unexpected": "Look at the whole answer: curl -i -H 'Host: '{site} {url}",
}


def remedy_for(kind: str, site: str = "", url: str = "") -> str:
    """The next thing to type after a failure of ``kind``; '' for ok."""
    parts = urlsplit(url)
    host = parts.hostname or site or "HOST"
    try:
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        port = 443
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else "URL"
    return _REMEDIES.get(kind, "").format(
        site=shlex.quote(site or host), host=shlex.quote(host), port=port, url=shlex.quote(address)
    )
