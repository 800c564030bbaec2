# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of sign-ups."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._signup_store import SignupStore
from ansible_collections.erpops.frappe.plugins.plugin_utils._signups import Signups, declaration

SITE = "acme.example.com"
REQUEST = {"subdomain": "acme", "email": "a@acme.example", "company": "Acme: 'x' {{ y }}\u00e9"}


@pytest.fixture
def store(tmp_path: Path) -> SignupStore:
    return SignupStore(tmp_path / ".signups")


def test_a_declaration_is_read_as_it_was_written(store: SignupStore) -> None:
    made = declaration(Signups("example.com"), REQUEST, "now")
    assert store.read(SITE) is None
    store.declare(SITE, made)
    assert store.read(SITE) == (made["tenant"], made["signup"])
    assert store.directory.stat().st_mode & 0o777 == 0o700


def test_finished_and_forgotten(store: SignupStore) -> None:
    with store.claimed(SITE):
        store.declare(SITE, declaration(Signups("example.com"), REQUEST, "now"))
        store.mark(SITE).touch()
        store.finish(SITE, "later")
    found = store.read(SITE)
    assert found
    assert (found[1]["state"], found[1]["finished"], store.mark(SITE).exists()) == ("active", "later", False)
    store.forget(SITE)
    store.forget(SITE)
    assert store.read(SITE) is None


def test_one_name_is_worked_on_once_and_two_names_side_by_side(store: SignupStore) -> None:
    with store.claimed(SITE):
        with pytest.raises(ErpopsError, match="another request for this name"), store.claimed(SITE):
            pass
        with store.claimed("other.example.com"):
            pass
    with store.claimed(SITE):
        pass


def test_a_damaged_file_is_told(store: SignupStore) -> None:
    store.directory.mkdir()
    store.file(SITE).write_text("a: [")
    with pytest.raises(ErpopsError, match="is no declaration of a tenant"):
        store.read(SITE)


def test_outcomes_are_kept_and_a_cut_line_is_left_out(store: SignupStore) -> None:
    assert store.outcomes() == []
    store.note({"outcome": "made"})
    (store.directory / ".state/outcomes.jsonl").open("a").write('{"outc\n')
    store.note({"outcome": "failed"})
    assert [one["outcome"] for one in store.outcomes()] == ["made", "failed"]
