# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site agent answers about releases; compared with its own answers in tests/contract/test_releases.py, since
they need a real environment."""

from __future__ import annotations

from typing import Any

DIFF: dict[str, Any] = {"before": {"shop": "0" * 40}, "after": {"shop": "1" * 40}}

RELEASE_ANSWERS: dict[str, dict[str, Any]] = {
    "release.adopt": {"changed": True, "id": "e81b382ce53b", "actions": ["adopted"]},
    "release.leave": {"changed": True, "id": "e81b382ce53b", "actions": ["made plain"]},
    "release.build": {
        "changed": True,
        "id": "953f2a3f6d99",
        "path": "/srv/bench/releases/953f2a3f6d99",
        "actions": ["built"],
        "apps": {"shop": "1" * 40},
        "assets": ["shop"],
        "diff": DIFF,
    },
    "release.switch": {
        "changed": True,
        "id": "953f2a3f6d99",
        "previous": "e81b382ce53b",
        "actions": ["switched"],
        "diff": {"before": {"current": "e81b382ce53b"}, "after": {"current": "953f2a3f6d99"}},
    },
    "release.prune": {
        "changed": True,
        "removed": ["e81b382ce53b"],
        "busy": [],
        "actions": ["removed e81b382ce53b"],
        "diff": {"before": {"releases": ["953f2a3f6d99", "e81b382ce53b"]}, "after": {"releases": ["953f2a3f6d99"]}},
    },
    "release.read": {
        "adopted": True,
        "current": "953f2a3f6d99",
        "previous": "e81b382ce53b",
        "older_processes": [],
        "releases": [
            {
                "id": "953f2a3f6d99",
                "path": "/srv/bench/releases/953f2a3f6d99",
                "state": "ready",
                "apps": {"shop": {"commit": "1" * 40, "repo": "", "subdirectory": "", "version": "1.2.3"}},
                "order": ["shop"],
                "python": "3.11.2",
                "packages": "0" * 64,
                "inputs": {
                    "python": "3.11",
                    "requirements": [],
                    "assets": True,
                    "UV_OVERRIDE": "",
                    "UV_CONSTRAINT": "",
                },
                "built": "2026-11-21T17:27:22Z",
                "processes": [4711],
            }
        ],
    },
}
