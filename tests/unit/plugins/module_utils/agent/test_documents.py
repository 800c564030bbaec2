# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in a site: all or nothing, secrets kept, names found."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._documents import OPERATIONS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

USER = {
    "doctype": "User",
    "name": "u@example.com",
    "values": {"email": "u@example.com", "first_name": "U", "roles": [{"role": "Shop"}]},
}


def apply(tools: Tools, *records: dict[str, Any], check: bool = False) -> dict[str, Any]:
    return dict(OPERATIONS["document.apply"](tools.at(check=check), {"documents": list(records)}))


def actions(done: dict[str, Any]) -> list[str]:
    return [item["action"] for item in done["documents"]]


def secret(tools: Tools, key: str) -> str | None:
    value: str | None = tools.database()["passwords"].get(key)
    return value


def test_create_again_update_delete_again(site: Tools) -> None:
    role = {"doctype": "Role", "values": {"role_name": "Shop", "desk_access": 1}}
    done = apply(site, role, USER)
    assert (done["changed"], done["counts"]["created"], actions(done)) == (True, 2, ["created", "created"])
    assert [item["name"] for item in done["documents"]] == ["Shop", "u@example.com"]
    assert site.docs("User")["u@example.com"]["roles"] == [{"role": "Shop", "idx": 1}]
    again = apply(site, role, USER)
    assert (again["changed"], actions(again)) == (False, ["unchanged", "unchanged"])
    role["values"]["desk_access"] = False  # type: ignore[index]
    changed = apply(site, role)
    assert actions(changed) == ["updated"]
    assert changed["documents"][0]["before"] == {"desk_access": 1}
    gone = {"doctype": "Role", "name": "Shop", "state": "absent"}
    assert actions(apply(site, gone)) == ["deleted"]
    assert site.docs("Role") == {}
    assert actions(apply(site, gone)) == ["unchanged"]


def test_check_mode_answers_the_same_and_writes_nothing(site: Tools) -> None:
    field = {"doctype": "Custom Field", "values": {"dt": "Note", "fieldname": "colour", "fieldtype": "Data"}}
    note = {"doctype": "Note", "name": "n", "values": {"title": "x", "colour": "red"}}
    before = site.database()
    planned = apply(site, field, note, check=True)
    assert site.database() == before
    assert actions(planned) == ["created", "created"], "a field that an earlier record adds is known"
    assert actions(apply(site, field, note)) == actions(planned)
    assert site.docs("Note")["n"]["colour"] == "red"
    assert actions(apply(site, {"doctype": "Note", "name": "n", "state": "absent"}, check=True)) == ["deleted"]
    assert "n" in site.docs("Note")


def test_all_or_nothing(site: Tools) -> None:
    before = site.database()
    with pytest.raises(ErpopsError) as caught:
        apply(
            site,
            {"doctype": "Note", "name": "a", "values": {"title": "x"}},
            {"doctype": "Note", "name": "b", "values": {"title": "refused"}},
            {"doctype": "Note", "name": "c", "values": {"title": "x"}},
        )
    assert site.database() == before
    assert caught.value.message == "ValidationError: This title is refused"
    assert caught.value.object == "record 2 of 3, Note b"
    assert caught.value.hint == "nothing of this call was kept"
    assert (caught.value.status, caught.value.data) == (417, {"position": 1, "kept": 0, "doctype": "Note"})


def test_what_a_schema_change_committed_is_told(site: Tools) -> None:
    with pytest.raises(ErpopsError) as caught:
        apply(
            site,
            {"doctype": "Note", "name": "a", "values": {"title": "x"}},
            {"doctype": "Custom Field", "values": {"dt": "Note", "fieldname": "colour", "fieldtype": "Data"}},
            {"doctype": "Note", "name": "b", "values": {"title": "refused"}},
        )
    assert "the first 2 records are kept" in caught.value.hint
    assert list(site.docs("Note")) == ["a"]


def test_html_of_a_message_is_taken_out(site: Tools) -> None:
    with pytest.raises(ErpopsError, match=r"^record 1 of 1, User x: ValidationError: email is mandatory"):
        apply(site, {"doctype": "User", "name": "x", "match": {"first_name": "x"}, "values": {"email": ""}})


