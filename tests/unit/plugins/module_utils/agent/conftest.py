# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches whose framework is the fake one in tests/fake.

What is imported from the collection is imported inside the fixtures: given a path, pytest reads this file before
Ansible's collection loader is there.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.update_bench import Kept, UpdateBench
    from tests.unit.plugins.module_utils.agent.tools import Tools
    from tests.unit.plugins.module_utils.agent.twins import Twins

FAKE = Path(__file__).resolve().parents[4] / "fake"


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """A bench without sites, its apps.txt with the framework alone."""
    from tests.unit.plugins.module_utils.agent.tools import Tools

    made = Tools(tmp_path / "bench")
    made.write("sites/apps.txt", "frappe\n")
    made.write("sites/common_site_config.json", {})
    made.write("apps/.keep", "")
    made.write("databases/.keep", "")
    made.write("config/.keep", "")
    made.packages.mkdir(parents=True)
    python = made.write(
        "env/bin/python", f'#!/bin/sh\nPYTHONPATH="{FAKE}:{made.packages}" exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    return made


@pytest.fixture
def framework(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tools]:
    """The fake framework can be imported by this process, which stands in ``sites`` as the agent does."""
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _context

    monkeypatch.setenv("PYTHONPATH", f"{FAKE}:{tools.packages}")
    monkeypatch.setattr(sys, "path", [str(FAKE), str(tools.packages), *sys.path])
    monkeypatch.chdir(tools.sites)
    yield tools
    with contextlib.suppress(Exception):
        _context.disconnect()
    _context._connection.site = ""
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith((f"{FAKE}{os.sep}", f"{tools.path}{os.sep}")):
            del sys.modules[name]


@pytest.fixture
def site(framework: Tools) -> Tools:
    """The same, with the whole site ``a.localhost``."""
    framework.site()
    return framework


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """Two benches of the stand-in; every test makes a site of its own on the first."""
    from tests.unit.plugins.module_utils.agent.twins import Twins

    return Twins(tmp_path_factory.mktemp("twins"))


@pytest.fixture(scope="session")
def kept_bench(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A bench of the stand-in with two sites, made once."""
    from tests.faults.update_bench import Kept, UpdateBench

    work = tmp_path_factory.mktemp("update")
    return Kept(UpdateBench(work / "bench"), work / "kept")


@pytest.fixture
def updated_bench(kept_bench: Kept) -> Iterator[UpdateBench]:
    """The same bench for all, its sites and its state as they were at first."""
    yield kept_bench.bench
    kept_bench.put_back()
