#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure an update with a small patch, and its way back, on real Frappe and ERPNext, beside `bench update`.

    make bench-real [ARGS="--tenants 2 --gib 4"]

Needs what `make demo-real` needs. A bench of its own gets its tenants, all in a temporary directory that is removed at the
end with the sites' databases. Seconds in which a site is not served are those in which its web server, asked ten times a
second, does not answer 200. Prints a table, and as its last line figures for machines.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.bench.fleet import Fleet, Run  # noqa: E402 -- run as a file, this finds its own package
from tests.bench.plain import Plain  # noqa: E402
from tests.bench.run import Table, say  # noqa: E402
from tests.contract.building import REAL_MISSING  # noqa: E402

# What its command line does before: else it does not log, and stumbles over the output of `migrate`.
_UPDATE = """
import bench.cli
from bench.utils import setup_logging
from bench.utils.bench import update
bench.cli.from_command_line = True
setup_logging()
update()
"""
# Rows of 32 KiB, no two alike, written by the server itself; packed they are about half of that.
_FILL = "insert into `tabBench Filler` (body) select concat_ws('', {parts}) from seq_1_to_{rows}"


BACK = ("-e", "rollback_to=newest", "-e", "rollback_confirm=all")


class RealFleet(Fleet):
    """Tenants with ERPNext and a small app on a bench with assets."""

    # Not ledgerlift, which is in a subdirectory of its repository: `bench update` cannot install that.
    apps = ("erpnext", "shopsync")

    def __init__(self, root: Path, tenants: int) -> None:
        super().__init__(root, 0, tenants)
        self.variables["bench_apps"] = self.declared_apps()
        (root / "vars.json").write_text(json.dumps(self.variables))

    def play(self, playbook: Path | str, *arguments: str, count: str = "") -> Run:
        real = ("--extra-vars", f"@{ROOT}/inventories/demo-real.yml", "--extra-vars", f"@{self.root}/vars.json")
        return super().play(playbook, *real, *arguments, count=count)

    def build(self) -> None:
        super().build()
        self.play("provision.yml")

    def client(self, *words: str, given: str = "") -> str:
        """MariaDB's client as root, whose password is in no argument."""
        server = [f"--host={os.environ.get('DB_HOST') or '127.0.0.1'}", f"--port={os.environ.get('DB_PORT') or 3306}"]
        user = f"--user={os.environ.get('DB_ROOT_USER') or 'root'}"
        password = Path(os.environ["DB_ROOT_PASSWORD_FILE"]).read_text().strip()
        return run(["mariadb", "--no-defaults", *server, user, "--batch", "--skip-column-names", *words], given,
                   MYSQL_PWD=password)  # fmt: skip

    def fill(self, site: str, gib: float) -> float:
        """GiB of the site's database, with a table of about that size more."""
        name = self.config(site)["db_name"]
        if gib:
            self.client(
                given=f"create table `{name}`.`tabBench Filler` (name bigint primary key auto_increment, body longtext)"
            )
            parts = ", ".join(["sha2(rand(), 512)"] * 256)
            self.client(name, given=_FILL.format(parts=parts, rows=int(gib * 32768)))
        size = f"select sum(data_length + index_length) from information_schema.tables where table_schema='{name}'"
        return float(self.client(given=size)) / 2**30

    def config(self, site: str) -> dict[str, Any]:
        return dict(json.loads((self.bench / "sites" / site / "site_config.json").read_text()))

    def tools(self) -> dict[str, str]:
        return {"PATH": f"{self.root}/bench-cli/bin:{os.environ['PATH']}"}

    def bench_update(self) -> None:
        """`bench update`, past its command line, which refuses root; then the processes are restarted by hand."""
        for app in ("frappe", *self.apps):
            folder = self.bench / "apps" / app
            remote = run(["git", "remote"], cwd=folder).split()[0]
            source = run(["git", "remote", "get-url", remote], cwd=folder).strip().removeprefix("file://")
            branch = run(["git", "branch", "--show-current"], cwd=Path(source)).strip()
            run(["git", "checkout", "--quiet", "-B", branch], cwd=folder)
        run([str(self.root / "bench-cli/bin/python"), "-c", _UPDATE], cwd=self.bench, **self.tools())
        if self.supervisor("restart", "all") != 0:
            raise SystemExit("the processes did not start again after bench update")

    def plain_restore(self, plain: Plain, site: str) -> float:
        """Seconds of `bench restore` of the site's newest backup with its files; the root password is in no argument."""
        folder = self.bench / "sites" / site / "private/backups"
        dump, private = (max(folder.glob(f"*{end}")) for end in ("-database.sql.gz", "-private-files.tar"))
        files = dump.with_name(dump.name.replace("-database.sql.gz", "-files.tar"))
        words = ["--site", site, "restore", str(dump), "--force", "--with-public-files", str(files)]
        words += ["--with-private-files", str(private), "--db-root-username", os.environ.get("DB_ROOT_USER") or "root"]
        common = self.bench / "sites/common_site_config.json"
        kept = common.read_text()
        password = Path(os.environ["DB_ROOT_PASSWORD_FILE"]).read_text().strip()
        common.write_text(json.dumps({**json.loads(kept), "root_password": password}))
        try:
            return timed(lambda: plain.bench(*words))
        finally:
            common.write_text(kept)

    def drop(self) -> None:
        for site in self.fresh:
            with contextlib.suppress(OSError, ValueError):
                name = self.config(site)["db_name"]
                # `bench restore` makes an account of its own choice.
                gone = "; ".join(f"drop user if exists `{name}`@`{host}`" for host in ("%", "localhost", "127.0.0.1"))
                self.client(given=f"drop database if exists `{name}`; {gone}")


