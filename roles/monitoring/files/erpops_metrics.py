# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the exporters of the distributions do not know of a host with benches, as a file for node_exporter's textfile
collector. Standard library alone. Passwords are read (of Redis), never written: neither into the file nor into a log.

A part that fails costs its own samples only; erpops_collector_success says which one it was.
"""

from __future__ import annotations

import argparse
import fnmatch
import glob
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

METRICS = {
    "erpops_benches": "Benches of this host.",
    "erpops_bench_sites": "Sites of the bench.",
    "erpops_bench_disk_free_bytes": "What an ordinary user can still write where the sites of the bench are.",
    "erpops_bench_disk_size_bytes": "Size of that file system.",
    "erpops_bench_processes": "Running processes of the bench: web, schedule, worker, socketio.",
    "erpops_queue_jobs": "Jobs that wait in a queue of the bench.",
    "erpops_queue_started_jobs": "Jobs of the queue that a worker has begun.",
    "erpops_queue_failed_jobs": "Failed jobs of the queue that Redis still holds.",
    "erpops_queue_workers": "Workers that have registered for queues of the bench.",
    "erpops_site_maintenance": "1 while the site is in maintenance mode.",
    "erpops_site_scheduler_paused": "1 while the configuration of site or bench keeps the scheduler from the site.",
    "erpops_site_since_timestamp_seconds": "When the site was made, as far as its directories tell.",
    "erpops_site_backup_timestamp_seconds": "When the newest backup of the site's database was written; 0 without one.",
    "erpops_site_backup_size_bytes": "Size of that backup.",
    "erpops_certificate_expiry_timestamp_seconds": "When the first certificate of the file ends.",
    "erpops_unit_active": "1 while the systemd unit is active.",
    "erpops_reboot_required": "1 when an installed package asks for a reboot.",
    "erpops_collector_success": "1 if this part of the file could be collected.",
    "erpops_collector_timestamp_seconds": "When this file was written.",
    "erpops_collector_duration_seconds": "How long it took.",
}  # fmt: skip
KINDS = ("web", "schedule", "worker", "socketio")
QUEUES = ("default", "long", "short")
TIMEOUT = 3.0


class Sample(NamedTuple):
    name: str
    labels: dict[str, str]
    value: float


class Bench(NamedTuple):
    name: str
    path: Path
    scheduled: bool = True  # whether its scheduler is to run on this host


Samples = Iterator[Sample]


class RedisError(Exception):
    """Redis refused; the text is the first word of its answer, which names the kind of fault and holds no secret."""


def render(samples: Iterable[Sample]) -> str:
    """The exposition format: HELP and TYPE once, then the samples of each metric, in a stable order."""
    lines = []
    found = sorted(samples, key=lambda sample: (sample.name, sorted(sample.labels.items())))
    for name, text in sorted(METRICS.items()):
        own = [sample for sample in found if sample.name == name]
        if own:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
            lines += [f"{name}{_labels(sample.labels)} {sample.value:.15g}" for sample in own]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    escaped = (
        '{}="{}"'.format(key, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for key, value in sorted(labels.items())
    )
    return "{" + ",".join(escaped) + "}" if labels else ""


def read_config(path: Path) -> dict[str, Any]:
    """A site_config.json or common_site_config.json."""
    config = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(config, dict):
        raise ValueError(f"{path} holds no object")
    return config


def site_directories(bench: Bench) -> list[Path]:
    return sorted(path.parent for path in bench.path.glob("sites/*/site_config.json"))


def collect_bench(bench: Bench) -> Samples:
    labels = {"bench": bench.name}
    sites = site_directories(bench)
    disk = os.statvfs(bench.path / "sites")
    yield Sample("erpops_bench_sites", labels, len(sites))
    yield Sample("erpops_bench_disk_free_bytes", labels, disk.f_bavail * disk.f_frsize)
    yield Sample("erpops_bench_disk_size_bytes", labels, disk.f_blocks * disk.f_frsize)


def collect_sites(bench: Bench) -> Samples:
    common = read_config(bench.path / "sites/common_site_config.json")
    for site in site_directories(bench):
        labels = {"bench": bench.name, "site": site.name}
        config = {**common, **read_config(site / "site_config.json")}
        paused = any(_is_on(config.get(key)) for key in ("pause_scheduler", "disable_scheduler"))
        yield Sample("erpops_site_maintenance", labels, _is_on(config.get("maintenance_mode")))
        yield Sample("erpops_site_scheduler_paused", labels, paused)
        yield Sample("erpops_site_since_timestamp_seconds", labels, _since(site))
        changed, size = newest_backup(site / "private/backups", config.get("backup_path"))
        yield Sample("erpops_site_backup_timestamp_seconds", labels, changed)
        yield Sample("erpops_site_backup_size_bytes", labels, size)


def _is_on(value: object) -> bool:
    """Frappe takes 0, "0" and a missing key for off."""
    return str(value or 0).strip().lower() not in ("0", "", "false", "none")


def _since(site: Path) -> float:
    parts = [site / name for name in ("private", "public", "locks", "logs", "site_config.json")]
    return min(path.stat().st_mtime for path in parts if path.exists())


def newest_backup(*directories: Path | str | None) -> tuple[float, int]:
    """Time and size of the newest full backup of the database, which may be encrypted; (0, 0) without one."""
    found = (
        path.stat()
        for directory in directories
        if directory
        for path in Path(directory).glob("*-database*.sql.gz")
        if "-partial-" not in path.name and path.stat().st_size > 0
    )
    return max(((stat.st_mtime, stat.st_size) for stat in found), default=(0.0, 0))


def command_lines(proc: Path) -> Iterator[list[str]]:
    for path in proc.glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has ended meanwhile
            continue
        yield [word for word in words if word]


def kind_of(words: list[str]) -> str:
    """Which of the bench's processes a command line is, or nothing."""
    names = [os.path.basename(word) for word in words]
    if "gunicorn" in names[:2]:
        return "web"
    if "socketio.js" in names[:3]:
        return "socketio"
    if "frappe.utils.bench_helper" in words[:4]:
        return next((word for word in words if word in ("schedule", "worker")), "")
    return ""


