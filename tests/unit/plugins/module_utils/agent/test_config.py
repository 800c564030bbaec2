# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files: one atomic write under Frappe's own lock, modes kept, malformed ones refused."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._config import OPERATIONS, paths
from ansible_collections.erpops.frappe.plugins.module_utils.agent._files import MalformedFileError, MissingFileError
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

CONFIG = f"sites/{SITE}/site_config.json"
COMMON = "sites/common_site_config.json"


def apply(tools: Tools, site: str = SITE, check: bool = False, **args: Any) -> dict[str, Any]:
    return dict(OPERATIONS["config.apply"](tools.at(site, check=check), args))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_round_trip_keeps_types_and_other_keys(tools: Tools) -> None:
    path = tools.site(other={"a": [1]})
    wanted = {"flag": True, "number": 900, "map": {"x": [False, None]}, "text": "900"}
    first = apply(tools, set=wanted, secrets={"shop_secret": "the-secret"})
    assert first["changed_keys"] == dict.fromkeys([*wanted, "shop_secret"], "added")
    assert first["path"] == str(path)
    assert tools.read(CONFIG) == {
        "db_name": "_a_localhost",
        "db_password": "db-password",
        "other": {"a": [1]},
        "shop_secret": "the-secret",
        **wanted,
    }
    assert first["unmanaged_keys"] == ["db_name", "db_password", "other"]
    assert "the-secret" not in str(first)
    before = path.stat().st_ino
    again = apply(tools, set=wanted, secrets={"shop_secret": "the-secret"})
    assert (again["changed"], again["changed_keys"], path.stat().st_ino) == (False, {}, before), "not written again"


def test_check_mode_shows_the_same_and_writes_nothing(tools: Tools) -> None:
    path = tools.site()
    before = path.read_text()
    planned = apply(tools, check=True, set={"flag": True}, absent=["db_password_hint"], mode="0640")
    assert path.read_text() == before
    assert not (tools.path / ".erpops").exists()
    assert planned == apply(tools, set={"flag": True}, absent=["db_password_hint"], mode="0640")


def test_keys_are_removed(tools: Tools) -> None:
    tools.site(old=1, other=2)
    done = apply(tools, absent=["old", "never_there"])
    assert done["changed_keys"] == {"old": "removed"}
    assert tools.read(CONFIG).keys() == {"db_name", "db_password", "other"}
    assert apply(tools, absent=["old"])["changed"] is False


@pytest.mark.parametrize(
    ("has", "wanted", "after", "changed"),
    [
        (0o644, "0600", 0o600, True),
        (0o600, "0600", 0o600, False),
        (0o640, None, 0o640, False),
        (0o600, "0640", 0o640, True),
    ],
)
def test_the_mode_of_the_file(tools: Tools, has: int, wanted: str | None, after: int, changed: bool) -> None:
    path = tools.site()
    path.chmod(has)
    done = apply(tools, mode=wanted)
    assert (done["changed"], mode(path)) == (changed, after)
    assert done["diff"]["after"] == ({"(mode)": wanted} if changed else {})


def test_a_change_keeps_the_mode_that_there_is(tools: Tools) -> None:
    path = tools.site()
    path.chmod(0o640)
    apply(tools, set={"flag": True})
    assert mode(path) == 0o640


def test_the_common_configuration(tools: Tools) -> None:
    done = apply(tools, site="", scope="common", set={"redis_cache": "redis://x"})
    assert (done["path"], tools.read(COMMON)) == (str(tools.path / COMMON), {"redis_cache": "redis://x"})
    (tools.path / COMMON).unlink()
    apply(tools, site="", scope="common", set={"a": 1})
    assert mode(tools.path / COMMON) == 0o600, "a new file is private"


def test_frappes_own_locks_are_taken(tools: Tools) -> None:
    """Source: frappe/utils/synchronization.py, filelock."""
    tools.site()
    for scope, site, lock in (
        ("site", SITE, f"sites/{SITE}/locks/site_config.lock"),
        ("common", "", "config/site_config.lock"),
    ):
        assert paths(tools.at(site), scope)[1] == str(tools.path / lock)
        handle = os.open(tools.path / lock, os.O_RDWR | os.O_CREAT)
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(ErpopsError, match="is locked") as caught:
            apply(tools, site=site, scope=scope, set={"a": 1})
        assert caught.value.status == 423
        apply(tools, site=site, scope=scope, set={})
        os.close(handle)
        apply(tools, site=site, scope=scope, set={"a": 1})


def test_what_was_written_between_look_and_lock_is_kept(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.site()
    context = tools.at()
    real = context.bench.lock

    def lock(*args: Any, **options: Any) -> Any:
        tools.write(CONFIG, {**tools.read(CONFIG), "theirs": 1})
        return real(*args, **options)

    monkeypatch.setattr(context.bench, "lock", lock)
    OPERATIONS["config.apply"](context, {"set": {"ours": 1}})
    assert tools.read(CONFIG)["theirs"] == 1
    assert tools.read(CONFIG)["ours"] == 1


@pytest.mark.parametrize("backups", [[], ["private"], ["private", "archive"]])
def test_a_malformed_file_is_refused_with_its_line_and_its_newest_copy(tools: Tools, backups: list[str]) -> None:
    path = tools.site()
    path.write_text('{\n "db_name": "x",\n "oops"\n}')
    copies = {
        "private": tools.path / f"sites/{SITE}/private/backups/1-site_config_backup.json",
        "archive": tools.path / f".erpops/archive/{SITE}/20260101/1-site_config_backup.json",
    }
    for age, where in enumerate(backups):
        os.utime(tools.write(copies[where], {}), (1000 + age, 1000 + age))
    with pytest.raises(MalformedFileError) as caught:
        apply(tools, set={"a": 1})
    assert "line 4 column 1" in caught.value.seen
    assert caught.value.object == str(path)
    assert (str(copies[backups[-1]]) if backups else "no backup of it was found") in caught.value.hint
    assert "oops" in path.read_text(), "nothing was written"


def test_a_malformed_common_file(tools: Tools) -> None:
    tools.write(COMMON, "{")
    with pytest.raises(MalformedFileError) as caught:
        apply(tools, site="", scope="common", set={"a": 1})
    assert "by hand" in caught.value.hint


def test_a_site_that_is_not_there_names_those_that_are(tools: Tools) -> None:
    tools.site("b.localhost")
    with pytest.raises(MissingFileError) as caught:
        apply(tools, set={"a": 1})
    assert (caught.value.status, caught.value.seen, caught.value.object) == (404, "b.localhost", SITE)
    assert not (tools.sites / SITE).exists()


def test_no_site_given(tools: Tools) -> None:
    with pytest.raises(ErpopsError, match="needs a site"):
        apply(tools, site="", set={"a": 1})


def test_types_are_read_and_values_are_not(tools: Tools) -> None:
    tools.site(limit=5)
    found = OPERATIONS["config.read"](tools.at(), {})
    assert found == {"types": {"db_name": "str", "db_password": "str", "limit": "int"}}
