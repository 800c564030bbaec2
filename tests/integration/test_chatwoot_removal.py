# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""chat_bridge taken off a site: on a bench of its own, since nothing is left to go on with."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.integration.chat_bench import SITE
from tests.integration.door import NGINX, WITHOUT_NGINX
from tests.integration.test_chatwoot import HANDLE, House

pytestmark = pytest.mark.skipif(NGINX is None, reason=WITHOUT_NGINX)

LEFT = """
answer = {'apps': frappe.get_installed_apps(), 'table': frappe.db.table_exists('Chat Conversation'),
          'jobs': frappe.get_all('Scheduled Job Type', {'method': ['like', 'chat_bridge%']}),
          'contacts': frappe.db.count('Contact'),
          'secrets': frappe.db.sql("select name from `__Auth` where doctype like 'Chat %'")}
"""


def test_complete_removal(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        house.start_worker()
        house.go("sync")
        house.bench.python("frappe.get_doc({'doctype': 'Contact', 'first_name': 'Ada'}).insert()")
        gone: dict[str, Any] = {"integration_state": "absent", "integration_confirm": SITE}
        preview = house.play("sync", check=True, **gone)
        assert preview.ok, preview.stdout[-5000:]
        assert house.flags["enabled"] == 1
        first = house.play("sync", **gone)
        assert first.ok, first.stdout[-5000:]
        left = house.bench.python(LEFT)
        assert left == {"apps": ["frappe", "erpnext"], "table": False, "jobs": [], "contacts": 1, "secrets": []}
        assert house.chatwoot.webhooks == {}
        (dump,) = (house.bench.bench.path / ".erpops/archive" / SITE).rglob("*database.sql.gz")
        assert b"Chat Conversation" in gzip.decompress(dump.read_bytes())
        assert house.bench.bench.run("--site", SITE, "migrate").returncode == 0
        assert house.bench.door.ask("POST", HANDLE, {}).status == 403, "the door is closed even to nobody"
        again = house.play("sync", **gone)
        assert (again.ok, again.changed) == (True, {}), again.stdout[-4000:]
        assert house.play("sync", verify=True, integration_state="absent").ok
        refused = house.play("dashboard")
        assert not refused.ok
        assert "add it to site_apps" in refused.stdout
    finally:
        house.stop()
