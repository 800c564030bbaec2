# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of an overlay, one by one, and what does not fit them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_tree import FILE, LINK, Entry, Tree
from ansible_collections.erpops.frappe.plugins.module_utils.agent._overlay_plan import (
    apply_rules,
    changes,
    rename_in_python,
)

CARD = """{
 "doctype": "DocType",
 "fields": [],
 "name": "Job Card",
 "is_child_table": 1
}
"""
BAG = """{
 "doctype": "DocType",
 "fields": [
  {"fieldname": "card", "fieldtype": "Link",
   "label": "Job Card",
   "options": "Job Card"},
  {"fieldname": "kind", "fieldtype": "Select",
   "options": "Job Card"}
 ],
 "name": "Bag"
}
"""
FILES = {
    "shop/core/doctype/job_card/job_card.json": CARD,
    "shop/core/doctype/job_card/job_card.py": "class JobCard(Document):\n    pass\n",
    "shop/core/doctype/job_card/job_card_list.js": "x",
    "shop/core/doctype/job_card/test_job_card.py": "",
    "shop/core/doctype/job_card/README.md": "",
    "shop/core/doctype/bag/bag.json": BAG,
    "shop/core/utils/cost.py": 'def f(): return get_doc("Job Card"), "Job Card Material"  # "Job Card"\n',
    "shop/public/look.js": "",
}


def before() -> Tree:
    return Tree({path: Entry(FILE, text.encode()) for path, text in FILES.items()})


def after(**rules: Any) -> Tree:
    return apply_rules(before(), "shop", rules)


def test_a_doctype_gets_another_name_everywhere() -> None:
    made = after(rename_doctypes={"Job Card": "Ring Job Card"})
    home = "shop/core/doctype/ring_job_card"
    assert sorted(path for path in made.entries if "job_card" in path) == [
        f"{home}/README.md",
        f"{home}/ring_job_card.json",
        f"{home}/ring_job_card.py",
        f"{home}/ring_job_card_list.js",
        f"{home}/test_ring_job_card.py",
    ]
    assert made.entries[f"{home}/ring_job_card.py"].text.startswith("class RingJobCard(Document)")
    assert json.loads(made.entries[f"{home}/ring_job_card.json"].text)["name"] == "Ring Job Card"
    cost = made.entries["shop/core/utils/cost.py"].text
    assert cost == 'def f(): return get_doc("Ring Job Card"), "Job Card Material"  # "Job Card"\n'


def test_links_to_it_follow_and_a_choice_of_the_same_text_does_not() -> None:
    made = after(rename_doctypes={"Job Card": "Ring Job Card"}).entries["shop/core/doctype/bag/bag.json"].text
    card, kind = json.loads(made)["fields"]
    assert (card["label"], card["options"], kind["options"]) == ("Job Card", "Ring Job Card", "Job Card")


def test_a_definition_changes_by_the_line() -> None:
    made = after(doctype_keys={"is_child_table": "istable"})
    path = "shop/core/doctype/job_card/job_card.json"
    assert changes(before(), made) == {path: "changed"}
    assert made.entries[path].text == CARD.replace("is_child_table", "istable")


def test_controllers_packages_and_links() -> None:
    made = after(controllers=True, packages=True, links={"shop/utils": "core/utils"})
    added = [path for path, kind in changes(before(), made).items() if kind == "added"]
    assert added == [
        "shop/core/__init__.py",
        "shop/core/doctype/__init__.py",
        "shop/core/doctype/bag/__init__.py",
        "shop/core/doctype/bag/bag.py",
        "shop/core/doctype/job_card/__init__.py",
        "shop/core/utils/__init__.py",
        "shop/utils",
    ]
    assert "class Bag(Document)" in made.entries["shop/core/doctype/bag/bag.py"].text
    assert made.entries["shop/utils"] == Entry(LINK, b"core/utils")
    assert made.file("shop/utils/cost.py") is not None


def test_a_text_is_replaced() -> None:
    made = after(replace=[{"path": "shop/core/utils/cost.py", "old": "def f()", "new": "def g()"}])
    assert made.entries["shop/core/utils/cost.py"].text.startswith("def g()")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"rename_doctypes": {"Pricing Rule": "X"}}, "0 definitions of that name"),
        ({"rename_doctypes": {"Job Card": "Bag"}}, "has a DocType Bag already"),
        ({"links": {"shop/core": "core"}}, "is there already"),
        ({"links": {"shop/utils": "gone"}}, "gone is not there"),
        ({"links": {"shop/utils": "../../etc"}}, "outside the app"),
        ({"replace": [{"path": "shop/gone.py", "old": "a", "new": "b"}]}, "is not there"),
        ({"replace": [{"path": "shop/core/utils/cost.py", "old": "Job", "new": "b"}]}, "has the text 3 times"),
        ({"rename_doctype": {}}, "unknown rule"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(rules: dict[str, Any], words: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        after(**rules)
    assert words in str(caught.value)


@pytest.mark.parametrize("source", ["'Job Card", "def broken(:\n  'x", ""])
def test_what_is_no_python_stays(source: str) -> None:
    assert rename_in_python(source, "Job Card", "X") == source
