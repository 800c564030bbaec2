# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the conversation with the site agent, from the module's side."""

from __future__ import annotations

import json
import re
import secrets as random_source
import sys
from dataclasses import dataclass, field
from typing import Any

from ._agent_bundle import bundle
from ._errors import ErpopsError
from ._redact_args import secret_strings
from ._runtime import Completed, Runtime
from .agent._bootstrap import BOOTSTRAP
from .agent._protocol import SCHEMA
from .agent._redact import scrub

_MARKER = re.compile(rb"\n--- erpops\.frappe answer ([0-9a-f]+) (\d+) ---\n")


@dataclass
class SiteAgent:
    """One bench's agent. Each :meth:`call` is one process."""

    runtime: Runtime
    check: bool = False
    timeout: float = 600.0
    lock_timeout: float = 60.0
    processes: int = field(default=0, init=False)
    about: dict[str, Any] = field(default_factory=dict, init=False)

    def call(self, operations: list[dict[str, Any]], *, secrets: list[str] | None = None) -> list[Any]:
        """Run ``operations`` (each ``{"op", "site", "args"}``) and return their values, in order.

        :param secrets: values that must not appear in an error; those of arguments whose name says so
            are found without being listed.
        :raises AgentError: an operation failed; carries its structured error.
        :raises ErpopsError: the agent could not be started, was ended, or answered nothing.
        """
        nonce = random_source.token_hex(8)
        hidden = sorted({*(secrets or []), *secret_strings(operations)})
        request = {
            "schema": SCHEMA,
            "nonce": nonce,
            "bench_path": self.runtime.bench_path,
            "check": self.check,
            "lock_timeout": self.lock_timeout,
            "secrets": hidden,
            "operations": operations,
        }
        source = bundle()
        payload = str(len(source)).encode() + b"\n" + source + json.dumps(request).encode()
        self.processes += 1
        done = self.runtime.run(
            [self.runtime.python, "-c", BOOTSTRAP],
            stdin=payload,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.runtime.bench_path,
            timeout=self.timeout,
        )
        answer = parse_answer(done, nonce, hidden)
        self.about = answer.get("agent") or {}
        if answer.get("error"):
            raise AgentError(answer["error"])
        for result in answer["results"]:
            if not result["ok"]:
                raise AgentError(result["error"])
        return [result["value"] for result in answer["results"]]

    def one(self, op: str, site: str = "", args: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """:meth:`call` for a single operation; returns its value."""
        return self.call([{"op": op, "site": site, "args": args or {}}], **kwargs)[0]


class AgentError(ErpopsError):
    """An operation failed inside the bench; ``status`` and ``kind`` are the operation's own."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(
            str(error.get("message", "failed")),
            object=str(error.get("object", "")),
            seen=str(error.get("seen", "")),
            needed=str(error.get("needed", "")),
            hint=str(error.get("hint", "")),
            status=int(error.get("status", 500)),
            data=dict(error.get("data") or {}),
        )
        self.kind = str(error.get("type", "Exception"))

    def as_dict(self) -> dict[str, Any]:
        """The error as result keys, ``type`` being that of the exception inside the bench."""
        return {**super().as_dict(), "type": self.kind}


def parse_answer(done: Completed, nonce: str, secrets: list[str] | None = None) -> dict[str, Any]:
    """The JSON behind the marker line that carries our nonce.

    :param secrets: values that must not be quoted from what the process wrote on stderr.
    :raises ErpopsError: there is none, or it is cut short: the agent was ended or could not start.
    """
    for match in _MARKER.finditer(done.stdout):
        if match.group(1).decode() != nonce:
            continue
        body = done.stdout[match.end() : match.end() + int(match.group(2))]
        if len(body) == int(match.group(2)):
            return dict(json.loads(body))
    if done.code < 0:
        seen = f"ended by signal {-done.code}"
    else:
        last = scrub(done.stderr.decode("utf-8", "replace"), secrets or []).strip().splitlines()[-3:]
        seen = f"exit code {done.code}; " + " / ".join(last)
    raise ErpopsError(
        "the site agent gave no answer",
        seen=seen,
        hint="run the task again: what was begun is recognised and finished",
        status=500,
        data={"python": sys.version.split()[0]},
    )
