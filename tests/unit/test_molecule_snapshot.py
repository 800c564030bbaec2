# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshot of a test host: what it sees, what it leaves out, and how it names a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.molecule.shared import snapshot

CLEAN: snapshot.Snapshot = {
    "package": {"sudo": "ii 1.9 amd64 manual"},
    "file": {"/etc/sudo.conf": "-rw-r--r-- 0:0 5 bytes aa", "/var/lib": "drwxr-xr-x 0:0"},
}


def changed(kind: str, **names: str) -> snapshot.Snapshot:
    return CLEAN | {kind: CLEAN.get(kind, {}) | names}


def test_the_same_host_has_no_difference() -> None:
    assert snapshot.differences(CLEAN, CLEAN) == []


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (changed("package", jq="ii 1.6 amd64 auto"), "package jq is still there: ii 1.6 amd64 auto"),
        (changed("package", jq="rc 1.6 amd64 auto"), "package jq is still there: rc 1.6 amd64 auto"),
        (CLEAN | {"package": {}}, "package sudo is gone; it was: ii 1.9 amd64 manual"),
        (
            changed("package", sudo="ii 1.9 amd64 auto"),
            "package sudo was: ii 1.9 amd64 manual; is now: ii 1.9 amd64 auto",
        ),
        (changed("unit file", **{"ssh.service": "masked"}), "unit file ssh.service is still there: masked"),
        (
            changed("file", **{"/etc/sudo.conf": "-rw-r----- 0:0 5 bytes aa"}),
            "file /etc/sudo.conf was: -rw-r--r-- 0:0 5 bytes aa; is now: -rw-r----- 0:0 5 bytes aa",
        ),
    ],
)
def test_each_difference_is_a_sentence(after: snapshot.Snapshot, sentence: str) -> None:
    assert snapshot.differences(CLEAN, after) == [sentence]


def test_of_a_directory_only_itself_is_named() -> None:
    tree = {"/var/lib/mysql": "drwx------ 1:1", "/var/lib/mysql/a": "x", "/var/lib/mysql/b": "drwx", "/var/lib/n": "n"}
    more = changed("file", **tree)
    wanted = ["/var/lib/mysql", "/var/lib/n"]
    assert [line.split()[1] for line in snapshot.differences(CLEAN, more)] == wanted
    assert [line.split()[1] for line in snapshot.differences(more, CLEAN)] == wanted


def test_files_are_described_by_kind_mode_owner_and_content(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("plain")
    plain = tmp_path / "plain"
    plain.write_text("one")
    plain.chmod(0o640)
    first = snapshot.describe(str(plain))
    assert first.startswith("-rw-r----- ")
    assert "3 bytes" in first
    plain.write_text("two")
    assert snapshot.describe(str(plain)) != first
    assert snapshot.describe(str(tmp_path / "link")).endswith(" -> plain")
    assert snapshot.describe(str(tmp_path)).startswith("drwx")
    assert snapshot.describe(str(tmp_path / "none")) == "gone"


def test_noise_is_left_out_and_the_rest_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("log/app.log", "kept/conf", "kept/module.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(snapshot, "LEFT_OUT", (str(tmp_path / "log"),))
    seen = dict(snapshot.files(str(tmp_path)))
    assert set(seen) == {str(tmp_path / "kept"), str(tmp_path / "kept/conf")}


@pytest.mark.parametrize("path", ["/etc/passwd-", "/etc/subuid-", "/usr/lib/python3/x.pyc", "/etc/resolv.conf"])
def test_is_noise(path: str) -> None:
    assert snapshot.matches(path, snapshot.NOISE)


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/subuid", "/etc/cron.d/job", "/var/lib/erpops", "/etc/a-b"])
def test_is_no_noise(path: str) -> None:
    assert not snapshot.matches(path, snapshot.NOISE)


def test_units_are_those_that_last_or_failed() -> None:
    listing = """\
ssh.service loaded active running OpenBSD Secure Shell server
redis.service loaded failed failed Store
ssh.socket loaded active listening Socket
once.service loaded active exited Done
off.service loaded inactive dead Off
apt-daily.timer loaded active waiting Download
own.timer loaded active waiting Ours
user@0.service loaded active running User
a.mount loaded active mounted Mount
"""
    assert snapshot.units(listing) == {
        "ssh.service": "active",
        "redis.service": "failed",
        "ssh.socket": "active",
        "own.timer": "active",
    }


def test_unit_files_have_their_state() -> None:
    listing = (
        "ssh.service enabled enabled\na.mount generated -\nsession-1.scope transient -\nx.service masked enabled\n"
    )
    assert snapshot.unit_files(listing) == {"ssh.service": "enabled", "x.service": "masked"}


def test_compare_says_so_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").write_text('{"user": {"root": "0"}}')
    (tmp_path / "b").write_text('{"user": {"root": "0", "frappe": "1000"}}')
    assert snapshot.main(["compare", str(tmp_path / "a"), str(tmp_path / "a")]) == 0
    assert snapshot.main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 1
    assert "user frappe is still there: 1000" in capsys.readouterr().out
