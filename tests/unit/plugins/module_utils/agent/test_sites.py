# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites are made, finished, adopted and dropped; never forced, never somebody else's."""

from __future__ import annotations

import json
import stat
import time
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _sites
from ansible_collections.erpops.frappe.plugins.module_utils.agent._sites import OPERATIONS
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

ROOT = {"user": "root", "password": "root-password", "host": "db", "port": 3307}
CONFIG = f"sites/{SITE}/site_config.json"


def apply(tools: Tools, check: bool = False, **args: Any) -> dict[str, Any]:
    given = {"admin_password": "admin-password", "db_type": "mariadb", "root": ROOT, **args}
    return dict(OPERATIONS["site.apply"](tools.at(check=check), given))


def drop(tools: Tools, check: bool = False, **args: Any) -> dict[str, Any]:
    return apply(tools, check, **{"state": "absent", "confirm": SITE, **args})


def databases(tools: Tools) -> list[str]:
    return sorted(path.stem for path in (tools.path / "databases").glob("*.json"))


def record(tools: Tools) -> dict[str, Any]:
    return tools.at().bench.record(SITE)


def half_make(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new-site that failed late, and an agent that was ended before it removed the pieces."""
    tools.switch(**{"new-site": "late"})
    with monkeypatch.context() as patched:
        patched.setattr(_sites, "remove_pieces", lambda *_args: None)
        with pytest.raises(ErpopsError):
            apply(tools)
    tools.switch()


def test_a_site_is_made_once(framework: Tools) -> None:
    done = apply(framework, db_user_host="%")
    assert (done["changed"], done["actions"]) == (True, ["created site"])
    assert (done["before"]["state"], done["after"]["state"]) == ("absent", "present")
    assert done["diff"] == {"before": {"state": "absent"}, "after": {"state": "present"}}
    assert done["after"]["owned"] is True
    assert databases(framework) == [done["after"]["db_name"]]
    config = framework.read(CONFIG)
    assert config["encryption_key"], "pinned at once"
    assert stat.S_IMODE((framework.path / CONFIG).stat().st_mode) == 0o600
    assert (record(framework)["state"], record(framework)["db_name"]) == ("created", config["db_name"])
    assert framework.commands()[0]["words"] == [
        "new-site",
        SITE,
        *("--db-name", config["db_name"], "--db-type", "mariadb", "--db-host", "db", "--db-port", "3307"),
        *("--db-root-username", "root", "--db-root-password", "root-password"),
        *("--mariadb-user-host-login-scope", "%", "--admin-password", "admin-password"),
    ]
    again = apply(framework)
    assert (again["changed"], again["actions"]) == (False, [])
    assert len(framework.commands()) == 1
    assert "-password" not in json.dumps([done, again, record(framework)])


def test_check_mode_makes_nothing(framework: Tools) -> None:
    planned = apply(framework, check=True)
    assert (planned["actions"], planned["after"]["state"]) == (["created site"], "present")
    assert databases(framework) == []
    assert not (framework.path / ".erpops").exists()
    assert planned.keys() == apply(framework).keys()


@pytest.mark.parametrize(("fault", "reason"), [("early", "Access denied with ****"), ("late", "do not match")])
def test_nothing_is_left_of_a_site_that_could_not_be_made(framework: Tools, fault: str, reason: str) -> None:
    framework.switch(**{"new-site": fault})
    with pytest.raises(ErpopsError, match="new-site failed") as caught:
        apply(framework)
    assert reason in caught.value.seen
    assert "root-password" not in json.dumps(caught.value.as_dict())
    assert "nothing of the site was left behind" in caught.value.hint
    assert not (framework.sites / SITE).exists()
    assert databases(framework) == []
    assert record(framework) == {}
    framework.switch()
    assert apply(framework)["actions"] == ["created site"]


@pytest.mark.parametrize(("given", "hosts"), [(None, ["%"]), ("%", ["%"]), ("10.0.%", ["%", "10.0.%"])])
def test_the_databases_user_is_removed_from_wherever_it_was_let_in(
    framework: Tools, given: str | None, hosts: list[str]
) -> None:
    framework.switch(**{"new-site": "late"})
    with pytest.raises(ErpopsError):
        apply(framework, db_user_host=given)
    dropped = (framework.path / "dropped_users.txt").read_text().splitlines()
    assert [line.partition("@")[2] for line in dropped] == [*hosts, "localhost"]


def test_pieces_that_cannot_be_removed_are_recognised_later(framework: Tools) -> None:
    framework.switch(**{"new-site": "late"})
    with pytest.raises(ErpopsError, match="its pieces could not be removed") as caught:
        apply(framework, root={**ROOT, "password": "wrong-password"})
    assert "wrong-password" in caught.value.message, "the agent scrubs it on its way out"
    framework.switch()
    assert record(framework)["state"] == "creating"
    with pytest.raises(ErpopsError, match="half made by an earlier run of ours") as caught:
        apply(framework)
    assert (caught.value.status, "repair: true" in caught.value.hint) == (409, True)


@pytest.mark.parametrize("check", [False, True])
def test_a_half_made_site_is_repaired(framework: Tools, monkeypatch: pytest.MonkeyPatch, check: bool) -> None:
    half_make(framework, monkeypatch)
    name = record(framework)["db_name"]
    done = apply(framework, check=check, repair=True)
    assert done["actions"] == ["removed half-made site", "created site"]
    assert (done["before"]["state"], done["after"]["state"]) == ("half_made", "present")
    assert (framework.path / CONFIG).exists() is not check
    assert databases(framework) == [name], "the same name again"


@pytest.mark.parametrize(("confirm", "repaired"), [(None, False), ("b.localhost", False), (SITE, True)])
def test_what_was_begun_long_ago_is_removed_only_when_it_is_named(
    framework: Tools, monkeypatch: pytest.MonkeyPatch, confirm: str | None, repaired: bool
) -> None:
    half_make(framework, monkeypatch)
    two_days = 48 * 3600
    note = record(framework)
    framework.at().bench.write_record(SITE, {**note, "started": note["started"] - two_days})
    if repaired:
        assert apply(framework, repair=True, confirm=confirm)["after"]["state"] == "present"
        return
    with pytest.raises(ErpopsError, match="but long ago") as caught:
        apply(framework, repair=True, confirm=confirm)
    assert (caught.value.status, "48 hours ago" in caught.value.seen) == (409, True)
    assert databases(framework) == [note["db_name"]]


@pytest.mark.parametrize("recorded", ["creating", "created", "adopted", ""])
def test_a_creation_that_was_ended_is_whole_only_with_all_of_the_framework(
    site: Tools, monkeypatch: pytest.MonkeyPatch, recorded: str
) -> None:
    """new-site calls the framework installed before its last steps."""
    monkeypatch.setattr(
        _sites, "missing_pieces", lambda _frappe, app: {"doctypes": ["File"]} if app == "frappe" else {}
    )
    if recorded:
        site.at().bench.write_record(SITE, {"state": recorded, "db_name": "_a_localhost", "started": time.time()})
    if recorded != "creating":
        assert apply(site)["changed"] is False
        return
    with pytest.raises(ErpopsError, match="half made by an earlier run of ours") as caught:
        apply(site)
    assert "the framework is not complete: missing doctypes" in caught.value.seen
    assert apply(site, check=True, repair=True)["actions"] == ["removed half-made site", "created site"]


def test_somebody_elses_half_site_is_not_touched(framework: Tools) -> None:
    kept = framework.write(f"sites/{SITE}/private/files/letter.txt", "dear")
    for args in ({"repair": True}, {"state": "absent", "confirm": SITE}):
        with pytest.raises(ErpopsError) as caught:
            apply(framework, **args)
        assert caught.value.status == 409
    assert kept.read_text() == "dear"


def test_a_site_that_was_whole_once_is_not_touched(framework: Tools) -> None:
    apply(framework)
    (framework.path / f"databases/{record(framework)['db_name']}.json").unlink()
    with pytest.raises(ErpopsError, match="was a whole site once") as caught:
        apply(framework, repair=True)
    assert caught.value.status == 409
    assert (framework.path / CONFIG).exists()


def test_a_database_cannot_be_removed_without_its_password(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    half_make(framework, monkeypatch)
    framework.write(CONFIG, {"db_name": record(framework)["db_name"]})
    framework.write(f"databases/{record(framework)['db_name']}.json", {"installed": []})
    with pytest.raises(ErpopsError, match="without the database server's root password") as caught:
        apply(framework, repair=True, root={})
    assert caught.value.status == 400
    assert len(databases(framework)) == 1
    assert (framework.path / CONFIG).exists()


def test_a_site_whose_making_was_ended_at_its_very_end_is_finished(framework: Tools) -> None:
    framework.site()
    framework.at().bench.write_record(SITE, {"state": "creating", "started": 1})
    assert apply(framework, check=True)["actions"] == ["finished site"]
    assert record(framework)["state"] == "creating"
    done = apply(framework)
    assert done["actions"] == ["finished site"]
    assert done["diff"] == {
        "before": {"state": "present", "record": "creating"},
        "after": {"state": "present", "record": "created"},
    }
    assert framework.read(CONFIG)["encryption_key"]
    assert framework.commands() == []
    assert apply(framework)["changed"] is False


def test_adopting(site: Tools) -> None:
    assert apply(site)["changed"] is False
    assert record(site) == {}
    assert apply(site, check=True, adopt=True)["actions"] == ["adopted site"]
    assert record(site) == {}
    assert apply(site, adopt=True)["actions"] == ["adopted site"]
    assert record(site)["state"] == "adopted"
    assert apply(site, adopt=True)["changed"] is False


def test_a_site_is_dropped_after_a_verified_backup(framework: Tools) -> None:
    apply(framework)
    planned = drop(framework, check=True)
    assert planned["actions"] == ["dropped site"]
    assert (framework.path / CONFIG).exists()
    done = drop(framework)
    assert (done["actions"], done["after"]["state"]) == (["dropped site"], "absent")
    assert databases(framework) == []
    assert not (framework.sites / SITE).exists()
    assert record(framework) == {}
    assert sorted(done["backup"]["files"]) == ["1-database.sql.gz", "1-site_config_backup.json"]
    assert (framework.path / f".erpops/archive/{SITE}") in (framework.path / done["backup"]["path"]).parents
    again = drop(framework)
    assert (again["changed"], again["actions"]) == (False, [])


@pytest.mark.parametrize("fault", ["fails", "cut", "no key"])
def test_without_a_backup_that_can_be_believed_nothing_is_dropped(framework: Tools, fault: str) -> None:
    apply(framework)
    framework.switch(backup=fault)
    with pytest.raises(ErpopsError):
        drop(framework)
    assert [call["words"][0] for call in framework.commands()] == ["new-site", "backup"]
    assert len(databases(framework)) == 1


def test_a_backup_can_be_skipped_on_purpose(framework: Tools) -> None:
    apply(framework)
    assert drop(framework, backup="skip")["backup"] == {}
    assert [call["words"][0] for call in framework.commands()] == ["new-site", "drop-site"]


@pytest.mark.parametrize("confirm", [None, "", "b.localhost", "yes"])
def test_nothing_is_dropped_without_the_sites_name(framework: Tools, confirm: str | None) -> None:
    apply(framework)
    with pytest.raises(ErpopsError, match="without confirmation") as caught:
        drop(framework, confirm=confirm)
    assert (caught.value.status, caught.value.needed) == (400, f"confirm: {SITE}")
    assert len(databases(framework)) == 1


def test_somebody_elses_site_is_never_dropped(site: Tools) -> None:
    with pytest.raises(ErpopsError, match="was not made by us") as caught:
        drop(site)
    assert (caught.value.status, "adopt" in caught.value.hint) == (409, True)
    assert (site.path / CONFIG).exists()
    apply(site, adopt=True)
    assert drop(site)["actions"] == ["dropped site"]


def test_a_half_made_site_is_dropped_without_a_backup(framework: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    half_make(framework, monkeypatch)
    done = drop(framework)
    assert (done["actions"], done["after"]["state"]) == (["removed half-made site"], "absent")
    assert databases(framework) == []


@pytest.mark.parametrize(("fault", "message"), [("fails", "drop-site failed"), ("keeps directory", "left something")])
def test_a_drop_that_fails_keeps_our_note(framework: Tools, fault: str, message: str) -> None:
    apply(framework)
    framework.switch(**{"drop-site": fault})
    with pytest.raises(ErpopsError, match=message):
        drop(framework)
    assert record(framework)["state"] == "created"


def test_the_state_is_read(site: Tools) -> None:
    assert OPERATIONS["site.read"](site.at(), {})["state"] == "present"
