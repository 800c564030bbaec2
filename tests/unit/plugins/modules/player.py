# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole module from its arguments to its JSON; only the conversation with the bench is played."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.module_utils import _module
from tests.unit.plugins.answers import ANSWERS

# Keys that Ansible itself knows, or that every module may return.
COMMON = {"changed", "diff", "invocation", "warnings"}


KINDS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "dict": dict,
    "list": list,
    "raw": object,
}


@dataclass
class Call:
    """One operation that a module asked for."""

    op: str
    site: str
    args: dict[str, Any]
    secrets: list[str]


@dataclass
class Done:
    """How a module ended."""

    code: int
    answer: dict[str, Any]
    output: str
    calls: list[Call] = field(default_factory=list)
    agent: Any = None

    @property
    def call(self) -> Call:
        """The only operation."""
        (call,) = self.calls
        return call


class Player:
    """Runs one module; ``answers`` may be changed, and an exception in it is raised."""

    def __init__(self, module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.module, self.capsys = module, capsys
        self.answers: dict[str, Any] = copy.deepcopy(ANSWERS)
        self.calls: list[Call] = []
        self.agents: list[Any] = []
        player = self

        class Agent:
            def __init__(self, runtime: Any, **options: Any) -> None:
                self.runtime, self.options = runtime, options
                self.about = {"python": "3.11.2", "frappe": "15.0.0", "seconds": 0.1}
                player.agents.append(self)

            def one(
                self, op: str, site: str = "", args: dict[str, Any] | None = None, secrets: list[str] | None = None
            ) -> Any:
                player.calls.append(Call(op, site, copy.deepcopy(args or {}), list(secrets or [])))
                value = player.answers[op]
                if isinstance(value, Exception):
                    raise value
                return copy.deepcopy(value)

        monkeypatch.setattr(_module, "SiteAgent", Agent)

    def run(self, check: bool = False, **args: Any) -> Done:
        """The module with these arguments, and with the bench and the site that every test means."""
        given: dict[str, Any] = {"bench_path": "/srv/bench", **args}
        if "- erpops.frappe.site\n" in self.module.DOCUMENTATION.partition("attributes:")[0]:
            given.setdefault("site", "a.localhost")
        self.calls.clear()
        self.agents.clear()
        given = {key: value for key, value in given.items() if value is not ...}
        with patch_module_args({**given, "_ansible_check_mode": check}), pytest.raises(SystemExit) as exited:
            self.module.main()
        output = self.capsys.readouterr().out
        return Done(int(exited.value.code or 0), json.loads(output), output, list(self.calls), *self.agents[:1])

    def succeed(self, check: bool = False, **args: Any) -> Done:
        """Run; the result has the form that RETURN documents."""
        done = self.run(check, **args)
        assert done.code == 0, done.answer.get("msg")
        compare(done.answer, yaml.safe_load(self.module.RETURN), COMMON)
        return done

    def fail(self, check: bool = False, **args: Any) -> str:
        """Run; what it fails with."""
        done = self.run(check, **args)
        assert (done.code, done.answer["failed"]) == (1, True)
        return str(done.answer["msg"])


def compare(value: dict[str, Any], documented: dict[str, Any], besides: set[str] | None = None, at: str = "") -> None:
    """Fails unless ``value`` has just the keys that are documented for it, all the way down."""
    unknown = value.keys() - documented.keys() - (besides or set())
    assert not unknown, f"{at or 'the result'} has {sorted(unknown)}, which RETURN does not document"
    for key, document in documented.items():
        if key not in value:
            assert document.get("returned", "success") != "success", f"{at}{key} is documented and not returned"
            continue
        if document.get("contains"):
            for item in value[key] if document["type"] == "list" else [value[key]]:
                compare(item, document["contains"], at=f"{at}{key}.")
        kind = document["type"]
        assert value[key] is None or isinstance(value[key], KINDS[kind]), f"{at}{key} is no {kind}"
