# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector of the role monitoring: what it makes of files, process lists and a Redis, and what it never tells."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.repository import ROOT

SCRIPT = ROOT / "roles/monitoring/files/erpops_metrics.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erpops_metrics", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erpops_metrics"] = module  # annotations of named tuples are looked up there
    spec.loader.exec_module(module)
    return module


metrics = _load()


def values(samples: Any) -> dict[tuple[str, ...], float]:
    """{(name, label values in the order of their names): value}"""
    return {(name, *(labels[key] for key in sorted(labels))): float(value) for name, labels, value in samples}


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    path = tmp_path / "bench"
    (path / "sites/a.test/private/backups").mkdir(parents=True)
    (path / "sites/assets").mkdir()
    write(path / "sites/common_site_config.json", {"redis_queue": "redis://127.0.0.1:1"})
    write(path / "sites/a.test/site_config.json", {"db_password": "site-password"})
    return metrics.Bench("alpha", path)


def write(path: Path, config: object) -> None:
    path.write_text(json.dumps(config))


def test_the_format_is_that_of_prometheus() -> None:
    samples = [
        metrics.Sample("erpops_bench_sites", {"bench": 'with "quotes", \\ and\nlines'}, 3),
        metrics.Sample("erpops_bench_sites", {"bench": "a"}, 2.0),
        metrics.Sample("erpops_reboot_required", {}, False),
        metrics.Sample("erpops_collector_timestamp_seconds", {}, 1795228065.5),
    ]
    assert metrics.render(samples).splitlines() == [
        "# HELP erpops_bench_sites Sites of the bench.",
        "# TYPE erpops_bench_sites gauge",
        'erpops_bench_sites{bench="a"} 2',
        'erpops_bench_sites{bench="with \\"quotes\\", \\\\ and\\nlines"} 3',
        "# HELP erpops_collector_timestamp_seconds When this file was written.",
        "# TYPE erpops_collector_timestamp_seconds gauge",
        "erpops_collector_timestamp_seconds 1795228065.5",
        "# HELP erpops_reboot_required 1 when an installed package asks for a reboot.",
        "# TYPE erpops_reboot_required gauge",
        "erpops_reboot_required 0",
    ]


@pytest.mark.parametrize(
    ("common", "own", "maintenance", "paused"),
    [
        ({}, {}, 0, 0),
        ({}, {"maintenance_mode": 1}, 1, 0),
        ({}, {"maintenance_mode": "1"}, 1, 0),
        ({}, {"maintenance_mode": "0"}, 0, 0),
        ({}, {"maintenance_mode": False, "pause_scheduler": True}, 0, 1),
        ({"maintenance_mode": 1}, {}, 1, 0),
        ({"maintenance_mode": 1}, {"maintenance_mode": 0}, 0, 0),
        ({"disable_scheduler": 1}, {}, 0, 1),
        ({"pause_scheduler": 0}, {"disable_scheduler": None}, 0, 0),
    ],
)
def test_what_a_configuration_says_of_a_site(
    bench: Any, common: dict[str, object], own: dict[str, object], maintenance: int, paused: int
) -> None:
    write(bench.path / "sites/common_site_config.json", common)
    write(bench.path / "sites/a.test/site_config.json", own)
    found = values(metrics.collect_sites(bench))
    assert found["erpops_site_maintenance", "alpha", "a.test"] == maintenance
    assert found["erpops_site_scheduler_paused", "alpha", "a.test"] == paused


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, (0, 0)),
        ({"20260101_000000-a_test-database.sql.gz": (100, 5)}, (100, 5)),
        ({"20260101_000000-a_test-database-enc.sql.gz": (100, 5)}, (100, 5)),
        ({"1-a_test-database.sql.gz": (100, 5), "2-a_test-database.sql.gz": (200, 7)}, (200, 7)),
        # none of these can be restored as the site's database
        ({"1-a_test-database.sql.gz": (100, 5), "2-a_test-partial-database.sql.gz": (200, 7)}, (100, 5)),
        ({"1-a_test-database.sql.gz": (100, 5), "2-a_test-files.tar": (200, 7)}, (100, 5)),
        ({"1-a_test-database.sql.gz": (100, 5), "2-a_test-database.sql.gz": (200, 0)}, (100, 5)),
    ],
)
def test_the_newest_backup(tmp_path: Path, files: dict[str, tuple[int, int]], expected: tuple[int, int]) -> None:
    for name, (changed, size) in files.items():
        (tmp_path / name).write_bytes(b"x" * size)
        os.utime(tmp_path / name, (changed, changed))
    assert metrics.newest_backup(tmp_path, None, tmp_path / "missing") == expected


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("/b/env/bin/python3 /b/env/bin/gunicorn --bind 127.0.0.1:8000 frappe.app:application", "web"),
        ("/b/env/bin/gunicorn frappe.app:application", "web"),
        ("/b/env/bin/python -m frappe.utils.bench_helper frappe schedule", "schedule"),
        ("/b/env/bin/python -m frappe.utils.bench_helper frappe worker --queue short,default", "worker"),
        ("/b/env/bin/python -m frappe.utils.bench_helper frappe --site a.test migrate", ""),
        ("/usr/bin/node /b/apps/frappe/socketio.js", "socketio"),
        ("tail -f /b/logs/schedule.log", ""),
        ("vim /b/env/bin/gunicorn", "web"),  # cannot be told apart
        ("", ""),
    ],
)
def test_kinds_of_processes(line: str, kind: str) -> None:
    assert metrics.kind_of(line.split()) == kind


