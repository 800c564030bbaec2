# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an app's files cannot work, found without running them: each fault in an app that is whole but for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_faults import find_faults, hook_methods
from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_tree import FILE, LINK, Entry, Tree


def definition(name: str, **more: Any) -> str:
    return json.dumps({"doctype": "DocType", "name": name, "fields": [], **more}, indent=1)


WHOLE = {
    "shop/__init__.py": "",
    "shop/modules.txt": "Shop Core\n",
    "shop/hooks.py": "doc_events = {'Item': {'validate': 'shop.sync.check'}}\nscheduler_events = {'daily': ['shop.sync.pull']}",
    "shop/sync.py": "import json\nimport frappe\ndef pull(): ...\ndef check(doc, method): ...",
    "shop/shop_core/doctype/bag/bag.json": definition("Bag"),
    "shop/shop_core/doctype/bag/bag.py": "from shop.sync import pull\nclass Bag: ...",
}


def tree(links: dict[str, str] | None = None, /, **files: str | None) -> Tree:
    """The whole app with other files (None: without one)."""
    given = {**WHOLE, **files}
    entries = {path: Entry(FILE, text.encode()) for path, text in given.items() if text is not None}
    return Tree({**entries, **{path: Entry(LINK, target.encode()) for path, target in (links or {}).items()}})


def available(name: str) -> bool:
    return name in ("frappe", "erpnext")


def test_a_whole_app_has_none() -> None:
    assert find_faults(tree(), "shop", {"Item": "erpnext"}, available) == []


@pytest.mark.parametrize(
    ("files", "kind", "words"),
    [
        ({"shop/hooks.py": None}, "metadata", "no Frappe app of that name"),
        ({"shop/modules.txt": "Ring Shop\n"}, "module", "modules.txt 'Ring Shop': there is no shop/ring_shop/"),
        (
            {"shop/hooks.py": "doc_events = {'Item': {'on_update': 'shop.utils.sync.push'}}"},
            "hook",
            "every on_update of Item",
        ),
        ({"shop/hooks.py": "after_install = 'shop.sync.nothing'"}, "hook", "shop/sync.py has no nothing"),
        (
            {"shop/hooks.py": "scheduler_events = {'cron': {'* * * * *': ['shop.gone.run']}}"},
            "hook",
            "the job fails each time",
        ),
        ({"shop/hooks.py": "def broken("}, "hook", "is no Python"),
        ({"shop/sync.py": "import qrcode\ndef pull(): ...\ndef check(): ..."}, "requirement", "imports qrcode"),
        ({"shop/more.py": "def broken("}, "code", "shop/more.py: is no Python"),
        ({"shop/more.py": "from shop.utils.sync import push"}, "import", "shop.utils.sync.push cannot be imported"),
        (
            {"shop/more.py": "frappe.enqueue('shop.utils.sync.push')"},
            "import",
            "shop.utils.sync.push cannot be imported",
        ),
        ({"shop/shop_core/doctype/bag/bag.json": definition("Bag", is_single=1)}, "doctype_key", "Bag is no Single"),
        ({"shop/shop_core/doctype/bag/bag.json": definition("Bag", is_child_table=1)}, "doctype_key", "no child table"),
        ({"shop/shop_core/doctype/bag/bag.py": None}, "controller", "has no bag.py"),
        ({"shop/shop_core/doctype/bag/bag.json": definition("Item")}, "collision", "is one of erpnext"),
        ({"shop/shop_core/doctype/bag/bag.json": "{"}, "definition", "bag.json"),
    ],
)
def test_each_fault_is_named(files: dict[str, str | None], kind: str, words: str) -> None:
    found = find_faults(tree(**files), "shop", {"Item": "erpnext"}, available)
    assert [fault.kind for fault in found] == [kind]
    assert words in str(found[0])


@pytest.mark.parametrize(
    "files",
    [
        {"shop/more.py": "try:\n    import qrcode\nexcept ImportError:\n    qrcode = None"},
        {"shop/more.py": "def later():\n    import qrcode"},
        {"shop/shop_core/doctype/bag/bag.json": definition("Bag", is_single=1, issingle=1)},
        {"shop/shop_core/doctype/bag/bag.json": definition("Bag", custom=1), "shop/shop_core/doctype/bag/bag.py": None},
        {"shop/hooks.py": "doc_events = {'Item': {'validate': other_app + '.sync.check'}}"},
        {"shop/hooks.py": "doc_events = {'Item': {'validate': 'erpnext.stock.check'}}"},
    ],
)
def test_what_works_is_no_fault(files: dict[str, str | None]) -> None:
    assert find_faults(tree(**files), "shop", {}, available) == []


def test_hooks_of_one_place_keep_apart() -> None:
    source = "scheduler_events = {'cron': {'*/15 * * * *': ['shop.a.one', 'shop.a.two']}}"
    assert hook_methods(source, "shop") == {
        "scheduler_events.cron.*/15 * * * *": "shop.a.one",
        "scheduler_events.cron.*/15 * * * * (two)": "shop.a.two",
    }
