# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app's files bring, and what they link to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_links import (
    custom_fields,
    documents,
    fields_of,
    read_package,
    targets,
)

FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "Stall": {
        "keeper": ("Link", "Role"),
        "kind": ("Link", "DocType"),
        "about": ("Dynamic Link", "kind"),
        "rows": ("Table", "Row"),
        "note": ("Data", ""),
    },
    "Row": {"item": ("Link", "Item")},
}


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"doctype": "Stall", "keeper": "Boss", "note": "x"}, [("Role", "Boss")]),
        ({"doctype": "Stall", "keeper": "", "about": "x"}, []),
        ({"doctype": "Stall", "kind": "User", "about": "x"}, [("DocType", "User"), ("User", "x")]),
        ({"doctype": "Stall", "rows": [{"item": "a"}, {"item": None}, "x"]}, [("Item", "a")]),
        ({"doctype": "Unknown", "keeper": "Boss"}, []),
        ({"doctype": "Custom Field", "fieldtype": "Link", "options": "Bundle"}, [("DocType", "Bundle")]),
        ({"doctype": "Custom Field", "fieldtype": "Select", "options": "a"}, []),
    ],
)
def test_targets(record: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert list(targets(record, FIELDS.get)) == found


def test_a_package(tmp_path: Path) -> None:
    definition = {
        "doctype": "DocType",
        "name": "Stall",
        "fields": [{"fieldname": "a", "fieldtype": "Link", "options": "B"}],
    }
    write(tmp_path / "modules.txt", "Market\n")
    write(tmp_path / "wrong_place/doctype/stall/stall.json", definition)
    write(tmp_path / "market/page/till/till.json", {"doctype": "Page", "name": "till"})
    write(tmp_path / "market/page/till/other.json", {"doctype": "Page", "name": "other"})
    write(tmp_path / "public/x/x.json", {"doctype": "Page", "name": "asset"})
    write(tmp_path / "market/broken/broken.json", "{")
    write(tmp_path / "fixtures/role.json", [{"doctype": "Role", "name": "Boss"}, "x", {"name": "no doctype"}])
    write(tmp_path / "fixtures/one.json", {"doctype": "Role", "name": "Clerk"})
    write(tmp_path / "fixtures/broken.json", "[")
    write(tmp_path / "fixtures/note.txt", "[")
    (tmp_path / "market/link").symlink_to(tmp_path)  # the overlay that repairs an app's layout makes such links
    assert sorted(item["name"] for item in documents(str(tmp_path))) == ["Stall", "till"]
    found = read_package(str(tmp_path))
    assert list(found.documents) == ["Stall"]
    assert fields_of(found.documents["Stall"]) == {"a": ("Link", "B")}
    assert found.brought == {
        ("DocType", "stall"),
        ("Page", "till"),
        ("Module Def", "market"),
        ("Role", "boss"),
        ("Role", "clerk"),
    }
    assert [row["name"] for row in found.records] == ["Clerk", "Boss"]
    assert len(found.problems) == 1
    assert found.problems[0].startswith("fixtures/broken.json cannot be read: ")


def test_fields_that_fixtures_add() -> None:
    records = [
        {"doctype": "Custom Field", "dt": "Item", "fieldname": "woo", "fieldtype": "Link", "options": "Woo"},
        {"doctype": "Custom Field", "dt": "Item", "label": "a break without a name"},
        {"doctype": "Role", "name": "x"},
    ]
    assert custom_fields(records) == {"Item": {"woo": ("Link", "Woo")}}