def collect_processes(benches: list[Bench], proc: Path) -> Samples:
    counts = {(bench.name, kind): 0 for bench in benches for kind in KINDS if bench.scheduled or kind != "schedule"}
    longest_first = sorted(benches, key=lambda bench: -len(str(bench.path)))
    for words in command_lines(proc):
        kind = kind_of(words)
        for bench in longest_first if kind else ():
            if any(word.startswith(f"{bench.path}/") for word in words):
                counts[bench.name, kind] = counts.get((bench.name, kind), 0) + 1
                break
    for (name, kind), count in counts.items():
        yield Sample("erpops_bench_processes", {"bench": name, "kind": kind}, count)


class Redis:
    """As much of a Redis client as it takes to count: redis://[user[:password]@]host[:port][/db] or unix://path."""

    def __init__(self, url: str, username: str = "", password: str = "") -> None:
        parts = urlsplit(url if "://" in url else f"redis://{url}")
        if parts.scheme == "unix":
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(TIMEOUT)
            self._socket.connect(parts.path)
        elif parts.scheme == "redis":
            self._socket = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), TIMEOUT)
        else:
            raise RedisError(f"scheme {parts.scheme}")
        self._stream = self._socket.makefile("rb")
        username, password = username or unquote(parts.username or ""), password or unquote(parts.password or "")
        try:
            if password:
                self.ask("AUTH", *([username] if username else []), password)
            if parts.scheme == "redis" and parts.path.strip("/"):
                self.ask("SELECT", parts.path.strip("/"))
        except RedisError:
            self.close()
            raise

    def ask(self, *words: str) -> Any:
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            parts += [f"${len(word.encode())}\r\n".encode(), word.encode(), b"\r\n"]
        self._socket.sendall(b"".join(parts))
        return self._answer()

    def _answer(self) -> Any:
        line = self._stream.readline()
        kind, rest = line[:1], line[1:].strip()
        if kind == b"-":
            raise RedisError(rest.decode(errors="replace").split(" ")[0])
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._stream.read(int(rest) + 2)[:-2].decode(errors="replace")
        if kind == b"*":
            return [self._answer() for _number in range(int(rest))]
        raise RedisError("closed" if not line else "protocol")

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def collect_queues(bench: Bench) -> Samples:
    """Names as Frappe makes them: queues are called <bench id>:<queue>, and RQ keeps them under rq:queue:."""
    config = read_config(bench.path / "sites/common_site_config.json")
    own = config.get("bench_id") or str(bench.path).strip("/").replace("/", "-")
    with_login = _is_on(config.get("use_rq_auth"))
    redis = Redis(
        str(config["redis_queue"]),
        str(config.get("rq_username") or own) if with_login else "",
        str(config.get("rq_password") or "") if with_login else "",
    )
    try:
        prefix = f"rq:queue:{own}:"
        known = {key[len(prefix) :] for key in redis.ask("SMEMBERS", "rq:queues") if key.startswith(prefix)}
        workers = set()
        for queue in sorted(known.union(QUEUES, config.get("workers") or ())):
            labels, name = {"bench": bench.name, "queue": queue}, f"{own}:{queue}"
            yield Sample("erpops_queue_jobs", labels, redis.ask("LLEN", f"rq:queue:{name}"))
            yield Sample("erpops_queue_started_jobs", labels, redis.ask("ZCARD", f"rq:wip:{name}"))
            yield Sample("erpops_queue_failed_jobs", labels, redis.ask("ZCARD", f"rq:failed:{name}"))
            workers.update(redis.ask("SMEMBERS", f"rq:workers:{name}"))
        # One that was killed stays in the set; its own key ends soon after it.
        alive = sum(redis.ask("EXISTS", worker) for worker in workers)
        yield Sample("erpops_queue_workers", {"bench": bench.name}, alive)
    finally:
        redis.close()


