# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pytest plugin of `make faults`: the tests that are marked ``fault`` become the tables of docs/reliability.md.

@pytest.mark.fault("what goes wrong", "when", "how it ends")

There is one table for each framework that the tests were run on (the parameter of the fixture ``kept`` or ``bench``, else
the stand-in); that of one that was not there stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BLOCKS = {
    "standin": ("<!-- faults: written by make faults -->", "<!-- end of faults -->"),
    "real": ("<!-- faults on real Frappe: written by make faults -->", "<!-- end of faults on real Frappe -->"),
}


class Table:
    """Rows in the order of the tests; a test that has several rows of one text is one row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, dict[tuple[str, str, str], list[str]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        report: Any = yield
        mark = item.get_closest_marker("fault")
        if mark and (report.when == "call" or report.outcome != "passed"):
            given = item.callspec.params if hasattr(item, "callspec") else {}
            flavour = given.get("kept") or given.get("bench")
            what, when, ends = map(str, mark.args)
            rows = self.rows.setdefault(str(flavour or "standin"), {})
            rows.setdefault((what, when, ends), []).append(report.outcome)
        return report

    @property
    def figures(self) -> tuple[int, int, int]:
        """Faults that were tried, survived, and could not be tried here."""
        outcomes = [outcome for rows in self.rows.values() for row in rows.values() for outcome in row]
        tried = [outcome for outcome in outcomes if outcome != "skipped"]
        return len(tried), tried.count("passed"), outcomes.count("skipped")

    def pytest_sessionfinish(self) -> None:
        text = self.path.read_text()
        for flavour, rows in self.rows.items():
            begin, end = BLOCKS[flavour]
            head, _begin, rest = text.partition(begin)
            _old, _end, tail = rest.partition(end)
            text = f"{head}{begin}\n" + "\n".join(lines_of(rows)) + f"\n{end}{tail}"
        self.path.write_text(text)

    def pytest_unconfigure(self) -> None:
        tried, survived, _skipped = self.figures
        print(f"figures: faults={tried} survived={survived}")


def lines_of(rows: dict[tuple[str, str, str], list[str]]) -> list[str]:
    """The rows as a table."""
    lines = ["| what goes wrong | when | how it ends | tries | survived |", "|---|---|---|---|---|"]
    for (what, when, ends), outcomes in rows.items():
        tries = [outcome for outcome in outcomes if outcome != "skipped"]
        told = str(tries.count("passed")) if tries else "not tried here"
        lines.append(f"| {what} | {when} | {ends} | {len(tries)} | {told} |")
    return lines


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-table", type=Path, help="write the table of the tests marked fault into this page")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--faults-table")
    if path:
        config.pluginmanager.register(Table(path), "faults-table")
