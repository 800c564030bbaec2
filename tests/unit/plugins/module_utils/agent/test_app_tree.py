# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app's files, found as Python finds them."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._app_tree import names_of, resolve
from tests.unit.plugins.module_utils.agent.test_app_faults import tree


@pytest.mark.parametrize(
    ("dotted", "why"),
    [
        ("shop.sync", ""),
        ("shop.sync.pull", ""),
        ("shop.sync.gone", "shop/sync.py has no gone"),
        ("shop.gone.pull", "there is no shop/gone.py or shop/gone/"),
        ("shop.alias.doctype.bag.bag.Bag", ""),
        ("shop.loop.anything", "there is no shop/loop.py or shop/loop/"),
        ("shop.outside.anything", "there is no shop/outside.py or shop/outside/"),
    ],
)
def test_names_are_found_through_links(dotted: str, why: str) -> None:
    links = {"shop/alias": "shop_core", "shop/loop": "loop", "shop/outside": "../../etc"}
    assert resolve(tree(links), dotted) == why


def test_a_package_outranks_a_module_of_its_name_and_a_bare_directory_does_not() -> None:
    both = {"shop/a.py": "def of_module(): ...", "shop/a/b.py": ""}
    assert resolve(tree(**both), "shop.a.of_module") == ""
    assert resolve(tree(**both), "shop.a.b.c") == "shop/a.py has no b"
    whole = {**both, "shop/a/__init__.py": "def of_package(): ..."}
    assert resolve(tree(**whole), "shop.a.of_package") == ""
    assert "there is no shop/a/of_module.py" in resolve(tree(**whole), "shop.a.of_module")


def test_names_of_a_module() -> None:
    source = "import a.b\nfrom c import d as e\nf = 1\nclass G: ...\nasync def h(): ..."
    assert names_of(source) >= {"a", "e", "f", "G", "h"}
