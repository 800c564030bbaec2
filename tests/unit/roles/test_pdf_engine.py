# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role pdf_engine: which program it takes where."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml

ROLE = ROOT / "roles/pdf_engine"
NONE_THERE = {"rc": 2, "stdout": ""}
DEBIANS = {"rc": 0, "stdout": "wkhtmltopdf 0.12.6"}
PATCHED = {"rc": 0, "stdout": "wkhtmltopdf 0.12.6.1 (with patched qt)"}


def _trusted(value: Any) -> Any:
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {key: _trusted(item) for key, item in value.items()}
    return [_trusted(item) for item in value] if isinstance(value, list) else value


def chosen(distribution: str, version: str, there: dict[str, Any], **given: str) -> tuple[str, str, bool]:
    """Kind, program, and whether it is somebody else's."""
    variables = {
        **_trusted(read_yaml(ROLE / "defaults/main.yml")),
        **_trusted(read_yaml(ROLE / "vars/main.yml")),
        **given,
        "ansible_facts": {"distribution": distribution, "distribution_major_version": version},
        "__pdf_engine_there": there,
    }
    template = "{{ [__pdf_engine_kind, __pdf_engine_program, __pdf_engine_adopted] }}"
    kind, program, adopted = Templar(loader=DataLoader(), variables=variables).template(trust_as_template(template))
    return kind, program, adopted


@pytest.mark.parametrize(
    ("distribution", "version", "there", "given", "expected"),
    [
        ("Debian", "12", NONE_THERE, {}, ("wkhtmltopdf", "wkhtmltopdf", False)),
        ("Debian", "13", NONE_THERE, {}, ("chromium", "chromium-headless-shell", False)),
        ("Ubuntu", "22", NONE_THERE, {}, ("wkhtmltopdf", "wkhtmltopdf", False)),
        ("Ubuntu", "24", NONE_THERE, {}, ("wkhtmltopdf", "wkhtmltopdf", False)),
        ("Debian", "12", DEBIANS, {}, ("wkhtmltopdf", "wkhtmltopdf", False)),
        # kept, also where the distribution has none
        ("Debian", "12", PATCHED, {}, ("wkhtmltopdf", "wkhtmltopdf", True)),
        ("Debian", "13", PATCHED, {}, ("wkhtmltopdf", "wkhtmltopdf", True)),
        ("Debian", "12", PATCHED, {"pdf_engine_kind": "chromium"}, ("chromium", "chromium-headless-shell", False)),
        (
            "Ubuntu",
            "24",
            NONE_THERE,
            {"pdf_engine_kind": "chromium", "pdf_engine_program": "/usr/bin/google-chrome"},
            ("chromium", "/usr/bin/google-chrome", True),
        ),
    ],
)
def test_the_program_that_is_taken(
    distribution: str, version: str, there: dict[str, Any], given: dict[str, str], expected: tuple[str, str, bool]
) -> None:
    assert chosen(distribution, version, there, **given) == expected
