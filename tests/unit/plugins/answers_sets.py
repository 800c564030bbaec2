# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent answers to the operations of backup sets and moves, played to the modules. Compared with the real
answers, of two benches of the stand-in, in tests/unit/plugins/module_utils/agent/test_move.py; to the set-up of a
company, which needs ERPNext, in test_company.py; to overlays and logs of integrations, which need an app of their own,
in test_overlays.py, test_integration_log.py and test_health.py."""

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
ROLLOUT: dict[str, Any] = {
    "changed": False,
    "stage": "soaking",
    "state": "soaking",
    "wave": "canary",
    "target": {"shop": "1" * 40},
    "since": 1_700_000_000.5,
    "soak_minutes": 30.0,
    "left_seconds": 600,
    "soaks_until": "2023-11-14 22:43 UTC",
    "point": "20260101T020000Z-3f2a",
    "baseline": {},
    "faults": [],
    "accepted": {},
    "quarantined": [],
    "history": [],
    "diff": {"before": {"state": "begun", "target": {}}, "after": {"state": "soaking", "target": {}}},
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


_PAIRS: dict[str, Any] = {
    "old": {"user": "sync@example.com", "api_key": "old-key-of-sync", "api_secret": "old-secret-of-sync"},
    "new": {"user": "sync@example.com", "api_key": "new-key-of-sync", "api_secret": "new-secret-of-sync"},
    "gap": True,
}


def _rotation(state: str, **extra: Any) -> dict[str, Any]:
    diff = {"before": {"api_key": "as it was made"}, "after": {"api_key": state}}
    done = {"changed": True, "open": False, "request": "", "diff": diff, "waits_until": 0.0, "told": {}}
    return {**done, **extra}


# One of the sets that backup_sets.read lists, as much of it as the role and its metrics read.
BACKUP: dict[str, Any] = {
    "name": "scheduled-2026-11-21",
    "path": "/srv/bench/.erpops/archive/a.localhost/scheduled-2026-11-21",
    "purpose": "scheduled",
    "taken": 1795219200.5,
    "age_seconds": 3600,
    "verified": 1795219201.5,
    "encryption": {"tool": "age", "recipients": ["age1x"], "passphrase": False},
    "bytes": 6614222,
    "copies": {"https://s3.example.com/backups": {"proven": 1795219260.5, "manifest": "0" * 64}},
    "whole": True,
    "fault": "",
}

BACKUP_SET: dict[str, Any] = {
    "path": "/srv/bench/.erpops/archive/a.localhost/one",
    "name": "one",
    "id": _ID,
    "site": "a.localhost",
    "purpose": "scheduled",
    "taken": 1795219200.5,
    "encryption": {},
    "files": {"1-database.sql.gz": "0" * 64},
    "bytes": 1000,
    "frappe": "15.105.0",
    "apps": FACTS["apps"],
    "tables": 40,
    "rows": 700,
}

POINT: dict[str, Any] = {
    "id": "one",
    "purpose": "update",
    "begun": 1795219200.5,
    "whole": True,
    "release": "",
    "commits": {"frappe": "0" * 40},
    "sites": ["a.localhost"],
    "path": "/srv/bench/.erpops/points/one",
    "bytes": 1,
}
BENCH_JOURNAL: dict[str, Any] = {
    "run": "one",
    "point": "one",
    "state": "begun",
    "outcome": "",
    "purpose": "update",
    "release": {"from": "old", "to": "new"},
    "from": {"frappe": "0" * 40},
    "to": {"frappe": "1" * 40},
    "sites": ["a.localhost", "b.localhost"],
    "begun": 1795219200.5,
}
UPDATE_STEP: dict[str, Any] = {
    "changed": True,
    "journal": {"run": "one", "point": "one", "state": "migrated"},
    "told": "a.localhost is in maintenance",
    "actions": ["migrated"],
    "diff": {"before": {"update": "none"}, "after": {"update": "migrated"}},
}
SET_ANSWERS: dict[str, dict[str, Any]] = {
    "drift.read": {
        "differences": [{"part": "job", "name": "shop.pull", "before": "stopped", "after": "enabled"}],
        "apps": [{"name": "shop", "declared": "v1", "wanted": "0" * 40, "commit": "0" * 40, "dirty": []}],
    },
    "drift.baseline": {
        "changed": True,
        "differences": [{"part": "crontab", "name": "crontab", "before": "changed", "after": "as it was recorded"}],
        "unrecorded": [],
        "diff": {"before": {"crontab": "changed"}, "after": {"crontab": "as it was recorded"}},
    },
    "rotation.begin": _rotation("as it was made, a rotation is under way (issued)", open=True, told=_PAIRS),
    "rotation.finish": _rotation("rotated", request="one", told={"old": _PAIRS["old"]}),
    "rotation.undo": _rotation("as it was made", told={"old": _PAIRS["old"]}),
    "rotation.plan": {
        "secrets": {
            "database_password": {"due": True, "open": False, "request": "", "rotated": 0.0, "faults": []},
        }
    },
    "log.prune": {"changed": True, "deleted": 4, "kept": 6, "before": "2026-01-01 00:00:00"},
    "health.read": {
        "site": "a.localhost",
        "taken_at": 1_700_000_000,
        "hours": 24,
        "status": "ok",
        "scheduler": {"status": "active", "inactive_because": [], "age_seconds": 61},
        "queues": {"fault": "", "by_name": {"default": {"jobs": 0, "workers": 1}}},
        "integrations": [
            {
                "name": "shopsync",
                "status": "ok",
                "faults": [],
                "last_success": "2026-01-01 00:00:00",
                "failures": 0,
                "retries": {},
                "duration": {"count": 1, "average_ms": 5, "max_ms": 5},
                "last_success_age_seconds": 61,
                "failing_kinds": [],
                "jobs": {"count": 1, "stopped": 0, "never_ran": []},
                "errors": [],
                "webhooks": None,
                "sources": [],
            }
        ],
    },
    "gates.read": {
        "taken_at": 1_700_000_000,
        "hours": 0.5,
        "queues": {"fault": "", "by_name": {"default": {"jobs": 0, "workers": 1}}},
        "sites": {
            "a.localhost": {
                "fault": "",
                "maintenance": "off",
                "quarantined": False,
                "scheduler": {"status": "active", "inactive_because": [], "age_seconds": 61},
                "failed_jobs": {"count": 0, "titles": []},
                "errors": {"count": 1, "titles": [{"title": "shop.pull", "count": 1, "last": "2026-01-01 00:00:00"}]},
                "integrations": {"shopsync": "ok"},
            }
        },
    },
    "rollout.read": ROLLOUT,
    "rollout.apply": {**ROLLOUT, "changed": True},
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
    "migration.plan": {
        "site": "a.localhost",
        "needed": True,
        "reasons": ["shop has patches or DocTypes to bring"],
        "apps": [
            {
                "name": "shop",
                "from": "0" * 40,
                "to": "1" * 40,
                "patches": {"pre_model_sync": ["shop.patches.one"], "post_model_sync": []},
                "doctypes": {"added": [], "changed": ["Shop Order"], "removed": []},
            }
        ],
        "size": {"database": 1, "files": 1},
        "space": {"needed": 2, "path": "/srv/bench/sites/a.localhost", "free": 3, "device": 4},
        "seconds": None,
        "no_return": "the patch shop.patches.one of shop",
        "diff": {"before": "", "after": "shop: patch shop.patches.one\n"},
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
        "backup": BACKUP_SET,
        "diff": {"before": {"backup": ""}, "after": {"backup": "/srv/bench/.erpops/archive/a.localhost/one"}},
    },
    "backup_sets.read": {
        "site": "a.localhost",
        "taken_at": 1795222800.5,
        "sets": [BACKUP],
        "newest": BACKUP,
        "newest_copy": BACKUP,
        "bytes": 1000,
        "under_way": [
            {"path": "/srv/bench/.erpops/archive/a.localhost/two", "bytes": 9, "expected": 1000, "idle_seconds": 0}
        ],
    },
    "backup_sets.open": {
        "changed": True,
        "actions": ["decrypted backup"],
        "backup": {**BACKUP_SET, "path": "/srv/bench/.erpops/opened/a.localhost/one"},
        "diff": {"before": {"decrypted": ""}, "after": {"decrypted": "/srv/bench/.erpops/opened/a.localhost/one"}},
    },
    "backup_sets.prune": {
        "changed": True,
        "actions": ["removed two"],
        "removed": ["two"],
        "kept": {"one": ["the newest"]},
        "bytes": 1000,
        "diff": {"before": {"sets": ["one", "two"]}, "after": {"sets": ["one"]}},
    },
    "backup_copy.present": {
        "changed": True,
        "actions": ["copied backup"],
        "copy": {
            "name": "one",
            "store": "https://s3.example.com/backups",
            "bytes": 1200,
            "proven": 1795219260.5,
            "sent": ["1-database.sql.gz", "manifest.json"],
        },
        "diff": {"before": {"copy": ""}, "after": {"copy": "https://s3.example.com/backups: one"}},
    },
    "backup_copy.prune": {
        "changed": False,
        "actions": [],
        "removed": [],
        "kept": {"one": ["the newest"]},
        "copies": [{"name": "one", "whole": True}],
        "diff": {"before": {"copies": ["one"]}, "after": {"copies": ["one"]}},
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
    "point.apply": {"changed": True, "actions": ["took one"], "points": [POINT], "diff": {"before": {}, "after": {}}},
    "point.read": {"points": [POINT]},
    "update_back.return": UPDATE_STEP,
    "update.forward": UPDATE_STEP,
    "update_back.leave": UPDATE_STEP,
    "update_open.apply": {
        "changed": True,
        "journal": BENCH_JOURNAL,
        "sites": {"a.localhost": UPDATE_STEP},
        "problems": {},
        "unindexed": {},
        "told": ["a.localhost is fully new"],
        "served": ["a.localhost"],
    },
    "update_bench.begin": {"changed": True, "journal": BENCH_JOURNAL},
    "update_bench.begin_back": {"changed": True, "journal": {**BENCH_JOURNAL, "purpose": "back"}, "code": False},
    "update_bench.mark": {"changed": True, "journal": BENCH_JOURNAL, "told": ["a.localhost is fully new"]},
    "update_bench.plan": {
        "needed": True,
        "faults": [],
        "under_way": False,
        "sites": {"a.localhost": {"maintenance": "off"}},
        "journal": {},
        "told": [],
        "diff": {"before": "", "after": "a.localhost: shop: patch shop.patches.one\n"},
    },
    "update_bench.read": {
        "journal": BENCH_JOURNAL,
        "sites": {},
        "told": ["a.localhost is in maintenance"],
        "served": [],
    },
    "update_bench.settle": {"go": True, "migrated": ["a.localhost"], "failed": {}, "changed": True, "told": []},
}
