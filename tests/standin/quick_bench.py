#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench directory with the stand-in in milliseconds: no bench CLI, no pip, no network.

    python quick_bench.py DEST [APP ...]

Has what `bench init` leaves behind (apps/, sites/, config/, logs/, env/bin/python) with copies of the trees
of this directory. Its Python is the running one, whose packages it shares (click and cryptography; werkzeug
and gunicorn for the web). For what the real bench CLI does, use it with make_repos.py instead.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent


def tree_of(app: str) -> Path:
    """Repository tree of a stand-in app, an integration app, or a broken one."""
    for folder in (HERE / app, HERE / "apps" / app, HERE / "broken" / app):
        if folder.is_dir():
            return folder
    raise LookupError(f"{app}: not in {HERE}, apps/ or broken/")


class QuickBench:
    """`run` calls a framework command, `python` any Python of the bench; both work in sites/."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sites = path / "sites"
        self.python = path / "env" / "bin" / "python"

    @classmethod
    def create(cls, path: Path, *apps: str) -> QuickBench:
        """New bench at `path` with frappe and `apps`, all of them in apps.txt."""
        bench = cls(path)
        for folder in ("apps", "sites", "config", "logs", "env/bin"):
            (path / folder).mkdir(parents=True)
        (bench.sites / "common_site_config.json").write_text(json.dumps({"frappe_user": "root"}))
        os.symlink(getattr(sys, "_base_executable", sys.executable), bench.python)
        (path / "env/pyvenv.cfg").write_text(
            f"home = {Path(sys.base_prefix) / 'bin'}\ninclude-system-site-packages = false\n"
            f"version = {sys.version.split()[0]}\n"
        )
        for app in ("frappe", *apps):
            bench.add_app(app)
        return bench

    @property
    def site_packages(self) -> Path:
        return self.path / f"env/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"

    def add_app(self, app: str, installed: bool = True) -> Path:
        """Copy an app, put it into the environment (`installed`) and into apps.txt."""
        target = self.path / "apps" / app
        shutil.copytree(tree_of(app), target, ignore=shutil.ignore_patterns("__pycache__"))
        if installed:
            self.site_packages.mkdir(parents=True, exist_ok=True)
            shared = sysconfig.get_paths()["purelib"]
            (self.site_packages / f"{app}.pth").write_text(f"{target}\n")
            (self.site_packages / "zz-shared.pth").write_text(f"{shared}\n")
        names = [name for name in self.apps if name != app]
        (self.sites / "apps.txt").write_text("\n".join([*names, app]) + "\n")
        return target

    def clone_site(self, source: str, name: str) -> Path:
        """Copy a site with its database and database user under another name: a site in a millisecond."""
        target, server = self.sites / name, self.path / ".standin-db"
        shutil.copytree(self.sites / source, target)
        config = json.loads((target / "site_config.json").read_text())
        old, new = config["db_name"], "_" + name.replace(".", "_")
        (target / "site_config.json").write_text(json.dumps({**config, "db_name": new}, indent=1, sort_keys=True))
        for path in server.glob(f"{old}.*"):
            shutil.copy2(path, server / path.name.replace(old, new, 1))
        return target

    @property
    def apps(self) -> list[str]:
        path = self.sites / "apps.txt"
        return path.read_text().split() if path.exists() else []

    def run(self, *args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """A framework command, as `bench <args>` would run it; never raises for its exit code."""
        return self.call("-m", "frappe.utils.bench_helper", "frappe", *args, env=env)

    def call(self, *args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *args],
            cwd=self.sites,
            env={**self.environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    @staticmethod
    def environment() -> dict[str, str]:
        """Without Python's and Frappe's variables of the caller; click and Python speak UTF-8."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "FRAPPE_", "VIRTUAL_ENV"))}
        return {**kept, "LC_ALL": "C.UTF-8"}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dest", type=Path)
    parser.add_argument("apps", nargs="*")
    args = parser.parse_args()
    print(QuickBench.create(args.dest.resolve(), *args.apps).path)


if __name__ == "__main__":
    main()
