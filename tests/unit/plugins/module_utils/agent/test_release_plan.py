# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release consists of, what is built for it, and which releases may go."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_plan import (
    app_lists,
    asset_files,
    bears_on_assets,
    commits,
    free_name,
    is_same,
    lost_apps,
    planned_apps,
    release_id,
    relocated,
    to_build,
    to_prune,
    with_short_shebang,
)

FRAPPE = {"name": "frappe", "commit": "f1", "subdirectory": ""}
ERPNEXT = {"name": "erpnext", "commit": "e1", "subdirectory": ""}
SHOP = {"name": "shop", "commit": "s1", "subdirectory": "apps/shop"}
APPS = [FRAPPE, ERPNEXT, SHOP]
INPUTS: dict[str, Any] = {
    "python": "3.11",
    "requirements": ["a"],
    "assets": True,
    "UV_OVERRIDE": "",
    "UV_CONSTRAINT": "",
}


def test_the_name_is_the_same_for_the_same() -> None:
    told = [{**app, "repo": "elsewhere", "version": "a tag", "token": "secret"} for app in APPS]
    assert release_id(APPS, INPUTS) == release_id(told, dict(reversed(INPUTS.items())))
    assert len(release_id(APPS, INPUTS)) == 12


@pytest.mark.parametrize(
    ("apps", "inputs"),
    [
        ([FRAPPE, ERPNEXT, {**SHOP, "commit": "s2"}], INPUTS),
        ([FRAPPE, ERPNEXT, {**SHOP, "subdirectory": ""}], INPUTS),
        ([FRAPPE, SHOP, ERPNEXT], INPUTS),
        ([FRAPPE, ERPNEXT], INPUTS),
        *((APPS, {**INPUTS, key: "other"}) for key in INPUTS),
    ],
)
def test_the_name_is_another_for_anything_else(apps: list[dict[str, Any]], inputs: dict[str, Any]) -> None:
    assert release_id(apps, inputs) != release_id(APPS, INPUTS)


@pytest.mark.parametrize(("taken", "name"), [([], "a"), (["b"], "a"), (["a"], "a-2"), (["a", "a-2"], "a-3")])
def test_names_that_are_taken(taken: list[str], name: str) -> None:
    assert free_name("a", taken) == name


@pytest.mark.parametrize(
    ("named", "removed", "expected"),
    [
        ([], [], {"frappe": "f1", "erpnext": "e1", "shop": "s1"}),
        ([{**ERPNEXT, "commit": "e2"}], [], {"frappe": "f1", "erpnext": "e2", "shop": "s1"}),
        ([{"name": "new", "commit": "n"}], ["shop"], {"frappe": "f1", "erpnext": "e1", "new": "n"}),
        ([], ["nobody"], {"frappe": "f1", "erpnext": "e1", "shop": "s1"}),
    ],
)
def test_apps_of_a_release(named: list[dict[str, Any]], removed: list[str], expected: dict[str, str]) -> None:
    planned = commits(planned_apps(APPS, named, removed))
    assert (planned, list(planned)) == (expected, list(expected))


@pytest.mark.parametrize(
    ("named", "removed", "seen"),
    [([SHOP, SHOP], [], "shop"), ([SHOP], ["shop"], "shop"), ([], ["frappe"], "without frappe")],
)
def test_apps_that_contradict_each_other(named: list[dict[str, Any]], removed: list[str], seen: str) -> None:
    with pytest.raises(ErpopsError, match=seen) as caught:
        planned_apps(APPS, named, removed)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("other", "same"),
    [(SHOP, True), ({**SHOP, "commit": "x"}, False), ({**SHOP, "subdirectory": ""}, False), (None, False)],
)
def test_the_same_files(other: dict[str, Any] | None, same: bool) -> None:
    assert is_same(SHOP, other) is same


