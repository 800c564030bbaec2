# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module makes of what the agent's process left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import AgentError, SiteAgent, parse_answer
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._runtime import Completed

NONCE = "0123456789abcdef"
ANSWER = {"schema": 1, "results": [], "text": "ü"}
BODY = json.dumps(ANSWER).encode()


def marked(body: bytes = BODY, nonce: str = NONCE, length: int | None = None) -> bytes:
    return f"\n--- erpops.frappe answer {nonce} {len(body) if length is None else length} ---\n".encode() + body + b"\n"


@pytest.mark.parametrize(
    "stdout",
    [
        marked(),
        b"noise before\nmore" + marked() + b"noise after",
        marked(b"{}", nonce="ffff") + marked(),
        marked(BODY, length=10_000, nonce="ffff") + marked(),
        b"\xff\xfe" + marked(),
        marked(b"{" * 10).replace(NONCE.encode(), b"00") + marked(),
    ],
)
@pytest.mark.parametrize("code", [0, 1, -9])
def test_the_answer_is_found_behind_its_marker(stdout: bytes, code: int) -> None:
    assert parse_answer(Completed(code, stdout, b""), NONCE) == ANSWER


@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b"some noise",
        BODY,
        marked(nonce="ffff"),
        marked(length=len(BODY) + 2),
        marked()[:-10],
        marked().replace(b"\n---", b" ---", 1),
        marked().replace(b"erpops", b"ERPOPS"),
    ],
    ids=["nothing", "noise", "no marker", "other nonce", "too short", "cut", "inside a line", "other marker"],
)
@pytest.mark.parametrize(
    ("code", "stderr", "seen"),
    [
        (0, b"", "exit code 0; "),
        (1, b"a\nb\nc\nImportError: d\n", "exit code 1; b / c / ImportError: d"),
        (-9, b"ignored", "ended by signal 9"),
        (127, b"\xff not found", "exit code 127; \N{REPLACEMENT CHARACTER} not found"),
    ],
)
def test_no_answer_is_an_error_that_says_how_the_process_ended(
    stdout: bytes, code: int, stderr: bytes, seen: str
) -> None:
    with pytest.raises(ErpopsError, match="gave no answer") as caught:
        parse_answer(Completed(code, stdout, stderr), NONCE)
    assert (caught.value.seen, caught.value.status) == (seen, 500)


def test_secrets_are_not_quoted_from_stderr() -> None:
    with pytest.raises(ErpopsError) as caught:
        parse_answer(Completed(1, b"", b"password the-secret is wrong"), NONCE, ["the-secret"])
    assert caught.value.seen == "exit code 1; password ******** is wrong"


class Recorder:
    """A runtime that answers what it is told to, and keeps what it was asked."""

    bench_path = "/srv/bench"
    python = "/srv/bench/env/bin/python"

    def __init__(self, **answer: Any) -> None:
        self.answer = answer
        self.request: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self.argv: list[str] = []

    def run(self, argv: list[str], *, stdin: bytes = b"", **options: Any) -> Completed:
        size, _newline, rest = stdin.partition(b"\n")
        self.argv, self.options, self.request = argv, options, json.loads(rest[int(size) :])
        body = json.dumps(self.answer).encode()
        return Completed(0, marked(body, nonce=self.request["nonce"]), b"")


def test_a_request() -> None:
    runtime = Recorder(results=[{"ok": True, "value": 7}], agent={"python": "3.12"})
    agent = SiteAgent(runtime, check=True, timeout=5, lock_timeout=2)
    args = {"password": "one-secret", "nested": [{"api_token": "two-secret", "other": "plain"}]}
    assert agent.one("site.read", "a.localhost", args, secrets=["three-secret"]) == 7
    assert runtime.request == {
        "schema": 1,
        "nonce": runtime.request["nonce"],
        "bench_path": "/srv/bench",
        "check": True,
        "lock_timeout": 2,
        "secrets": ["one-secret", "three-secret", "two-secret"],
        "operations": [{"op": "site.read", "site": "a.localhost", "args": args}],
    }
    assert runtime.argv[:2] == ["/srv/bench/env/bin/python", "-c"]
    assert "secret" not in str(runtime.argv) + str(runtime.options), "only stdin carries secrets"
    assert (runtime.options["timeout"], runtime.options["cwd"]) == (5, "/srv/bench")
    assert (agent.processes, agent.about) == (1, {"python": "3.12"})


def test_each_request_has_its_own_nonce() -> None:
    runtime = Recorder(results=[{"ok": True, "value": 7}])
    agent = SiteAgent(runtime)
    agent.one("a")
    first = runtime.request["nonce"]
    agent.one("a")
    assert runtime.request["nonce"] != first
    assert agent.processes == 2


FAILED = {"type": "LinkValidationError", "message": "no", "object": "o", "status": 417, "seen": "s", "data": {"x": 1}}


@pytest.mark.parametrize(
    "answer",
    [
        {"error": FAILED, "results": []},
        {"results": [{"ok": True, "value": 1}, {"ok": False, "error": FAILED}, {"ok": False, "skipped": "x"}]},
    ],
)
def test_a_failed_operation_is_raised_with_all_it_says(answer: dict[str, Any]) -> None:
    with pytest.raises(AgentError) as caught:
        SiteAgent(Recorder(**answer)).call([{"op": "a"}])
    assert caught.value.kind == "LinkValidationError"
    assert caught.value.as_dict() == {**FAILED, "needed": "", "hint": ""}
    assert str(caught.value) == "o: no. Seen: s."


def test_an_error_without_parts() -> None:
    found = AgentError({}).as_dict()
    assert (found["message"], found["status"], found["type"]) == ("failed", 500, "Exception")
