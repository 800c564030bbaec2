# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The framework's commands. Each call is noted in ``<bench>/commands.jsonl`` with what its process list showed."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import frappe
from frappe.database import Database


def empty_database() -> dict[str, Any]:
    """A database with the framework and its Administrator."""
    doctypes = {
        name: {"name": name, "issingle": 0, "module": "Core", "custom": 0, "is_virtual": 0, **row}
        for name, row in frappe.DOCTYPES.items()
    }
    docs: dict[str, Any] = {
        "DocType": doctypes,
        "Module Def": {"Core": {"name": "Core", "app_name": "frappe"}},
        "User": {"Administrator": {"name": "Administrator", "email": "admin@example.com", "enabled": 1}},
        "System Settings": {"System Settings": {"name": "System Settings", "enable_scheduler": 1}},
    }
    return {"installed": ["frappe"], "docs": docs, "passwords": {}}


def sync(db: Database, app: str) -> None:
    """An app's DocTypes, jobs and fixtures, from its files."""
    package = Path(frappe.get_app_path(app))
    hooks = frappe.get_hooks(app)
    for module in (package / "modules.txt").read_text().split():
        db.rows("Module Def")[module] = {"name": module, "app_name": app}
        for path in sorted((package / module).glob("doctype/*/*.json")):
            row = json.loads(path.read_text())
            db.rows("DocType")[row["name"]] = {"issingle": 0, "module": module, "custom": 0, "is_virtual": 0, **row}
    for methods in hooks.get("scheduler_events", {}).values():
        for method in methods:
            db.rows("Scheduled Job Type")[method] = {"name": method, "method": method, "stopped": 0}
    for path in sorted(package.glob("fixtures/*.json")):
        for row in json.loads(path.read_text()):
            db.rows(row["doctype"])[row["name"]] = row


def new_site(site: str, options: dict[str, str]) -> None:
    name, fault = options["--db-name"], frappe.switch("new-site")
    Path(site, "locks").mkdir(parents=True)
    if fault == "early":
        sys.exit(f"Access denied with {options['--db-root-password']}")
    Path(f"../databases/{name}.json").write_text(json.dumps(empty_database()))
    config = {"db_name": name, "db_password": "db-password"}
    if fault == "late":
        sys.exit("Database settings do not match")
    Path(site, "site_config.json").write_text(json.dumps(config))


def install_app(db: Database, app: str) -> None:
    fault = frappe.switch("install-app")
    db.data["installed"] = [name for name in db.data["installed"] if name != app] + [app]
    db.commit()
    if fault == "late":
        sys.exit("An error occurred while installing: \x1b[31mlate failure\x1b[0m")
    if fault != "nothing":
        sync(db, app)
        db.commit()


def migrate(db: Database) -> None:
    if frappe.switch("migrate") != "nothing":
        db.data["dropped"] = []
        for app in db.data["installed"][1:]:
            sync(db, app)
    db.commit()


def uninstall_app(db: Database, app: str) -> None:
    """DocTypes and tables go; their secrets in ``__Auth`` stay, as with the real one."""
    if not frappe.switch("uninstall-app"):
        db.data["installed"].remove(app)
        modules = [name for name, row in db.rows("Module Def").items() if row.get("app_name") == app]
        for name in [name for name, row in db.rows("DocType").items() if row.get("module") in modules]:
            del db.rows("DocType")[name]
    db.commit()


def backup(site: str, folder: str) -> None:
    fault = frappe.switch("backup")
    if fault == "fails":
        sys.exit("No space left on device")
    dump = os.urandom(20_000) + (b"" if fault == "cut" else b"\n-- Dump completed on 2026-01-02\n")
    if fault != "no dump":
        Path(folder, "1-database.sql.gz").write_bytes(gzip.compress(dump)[: 100 if fault == "damaged" else None])
    config = json.loads(Path(site, "site_config.json").read_text())
    config.setdefault("encryption_key", "made-on-first-use")
    if fault == "no key":
        del config["encryption_key"]
    Path(folder, "1-site_config_backup.json").write_text(json.dumps(config))


def drop_site(site: str) -> None:
    if frappe.switch("drop-site") == "fails":
        sys.exit("Access denied")
    Path(f"../databases/{frappe.get_conf(site)['db_name']}.json").unlink()
    if frappe.switch("drop-site") != "keeps directory":
        shutil.rmtree(site)


def main() -> None:
    words = sys.argv[2:]
    site = words.pop(1) if words[0] == "--site" else ""
    words = words[1:] if site else words
    shown = Path("/proc/self/cmdline").read_text().replace("\0", " ")
    with Path("../commands.jsonl").open("a") as log:
        log.write(json.dumps({"site": site, "words": words, "shown": shown}) + "\n")
    command, *rest = words
    if command == "new-site":
        return new_site(rest[0], dict(zip(rest[1::2], rest[2::2], strict=True)))
    if command == "backup":
        return backup(site, rest[rest.index("--backup-path") + 1])
    if command == "drop-site":
        return drop_site(rest[0])
    frappe.init(site)
    if command == "build":
        return sys.exit("esbuild is not there") if frappe.switch("build") else print("built")
    frappe.connect()
    commands: dict[str, Any] = {"install-app": install_app, "migrate": migrate, "uninstall-app": uninstall_app}
    return commands[command](frappe.db, *rest[:1])


if __name__ == "__main__":
    main()
