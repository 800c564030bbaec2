# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench in a temporary directory, how tests build on it and look into it.

Most operations are tested in this process (``tools.at``), and those whose point is the process itself through the
real agent (``tools.agent``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import SiteAgent
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context

FAKE = Path(__file__).resolve().parents[4] / "fake"
SITE = "a.localhost"


def field(fieldname: str, fieldtype: str = "Data", options: str = "", reqd: int = 0) -> dict[str, Any]:
    """A field of a DocType."""
    return {"fieldname": fieldname, "fieldtype": fieldtype, "options": options, "reqd": reqd}


def git(folder: Path, *words: str) -> str:
    """Plain git, without the settings of whoever runs the tests."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Tools:
    """The temporary bench, and how tests build on it and look into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sites = path / "sites"
        # Where packages of the bench's environment lie; this process and its children look there too.
        self.packages = path / "env" / "lib"

    def write(self, path: Path | str, content: Any) -> Path:
        """A file of the bench; anything but text is written as JSON."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content))
        return target

    def read(self, path: Path | str) -> Any:
        return json.loads((self.path / path).read_text())

    def switch(self, **faults: Any) -> None:
        """What shall go wrong in the framework."""
        self.write("switches.json", faults)

    def commands(self) -> list[dict[str, Any]]:
        """The framework commands that ran."""
        path = self.path / "commands.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def site(self, name: str = SITE, **config: Any) -> Path:
        """A whole site that nobody recorded."""
        sys.path.insert(0, str(FAKE))
        try:
            from frappe.utils.bench_helper import empty_database
        finally:
            sys.path.remove(str(FAKE))
        db_name = "_" + name.replace(".", "_")
        self.write(f"databases/{db_name}.json", empty_database())
        (self.sites / name / "locks").mkdir(parents=True)
        return self.write(
            f"sites/{name}/site_config.json", {"db_name": db_name, "db_password": "db-password", **config}
        )

    def database(self, name: str = SITE) -> dict[str, Any]:
        """What is committed."""
        return dict(self.read(f"databases/{self.read(f'sites/{name}/site_config.json')['db_name']}.json"))

    def docs(self, doctype: str, name: str = SITE) -> dict[str, Any]:
        return dict(self.database(name)["docs"].get(doctype, {}))

    def change_database(self, **parts: Any) -> None:
        """Merge ``docs``, ``passwords`` ... into the database, as somebody else would."""
        _context.disconnect()
        data = self.database()
        for part, value in parts.items():
            if part == "docs":
                for doctype, rows in value.items():
                    data["docs"].setdefault(doctype, {}).update(rows)
            elif isinstance(value, dict):
                data.setdefault(part, {}).update(value)
            else:
                data[part] = value
        self.write(f"databases/{self.read(f'sites/{SITE}/site_config.json')['db_name']}.json", data)

    def app(
        self,
        name: str,
        doctypes: tuple[str, ...] = (),
        hooks: str = "",
        code: str = "",
        fixtures: list[dict[str, Any]] | None = None,
        listed: bool = True,
    ) -> Path:
        """An app in ``apps/`` with one module; listed and importable unless told otherwise. Returns its package."""
        folder = self.path / "apps" / name
        package = folder / name
        self.write(package / "__init__.py", '__version__ = "1.2.3"\n')
        self.write(package / "hooks.py", hooks)
        self.write(package / "api.py", code)
        self.write(package / "modules.txt", f"{name}_core\n")
        self.write(package / f"{name}_core" / "__init__.py", "")
        self.write(folder / "pyproject.toml", f'[project]\nname = "{name}"\n')
        for doctype in doctypes:
            stem = doctype.lower().replace(" ", "_")
            definition = {"doctype": "DocType", "name": doctype, "fields": [field("title", reqd=1)]}
            self.write(package / f"{name}_core" / "doctype" / stem / f"{stem}.json", definition)
        if fixtures:
            self.write(package / "fixtures" / "all.json", fixtures)
        if listed:
            (self.packages / name).symlink_to(package)
            with (self.sites / "apps.txt").open("a") as lines:
                lines.write(f"{name}\n")
        return package

    def at(self, site: str = SITE, **options: Any) -> Context:
        """The surroundings of an operation that runs in this process, without a connection, like a new agent."""
        _context.disconnect()
        return Context(bench=Bench(str(self.path)), site=site, lock_timeout=0, **options)

    def agent(self, **options: Any) -> SiteAgent:
        """The real agent: a process of the bench's own interpreter."""
        return SiteAgent(HostRuntime(str(self.path)), **{"timeout": 60.0, "lock_timeout": 0.0, **options})
