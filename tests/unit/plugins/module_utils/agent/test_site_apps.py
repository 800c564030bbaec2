# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps of a site: all their pieces, or an error that names those that are missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._site_apps import OPERATIONS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


def apply(tools: Tools, *apps: str, check: bool = False, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["site_app.apply"](tools.at(check=check), {"apps": list(apps), **args}))


def read(tools: Tools, *apps: str) -> dict[str, Any]:
    return dict(OPERATIONS["site_app.read"](tools.at(), {"apps": list(apps)}))


def ran(tools: Tools) -> list[str]:
    return [" ".join(call["words"]) for call in tools.commands()]


@pytest.fixture
def owned(site: Tools) -> Tools:
    """A site that we made, and two apps on the bench, the second of which needs the first."""
    site.at().bench.write_record(SITE, {"state": "created", "db_name": "_a_localhost"})
    site.app("base", doctypes=("Base Thing",))
    site.app(
        "shop",
        doctypes=("Shop Order",),
        hooks='required_apps = ["org/base"]\nscheduler_events = {"all": ["shop.api.pull"]}',
        fixtures=[{"doctype": "Role", "name": "Keeper"}],
    )
    return site


def test_apps_are_installed_once_and_in_order(owned: Tools) -> None:
    done = apply(owned, "base", "shop")
    assert (done["changed"], done["actions"]) == (True, ["installed base", "installed shop"])
    assert done["installed"] == ["frappe", "base", "shop"]
    assert done["diff"]["before"] == {"apps": ["frappe"], "incomplete": {}}
    assert done["diff"]["after"] == {"apps": ["frappe", "base", "shop"], "incomplete": {}}
    assert ran(owned) == ["install-app base", "install-app shop"]
    again = apply(owned, "base", "shop")
    assert (again["changed"], again["actions"], len(ran(owned))) == (False, [], 2)
    assert read(owned) == {"installed": ["frappe", "base", "shop"], "missing": {}, "interrupted": []}
    assert owned.at().bench.record(SITE)["apps"] == {}


def test_check_mode_installs_nothing(owned: Tools) -> None:
    planned = apply(owned, "base", "shop", check=True)
    assert ran(owned) == []
    assert read(owned)["installed"] == ["frappe"]
    done = apply(owned, "base", "shop")
    assert (planned["actions"], planned["installed"], planned["diff"]) == (
        done["actions"],
        done["installed"],
        done["diff"],
    )


def test_an_install_that_brought_nothing_is_completed(owned: Tools) -> None:
    """A stale module map: install-app succeeds and installs nothing (systems.md, 0.1)."""
    owned.switch(**{"install-app": "nothing"})
    assert apply(owned, "base")["actions"] == ["installed base"]
    assert ran(owned) == ["install-app base", "migrate"]
    assert read(owned)["missing"] == {}


def test_an_app_that_stays_incomplete_is_an_error_that_names_what_is_missing(owned: Tools) -> None:
    apply(owned, "base")
    owned.switch(**{"install-app": "nothing", "migrate": "nothing"})
    with pytest.raises(ErpopsError, match="not complete on the site") as caught:
        apply(owned, "shop")
    assert caught.value.data["missing"] == {
        "doctypes": ["Shop Order"],
        "jobs": ["shop.api.pull"],
        "fixtures": ["Role Keeper"],
    }
    assert "missing doctypes: Shop Order" in caught.value.seen
    assert read(owned)["interrupted"] == ["shop"]


def test_an_app_that_is_listed_but_incomplete_is_repaired_not_skipped(owned: Tools) -> None:
    apply(owned, "base")
    data = owned.database()
    del data["docs"]["DocType"]["Base Thing"]
    owned.write("databases/_a_localhost.json", data)
    assert read(owned)["missing"] == {"base": {"doctypes": ["Base Thing"]}}
    planned = apply(owned, "base", check=True)
    assert (planned["actions"], ran(owned)) == (["repaired base"], ["install-app base"])
    done = apply(owned, "base")
    assert done["actions"] == ["repaired base"]
    assert done["apps"] == [{"name": "base", "action": "repaired base", "missing_before": {"doctypes": ["Base Thing"]}}]
    assert done["diff"]["before"]["incomplete"] == {"base": {"doctypes": ["Base Thing"]}}
    assert ran(owned) == ["install-app base", "migrate"]
    assert read(owned)["missing"] == {}


def test_a_late_failure_leaves_the_app_listed_and_the_next_run_installs_it_anew(owned: Tools) -> None:
    owned.switch(**{"install-app": "late"})
    with pytest.raises(ErpopsError, match=r"install-app base failed \(exit code 1\)") as caught:
        apply(owned, "base")
    assert caught.value.seen == "An error occurred while installing: late failure"
    state = read(owned)
    assert (state["installed"], state["interrupted"]) == (["frappe", "base"], ["base"])
    owned.switch()
    assert apply(owned, "base")["actions"] == ["repaired base"]
    assert ran(owned)[1:] == ["install-app base --force"]
    assert read(owned)["interrupted"] == []