def collect_certificates(patterns: list[str]) -> Samples:
    for path in sorted({path for pattern in patterns for path in glob.glob(pattern)}):
        argv = ["openssl", "x509", "-noout", "-enddate", "-in", path]
        shown = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=10).stdout
        ends = ssl.cert_time_to_seconds(shown.strip().removeprefix("notAfter="))
        yield Sample("erpops_certificate_expiry_timestamp_seconds", {"path": path}, ends)


def collect_units(patterns: list[str]) -> Samples:
    argv = ["systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager", "--full", *patterns]
    shown = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=10).stdout
    for line in shown.splitlines():
        unit, _load, active, *_rest = line.split()
        if any(fnmatch.fnmatch(unit, pattern) for pattern in patterns):
            yield Sample("erpops_unit_active", {"unit": unit}, active == "active")


def collect(benches: list[Bench], certificates: list[str], units: list[str], root: Path = Path("/")) -> Samples:
    """All samples. ``root`` is where /proc and /run are."""
    started = time.time()
    yield Sample("erpops_benches", {}, len(benches))
    yield Sample("erpops_reboot_required", {}, (root / "run/reboot-required").exists())
    parts: list[tuple[dict[str, str], Callable[[], Samples]]] = [
        ({"part": "processes"}, lambda: collect_processes(benches, root / "proc")),
        ({"part": "certificates"}, lambda: collect_certificates(certificates)),
    ]
    if units:
        parts.append(({"part": "units"}, lambda: collect_units(units)))
    for bench in benches:
        for part, of_bench in (("bench", collect_bench), ("sites", collect_sites), ("queues", collect_queues)):
            parts.append(({"part": part, "bench": bench.name}, partial(of_bench, bench)))
    for labels, function in parts:
        yield from guarded(labels, function)
    yield Sample("erpops_collector_timestamp_seconds", {}, round(started))
    yield Sample("erpops_collector_duration_seconds", {}, round(time.time() - started, 3))


def guarded(labels: dict[str, str], function: Callable[[], Samples]) -> Samples:
    """The samples of a part, as far as they come, and whether all of them did."""
    success = True
    try:
        yield from function()
    except Exception as error:  # noqa: BLE001 - one broken bench must not hide the others
        success = False
        # Not the error's text, which may quote an address with its password.
        detail = error if isinstance(error, RedisError) else getattr(error, "strerror", None) or ""
        print(f"{labels}: {type(error).__name__} {detail}", file=sys.stderr)
    yield Sample("erpops_collector_success", labels, success)


def write(path: Path, text: str) -> None:
    """Replace the file at once, so that node_exporter never reads half of one. There is one writer only."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o644)
    new.replace(path)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Metrics of benches and sites for node_exporter's textfile collector")
    parser.add_argument("--bench", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument(
        "--no-scheduler", action="append", default=[], metavar="NAME", help="its scheduler runs elsewhere"
    )
    parser.add_argument("--certificates", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--unit", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--output", type=Path, help="printed when it is missing")
    given = parser.parse_args(argv)
    pairs = [pair.partition("=") for pair in given.bench]
    benches = [Bench(name, Path(path), name not in given.no_scheduler) for name, _equals, path in pairs]
    text = render(collect(benches, given.certificates, given.unit))
    if given.output:
        write(given.output, text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
