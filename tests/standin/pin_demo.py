#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the commits of the demo's integration apps into the demo inventory (or, with --check, compare).

The repositories are made from tests/standin/apps with fixed authors and dates, so that a commit follows
from the content alone. Run this after a change of those apps.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
INVENTORY = HERE.parent.parent / "inventories" / "demo" / "group_vars" / "benches.yml"
PINNED = ("shopsync", "integrations")


def commits() -> dict[str, str]:
    """Repository -> commit, as make_repos.py makes them from the present content."""
    with tempfile.TemporaryDirectory(prefix="demo-repos-") as folder:
        done = subprocess.run(
            [sys.executable, str(HERE / "make_repos.py"), folder], capture_output=True, text=True, check=True
        )
    made = json.loads(done.stdout)
    return {name: made[name]["commit"] for name in PINNED}


def pinned(text: str) -> dict[str, str]:
    """Repository -> commit, as the inventory says."""
    return {name: found.group(2) for name in PINNED if (found := re.search(_pattern(name), text))}


def with_pins(text: str, pins: dict[str, str]) -> str:
    """The inventory with these commits."""
    for name, commit in pins.items():
        text = re.sub(_pattern(name), rf"\g<1>{commit}", text)
    return text


def _pattern(name: str) -> str:
    return rf'(repos/{name}"\n(?:    subdirectory: .*\n)?    version: ")([0-9a-f]{{40}})'


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the inventory is behind")
    args = parser.parse_args()
    text, wanted = INVENTORY.read_text(encoding="utf-8"), commits()
    if pinned(text) == wanted:
        return 0
    if args.check:
        print(f"{INVENTORY.name} pins {pinned(text)}, the apps are at {wanted}: run tests/standin/pin_demo.py")
        return 1
    INVENTORY.write_text(with_pins(text, wanted), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
