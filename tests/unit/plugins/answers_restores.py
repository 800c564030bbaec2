# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent answers about restores in place and drills; its own tests compare the keys."""

from __future__ import annotations

from typing import Any

_SET: dict[str, Any] = {
    "name": "scheduled-2026-11-21",
    "path": "/srv/bench/.erpops/archive/a.localhost/scheduled-2026-11-21",
    "id": "5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b",
    "taken": 1795219200.5,
    "age_seconds": 3600,
    "frappe": "15.105.0",
    "apps": [{"name": "frappe", "version": "15.105.0", "commit": "0" * 40}],
    "encryption": {},
}
_JOURNAL: dict[str, Any] = {
    "run": "20261121T000000Z-3f2a",
    "set": _SET["path"],
    "set_id": _SET["id"],
    "name": _SET["name"],
    "state": "over",
    "originals": {"maintenance": "off"},
    "kept": "/srv/bench/.erpops/archive/a.localhost/before-restore-20261121T000000Z-3f2a",
    "outcome": "done",
    "why": "",
    "begun": 1795219200.5,
}
_STEP: dict[str, Any] = {
    "changed": True,
    "journal": _JOURNAL,
    "told": "a.localhost is what its set scheduled-2026-11-21 says",
    "actions": ["done"],
    "diff": {"before": {"restore": "none"}, "after": {"restore": "done"}},
}
DRILL: dict[str, Any] = {
    "schema": 1,
    "site": "a.localhost",
    "scratch": "drill-0a1b2c3d4e.invalid",
    "begun": 1795222800.5,
    "ended": 1795222806.5,
    "set": {key: _SET[key] for key in ("name", "path", "id", "taken", "age_seconds", "encryption")},
    "findings": [],
    "ok": True,
    "doctypes": {
        "User": {
            "rows": {"set": 3, "restored": 3, "site": 3},
            "same": 3,
            "since": 0,
            "compared": 3,
            "sha256": {"restored": "0" * 64, "live": "0" * 64},
        }
    },
    "migrated": [],
    "seconds": {
        "verification": 0.1,
        "database": 3.9,
        "files": 0.2,
        "comparison": 0.6,
        "migration": 0.0,
        "restore": 4.7,
        "web": 0.5,
        "contents": 0.2,
        "removal": 0.1,
    },
    "rpo_seconds": 3600,
    "rto_seconds": 5.3,
}
RESTORE_ANSWERS: dict[str, dict[str, Any]] = {
    "restore_site.plan": {
        "set": _SET,
        "faults": [],
        "trouble": "",
        "resumed": False,
        "migrated": [],
        "lost": ["tabItem: 5 rows now, 3 in the set"],
        "journal": {},
    },
    "restore_site.apply": _STEP,
    "restore_site.undo": _STEP,
    "scratch.absent": {
        "changed": True,
        "actions": ["removed scratch site"],
        "after": {"name": "drill.invalid", "state": "absent", "recorded": "created", "installed_apps": []},
        "restore": {},
        "diff": {"before": {"state": "present"}, "after": {"state": "absent"}},
    },
    "drill.read": {
        "site": "a.localhost",
        "last": DRILL,
        "set": DRILL["set"],
        "trouble": "",
        "scratch": DRILL["scratch"],
        "scratches": [],
    },
    "drill.run": {"changed": False, "drill": DRILL, "actions": []},
    "drill.sweep": {"changed": True, "drill": {}, "actions": ["removed stale drill-0a1b2c3d4e.invalid"]},
}