def test_nothing_that_was_noted_of_a_site_outlives_it(owned: Tools) -> None:
    bench = owned.at().bench
    text = "".join(path.read_text() for path in Path(_bench.__file__).parent.glob("*.py"))
    names = set(re.findall(r'state, "(\w+)", f"\{[\w.()]+\}\.json"', text))
    names.remove("moves")  # what the source knows of a move is what ends it, when the site itself is gone there
    assert {"drills", "migrations", "originals", "restores", "rotations", "sites", "updates"} <= names
    paths = [Path(bench.state_path(name, f"{SITE}.json")) for name in sorted(names)]
    for path in paths:
        path.write_text("{}")
    bench.forget(SITE)
    assert [path for path in paths if path.exists()] == []


def test_a_note_gives_no_ownership(owned: Tools) -> None:
    owned.at().bench.forget(SITE)
    apply(owned, "base")
    assert owned.at().bench.record(SITE) == {}


def test_an_app_that_is_not_on_the_bench(owned: Tools) -> None:
    with pytest.raises(ErpopsError, match="not on the bench") as caught:
        apply(owned, "other")
    assert (caught.value.status, caught.value.seen) == (404, "frappe, base, shop")


def test_an_app_whose_required_app_is_missing(owned: Tools) -> None:
    with pytest.raises(ErpopsError, match="required apps are not on the site") as caught:
        apply(owned, "shop", "base")
    assert (caught.value.status, caught.value.seen) == (409, "missing: base")
    assert ran(owned) == []


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("hooks.py", "1 / 0", "cannot be imported"),
        ("base_core/doctype/base_thing/base_thing.json", "{broken", "package is broken"),
    ],
)
def test_a_broken_app_is_refused_before_anything_is_changed(owned: Tools, path: str, text: str, message: str) -> None:
    owned.write(f"apps/base/base/{path}", text)
    for check in (True, False):
        with pytest.raises(ErpopsError, match=message) as caught:
            apply(owned, "base", check=check)
        assert caught.value.status == 409
    assert ran(owned) == []


def test_a_doctype_of_another_app_is_not_overwritten(owned: Tools) -> None:
    owned.app("rival", doctypes=("Base Thing", "Rival Thing"))
    apply(owned, "base")
    with pytest.raises(ErpopsError, match="would overwrite DocTypes") as caught:
        apply(owned, "rival")
    assert caught.value.data == {"collisions": ["Base Thing (of base, module base_core)"]}
    assert ran(owned) == ["install-app base"]
    assert apply(owned, "rival", accept_collisions=["Base Thing"])["changed"] is True


def test_uninstalling_needs_the_apps_names(owned: Tools) -> None:
    apply(owned, "base", "shop")
    with pytest.raises(ErpopsError, match="without confirmation") as caught:
        apply(owned, "base", "shop", state="absent", confirm=["shop"])
    assert (caught.value.status, caught.value.needed) == (400, "confirm: [base]")


def test_apps_are_uninstalled_in_reverse_after_a_verified_backup(owned: Tools) -> None:
    apply(owned, "base", "shop")
    absent: dict[str, Any] = {"state": "absent", "confirm": ["base", "shop"]}
    planned = apply(owned, "base", "shop", check=True, **absent)
    assert (planned["installed"], len(ran(owned))) == (["frappe"], 2)
    done = apply(owned, "base", "shop", **absent)
    assert done["actions"] == planned["actions"] == ["uninstalled shop", "uninstalled base"]
    assert done["installed"] == ["frappe"]
    assert [words.split()[0] for words in ran(owned)[2:]] == ["backup", "uninstall-app", "backup", "uninstall-app"]
    assert apply(owned, "base", "shop", **absent)["changed"] is False


def test_the_secrets_of_what_is_gone_are_gone(owned: Tools) -> None:
    """Frappe leaves them: seen with the access tokens of chat_bridge."""
    apply(owned, "base", "shop")
    mine, theirs = (
        next(name for name, row in owned.docs("DocType").items() if row["module"] == module)
        for module in ("base_core", "shop_core")
    )
    secrets = {name: {"name": name, "doctype": name, "password": "encrypted"} for name in (mine, theirs, "User")}
    owned.change_database(docs={"__Auth": secrets})
    apply(owned, "shop", state="absent", confirm=["shop"])
    assert set(owned.docs("__Auth")) == {mine, "User"}


def test_an_app_that_stays_is_no_success(owned: Tools) -> None:
    apply(owned, "base")
    owned.switch(**{"uninstall-app": "nothing"})
    with pytest.raises(ErpopsError, match="still installed"):
        apply(owned, "base", state="absent", confirm=["base"])


def test_without_a_backup_that_can_be_believed_nothing_is_uninstalled(owned: Tools) -> None:
    apply(owned, "base")
    owned.switch(backup="cut")
    with pytest.raises(ErpopsError, match="is not complete"):
        apply(owned, "base", state="absent", confirm=["base"])
    assert read(owned)["installed"] == ["frappe", "base"]
    apply(owned, "base", state="absent", confirm=["base"], backup="skip")
    assert read(owned)["installed"] == ["frappe"]
