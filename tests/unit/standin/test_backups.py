# SPDX-License-Identifier: GPL-3.0-or-later
"""backup and restore."""

from __future__ import annotations

import gzip
import json
import os
import re
import tarfile
from datetime import UTC
from pathlib import Path
from typing import Any

from tests.standin.quick_bench import QuickBench


def test_names_header_and_trailer(shared: QuickBench, site: str, site_path: Path) -> None:
    (site_path / "public/files/a.txt").write_text("public")
    (site_path / "private/files/b.txt").write_text("private")
    done = shared.run("--site", site, "backup", "--with-files")
    assert done.returncode == 0, done.stdout
    assert f"Backup for Site {site} has been successfully completed with files" in done.stdout
    assert f"Backup Summary for {site} at " in done.stdout
    slug = site.replace(".", "_")
    names = sorted(path.name for path in (site_path / "private/backups").iterdir())
    assert [re.sub(r"^\d{8}_\d{6}-", "", name) for name in names] == [
        f"{slug}-database.sql.gz",
        f"{slug}-files.tar",
        f"{slug}-private-files.tar",
        f"{slug}-site_config_backup.json",
    ]
    text = gzip.decompress((site_path / "private/backups" / names[0]).read_bytes()).decode()
    assert text.startswith("-- begin frappe metadata\n-- [frappe]\n-- version = 15.0.0\n-- branch = N/A\n")
    assert text.splitlines()[4] == "-- end frappe metadata"
    assert text.splitlines()[-1].startswith("-- Dump completed on 20")
    assert "CREATE TABLE" in text.upper()
    with tarfile.open(site_path / "private/backups" / names[1]) as tar:
        assert f"./{site}/public/files/a.txt" in tar.getnames()
    assert (site_path / "private/backups" / names[3]).read_text() == (site_path / "site_config.json").read_text()