def test_processes_belong_to_the_bench_whose_path_they_name(tmp_path: Path) -> None:
    lines = [
        "/srv/bench/env/bin/python -m frappe.utils.bench_helper frappe worker",
        "/srv/bench/env/bin/python -m frappe.utils.bench_helper frappe worker",
        "/srv/bench/inner/env/bin/gunicorn app",
        "/srv/bench-two/env/bin/gunicorn app",
        "/srv/unknown/env/bin/gunicorn app",
    ]
    for number, line in enumerate(lines):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "cmdline").write_bytes("\0".join(line.split()).encode() + b"\0")
    benches = [
        metrics.Bench("outer", Path("/srv/bench")),
        metrics.Bench("inner", Path("/srv/bench/inner")),
        metrics.Bench("two", Path("/srv/bench-two"), scheduled=False),
    ]
    found = values(metrics.collect_processes(benches, tmp_path))
    kinds = {(name, kind): count for (_metric, name, kind), count in found.items()}
    assert {pair: count for pair, count in kinds.items() if count} == {
        ("outer", "worker"): 2,
        ("inner", "web"): 1,
        ("two", "web"): 1,
    }
    assert kinds["outer", "schedule"] == 0
    assert ("two", "schedule") not in kinds  # it runs elsewhere, so that its absence is no fault


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False  # a client that does not close its end must not keep the test from ending


class _Store(socketserver.StreamRequestHandler):
    """A Redis of a few keys, which wants a login first."""

    def handle(self) -> None:
        logged_in = False
        while line := self.rfile.readline():
            words = []
            for _number in range(int(line[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size + 2)[:-2].decode())
            self.server.asked.append(words)  # type: ignore[attr-defined]
            if words[0] == "AUTH":
                logged_in = words[1:] in self.server.logins  # type: ignore[attr-defined]
                self.wfile.write(b"+OK\r\n" if logged_in else b"-WRONGPASS invalid username-password pair\r\n")
            elif not logged_in:
                self.wfile.write(b"-NOAUTH Authentication required.\r\n")
            else:
                self.wfile.write(self.server.answers.get(tuple(words), b":0\r\n"))  # type: ignore[attr-defined]


def _array(*words: str) -> bytes:
    return f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words)


@contextlib.contextmanager
def _redis(path: str) -> Iterator[Any]:
    with _Server(path, _Store) as server:
        server.asked, server.logins = [], [["frappe", "queue-password"], ["queue-password"]]  # type: ignore[attr-defined]
        server.answers = {  # type: ignore[attr-defined]
            ("SELECT", "2"): b"+OK\r\n",
            ("SMEMBERS", "rq:queues"): _array("rq:queue:own:short", "rq:queue:own:extra", "rq:queue:other:short"),
            ("LLEN", "rq:queue:own:short"): b":7\r\n",
            ("LLEN", "rq:queue:other:short"): b":99\r\n",
            ("ZCARD", "rq:failed:own:extra"): b":2\r\n",
            **{("SMEMBERS", f"rq:workers:own:{name}"): _array() for name in ("default", "extra", "long", "slow")},
            ("SMEMBERS", "rq:workers:own:short"): _array("rq:worker:alive", "rq:worker:killed"),
            ("EXISTS", "rq:worker:alive"): b":1\r\n",
        }
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "login",
    [
        {"use_rq_auth": 1, "rq_username": "frappe", "rq_password": "queue-password"},
        {"use_rq_auth": 1, "rq_username": "frappe", "rq_password": "queue-password", "workers": {"slow": {}}},
    ],
)
def test_queues_of_the_bench_alone_are_counted(bench: Any, tmp_path: Path, login: dict[str, object]) -> None:
    address = os.path.relpath(tmp_path / "redis.sock")  # a socket's path has 108 characters at most
    with _redis(address):
        config = {"redis_queue": f"unix://{tmp_path}/redis.sock", "bench_id": "own", **login}
        write(bench.path / "sites/common_site_config.json", config)
        found = values(metrics.collect_queues(bench))
    assert found["erpops_queue_jobs", "alpha", "short"] == 7
    assert found["erpops_queue_jobs", "alpha", "long"] == 0
    assert found["erpops_queue_failed_jobs", "alpha", "extra"] == 2
    assert found["erpops_queue_workers", "alpha"] == 1
    assert (("erpops_queue_jobs", "alpha", "slow") in found) == ("workers" in login)


