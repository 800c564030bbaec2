# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches and sites of the stand-in framework for its own tests.

`frappe` is the package itself, imported into this process from a bench's apps/ and connected to a fresh site.
Its modules are taken out of `sys.modules` after each test, so that a fake of that name elsewhere is not met.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.standin.quick_bench import QuickBench

PACKAGES = ("frappe", "erpnext", "shopsync", "ledgerlift")
TEMPLATE = "template.test"

# What companies and items need, and ERPNext's setup wizard makes.
WIZARD = """
import sys
import frappe
frappe.init(site=sys.argv[1])
frappe.connect()
for doc in (
    {"doctype": "Warehouse Type", "name": "Transit"},
    {"doctype": "Item Group", "item_group_name": "Products"},
    {"doctype": "UOM", "uom_name": "Nos"},
):
    frappe.get_doc(doc).insert()
frappe.db.commit()
"""
_numbers = itertools.count(1)
_modules: dict[str, ModuleType] = {}


def _ours(name: str) -> bool:
    return name.split(".", 1)[0] in PACKAGES


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> QuickBench:
    """One bench per run with all good apps, and a template site that has them installed."""
    bench = QuickBench.create(tmp_path_factory.mktemp("standin") / "bench", "erpnext", "shopsync", "ledgerlift")
    done = bench.run("new-site", TEMPLATE, "--admin-password", "admin", "--install-app", "shopsync")
    assert done.returncode == 0, done.stdout + done.stderr
    done = bench.run("--site", TEMPLATE, "install-app", "ledgerlift")
    assert done.returncode == 0, done.stdout + done.stderr
    done = bench.call("-c", WIZARD, TEMPLATE)
    assert done.returncode == 0, done.stdout + done.stderr
    return bench


@pytest.fixture
def site(shared: QuickBench) -> str:
    """Name of a fresh site on the shared bench."""
    name = f"s{next(_numbers)}.test"
    shared.clone_site(TEMPLATE, name)
    return name


@pytest.fixture
def site_path(shared: QuickBench, site: str) -> Path:
    return shared.sites / site


@pytest.fixture
def on_bench(shared: QuickBench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, bound to no site."""
    for app in PACKAGES:
        monkeypatch.syspath_prepend(str(shared.path / "apps" / app))
    monkeypatch.chdir(shared.sites)
    foreign = {name: sys.modules.pop(name) for name in list(sys.modules) if _ours(name)}
    sys.modules.update(_modules)
    import frappe

    yield frappe
    frappe.destroy()
    _modules.update({name: sys.modules.pop(name) for name in list(sys.modules) if _ours(name)})
    sys.modules.update(foreign)


@pytest.fixture
def frappe(on_bench: Any, site: str) -> Any:
    """The package, connected to a fresh site as Administrator."""
    on_bench.init(site)
    on_bench.connect()
    return on_bench


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., QuickBench]:
    """Maker of benches of one's own, for tests that change apps or the database server."""

    def make(*apps: str) -> QuickBench:
        return QuickBench.create(tmp_path / "bench", *apps)

    return make