def test_chosen_paths_and_compression(shared: QuickBench, site: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep/er"
    done = shared.run("--site", site, "backup", "--with-files", "--compress", "--backup-path", str(folder))
    assert done.returncode == 0, done.stdout
    assert sorted("".join(path.suffixes[-2:]) for path in folder.iterdir()) == [".json", ".sql.gz", ".tgz", ".tgz"]
    single = tmp_path / "elsewhere/db.sql.gz"
    conf = tmp_path / "elsewhere/conf.json"
    options = ["--backup-path-db", str(single), "--backup-path-conf", str(conf)]
    assert shared.run("--site", site, "backup", *options).returncode == 0
    assert single.exists()
    assert conf.exists()


def test_old_backups_go_first(shared: QuickBench, site: str, site_path: Path) -> None:
    old = site_path / "private/backups/old-database.sql.gz"
    old.write_text("x")
    values = json.loads((site_path / "site_config.json").read_text())
    (site_path / "site_config.json").write_text(json.dumps({**values, "keep_backups_for_hours": -1}))
    assert shared.run("--site", site, "backup").returncode == 0
    assert not old.exists()


def test_partial_dumps(shared: QuickBench, site: str, site_path: Path, tmp_path: Path) -> None:
    def take(*options: str) -> Path:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        done = shared.run("--site", site, "backup", "--backup-path", str(folder), *options)
        assert done.returncode == 0, done.stdout
        return next(folder.glob("*.sql.gz"))

    only = take("--include", "User,Role")
    assert only.name.endswith("-partial-database.sql.gz")
    text = gzip.decompress(only.read_bytes()).decode()
    assert f"-- Partial Backup of Frappe Site {site}\n-- Backup contains: tabUser, tabRole\n" in text
    assert "`tabNote`" not in text
    assert "-- Backup excludes: tabNote" in gzip.decompress(take("--exclude", "Note").read_bytes()).decode()
    values = json.loads((site_path / "site_config.json").read_text())
    (site_path / "site_config.json").write_text(json.dumps({**values, "backup": {"excludes": ["Note"]}}))
    assert "-partial-" in take().name
    assert "-partial-" not in take("--ignore-backup-conf").name
    refused = shared.run("--site", site, "restore", str(only))
    assert (refused.returncode, "Partial Backup file detected" in refused.stdout) == (1, True)


def change(shared: QuickBench, site: str, code: str) -> str:
    done = shared.call("-c", f"import frappe; frappe.init({site!r}); frappe.connect(); {code}; frappe.db.commit()")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_restore_brings_data_and_files_back_but_not_the_config(
    shared: QuickBench, site: str, site_path: Path, tmp_path: Path
) -> None:
    secret = "d = frappe.get_single('Shop Settings'); d.api_secret = 'first'; d.save()"
    change(shared, site, secret)
    (site_path / "public/files/a.txt").write_text("before")
    done = shared.run("--site", site, "backup", "--with-files", "--backup-path", str(tmp_path))
    assert done.returncode == 0, done.stdout
    key = json.loads((site_path / "site_config.json").read_text())["encryption_key"]
    change(shared, site, "frappe.get_doc({'doctype': 'Role', 'role_name': 'Later'}).insert()")
    (site_path / "public/files/a.txt").write_text("after")
    values = json.loads((site_path / "site_config.json").read_text())
    del values["encryption_key"]
    (site_path / "site_config.json").write_text(json.dumps({**values, "mine": 1}))
    files = {path.name.split("-", 2)[2]: str(path) for path in tmp_path.iterdir()}
    done = shared.run(
        "--site",
        site,
        "restore",
        files["database.sql.gz"],
        "--with-public-files",
        files["files.tar"],
        "--with-private-files",
        files["private-files.tar"],
        "--force",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Site {site} has been restored with files" in done.stdout
    assert change(shared, site, "print(frappe.db.exists('Role', 'Later'))") == "None"
    assert (site_path / "public/files/a.txt").read_text() == "before"
    after = json.loads((site_path / "site_config.json").read_text())
    assert (after["mine"], "encryption_key" in after) == (1, False)
    read = "print(frappe.get_single('Shop Settings').get_password('api_secret', raise_exception=False))"
    assert change(shared, site, read) == "None", "the secret needs the key it was encrypted with"
    after = json.loads((site_path / "site_config.json").read_text())
    (site_path / "site_config.json").write_text(json.dumps({**after, "encryption_key": key}))
    assert change(shared, site, read) == "first"


def test_restore_finds_the_file_in_the_site(shared: QuickBench, site: str, site_path: Path) -> None:
    shared.run("--site", site, "backup")
    name = next((site_path / "private/backups").glob("*.sql.gz")).name
    done = shared.run("--site", site, "restore", name)
    assert done.returncode == 0, done.stdout
    missing = shared.run("--site", site, "restore", "nothing.sql.gz")
    assert (missing.returncode, "File nothing.sql.gz not found." in missing.stdout) == (1, True)


def test_what_restore_refuses(shared: QuickBench, site: str, tmp_path: Path) -> None:
    empty, foreign, newer = tmp_path / "e.sql", tmp_path / "f.sql", tmp_path / "n.sql.gz"
    empty.touch()
    foreign.write_text("create table x (y);\n")
    with gzip.open(newer, "wt") as f:
        f.write("-- begin frappe metadata\n-- [frappe]\n-- version = 16.1.0\n-- end frappe metadata\n__Auth\n")
    assert "is an empty file" in shared.run("--site", site, "restore", str(empty)).stdout
    assert "Table `__Auth` not found in file." in shared.run("--site", site, "restore", str(foreign)).stdout
    downgrade = shared.run("--site", site, "restore", str(newer))
    assert downgrade.returncode == 1
    assert "Your site is currently on Frappe 15.0.0 and your backup is 16.1.0." in downgrade.stdout


def test_a_dump_that_breaks_off_leaves_a_broken_site(shared: QuickBench, site: str, tmp_path: Path) -> None:
    (tmp_path / "cut.sql").write_text(
        "create table `__Auth` (x);\ncreate table `tabUser` (name varchar(140));\ninsert in"
    )
    done = shared.run("--site", site, "restore", str(tmp_path / "cut.sql"))
    assert done.returncode == 1
    assert shared.run("--site", site, "list-apps").returncode == 1


def test_a_failed_backup_leaves_nothing(shared: QuickBench, site: str, site_path: Path, tmp_path: Path) -> None:
    os.rename(site_path / "public/files", site_path / "public/moved")
    done = shared.run("--site", site, "backup", "--with-files", "--backup-path", str(tmp_path / "b"))
    assert done.returncode == 1
    assert f"Backup failed for Site {site}." in done.stdout
    assert [path.name for path in (tmp_path / "b").iterdir() if path.name.endswith("files.tar")] == []


def test_time_in_names_is_the_sites(frappe: Any) -> None:
    from datetime import datetime

    def offset() -> float:
        return (frappe.utils.now_datetime() - datetime.now(UTC).replace(tzinfo=None)).total_seconds() / 3600

    assert round(offset(), 1) == 5.5, "Asia/Kolkata until somebody sets a time zone"
    frappe.db.set_single_value("System Settings", "time_zone", "UTC")
    assert round(offset(), 1) == 0