def test_a_failing_part_costs_itself_alone_and_tells_no_password(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = metrics.Bench("broken", tmp_path / "missing")
    address = os.path.relpath(tmp_path / "redis.sock")
    with _redis(address):
        login = {"use_rq_auth": 1, "rq_username": "frappe", "rq_password": "wrong-password"}
        write(bench.path / "sites/common_site_config.json", {"redis_queue": f"unix://{tmp_path}/redis.sock", **login})
        text = metrics.render(metrics.collect([broken, bench], [], [], tmp_path))
    lines = text.splitlines()
    assert 'erpops_collector_success{bench="broken",part="bench"} 0' in lines
    assert 'erpops_collector_success{bench="broken",part="sites"} 0' in lines
    assert 'erpops_collector_success{bench="alpha",part="queues"} 0' in lines
    assert 'erpops_collector_success{bench="alpha",part="sites"} 1' in lines
    assert 'erpops_bench_sites{bench="alpha"} 1' in lines
    told = text + capsys.readouterr().err
    assert "WRONGPASS" in told
    assert "password" not in told.replace("WRONGPASS", "")


@pytest.mark.parametrize("url", ["redis://:url-password@127.0.0.1:port/0", "redis://user:url-password@[::1"])
def test_an_address_that_cannot_be_read_is_not_quoted(bench: Any, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(bench.path / "sites/common_site_config.json", {"redis_queue": url})
    list(metrics.guarded({"part": "queues"}, lambda: metrics.collect_queues(bench)))
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "url-password" not in told


def test_login_and_database_come_out_of_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = os.path.relpath(tmp_path / "redis.sock")
    with _redis(address) as server:

        def connect(_address: tuple[str, int], _timeout: float) -> Any:
            found = metrics.socket.socket(metrics.socket.AF_UNIX)
            found.connect(address)
            return found

        monkeypatch.setattr(metrics.socket, "create_connection", connect)
        for url in (
            "redis://frappe:queue%2Dpassword@h:1/2",
            "redis://:queue-password@h/2",
            "frappe:queue-password@h/2",
        ):
            metrics.Redis(url).close()
    assert server.asked == [
        ["AUTH", "frappe", "queue-password"],
        ["SELECT", "2"],
        ["AUTH", "queue-password"],
        ["SELECT", "2"],
        ["AUTH", "frappe", "queue-password"],
        ["SELECT", "2"],
    ]


def test_certificates_end_when_openssl_says(tmp_path: Path) -> None:
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    (tmp_path / "a").mkdir()
    certificate = tmp_path / "a/fullchain.pem"
    files = ["-keyout", f"{tmp_path}/key.pem", "-out", str(certificate)]
    subprocess.run([*argv, "-subj", "/CN=a.test", *files], check=True, capture_output=True)
    found = values(metrics.collect_certificates([f"{tmp_path}/*/fullchain.pem", f"{tmp_path}/none/*.pem"]))
    assert set(found) == {("erpops_certificate_expiry_timestamp_seconds", str(certificate))}
    assert abs(next(iter(found.values())) - certificate.stat().st_mtime - 30 * 86400) < 60


def test_the_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "erpops.prom"
    path.write_text("old")
    with path.open() as reader:
        metrics.write(path, "new\n")
        assert reader.read() == "old"  # who had it open reads on in the old one
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["erpops.prom"]


def test_every_sample_has_a_help_text(bench: Any, tmp_path: Path) -> None:
    samples = [*metrics.collect([bench], [], [], tmp_path)]
    assert {sample.name for sample in samples} <= set(metrics.METRICS)
    assert metrics.render(samples).count("# HELP ") == len({sample.name for sample in samples})
