# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written whole or not at all, and locks die with their holder."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._files import (
    MalformedFileError,
    MissingFileError,
    locked,
    make_private_dir,
    os_error,
    read_json,
    write_json,
)

# Takes the lock, says so, and keeps it until its stdin is closed or it is killed.
HOLDER = """
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(handle, fcntl.LOCK_EX)
os.write(handle, b"pid 1: another run")
print("ready", flush=True)
sys.stdin.read()
"""


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(str(path), {"b": [True, 900, None], "a": "ü"})
    assert read_json(str(path)) == {"a": "ü", "b": [True, 900, None]}
    assert path.read_text().startswith('{\n "a"'), "sorted, and indented by one, as Frappe does it"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_json(str(path), {}, mode=0o640)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('{"a": 1,\n "b": }', "Expecting value at line 2 column 7"),
        ("", "Expecting value at line 1 column 1"),
        ("[1]", "list"),
        ("7", "int"),
    ],
)
def test_a_malformed_file(tmp_path: Path, text: str, seen: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(MalformedFileError) as caught:
        read_json(str(path), hint="look there")
    assert (caught.value.seen, caught.value.status, caught.value.hint) == (seen, 422, "look there")
    assert caught.value.object == str(path)
    assert path.read_text() == text


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": "\xff\xfe"}')
    with pytest.raises(MalformedFileError, match="not text"):
        read_json(str(path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError) as caught:
        read_json(str(tmp_path / "a.json"))
    assert caught.value.status == 404


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError, match="directory") as caught:
        read_json(str(tmp_path))
    assert caught.value.object == str(tmp_path)


@pytest.mark.parametrize("call", ["fsync", "rename", "fchmod"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "a.json"
    write_json(str(path), {"old": True})

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(ErpopsError, match="No space left") as caught:
            write_json(str(path), {"new": True})
    assert (caught.value.status, caught.value.object) == (507, str(path))
    assert read_json(str(path)) == {"old": True}
    assert os.listdir(tmp_path) == ["a.json"], "no temporary file is left"


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError) as caught:
        write_json(str(tmp_path / "none" / "a.json"), {})
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.ENOSPC, 507),
        (errno.EDQUOT, 507),
        (errno.EACCES, 403),
        (errno.EPERM, 403),
        (errno.EROFS, 403),
        (errno.ENOENT, 404),
        (errno.EIO, 500),
    ],
)
def test_each_refusal_of_the_system_has_its_remedy(number: int, status: int) -> None:
    error = os_error(OSError(number, os.strerror(number)), "some/file")
    assert (error.status, error.object, error.message) == (status, "some/file", os.strerror(number))
    assert error.hint


def test_private_directories(tmp_path: Path) -> None:
    make_private_dir(str(tmp_path / "a" / "b" / "c"))
    for path in ("a", "a/b", "a/b/c"):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == 0o700, path
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)  # whatever the umask is
    make_private_dir(str(tmp_path / "open"))
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o755, "what is there stays as it is"
    (tmp_path / "file").touch()
    with pytest.raises(ErpopsError, match="file"):
        make_private_dir(str(tmp_path / "file"))


def test_private_directories_of_many_threads_leave_the_umask_alone(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(make_private_dir, [str(tmp_path / f"{n % 20}" / "x" / f"{n}") for n in range(400)]))
    finally:
        assert os.umask(before) == 0o027
    assert len(list(tmp_path.glob("*/x/*"))) == 400


def test_a_lock_tells_who_holds_it_and_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with locked(str(path), timeout=0, purpose="first"):
        assert path.read_text() == f"pid {os.getpid()}: first\n"
        with pytest.raises(ErpopsError) as caught, locked(str(path), timeout=0, purpose="second"):
            pass
        assert caught.value.status == 423
        assert caught.value.seen == f"holder: pid {os.getpid()}: first"
    with locked(str(path), timeout=0, purpose="x"):
        assert path.read_text() == f"pid {os.getpid()}: x\n", "nothing of the longer text before is left"


def test_a_lock_is_free_after_an_error(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")
    with pytest.raises(ZeroDivisionError), locked(path, timeout=0, purpose="first"):
        raise ZeroDivisionError
    with locked(path, timeout=0, purpose="second"):
        pass


def test_a_lock_that_another_process_holds_is_waited_for_and_dies_with_it(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"ready\n"
        now, naps = [0.0], []

        def sleep(seconds: float) -> None:
            naps.append(seconds)
            now[0] += seconds

        with (
            pytest.raises(ErpopsError, match="waited 1 s") as caught,
            locked(path, timeout=1, purpose="ours", clock=lambda: now[0], sleep=sleep),
        ):
            pass
        assert caught.value.seen == "holder: pid 1: another run"
        assert sum(naps) == pytest.approx(1, abs=0.11)

        def kill(_seconds: float) -> None:
            holder.send_signal(signal.SIGKILL)
            holder.wait()

        with locked(path, timeout=1, purpose="ours", clock=lambda: 0.0, sleep=kill):
            assert "ours" in Path(path).read_text()


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ErpopsError, match="No locks available"), locked(str(tmp_path / "a"), timeout=9, purpose="x"):
        pass


def test_a_lock_in_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ErpopsError) as caught, locked(str(tmp_path / "none" / "a.lock"), timeout=0, purpose="x"):
        pass
    assert caught.value.status == 404
