# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a migration would do: patches as Frappe reads them, DocTypes by their digests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_tree import FILE, LINK, Entry, Tree
from ansible_collections.erpops.frappe.plugins.module_utils.agent._migration_plan import (
    AppFiles,
    app_changes,
    estimate,
    is_empty,
    last_definitions,
    no_return,
    parse_patches,
    pending,
    plan_lines,
    read_app,
)

INI = """[pre_model_sync]
# a comment
shop.patches.one
shop.patches.two #2024-01-02
execute:frappe.db.set_value("A", "b", "c=d: e")

[post_model_sync]
; another
shop.patches.three
finally:shop.patches.last
"""


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("", [], []),
        ("\n  \n", [], []),
        ("# only a comment\n", [], []),
        ("a.b\n\n# c\n  a.c #2024\nexecute:x = 1\n", ["a.b", "a.c #2024", "execute:x = 1"], []),
        # What Frappe takes for a patch although somebody meant a comment.
        ("a.b\n  # c\n", ["a.b", "# c"], []),
        (
            INI,
            ["shop.patches.one", "shop.patches.two #2024-01-02", 'execute:frappe.db.set_value("A", "b", "c=d: e")'],
            ["shop.patches.three", "finally:shop.patches.last"],
        ),
        ("[pre_model_sync]\n[post_model_sync]\n", [], []),
    ],
)
def test_both_formats(text: str, before: list[str], after: list[str]) -> None:
    assert parse_patches(text) == {"pre_model_sync": before, "post_model_sync": after}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[pre_model_sync]\na.b\n", "no section post_model_sync"),
        ("[pre_model_sync]\na.b\na.b\n[post_model_sync]\n", "already exists"),
    ],
)
def test_what_frappe_could_not_read_either(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_patches(text)


@pytest.mark.parametrize(
    ("lines", "executed", "left"),
    [
        (["a.b", "a.c"], {"a.b"}, ["a.c"]),
        # Another comment makes another patch.
        (["a.b #2"], {"a.b", "a.b #1"}, ["a.b #2"]),
        (["finally:a.b"], {"a.b"}, []),
        (["finally:a.b"], {"finally:a.b"}, ["finally:a.b"]),
    ],
)
def test_pending_patches(lines: list[str], executed: set[str], left: list[str]) -> None:
    assert pending(lines, executed) == left


def definition(name: str) -> bytes:
    return json.dumps({"doctype": "DocType", "name": name}).encode()


def tree(**more: bytes) -> Tree:
    files = {
        "shop/modules.txt": b"Shop Sync\n",
        "shop/patches.txt": b"a.b\n",
        "shop/shop_sync/doctype/shop_order/shop_order.json": definition("Shop Order"),
        # In no module of modules.txt: Frappe does not look there.
        "shop/old/doctype/gone/gone.json": definition("Gone"),
        "shop/shop_sync/doctype/shop_order/test_records.json": b"[]",
    }
    return Tree({path: Entry(FILE, data) for path, data in {**files, **more}.items()})


def md5(name: str) -> str:
    return hashlib.md5(definition(name)).hexdigest()


def test_an_apps_files() -> None:
    found = read_app(tree(), "shop")
    assert found == AppFiles(
        {"pre_model_sync": ["a.b"], "post_model_sync": []}, {"Shop Order": md5("Shop Order")}, ["Shop Sync"]
    )


def test_a_module_that_is_a_link() -> None:
    entries = dict(tree().entries)
    entries["shop/modules.txt"] = Entry(FILE, b"Linked\n")
    entries["shop/linked"] = Entry(LINK, b"shop_sync")
    assert read_app(Tree(entries), "shop").doctypes == {"Shop Order": md5("Shop Order")}


def test_an_app_without_anything() -> None:
    assert is_empty(app_changes(read_app(Tree({}), "shop"), set(), {}, set()))


def row(module: str = "Shop Sync", md5: str = "", custom: int = 0) -> dict[str, Any]:
    return {"module": module, "migration_hash": md5, "custom": custom}


def test_changes_of_doctypes() -> None:
    files = AppFiles({}, {"A": "1", "B": "2", "C": "3", "D": "4"}, ["Shop Sync"])
    stored = {
        "A": row(md5="1"),
        "B": row(md5="0"),
        "C": {**row(), "migration_hash": None},
        "Old": row(),
        "Own": row(custom=1),
        "Other": row("Stock"),
    }
    found = app_changes(files, set(), stored, files.doctypes)["doctypes"]
    assert found == {"added": ["D"], "changed": ["B", "C"], "removed": ["Old"]}


def test_of_two_definitions_the_last_counts() -> None:
    apps = {
        "frappe": AppFiles({}, {"Print Heading": "1", "User": "2"}, ["Printing"]),
        "erpnext": AppFiles({}, {"Print Heading": "3"}),
    }
    found = last_definitions(apps)
    assert {name: files.doctypes for name, files in found.items()} == {
        "frappe": {"User": "2"},
        "erpnext": {"Print Heading": "3"},
    }
    stored = {"Print Heading": row("Printing", "3"), "User": row("Core", "2")}
    defined = {"Print Heading", "User"}
    assert all(is_empty(app_changes(files, set(), stored, defined)) for files in found.values())


def changes(name: str = "shop", before: Any = (), after: Any = (), **doctypes: list[str]) -> dict[str, Any]:
    kinds = {"added": [], "changed": [], "removed": [], **doctypes}
    patches = {"pre_model_sync": list(before), "post_model_sync": list(after)}
    return {"name": name, "from": "1" * 40, "to": "1" * 40, "patches": patches, "doctypes": kinds}


@pytest.mark.parametrize(
    ("apps", "first"),
    [
        ([], ""),
        ([changes()], ""),
        ([changes(after=["a.z"])], "the patch a.z of shop"),
        ([changes(after=["a.z"], changed=["A"])], "the DocType A of shop"),
        ([changes("frappe", added=["X"]), changes(before=["a.b"])], "the patch a.b of shop"),
    ],
)
def test_the_point_of_no_return_is_the_first_thing_that_is_done(apps: list[dict[str, Any]], first: str) -> None:
    assert no_return(apps) == first


def test_lines_of_a_diff() -> None:
    app = changes(before=["a.b"], after=["a.z"], changed=["A"], added=["B"]) | {"to": "2" * 40}
    assert plan_lines([app]) == [
        "shop: commit 111111111111 -> 222222222222",
        "shop: patch a.b",
        "shop: DocType B added",
        "shop: DocType A changed",
        "shop: patch a.z (after the DocTypes)",
    ]


@pytest.mark.parametrize(("seconds", "found"), [([], None), ([4], 4), ([90, 1, 2, 3, 4, 5], 3)])
def test_an_estimate_is_the_median_of_the_last_five(seconds: list[float], found: float | None) -> None:
    assert estimate([{"seconds": one} for one in seconds]) == found
