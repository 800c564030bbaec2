# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench: its lists, its notes, and the framework's commands without a secret in a process list."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._cli import CliProcess
from ansible_collections.erpops.frappe.plugins.module_utils.agent._files import locked
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


@pytest.mark.parametrize(
    ("text", "expected"), [("", []), ("frappe", ["frappe"]), ("frappe\n\n shop \n", ["frappe", "shop"]), (None, [])]
)
def test_the_listed_apps(tools: Tools, text: str | None, expected: list[str]) -> None:
    if text is None:
        (tools.sites / "apps.txt").unlink()
    else:
        tools.write("sites/apps.txt", text)
    assert tools.at().bench.listed_apps() == expected


def test_the_sites_of_a_bench(tools: Tools) -> None:
    tools.write("sites/b.localhost/site_config.json", {})
    tools.write("sites/a.localhost/site_config.json", "{broken")
    tools.write("sites/assets/x.css", "")
    assert tools.at().bench.site_names() == ["a.localhost", "b.localhost"]


def test_the_identity_is_made_once(tools: Tools) -> None:
    bench = tools.at().bench
    assert bench.identity(create=False) == ""
    assert not (tools.path / ".erpops").exists()
    made = bench.identity(create=True)
    assert len(made) == 32
    assert bench.identity(create=True) == bench.identity(create=False) == made
    assert Bench(str(tools.path)).identity(create=False) == made
    assert stat.S_IMODE((tools.path / ".erpops").stat().st_mode) == 0o700


def test_notes_about_a_site(tools: Tools) -> None:
    bench = tools.at().bench
    bench.forget(SITE)
    assert bench.record(SITE) == {}
    bench.write_record(SITE, {"state": "creating"})
    assert bench.record(SITE) == {"schema": 1, "state": "creating"}
    other = [tools.write(f".erpops/{path}", {}) for path in ("tasks/b.localhost/a.json", "originals/b.localhost.json")]
    gone = [tools.write(f".erpops/{path}", {}) for path in (f"tasks/{SITE}/a.json", f"originals/{SITE}.json")]
    bench.forget(SITE)
    assert bench.record(SITE) == {}
    assert not any(path.exists() for path in gone), "another site of this name inherits nothing"
    assert all(path.exists() for path in other)


def test_a_command_gets_its_arguments_where_nobody_else_reads_them(framework: Tools) -> None:
    bench = framework.at().bench
    words = ["new-site", SITE, "--db-name", "_x", "--db-root-password", "root-password"]
    done = bench.cli(words, secrets=["root-password"])
    assert (done.code, done.output) == (0, "")
    (call,) = framework.commands()
    assert (call["site"], call["words"]) == ("", words)
    assert "root-password" not in call["shown"]
    assert SITE not in call["shown"]


def test_a_command_of_a_site(site: Tools) -> None:
    site.at().bench.cli(["migrate"], site=SITE)
    assert [(call["site"], call["words"]) for call in site.commands()] == [(SITE, ["migrate"])]


def test_output_is_without_secrets_and_colours(framework: Tools) -> None:
    framework.switch(**{"new-site": "early"})
    words = ["new-site", SITE, "--db-name", "_x", "--db-root-password", "root-password"]
    done = framework.at().bench.cli(words, secrets=["root-password"])
    assert (done.code, done.output.strip()) == (1, "Access denied with ********")
    framework.site("b.localhost")
    framework.switch(**{"install-app": "late"})
    done = framework.at().bench.cli(["install-app", "shop"], site="b.localhost")
    assert done.output.strip() == "An error occurred while installing: late failure"


def test_a_long_output_is_cut_at_its_beginning(framework: Tools) -> None:
    framework.switch(**{"new-site": "early"})
    words = ["new-site", SITE, "--db-name", "_x", "--db-root-password", "x" * 9000 + "end"]
    done = framework.at().bench.cli(words)
    assert len(done.output) == 4000
    assert done.output.rstrip().endswith("xend")


def test_a_secret_at_the_cut_does_not_survive_in_part(framework: Tools) -> None:
    framework.switch(**{"new-site": "early"})
    secret = "0123456789" * 500
    words = ["new-site", SITE, "--db-name", "_x", "--db-root-password", secret]
    done = framework.at().bench.cli(words, secrets=[secret])
    assert "0123456789" not in done.output


def test_a_command_that_takes_too_long_is_ended(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    real = subprocess.Popen.communicate

    def communicate(self: Any, data: bytes | None = None, timeout: float | None = None) -> Any:
        if timeout == 7:
            raise subprocess.TimeoutExpired("x", timeout)
        answer = real(self, data, timeout)
        ended.append(self.returncode)
        return answer

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    with pytest.raises(ErpopsError, match="new-site did not end within 7 s") as caught:
        framework.at().bench.cli(["new-site", SITE], timeout=7)
    assert (caught.value.status, ended) == (504, [-signal.SIGKILL])


def test_a_lock_is_handed_on_to_the_command(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """What that does is asked in test_cli.py."""
    handed: list[int] = []
    real = CliProcess.run

    def run(self: CliProcess, argv: list[str], held: list[int], timeout: float) -> tuple[int, bytes]:
        handed.append(len(held))
        return real(self, argv, held, timeout)

    monkeypatch.setattr(CliProcess, "run", run)
    framework.site()
    bench = framework.at().bench
    with bench.lock(SITE, timeout=0, purpose="test"):
        bench.cli(["migrate"], site=SITE)
        with (
            pytest.raises(ErpopsError) as caught,
            locked(str(framework.path / f".erpops/locks/{SITE}.lock"), timeout=0, purpose="x"),
        ):
            pass
        assert caught.value.status == 423
    bench.cli(["migrate"], site=SITE)
    assert handed == [1, 0]


def test_a_prepared_command_is_used_once(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bool] = []
    real = CliProcess.__init__

    def init(self: CliProcess, python: str, sites: str, *, prepared: bool = False) -> None:
        started.append(prepared)
        real(self, python, sites, prepared=prepared)

    monkeypatch.setattr(CliProcess, "__init__", init)
    framework.site()
    bench = framework.at().bench
    with bench.prepared("", sys.executable):
        assert started == [True], "of one interpreter one"
        bench.cli(["migrate"], site=SITE)
        assert started == [True]
        bench.cli(["migrate"], site=SITE)
        assert started == [True, False]
    assert [call["words"] for call in framework.commands()] == [["migrate"]] * 2


def test_a_prepared_command_that_ended_is_replaced_and_one_that_nobody_used_ends(framework: Tools) -> None:
    framework.site()
    bench = framework.at().bench
    with bench.prepared(""):
        (process,) = bench._ready.values()
        process._process.kill()
        process._process.wait()
        assert bench.cli(["migrate"], site=SITE).code == 0
    with bench.prepared(""):
        (process,) = bench._ready.values()
    assert process._process.returncode == -signal.SIGKILL
    assert bench._ready == {}
    assert len(framework.commands()) == 1


def test_a_command_of_another_interpreter(framework: Tools) -> None:
    python = framework.write("other/python", "#!/bin/sh\ncat\necho of the other\n")
    python.chmod(0o755)
    done = Bench(str(framework.path)).cli(["migrate"], site=SITE, python=str(python))
    assert done.output == f'["frappe", "--site", "{SITE}", "migrate"]\nof the other\n'
