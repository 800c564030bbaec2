# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How records are named, and how one is found again that was declared without its name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.contract.benches import ContractBench


def name_of(answer: dict[str, Any], position: int = 0) -> str:
    return str(answer["documents"][position]["name"])


def test_by_a_field(main_site: ContractBench) -> None:
    record = {"doctype": "Kit Widget", "values": {"code": "by-field", "title": "T"}}
    assert name_of(main_site.documents(record)) == "by-field"
    assert main_site.documents(record)["changed"] is False
    error = main_site.refused_documents(
        {"doctype": "Kit Widget", "name": "another", "values": {"code": "not-another", "title": "T"}}
    )
    assert (error["status"], error["message"]) == (409, "Frappe names this record 'not-another', not 'another'")


def test_by_prompt(main_site: ContractBench) -> None:
    record = {"doctype": "Kit Prompt", "name": "Given Name", "values": {"title": "T"}}
    assert name_of(main_site.documents(record)) == "Given Name"
    assert main_site.documents(record)["changed"] is False
    error = main_site.refused_documents({"doctype": "Kit Prompt", "values": {"title": "T"}})
    assert (error["status"], error["message"]) == (400, "nothing identifies this record")
    error = main_site.refused_documents(
        {"doctype": "Kit Prompt", "match": {"title": "nobody has this"}, "values": {"title": "T"}}
    )
    assert error["message"] == "ValidationError: Please set the document name"


def test_by_format(main_site: ContractBench) -> None:
    record = {"doctype": "Kit Format", "match": {"region": "EU", "title": "First"}, "values": {}}
    assert name_of(main_site.documents(record)) == "KF-EU-001"
    assert main_site.documents(record)["changed"] is False
    second = {"doctype": "Kit Format", "match": {"region": "EU", "title": "Second"}, "values": {}}
    assert name_of(main_site.documents(second)) == "KF-EU-002"
    other = {"doctype": "Kit Format", "match": {"region": "AE", "title": "First"}, "values": {}}
    assert name_of(main_site.documents(other)) == "KF-AE-003"  # braces do not separate the series


def test_by_series(main_site: ContractBench) -> None:
    records = [{"doctype": "Kit Series", "match": {"title": title}, "values": {}} for title in ("one", "two")]
    made = main_site.documents(*records)
    assert [name_of(made, position) for position in (0, 1)] == ["KS-0001", "KS-0002"]
    assert main_site.documents(*records)["changed"] is False


def test_by_hash(main_site: ContractBench) -> None:
    record = {"doctype": "ToDo", "match": {"description": "Named by a hash"}, "values": {}}
    assert re.fullmatch(r"[0-9a-v]{10}", name_of(main_site.documents(record)))
    assert main_site.documents(record)["changed"] is False


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"doctype": "Role", "values": {"role_name": "Named Role"}}, "Named Role"),
        ({"doctype": "Gender", "values": {"gender": "Contract"}}, "Contract"),
        (
            {"doctype": "Custom Field", "values": {"dt": "Kit Series", "fieldname": "custom_x", "label": "X"}},
            "Kit Series-custom_x",
        ),
        (
            {
                "doctype": "Property Setter",
                "values": {
                    "doctype_or_field": "DocField",
                    "doc_type": "Kit Series",
                    "field_name": "title",
                    "property": "bold",
                    "value": "1",
                    "property_type": "Check",
                },
            },
            "Kit Series-title-bold",
        ),
        (
            {
                "doctype": "User",
                "name": "case@example.com",
                "values": {"email": "Case@Example.com", "first_name": "Case", "send_welcome_email": 0},
            },
            "case@example.com",
        ),
    ],
)
def test_as_the_doctype_says(main_site: ContractBench, record: dict[str, Any], name: str) -> None:
    if record["doctype"] == "Custom Field":
        record = {**record, "values": {**record["values"], "fieldtype": "Data"}}
    made = main_site.documents(record)
    assert (name_of(made), made["documents"][0]["action"]) == (name, "created")


def test_several_that_match_are_not_guessed(main_site: ContractBench) -> None:
    for name in ("twin-1", "twin-2"):
        main_site.documents({"doctype": "Kit Prompt", "name": name, "values": {"title": "Twins"}})
    error = main_site.refused_documents({"doctype": "Kit Prompt", "match": {"title": "Twins"}, "values": {}})
    assert (error["status"], error["message"]) == (409, "several records match")
    assert sorted(error["seen"].split(", ")) == ["twin-1", "twin-2"]
