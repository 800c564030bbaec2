# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same cases on two benches: one of the stand-in framework, one of real Frappe. Where they differ, the
stand-in is wrong.

A bench is made once per run and flavour; most cases share one site of it and each uses records of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.benches import FIXTURE_APPS, PREFIX, SITE, ContractBench
from tests.contract.building import REAL_MISSING, open_real, open_standin


@pytest.fixture(scope="session", params=["standin"] if REAL_MISSING else ["standin", "real"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContractBench]:
    """A bench of the flavour with the fixture apps on it."""
    work = tmp_path_factory.mktemp(request.param)
    with open_standin(work) if request.param == "standin" else open_real(work) as made:
        for app in FIXTURE_APPS:
            made.add_app(app)
        yield made


@pytest.fixture(scope="session")
def main_site(bench: ContractBench) -> ContractBench:
    """The bench with the site of most cases, the contract's own app installed on it."""
    bench.make_site(SITE)
    bench.one("site_app.apply", SITE, {"apps": ["contractkit"]})
    return bench


@pytest.fixture
def new_name(bench: ContractBench, request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Makes names of sites that are dropped after the test, whatever is left of them."""
    names: list[str] = []

    def name(word: str) -> str:
        names.append(f"{PREFIX}{word}.localhost")
        return names[-1]

    yield name
    for site in names:
        bench.drop_site(site)


@pytest.fixture
def restored(main_site: ContractBench) -> Iterator[ContractBench]:
    """The main site, whose site_config.json is put back after the test."""
    path = main_site.sites / SITE / "site_config.json"
    text = path.read_text()
    yield main_site
    path.write_text(text)


@pytest.fixture
def widget(main_site: ContractBench, request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Makes records of a Kit Widget that is this test's own."""

    def record(**values: Any) -> dict[str, Any]:
        secrets = {"secrets": values.pop("secrets")} if "secrets" in values else {}
        rest: dict[str, Any] = {key: values.pop(key) for key in ("state", "child_mode", "child_keys") if key in values}
        code = request.node.name.partition("[")[0]
        return {
            "doctype": "Kit Widget",
            "name": code,
            "values": {"code": code, "title": "One", **values},
            **secrets,
            **rest,
        }

    return record
