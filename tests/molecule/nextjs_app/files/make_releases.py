#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a repository of the application in the directory given, with a tag for each release of this scenario.

one, two: good. unbuildable: the build fails. late: answers where it is asked before it goes live, and not at the port of
the service.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def git(repository: Path, *words: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", "-C", str(repository), *identity, *words], check=True)


def release(repository: Path, name: str) -> None:
    """A commit and a tag of this name."""
    (repository / "release.json").write_text(json.dumps({"broken": False, "name": name}) + "\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", name)
    git(repository, "tag", name)


def main(repository: Path) -> None:
    git(repository, "init", "--quiet")
    release(repository, "one")
    release(repository, "two")
    page, route = repository / "app/page.js", repository / "app/health/route.js"
    whole = page.read_text()
    page.write_text(whole + "\nthis is no JavaScript\n")
    release(repository, "unbuildable")
    page.write_text(whole)
    text = route.read_text()
    assert "const status = release.broken" in text
    route.write_text(text.replace("const status = release.broken", 'const status = process.env.PORT === "3000"'))
    release(repository, "late")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
