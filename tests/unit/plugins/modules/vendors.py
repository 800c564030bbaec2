# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole module that speaks with a vendor, from its arguments to its JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args


@dataclass
class Ended:
    """How a module ended; ``output`` is all that it printed."""

    code: int
    answer: dict[str, Any]
    output: str

    @property
    def msg(self) -> str:
        return str(self.answer["msg"])


class VendorModule:
    """Runs one module; ``arguments`` are given unless a call gives others."""

    def __init__(self, module: ModuleType, capsys: pytest.CaptureFixture[str], **arguments: Any) -> None:
        self.module, self.capsys = module, capsys
        self.arguments: dict[str, Any] = {"attempts": 1, "timeout": 5, **arguments}

    def run(self, check: bool = False, **arguments: Any) -> Ended:
        chosen = {name: value for name, value in {**self.arguments, **arguments}.items() if value is not None}
        given = {**chosen, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(given), pytest.raises(SystemExit) as exited:
            self.module.main()
        output = self.capsys.readouterr().out
        return Ended(int(exited.value.code or 0), json.loads(output), output)

    def ok(self, check: bool = False, **arguments: Any) -> dict[str, Any]:
        """The result of a run that succeeds; every key of it is documented."""
        done = self.run(check, **arguments)
        assert done.code == 0, done.output
        said = {"changed", "diff", "invocation", "warnings", *yaml.safe_load(self.module.RETURN)}
        assert done.answer.keys() <= said
        return done.answer

    def fails(self, check: bool = False, **arguments: Any) -> str:
        """The message of a run that fails."""
        done = self.run(check, **arguments)
        assert (done.code, done.answer.get("failed")) == (1, True), done.output
        return done.msg
