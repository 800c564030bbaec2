# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent answers to the operations of backup sets and moves, played to the modules. Compared with the real
answers, of two benches of the stand-in, in tests/unit/plugins/module_utils/agent/test_move.py; to the set-up of a
company, which needs ERPNext, in test_company.py; to overlays and logs of integrations, which need an app of their own,
in test_overlays.py and test_integration_log.py."""

from __future__ import annotations

from typing import Any

_DIFF: dict[str, Any] = {"before": {"move": "none"}, "after": {"move": "held"}}
_ID = "5f0c1e6a9d7b4c3e8a2f6b1d0e9c8a7b"
_JOURNAL: dict[str, Any] = {
    "id": _ID,
    "set": "move-5f0c1e6a9d7b",
    "state": "held",
    "to": "bench2",
    "originals": {"maintenance": "off", "scheduler": "enabled"},
}
_SITE: dict[str, Any] = {
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
FACTS: dict[str, Any] = {
    "name": "bench1",
    "bench_id": "1" * 32,
    "journal": {},
    "site": _SITE,
    "frappe": "15.105.0",
    "bench_apps": {"frappe": {"version": "15.105.0", "commit": "0" * 40}},
    "apps": [{"name": "frappe", "version": "15.105.0", "commit": "0" * 40}],
    "restored_from_move": False,
    "maintenance": "off",
    "scheduler": "enabled",
    "encrypted_backup": False,
    "size": {"database": 1 << 20, "files": 1 << 10},
    "space": {
        "bench": {"path": "/srv", "free": 1 << 40, "device": 1},
        "staging": {"path": "/var/tmp", "free": 1 << 40, "device": 1},
    },
    "database_server": "",
    "web": "",
}


def _step(**extra: Any) -> dict[str, Any]:
    return {"changed": True, "journal": _JOURNAL, "diff": _DIFF, "actions": ["held"], **extra}


SET_ANSWERS: dict[str, dict[str, Any]] = {
    "log.prune": {"changed": True, "deleted": 4, "kept": 6, "before": "2026-01-01 00:00:00"},
    "log.read": {
        "doctype": "Integration Log",
        "since": "2026-01-01 00:00:00",
        "cut": False,
        "total": 1,
        "statuses": {"Success": 1},
        "failures": [],
        "retries": [],
        "durations": [],
        "last_success": {},
    },
    "overlay.apply": {
        "changed": True,
        "actions": ["made an overlay of 2 files"],
        "name": "shop",
        "repo": "/srv/bench/.erpops/overlays/shop/repo.git",
        "commit": "1" * 40,
        "result": "2" * 40,
        "tree": "3" * 40,
        "result_tree": "4" * 40,
        "files": {"shop/utils": "added"},
        "repaired": ["modules.txt 'Shop': there is no shop/shop/ (install-app fails)"],
        "patch": "+one",
    },
    "overlay.inspect": {
        "name": "shop",
        "commit": "1" * 40,
        "tree": "3" * 40,
        "doctypes": ["Bag"],
        "faults": [
            {
                "kind": "hook",
                "where": "hooks.py a",
                "seen": "s.f cannot be imported, there is no s/",
                "effect": "it fails",
            },
            {
                "kind": "hook",
                "where": "hooks.py b",
                "seen": "s.g cannot be imported, there is no s/",
                "effect": "it fails",
            },
            {"kind": "controller", "where": "bag.json", "seen": "has no bag.py", "effect": "Bag cannot be loaded"},
        ],
        "overlay": {},
    },
    "company.apply": {
        "changed": True,
        "action": "setup",
        "company": "Jarz",
        "companies": ["Jarz"],
        "complete": True,
        "missing_before": ["units of measure"],
        "parts": {"units": 245, "accounts": 86},
        "fiscal_year": ["2026-01-01", "2026-12-31"],
        "diff": _DIFF,
    },
    "backup.apply": {
        "changed": True,
        "actions": ["took backup"],
        "backup": {
            "path": "/srv/bench/.erpops/archive/a.localhost/one",
            "name": "one",
            "id": _ID,
            "site": "a.localhost",
            "taken": 1795219200.5,
            "files": {"1-database.sql.gz": "0" * 64},
            "bytes": 1000,
            "frappe": "15.105.0",
            "apps": FACTS["apps"],
            "tables": 40,
            "rows": 700,
        },
        "diff": {"before": {"backup": ""}, "after": {"backup": "/srv/bench/.erpops/archive/a.localhost/one"}},
    },
    "restore.apply": {
        "changed": True,
        "actions": ["restored site"],
        "before": {**_SITE, "state": "absent"},
        "after": _SITE,
        "restore": {
            "id": _ID,
            "from": "a.localhost",
            "files": 3,
            "migrated": [],
            "compared": True,
            "seconds": {"database": 3.9, "files": 0.1, "comparison": 0.5, "migration": 0.0},
        },
        "diff": {"before": {"state": "absent"}, "after": {"state": "present"}},
    },
    "move.read": FACTS,
    "move.plan": {"facts": FACTS, "faults": [], "over": False},
    "move.hold": _step(),
    "move_set.pack": _step(path="/var/tmp/x/set.sealed", sha256="0" * 64, bytes=900, key="k" * 44, set_id=_ID),
    "move_set.receive": _step(path="/srv/bench2/.erpops/archive/a.localhost/move-5f0c1e6a9d7b"),
    "move.key": {"api_key": "0123456789abcde", "api_secret": "secret-of-the-key"},
    "move.live": _step(),
    "move.moved": _step(),
    "move.drop_copy": _step(backup={}),
    "move.release": _step(),
    "move.finish": _step(),
}
