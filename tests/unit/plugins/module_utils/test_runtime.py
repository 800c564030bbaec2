# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules reach a bench: real processes with bounds on their time and their output."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _runtime
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import HostRuntime, runtime_from


@pytest.fixture
def runtime(tmp_path: Path) -> HostRuntime:
    return HostRuntime(str(tmp_path))


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_the_benchs_interpreter(runtime: HostRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime.python == str(tmp_path / "env" / "bin" / "python")
    monkeypatch.chdir(tmp_path)
    assert HostRuntime("bench").bench_path == str(tmp_path / "bench")


def test_a_process(runtime: HostRuntime, tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), os.environ['X'], sys.stdin.read()); sys.exit('gone')"
    done = runtime.run(python(code), stdin=b"in", env={"X": "x"})
    assert (done.code, done.stdout, done.stderr) == (1, f"{tmp_path} x in\n".encode(), b"gone\n")
    (tmp_path / "sub").mkdir()
    assert runtime.run(["pwd"], cwd=str(tmp_path / "sub")).stdout == f"{tmp_path}/sub\n".encode()


def test_a_process_that_is_killed(runtime: HostRuntime) -> None:
    assert runtime.run(["sh", "-c", "kill -9 $$"]).code == -signal.SIGKILL


def test_a_large_input_that_nobody_reads(runtime: HostRuntime) -> None:
    assert runtime.run(["true"], stdin=b"x" * 4_000_000).code == 0


def test_a_large_input_and_a_large_output_at_once(runtime: HostRuntime) -> None:
    data = os.urandom(1_000_000)
    assert runtime.run(["cat"], stdin=data).stdout == data


def test_only_the_end_of_stderr_is_kept(runtime: HostRuntime) -> None:
    done = runtime.run(python("import sys; sys.stderr.write('x' * 200_000 + 'end')"))
    assert len(done.stderr) == 65536
    assert done.stderr.endswith(b"xend")


def test_too_much_output(runtime: HostRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_runtime, "OUTPUT_LIMIT", 100_000)
    assert len(runtime.run(python("print('x' * 99_999)")).stdout) == 100_000
    with pytest.raises(ErpopsError, match="printed too much") as caught:
        runtime.run(python("print('x' * 100_000)"))
    assert (caught.value.status, caught.value.object) == (413, sys.executable)


@pytest.mark.parametrize(("program", "directory"), [("./none", "."), ("true", "none")])
def test_what_cannot_be_started(runtime: HostRuntime, tmp_path: Path, program: str, directory: str) -> None:
    with pytest.raises(ErpopsError, match="cannot be started") as caught:
        runtime.run([program], cwd=str(tmp_path / directory))
    assert (caught.value.status, caught.value.seen) == (404, "No such file or directory")


def read_to_the_end(pipe: int) -> bytes:
    """What is written into a pipe until its last writer has ended; fails if one goes on."""
    data = b""
    while select.select([pipe], [], [], 10.0)[0]:
        block = os.read(pipe, 1000)
        data += block
        if not block:
            return data
    pytest.fail("somebody still holds the pipe")


def test_a_process_that_takes_too_long_is_ended_with_its_children(runtime: HostRuntime, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    pipe = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(ErpopsError, match=r"did not end within 0\.3 s") as caught:
        runtime.run(["sh", "-c", "(echo child; exec sleep 60) >fifo & wait"], timeout=0.3)
    assert caught.value.status == 504
    assert read_to_the_end(pipe) == b"child\n"
    os.close(pipe)


@pytest.mark.parametrize(
    "script",
    ["trap '' TERM; echo ready; while :; do sleep 60; done", "(trap '' TERM; echo ready; sleep 60; sleep 60) & wait"],
    ids=["deaf itself", "deaf child"],
)
def test_who_does_not_listen_is_killed(script: str) -> None:
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        pipe = process.stdout.fileno()
        assert os.read(pipe, 6) == b"ready\n"
        _runtime._end_group(process, patience=0.1)
        assert process.poll() in (-signal.SIGTERM, -signal.SIGKILL)
        assert read_to_the_end(pipe) == b""


def test_the_runtime_of_a_module() -> None:
    found = runtime_from({"bench_path": "/srv/bench", "bench_runtime": "host"})
    assert isinstance(found, HostRuntime)
    assert found.bench_path == "/srv/bench"
    assert isinstance(runtime_from({"bench_path": "/srv/bench"}), HostRuntime)


def test_a_runtime_that_there_is_not() -> None:
    with pytest.raises(ErpopsError, match="unknown bench_runtime") as caught:
        runtime_from({"bench_path": "/srv/bench", "bench_runtime": "kubernetes"})
    assert (caught.value.status, caught.value.seen) == (400, "kubernetes")