def run(words: list[str], given: str = "", cwd: Path | None = None, **environment: str) -> str:
    """stdout of a program. :raises SystemExit: it failed."""
    # A shell that keeps Python from compiling would make `bench update` slower than it is.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        words, input=given, cwd=cwd, env={**kept, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)[:300]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def timed(work: Callable[[], object]) -> float:
    """Seconds of it."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Watch:
    """Asks each site's web server until the end."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.silent = dict.fromkeys(fleet.fresh, 0.0)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(site,), daemon=True) for site in fleet.fresh]

    def _ask(self, site: str) -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{self.fleet.port}/api/method/ping", headers={"Host": site})
        last = time.perf_counter()
        while not self._over.wait(0.1):  # more often takes a third of a processor, which is missing then
            try:
                with urllib.request.urlopen(request, timeout=60):
                    served = True
            except (OSError, urllib.error.URLError):
                served = False
            now = time.perf_counter()
            self.silent[site] += 0 if served else now - last
            last = now

    @property
    def median(self) -> float:
        return statistics.median(self.silent.values())

    def __enter__(self) -> Watch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        time.sleep(1)
        self._over.set()
        for thread in self._threads:
            thread.join(70)


def watched(fleet: RealFleet, playbook: str, *arguments: str) -> tuple[float, float, float]:
    """Seconds of a playbook, and of these the median in which a tenant was not served, and those of the first tenant."""
    with Watch(fleet) as watch:
        run = fleet.play(playbook, *arguments)
    return run.seconds, watch.median, watch.silent[fleet.fresh[0]]


def measure(fleet: RealFleet, table: Table, gib: float, repeat: int) -> None:
    first = fleet.fresh[0]
    size = fleet.fill(first, gib)
    table.figures["database_gib"] = round(size, 2)
    table.add("database of a tenant", f"{size:.2f} GiB")
    plain = Plain(fleet)
    backup = timed(lambda: plain.bench("--site", first, "backup", "--with-files"))
    migrate = timed(lambda: plain.bench("--site", first, "migrate"))
    restore = fleet.plain_restore(plain, first)
    table.add(
        "one tenant by hand",
        "",
        f"{backup:.1f} s backup with files, {migrate:.1f} s migrate, {restore:.1f} s restore with files",
    )

    fleet.commit_patch()
    say("bench update")
    with Watch(fleet) as theirs:
        plainly = timed(fleet.bench_update)
    table.figures.update(plain_update_s=round(plainly, 1), plain_silent_s=round(theirs.median, 1))
    ours: list[tuple[float, ...]] = []
    for number in range(repeat):
        fleet.commit_patch(f"extra_{number}")
        ours.append(
            (
                *watched(fleet, "update.yml"),
                *watched(fleet, "rollback.yml", *BACK),
                *watched(fleet, "rollback.yml", *BACK, "-e", "rollback_again=true", "-e", "rollback_safety=skip"),
            )
        )
        say(f"update {number}: {ours[-1]}")
    update_s, silent, first_silent, back_s, back_silent, first_back, _skip_s, skip_silent, first_skip = (
        statistics.median(one) for one in zip(*ours, strict=True)
    )
    table.figures.update(
        update_s=round(update_s, 1), silent_s=round(silent, 1), rollback_s=round(back_s, 1),
        rollback_silent_s=round(back_silent, 1), dump_and_migrate_s=round(backup + migrate, 1),
        plain_restore_s=round(restore, 1), first_silent_s=round(first_silent, 1),
        first_rollback_silent_s=round(first_back, 1), first_skip_silent_s=round(first_skip, 1),
    )  # fmt: skip
    count = len(fleet.fresh)
    table.add(
        f"an update of {count} tenants with a patch, in all", f"{update_s:.1f} s", f"{plainly:.1f} s bench update"
    )
    table.add("  a tenant is not served (median)", f"{silent:.1f} s", f"{theirs.median:.1f} s", "12 s")
    table.add(
        "  the first of them, of its dump and migrate by hand",
        f"{first_silent / (backup + migrate):.2f} times",
        "",
        "1.3 of several GB",
    )
    table.add("back to the point, code and data, in all", f"{back_s:.1f} s", "there is none")
    table.add("  a tenant is not served (median)", f"{back_silent:.1f} s", "", "12 s")
    table.add("  the first, of its dump and restore by hand", f"{first_back / (backup + restore):.2f} times")
    table.add("the same, what it is now is given up (median)", f"{skip_silent:.1f} s", "", "12 s")
    table.add("  the first, of its restore by hand", f"{first_skip / restore:.2f} times", "", "1.3 of several GB")


@contextlib.contextmanager
def opened(root: Path, tenants: int) -> Iterator[RealFleet]:
    fleet = RealFleet(root, tenants)
    try:
        fleet.build()
        yield fleet
    finally:
        fleet.stop()
        fleet.drop()
        shutil.rmtree(root, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tenants", type=int, default=2, metavar="N", help="tenants of the bench (2)")
    parser.add_argument(
        "--gib", type=float, default=0, metavar="N", help="GiB that the first tenant's database has more (0)"
    )
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="updates that a median is taken of (3)")
    args = parser.parse_args()
    if REAL_MISSING:
        raise SystemExit(f"{', '.join(REAL_MISSING)} not set; docs/verified.md lists what make demo-real needs")
    begun, table = time.monotonic(), Table()
    root = Path(tempfile.mkdtemp(prefix="erpops-real-"))
    say(f"building a bench in {root} (load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors)")
    with opened(root, args.tenants) as fleet:
        measure(fleet, table, args.gib, args.repeat)
        say(f"{time.monotonic() - begun:.0f} s in all, load average {os.getloadavg()[0]:.1f}")
    table.show()


if __name__ == "__main__":
    main()