@pytest.mark.parametrize(
    ("path", "bears"),
    [
        ("shop/api.py", False),
        ("README.md", False),
        ("shop/patches.txt", False),
        ("shop/shop/doctype/order/order.json", False),
        ("shop/shop/doctype/order/order.js", True),
        ("shop/public/js/shop.bundle.js", True),
        ("package.json", True),
        ("yarn.lock", True),
        ("shop/locale/de.po", True),
        ("shop/templates/shop.html", True),
        ("frontend/src/routes.json", True),
    ],
)
def test_files_that_bear_on_assets(path: str, bears: bool) -> None:
    assert bears_on_assets(path) is bears


def test_lines_of_git() -> None:
    lines = ["100644 blob 1\tshop/api.py", "100644 blob 2\tshop/public/a b.js", ""]
    assert asset_files(lines) == {lines[1]}


@pytest.mark.parametrize(
    ("differing", "built"),
    [
        ([], []),
        (["shop"], ["shop"]),
        (["erpnext"], ["erpnext", "shop"]),
        (["frappe"], ["frappe", "erpnext", "shop"]),
        (["shop", "erpnext"], ["erpnext", "shop"]),
    ],
)
def test_assets_that_are_built(differing: list[str], built: list[str]) -> None:
    assert to_build(APPS, differing) == built


@pytest.mark.parametrize(
    ("listed", "release", "lists", "lost"),
    [
        (["a", "b"], ["a", "b"], (["a", "b"], ["a", "b"]), []),
        (["a"], ["a", "b"], (["a"], ["a", "b"]), []),
        (["a", "b"], ["a"], (["a"], ["a"]), ["b"]),
        (["a", "b"], ["a", "c"], (["a"], ["a", "c"]), ["b"]),
    ],
)
def test_lists_of_apps(listed: list[str], release: list[str], lists: tuple[list[str], ...], lost: list[str]) -> None:
    assert app_lists(listed, release) == lists
    assert lost_apps(listed, release) == lost


def row(name: str, built: str, state: str = "ready") -> dict[str, Any]:
    return {"id": name, "built": built, "state": state}


ROWS = [row("four", "2026-04"), row("one", ""), row("two", "2026-02"), row("three", "2026-03")]


@pytest.mark.parametrize(
    ("keep", "spared", "used", "gone", "busy"),
    [
        (4, set(), set(), [], []),
        (3, set(), set(), ["one"], []),
        (2, {"one"}, set(), ["two", "three"], []),
        (0, {"one", "two"}, set(), ["three", "four"], []),
        (1, {"four"}, {"two", "four"}, ["one", "three"], ["two"]),
    ],
)
def test_releases_that_go(keep: int, spared: set[str], used: set[str], gone: list[str], busy: list[str]) -> None:
    assert to_prune(ROWS, keep, spared, used) == (gone, busy)


def test_half_made_releases_go_and_count_for_nothing() -> None:
    assert to_prune([*ROWS, row("half", "", "building")], 4, set(), set()) == (["half"], [])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("#!/b/env/bin/python\n", "#!/b/r/1/env/bin/python\n"),
        ("/b/apps/shop\n/b/apps", "/b/r/1/apps/shop\n/b/r/1/apps"),
        ('{"url": "file:///b/apps/shop"}', '{"url": "file:///b/r/1/apps/shop"}'),
        ("/b/env-cli/bin /b/apps2 /b/apps.txt /b/environment", "/b/env-cli/bin /b/apps2 /b/apps.txt /b/environment"),
        ("/b/r/1/env/bin", "/b/r/1/env/bin"),
    ],
)
def test_paths_that_are_replaced(text: str, after: str) -> None:
    moves = {"/b/env": "/b/r/1/env", "/b/apps": "/b/r/1/apps"}
    assert relocated(text, moves) == after
    assert relocated(after, moves) == after


def test_an_interpreter_that_the_kernel_would_cut_off() -> None:
    short, long = "#!/b/env/bin/python\nrest\n", f"#!/{'x' * 130}/python\nrest\n"
    assert with_short_shebang(short) == short
    first, second, *rest = with_short_shebang(long).splitlines()
    assert (first, second) == ("#!/bin/sh", f'\'\'\'exec\' "/{"x" * 130}/python" "$0" "$@"')
    assert rest == ["' '''", "rest"]
