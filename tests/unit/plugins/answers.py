# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site agent answers: played to the modules in their tests, and compared with the real agent's answers
(tests/unit/plugins/module_utils/agent/test_answers.py), so that the two cannot drift apart."""

from __future__ import annotations

from typing import Any

from tests.unit.plugins.answers_releases import RELEASE_ANSWERS
from tests.unit.plugins.answers_restores import RESTORE_ANSWERS
from tests.unit.plugins.answers_sets import SET_ANSWERS

SITE_STATE: dict[str, Any] = {
    "name": "a.localhost",
    "state": "present",
    "directory": True,
    "config": "ok",
    "database": "present",
    "framework": True,
    "installed_apps": ["frappe"],
    "db_name": "_0123456789abcdef",
    "owned": True,
    "recorded": "created",
    "problems": [],
}

SCHEDULER: dict[str, Any] = {"state": "disabled", "inactive_because": ["maintenance_mode"], "jobs": []}

DIFF: dict[str, Any] = {"before": {"x": 1}, "after": {"x": 2}}

ANSWERS: dict[str, dict[str, Any]] = {
    "app.apply": {
        "changed": True,
        "actions": ["cloned"],
        "name": "shop",
        "path": "/srv/bench/apps/shop",
        "commit_before": "",
        "commit_after": "0" * 40,
        "version": "1.2.3",
        "remote": "https://example.com/shop",
        "diff": DIFF,
    },
    "check.site": {
        "checks": [
            {
                "title": "mode of the configuration",
                "kind": "config",
                "ok": True,
                "seen": "as needed",
                "needed": "mode 0600",
                "next": "",
                "value": None,
            },
        ],
    },
    "config.apply": {
        "changed": True,
        "path": "/srv/bench/sites/a.localhost/site_config.json",
        "changed_keys": {"flag": "added", "old": "removed"},
        "unmanaged_keys": ["db_name"],
        "diff": DIFF,
    },
    "document.apply": {
        "changed": True,
        "counts": {"created": 1, "updated": 0, "deleted": 0, "unchanged": 1},
        "documents": [
            {
                "doctype": "Role",
                "name": "Keeper",
                "action": "created",
                "before": {},
                "after": {"desk_access": 1},
                "label": "",
            },
            {"doctype": "Note", "name": "n", "action": "unchanged", "before": {}, "after": {}, "label": "n"},
        ],
    },
    "info.bench": {
        "path": "/srv/bench",
        "id": "f" * 32,
        "python": "3.11.2",
        "frappe": "15.0.0",
        "apps": [],
        "sites": ["a.localhost"],
        "common_config": {"db_host": "str"},
    },
    "info.site": {
        **SITE_STATE,
        "tasks": {},
        "config": {"db_name": "str"},
        "missing": {},
        "scheduler": SCHEDULER,
        "errors": 0,
        "maintenance": "off",
    },
    "key.apply": {
        "changed": True,
        "action": "issued",
        "user": "sync@example.com",
        "api_key": "the-key",
        "api_secret": "the-secret-of-the-key",
        "created": 1000.0,
        "enabled": True,
    },
    "key.warm": {"opened_ms": 12.5, "closed_ms": 1.5},
    "maintenance.apply": {"changed": True, "state": "on", "before": "off", "remembered": "off", "diff": DIFF},
    "phase.apply": {
        "changed": True,
        "actions": ["shop: begun one"],
        "name": "shop",
        "action": "begun",
        "phase": "one",
        "before": "",
        "suspended": False,
        "since": 1795219200.5,
        "soaked_hours": 0.0,
        "soak_hours": 2.0,
        "soaked": False,
        "soaked_at": "2026-11-20 22:40 UTC",
        "overridden": [],
        "history": [],
        "diff": DIFF,
    },
    "plan.site": {"differs": ["config"], "site": SITE_STATE, "tasks": {}, "diff": DIFF},
    "scheduler.apply": {
        "changed": True,
        "actions": ["scheduler disabled"],
        "before": "enabled",
        "diff": DIFF,
        **SCHEDULER,
    },
    "site.apply": {
        "changed": True,
        "actions": ["created site"],
        "before": {**SITE_STATE, "state": "absent"},
        "after": SITE_STATE,
        "diff": DIFF,
    },
    "site_app.apply": {
        "changed": True,
        "actions": ["installed shop"],
        "apps": [{"name": "shop", "action": "installed shop", "missing_before": {}}],
        "installed": ["frappe", "shop"],
        "diff": DIFF,
    },
    "task.run": {
        "changed": True,
        "name": "pull",
        "method": "shop.api.pull",
        "state": "done",
        "pages": 3,
        "counts": {"created": 7},
        "resumed": False,
        "skipped": "",
        "seconds": 0.5,
        "answer": None,
        "job_id": "",
    },
    **SET_ANSWERS,
    **RESTORE_ANSWERS,
    **RELEASE_ANSWERS,
}
