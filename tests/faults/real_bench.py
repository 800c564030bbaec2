# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same on real Frappe with MariaDB: two sites with ERPNext, of which the second is a copy of the first.

The database is looked at and put back with MariaDB's own programs, not with what is under test.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contract.benches import ContractBench
from tests.contract.building import open_real
from tests.faults.update_bench import OTHER, SITE, UpdateBench, agent_of

_APPS = ("erpnext", "shopsync")
_SITES = (SITE, OTHER)

# In front of the program it is named after: writes a little, and is killed, once.
_SHIM = """#!/bin/sh
rm -f '{fault}'
echo part
kill -9 $$
"""


class RealUpdateBench(UpdateBench):
    """The given bench of real Frappe; its own sites and apps are taken off again at the end."""

    data = ("sites", ".erpops")
    linked = ("sites",)

    def __init__(self, bench: ContractBench) -> None:
        self.bench: ContractBench = bench
        self.path = bench.path
        self.dump_kib = 0

    @classmethod
    @contextlib.contextmanager
    def opened(cls, work: Path) -> Iterator[RealUpdateBench]:
        """The bench with both sites; of the first there is a file and an API key."""
        with open_real(work) as bench:
            made = cls(bench)
            made.clear()
            try:
                for app in _APPS:
                    bench.add_app(app)
                bench.make_site(SITE)
                bench.one("site_app.apply", SITE, {"apps": list(_APPS)})
                agent_of(bench.path).one("key.apply", SITE, {"user": "Administrator"})
                made.clone_site()
                (bench.sites / SITE / "private/files/kept.txt").write_text("kept")
                bench.cli("purge-jobs")  # of the installation; nobody works here, and an update waits for them
                yield made
            finally:
                made.clear()

    def clear(self) -> None:
        """Its sites and what was noted of their updates are gone. :raises AssertionError: the bench has others."""
        others = {path.parent.name for path in self.bench.sites.glob("*/site_config.json")} - {*_SITES}
        assert not others, f"{self.path}: needs a bench without sites, has {', '.join(sorted(others))}"
        for site in _SITES:
            self.bench.drop_site(site)
        shutil.rmtree(self.path / "releases", ignore_errors=True)
        for name in ("updates", "points", "restart.json", "update.json"):
            path = self.path / ".erpops" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        (self.path / "fault.json").unlink(missing_ok=True)

    def clone_site(self) -> None:
        """The second site is what the first is."""
        shutil.copytree(self.bench.sites / SITE, self.bench.sites / OTHER)
        config = self.config()
        name = f"{config['db_name'][:14]}2"
        (self.bench.sites / OTHER / "site_config.json").write_text(json.dumps({**config, "db_name": name}, indent=1))
        self.sql(
            f"create database `{name}`; create user `{name}`@`%` identified by '{config['db_password']}';"
            f" grant all on `{name}`.* to `{name}`@`%`; use `{name}`;\n",
            self.dump(config["db_name"]),
        )

    def client(self, program: str, *words: str, given: bytes = b"") -> bytes:
        """One of MariaDB's programs as root, whose password is in no argument."""
        root = self.bench.root
        path = os.environ["PATH"].removeprefix(f"{self.shims}:")  # the right ones, whatever stands before them
        done = subprocess.run(
            [
                str(shutil.which(program, path=path)),
                "--no-defaults",
                f"--host={root['host']}",
                f"--port={root['port']}",
                f"--user={root['user']}",
                *words,
            ],
            env={**os.environ, "MYSQL_PWD": str(root["password"])},
            input=given,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:].decode()
        return done.stdout

    def sql(self, text: str, more: bytes = b"") -> None:
        self.client("mariadb", given=text.encode() + more)

    def dump(self, database: str) -> bytes:
        """All of a database, the same text for the same content."""
        words = ("--single-transaction", "--skip-dump-date", "--skip-comments", "--order-by-primary", "--hex-blob")
        return self.client("mariadb-dump", *words, "--skip-extended-insert", database)

    def tables(self, site: str) -> dict[str, list[str]]:
        """Each table's definition and rows, as text; the next automatic number, which no dump takes back, is left out."""
        found: dict[str, list[str]] = {}
        for part in self.dump(self.config(site)["db_name"]).decode().split("DROP TABLE IF EXISTS `")[1:]:
            table, _quote, rest = part.partition("`")
            found[table] = [re.sub(r" AUTO_INCREMENT=\d+", "", line) for line in rest.splitlines()]
        return found

    def copy_environment(self, to: Path) -> None:
        """Half a gigabyte, of which but the files of paths are links to the bench's own."""
        shutil.copytree(self.path / "env", to, symlinks=True, copy_function=os.link)
        for path in to.glob("lib/*/site-packages/*.pth"):
            text = path.read_text()
            path.unlink()
            path.write_text(text)
        for path in to.glob("lib/*/site-packages/faults_of_the_tests.py"):
            path.unlink()

    def fault(self, kind: str, **more: Any) -> None:
        """A program that is killed stands in front of the right one; the rest as on the stand-in."""
        super().fault(kind, **more)
        for program in {"dump": ("mariadb-dump", "mysqldump"), "tar": ("tar",)}.get(kind, ()):
            shim = self.shims / program
            shim.parent.mkdir(exist_ok=True)
            shim.write_text(_SHIM.format(fault=self.path / "fault.json"))
            shim.chmod(0o755)
            os.environ["PATH"] = f"{self.shims}:{os.environ['PATH'].removeprefix(f'{self.shims}:')}"

    @property
    def shims(self) -> Path:
        return self.path / "shims"

    def take_database(self) -> str:
        """The account has another name for a while, and so has its database server's patience with it."""
        name = self.config()["db_name"]
        root = self.bench.root
        statement = f"rename user `{name}`@`%` to `{name}_gone`@`%`"
        connection = f"host='{root['host']}', port={root['port']}, user='{root['user']}'"
        password = f"open('{os.environ['DB_ROOT_PASSWORD_FILE']}').read().strip()"
        return f"import pymysql; pymysql.connect({connection}, password={password}).cursor().execute('{statement}')"

    def give_database(self) -> None:
        name = self.config()["db_name"]
        self.sql(f"rename user `{name}_gone`@`%` to `{name}`@`%`;")

    def room_for(self, part: str) -> int:
        return 16 if part == "dump" else self.dump_kib + 400

    @contextlib.contextmanager
    def without_queue(self) -> Iterator[None]:
        path = self.bench.sites / "common_site_config.json"
        text = path.read_text()
        path.write_text(json.dumps({**json.loads(text), "redis_queue": "redis://127.0.0.1:9"}))
        yield
        path.write_text(text)

    def keep(self, folder: Path) -> None:
        super().keep(folder)
        for site in _SITES:
            dump = self.dump(self.config(site)["db_name"])
            (folder / f"{site}.sql").write_bytes(dump)
            if site == SITE:
                self.dump_kib = len(gzip.compress(dump)) // 1024

    def put_back(self, folder: Path) -> None:
        super().put_back(folder)
        shutil.rmtree(self.shims, ignore_errors=True)
        os.environ["PATH"] = os.environ["PATH"].removeprefix(f"{self.shims}:")
        for site in _SITES:
            name = self.config(site)["db_name"]
            kept = (folder / f"{site}.sql").read_bytes()
            if self.dump(name) != kept:
                self.sql(f"drop database `{name}`; create database `{name}`; use `{name}`;\n", kept)
            self.bench.cli("clear-cache", site=site)
        self.bench.cli("purge-jobs")