@pytest.mark.parametrize(
    ("record", "message", "needed"),
    [
        ({"doctype": "Usr", "name": "x"}, "there is no DocType 'Usr'", "User"),
        ({"doctype": "User", "name": "x", "values": {"frist_name": 1}}, "has no field 'frist_name'", "first_name"),
        ({"doctype": "User", "name": "x", "values": {"roles": [{"rol": 1}]}}, "has no field 'rol'", "role"),
    ],
)
def test_a_misspelt_name_lists_those_near_to_it(site: Tools, record: dict[str, Any], message: str, needed: str) -> None:
    with pytest.raises(ErpopsError) as caught:
        apply(site, record)
    assert caught.value.message == message
    assert needed in caught.value.needed
    assert caught.value.status == 404


def test_singles_have_no_name(site: Tools) -> None:
    single = {"doctype": "System Settings", "values": {"enable_scheduler": 0}, "secrets": {"token": "the-token"}}
    assert actions(apply(site, single)) == ["updated"]
    assert site.docs("System Settings")["System Settings"]["enable_scheduler"] == 0
    assert secret(site, "System Settings|System Settings|token") == "the-token"
    assert actions(apply(site, single)) == ["unchanged"]


def test_a_secret_that_is_not_named_is_kept(site: Tools) -> None:
    apply(site, {"doctype": "System Settings", "secrets": {"token": "the-token"}})
    apply(site, {"doctype": "System Settings", "values": {"enable_scheduler": 0}})
    assert secret(site, "System Settings|System Settings|token") == "the-token"


def test_a_secret_is_replaced_and_not_shown(site: Tools) -> None:
    apply(site, {"doctype": "System Settings", "secrets": {"token": "the-token"}})
    done = apply(site, {"doctype": "System Settings", "secrets": {"token": "new-token"}})
    assert secret(site, "System Settings|System Settings|token") == "new-token"
    assert "-token" not in str(done)


def test_a_users_password_is_compared_by_its_hash(site: Tools) -> None:
    user = {**USER, "secrets": {"new_password": "pass-word-1"}}
    assert actions(apply(site, user)) == ["created"]
    assert actions(apply(site, user)) == ["unchanged"]
    assert actions(apply(site, {**user, "secrets": {"new_password": "pass-word-2"}})) == ["updated"]
    assert secret(site, "__Auth|u@example.com|") == "pass-word-2"


def test_rows_that_stay_keep_their_other_fields(site: Tools) -> None:
    rows = [{"role": "A", "note": "kept"}, {"role": "B", "note": "goes"}]
    site.change_database(docs={"User": {"u@example.com": {"name": "u@example.com", "email": "u", "roles": rows}}})
    record = {"doctype": "User", "name": "u@example.com", "values": {"roles": [{"role": "C"}, {"role": "A"}]}}
    assert actions(apply(site, record)) == ["updated"]
    stored = [{"role": "C", "idx": 1}, {"role": "A", "note": "kept", "idx": 2}]
    assert site.docs("User")["u@example.com"]["roles"] == stored
    assert actions(apply(site, record)) == ["unchanged"]


def test_a_record_is_found_by_what_matches(site: Tools) -> None:
    record = {"doctype": "Note", "match": {"title": "x"}, "values": {"public": 1}}
    done = apply(site, record)
    (name,) = site.docs("Note")
    assert (done["documents"][0]["name"], site.docs("Note")[name]["title"]) == (name, "x")
    assert actions(apply(site, record)) == ["unchanged"]
    site.change_database(docs={"Note": {"other": {"name": "other", "title": "x"}}})
    with pytest.raises(ErpopsError, match="several records match") as caught:
        apply(site, record)
    assert (caught.value.status, caught.value.seen) == (409, f"{name}, other")


def test_a_name_that_frappe_does_not_give_is_refused(site: Tools) -> None:
    with pytest.raises(ErpopsError, match="names this record 'Shop', not 'Shopkeeper'") as caught:
        apply(site, {"doctype": "Role", "name": "Shopkeeper", "values": {"role_name": "Shop"}})
    assert caught.value.status == 409
    assert site.docs("Role") == {}


def test_records_are_read_without_passwords(site: Tools) -> None:
    read = OPERATIONS["document.read"]
    found = read(site.at(), {"doctype": "User", "fields": ["name", "enabled"], "filters": {"enabled": 1}})
    assert found == {"documents": [{"name": "Administrator", "enabled": 1}]}
    with pytest.raises(ErpopsError, match="is not read") as caught:
        read(site.at(), {"doctype": "User", "fields": ["api_secret"]})
    assert caught.value.status == 403


def test_the_sites_lock_is_held(site: Tools) -> None:
    with site.at().locked("somebody else"), pytest.raises(ErpopsError) as caught:
        apply(site, USER)
    assert (caught.value.status, caught.value.object) == (423, str(site.path / f".erpops/locks/{SITE}.lock"))
