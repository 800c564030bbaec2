# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nextjs_app: the environment file, as node itself reads it, and the probe of a release."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.template import Templar, trust_as_template

from tests.integration.looks import free_port_pair, processes
from tests.unit.repository import ROOT, read_yaml

NODE = shutil.which("node")
ROLE = ROOT / "roles/nextjs_app"
needs_node = pytest.mark.skipif(NODE is None, reason="needs a program node in PATH")
WRITABLE = {
    "PLAIN": "abc",
    "EMPTY": "",
    "SPACES": "  a b ",
    "SINGLE": "it's",
    "DOUBLE": 'say "so"',
    "BACKSLASH": "a\\nb",
    "DOLLAR": "$HOME ${PATH} `id`",
    "HASH": "a # b",
    "EQUALS": "a=b",
    "UMLAUT": "\u00fc",
}
UNWRITABLE = ["a\nb", "a\rb", 'it\'s "so"', '"so" it\'s', "it's a\\nb", "a\\b it's"]


def env_file(values: dict[str, str]) -> str:
    text = (ROLE / "templates/env.j2").read_text()
    variables = {"__nextjs_app_all_environment": values, "ansible_managed": "Ansible managed"}
    return str(Templar(variables=variables).template(trust_as_template(text)))


@needs_node
def test_node_reads_what_was_declared(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text(env_file(WRITABLE))
    script = "console.log(JSON.stringify(process.env))"
    done = subprocess.run(
        [str(NODE), f"--env-file={path}", "--eval", script], check=True, capture_output=True, text=True, env={}
    )
    seen = json.loads(done.stdout)
    assert {name: seen.get(name) for name in WRITABLE} == WRITABLE


def test_what_no_way_of_quoting_holds_is_refused() -> None:
    rule = re.compile(read_yaml(ROLE / "vars/main.yml")["__nextjs_app_unquotable"])
    assert [value for value in UNWRITABLE if not rule.search(value)] == []
    assert [value for value in WRITABLE.values() if rule.search(value)] == []


def probe(directory: Path, port: int, *program: str, seconds: int = 10) -> subprocess.CompletedProcess[str]:
    script = (ROLE / "files/probe.js").read_text()
    asked = [str(seconds), f"http://127.0.0.1:{port}/", "200,302", str(directory)]
    return subprocess.run(
        [str(NODE), "--eval", script, *asked, *program], check=False, capture_output=True, text=True, timeout=60
    )


@needs_node
def test_a_release_that_answers_is_ended_again(tmp_path: Path) -> None:
    port = free_port_pair()
    done = probe(tmp_path, port, sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    assert (done.returncode, done.stdout) == (0, "HTTP 200\n"), done.stderr
    assert [p.command for p in processes() if f"http.server --bind 127.0.0.1 {port}" in p.command] == []


@needs_node
@pytest.mark.parametrize(
    ("program", "told"),
    [
        (["/nowhere/program"], "it could not be started"),
        ([sys.executable, "-c", "print('because'); raise SystemExit(3)"], "exit code 3"),
        ([sys.executable, "-c", "import time; time.sleep(50)"], "ECONNREFUSED after 1 seconds"),
    ],
)
def test_a_release_that_does_not_answer_is_told(tmp_path: Path, program: list[str], told: str) -> None:
    done = probe(tmp_path, free_port_pair(), *program, seconds=1)
    assert done.returncode == 1
    assert told in done.stdout
