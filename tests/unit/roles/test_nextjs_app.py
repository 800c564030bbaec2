# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nextjs_app: the environment file, as node itself reads it, and the probe of a release."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.integration.looks import processes
from tests.ports import free_ports
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
    port = free_ports(2)
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
    done = probe(tmp_path, free_ports(2), *program, seconds=1)
    assert done.returncode == 1
    assert told in done.stdout


def listener() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nextjs_app_listener", ROLE / "files/listener.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 0100007F:0BB8 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0 0 10 0
   2: 00000000:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0 100 0 0 10 0
"""


def test_which_sockets_listen_at_a_port() -> None:
    assert listener().inodes(TABLE, 3000) == {"4711"}, "not that of a connection, nor of another port"
    assert listener().inodes(TABLE, 3002) == set()


def test_who_listens_is_asked_of_the_kernel(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        script = (ROLE / "files/listener.py").read_text()
        done = subprocess.run(
            [sys.executable, "-c", script, port], check=True, capture_output=True, text=True, cwd=tmp_path
        )
    me = {"pid": os.getpid(), "user": pwd.getpwuid(os.geteuid()).pw_name, "directory": os.getcwd()}
    assert json.loads(done.stdout) == {"port": int(port), "processes": [me]}


COMMIT = "a" * 40
GOOD: dict[str, Any] = {
    "ansible_managed": "managed",
    "inventory_hostname": "web1",
    "nextjs_app_name": "signup",
    "nextjs_app_user": "nextjs",
    "nextjs_app_version": COMMIT,
    "__nextjs_app_linked": "aaaa-1",
    "__nextjs_app_built": [{"name": "aaaa-1", "commit": COMMIT}],
    "__nextjs_app_running": {"release": "aaaa-1", "environment": "e1"},
    "__nextjs_app_env": {"stat": {"exists": True, "mode": "0600", "pw_name": "nextjs", "checksum": "e1"}},
    "__nextjs_app_health": {"status": 200},
    "__nextjs_app_resolved": {"results": [{"stdout": COMMIT}, {"stdout": ""}]},
    "__nextjs_app_listening": {
        "stdout": json.dumps({"processes": [{"pid": 7, "user": "nextjs", "directory": "/srv/signup/releases/aaaa-1"}]})
    },
}


def process(**changes: Any) -> dict[str, Any]:
    one = {"pid": 7, "user": "nextjs", "directory": "/srv/signup/releases/aaaa-1", **changes}
    return {"__nextjs_app_listening": {"stdout": json.dumps({"processes": [one]})}}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"nextjs_app_subdirectory": "web", **process(directory="/srv/signup/releases/aaaa-1/web")}, []),
        ({"nextjs_app_version": ""}, []),
        ({"__nextjs_app_linked": ""}, ["no link /srv/signup/current"]),
        ({"__nextjs_app_built": []}, ["aaaa-1 without .erpops-release.json"]),
        ({"__nextjs_app_built": [{"name": "aaaa-1", "commit": "b" * 40}]}, [f"commit. Seen: {'b' * 40}"]),
        ({"__nextjs_app_resolved": {"results": [{"stdout": ""}]}}, ["is none of /srv/signup/source"]),
        ({"__nextjs_app_running": {"release": "bbbb-1", "environment": "e1"}}, ["noted as live is bbbb-1"]),
        ({"__nextjs_app_running": {}}, ["noted as live is none", "is another one than"]),
        (process(directory="/srv/signup/releases/bbbb-1"), ["it works in /srv/signup/releases/bbbb-1"]),
        (process(user="root"), ["it is of root"]),
        ({"__nextjs_app_listening": {"stdout": '{"processes": []}'}}, ["none that listens at port 3000"]),
        ({"__nextjs_app_listening": {"rc": 1, "msg": "no python3"}}, ["none that listens at port 3000"]),
        ({"__nextjs_app_health": {"status": 500}}, ["health. Seen: HTTP 500"]),
        ({"__nextjs_app_health": {"status": -1, "msg": "Connection refused"}}, ["health. Seen: Connection refused"]),
        ({"__nextjs_app_env": {"stat": {"exists": False}}}, ["with mode no file of nobody"]),
        (
            {"__nextjs_app_env": {"stat": {"exists": True, "mode": "0640", "pw_name": "nextjs", "checksum": "e1"}}},
            ["with mode 0640 of nextjs"],
        ),
        (
            {"__nextjs_app_env": {"stat": {"exists": True, "mode": "0600", "pw_name": "nextjs", "checksum": "e2"}}},
            ["is another one than the release was started with"],
        ),
        (
            {"__nextjs_app_linked": "", "__nextjs_app_health": {"status": 502}, **process(user="root")},
            ["no link", "it is of root", "HTTP 502"],
        ),
    ],
)
def test_what_verify_tells(changes: dict[str, Any], told: list[str]) -> None:
    loader = DataLoader()
    found: dict[str, Any] = {}
    for name in ("defaults/main", "vars/main"):
        found.update(loader.load_from_file(str(ROLE / f"{name}.yml"), trusted_as_template=True))
    variables = {**found, **GOOD, **changes}
    wrong = Templar(loader=loader, variables=variables).template(trust_as_template("{{ __nextjs_app_wrong }}"))
    assert len(wrong) == len(told), wrong
    for text, words in zip(wrong, told, strict=True):
        assert words in text
        assert [part in text for part in (". Seen: ", ". Needed: ", " Next: ")] == [True] * 3
