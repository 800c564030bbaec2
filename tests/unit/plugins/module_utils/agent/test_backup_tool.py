# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children: what they are told, what they are not, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup_tool import have_tool, run_tool
from tests.unit.plugins.module_utils.agent.tools import Tools


def test_it_is_told_by_stdin_and_its_own_environment(site: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of the user")
    script = 'cat; echo "[$MINE]"; env | grep -c AWS_; echo an error >&2; exit 3'
    done = run_tool(site.at(), ["sh", "-c", script], stdin=b"from stdin ", env={"MINE": "x"})
    assert (done.code, done.stdout, done.errors) == (3, b"from stdin [x]\n0\n", "an error\n")


def test_what_it_prints_goes_block_by_block(site: Tools) -> None:
    blocks: list[bytes] = []
    done = run_tool(site.at(), ["sh", "-c", "head -c 3000000 /dev/zero"], sink=blocks.append)
    assert (done.code, done.stdout, sum(map(len, blocks))) == (0, b"", 3_000_000)
    assert len(blocks) > 1


def test_a_child_that_does_not_read(site: Tools) -> None:
    assert run_tool(site.at(), ["true"], stdin=b"x" * 1_000_000).code == 0


def test_secrets_in_its_errors_are_stars(site: Tools) -> None:
    context = site.at(secrets=["the-secret-key"])
    done = run_tool(context, ["sh", "-c", "echo bad the-secret-key >&2; exit 1"])
    assert "the-secret-key" not in done.errors
    assert "bad" in done.errors


def test_one_that_does_not_end(site: Tools) -> None:
    with pytest.raises(ErpopsError) as error:
        run_tool(site.at(), ["sleep", "60"], timeout=0.2)
    assert (error.value.status, error.value.object) == (504, "sleep")


@pytest.mark.parametrize(("name", "package"), [("age", "age"), ("gpg", "gnupg"), ("rclone", "rclone")])
def test_one_that_is_not_there(
    site: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not have_tool(name)
    with pytest.raises(ErpopsError) as error:
        run_tool(site.at(), [name])
    assert (error.value.status, error.value.hint) == (404, f"apt-get install {package}")
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    assert have_tool(name)


def test_it_holds_the_lock_as_long_as_it_lives(site: Tools) -> None:
    context = site.at()
    with context.locked("a test"):
        done = run_tool(context, ["sh", "-c", f"ls /proc/self/fd | grep -cx {context.bench.held[0]}"])
    assert done.stdout == b"1\n"
