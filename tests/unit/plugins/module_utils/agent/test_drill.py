# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set is tried in a scratch site of the stand-in, which is asked over HTTP and removed; what is wrong is named."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._backup import sha256
from ansible_collections.erpops.frappe.plugins.module_utils.agent._scratch import scratch_name
from tests.unit.plugins.answers_restores import RESTORE_ANSWERS
from tests.unit.plugins.module_utils.agent.test_restore import resealed
from tests.unit.plugins.module_utils.agent.twins import ROOT, USER, Side, Twins

_CLONE = Path(__file__).resolve().parents[5]
_SERVE = """
import sys
import frappe.app
from werkzeug.serving import make_server
make_server("127.0.0.1", 0, frappe.app.application, threaded=True, fd=int(sys.argv[1])).serve_forever()
"""
_SUICIDE = """
import json, os, signal, sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _drill
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
def die(*_args):
    os.kill(os.getpid(), signal.SIGKILL)
asked, _drill.ask_site = json.load(sys.stdin), die
_drill.run_drill(Context(Bench(asked["bench"]), asked["site"]), asked["args"])
"""


@pytest.fixture(scope="module")
def url(twins: Twins) -> Iterator[str]:
    """The bench's web server."""
    bench = twins.source.bench
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        os.set_inheritable(listener.fileno(), True)
        server = subprocess.Popen(
            [str(bench.python), "-c", _SERVE, str(listener.fileno())],
            cwd=bench.sites,
            env=bench.environment(),
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture
def side(twins: Twins) -> Side:
    return twins.source


@pytest.fixture
def site(twins: Twins) -> str:
    return twins.site()


@pytest.fixture
def drill(side: Side, site: str, url: str) -> Callable[..., dict[str, Any]]:
    """Take the set, do something to it, and try it; returns what was told."""

    def run(change: Callable[[Path], None] | None = None, **args: Any) -> dict[str, Any]:
        folder = Path(side.one("backup.apply", site, state="present", name="one")["backup"]["path"])
        if change:
            change(folder)
        given = {"set": "one", "url": url, "user": USER, "doctypes": ["User", "Role"], **args}
        done = side.one("drill.run", site, **given)
        scratch = scratch_name(site)
        assert not (side.bench.sites / scratch).exists()
        assert not side.state("sites", f"{scratch}.json").exists()
        assert len(side.databases()) == len(list(side.bench.sites.glob("*/site_config.json")))
        return dict(done)

    return run


def messages(done: dict[str, Any]) -> str:
    assert done["drill"]["ok"] is not bool(done["drill"]["findings"])
    return "\n".join(f"{one['step']}: {one['message']}" for one in done["drill"]["findings"])


def rewritten(folder: Path, change: Callable[[str], str]) -> None:
    """Another dump, sealed as if it was the one that was written."""
    (dump,) = folder.glob("*-database.sql.gz")
    before = gzip.decompress(dump.read_bytes()).decode()
    assert change(before) != before
    dump.write_bytes(gzip.compress(change(before).encode()))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][dump.name] = sha256(str(dump))
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_good_set(side: Side, site: str, drill: Callable[..., dict[str, Any]]) -> None:
    before = side.whole(site)
    done = drill()
    assert messages(done) == ""
    wanted = RESTORE_ANSWERS["drill.run"]
    assert (done.keys(), done["drill"].keys()) == (wanted.keys(), wanted["drill"].keys())
    assert done["drill"]["seconds"].keys() == wanted["drill"]["seconds"].keys()
    assert done["drill"]["doctypes"]["User"].keys() == wanted["drill"]["doctypes"]["User"].keys()
    told = done["drill"]["doctypes"]["Role"]
    rows = len(before["tabRole"])
    assert (told["rows"], told["same"], told["since"]) == (dict.fromkeys(("set", "restored", "site"), rows), rows, 0)
    assert told["sha256"]["restored"] == told["sha256"]["live"]
    assert (done["changed"], done["drill"]["rto_seconds"] > 0, done["drill"]["rpo_seconds"] >= 0) == (False, True, True)
    assert side.whole(site) == before, "the site itself is only read"
    read = side.one("drill.read", site, set="one")
    assert read.keys() == RESTORE_ANSWERS["drill.read"].keys()
    assert read["last"] == done["drill"]


def test_the_site_went_on_meanwhile(side: Side, site: str, drill: Callable[..., dict[str, Any]]) -> None:
    def go_on(_folder: Path) -> None:
        side.sql(site, "update tabUser set modified='2999-01-01 00:00:00', first_name='later' where name='Guest'")
        side.sql(site, "delete from tabRole where name=(select max(name) from tabRole)")
        side.sql(
            site,
            "update tabRole set name='Made Later', creation='2999-01-01' where name=(select min(name) from tabRole)",
        )

    done = drill(go_on)
    assert messages(done) == ""
    assert (done["drill"]["doctypes"]["User"]["since"], done["drill"]["doctypes"]["Role"]["since"]) == (1, 3)


def test_a_changed_row_is_named_with_its_column(side: Side, site: str, drill: Callable[..., dict[str, Any]]) -> None:
    done = drill(lambda _folder: side.sql(site, "update tabUser set first_name='silently' where name='Guest'"))
    assert (
        messages(done) == "contents: User: the row Guest is not the site's in first_name, and it was not changed since"
    )


def test_rows_that_are_missing(side: Side, site: str, drill: Callable[..., dict[str, Any]]) -> None:
    """The set was taken while people worked: its counts prove nothing, and the site's own rows do."""
    side.sql(site, "update tabRole set creation='2020-01-01 00:00:00'")
    done = drill(lambda folder: resealed(folder, "INSERT INTO `tabRole`"))
    rows = len(side.whole(site)["tabRole"])
    assert f"contents: Role: {rows} rows of the site were not restored: " in messages(done)


def test_a_missing_table(drill: Callable[..., dict[str, Any]]) -> None:
    found = messages(drill(lambda folder: rewritten(folder, without_table)))
    assert f"missing tables: {TABLE}" in found


def without_table(text: str) -> str:
    """The dump without what makes and fills one table that nothing else needs."""
    parts = text.split("DROP TABLE IF EXISTS ")
    kept = [part for part in parts if not part.startswith(f"`{TABLE}`")]
    assert len(kept) == len(parts) - 1
    return "DROP TABLE IF EXISTS ".join(kept)


TABLE = "tabCompany"


def test_a_damaged_set(drill: Callable[..., dict[str, Any]]) -> None:
    def damage(folder: Path) -> None:
        (dump,) = folder.glob("*-database.sql.gz")
        data = bytearray(dump.read_bytes())
        data[len(data) // 2] ^= 1
        dump.write_bytes(data)

    done = drill(damage)
    assert [one["step"] for one in done["drill"]["findings"]] == ["verification"]
    assert "the backup set is damaged" in messages(done)
    assert "-database.sql.gz is not what was written (its SHA-256 differs)" in messages(done)
    assert done["drill"]["rto_seconds"] is None


def test_a_wrong_encryption_key(drill: Callable[..., dict[str, Any]]) -> None:
    def lock(folder: Path) -> None:
        (copy,) = folder.glob("*site_config_backup.json")
        copy.write_text(json.dumps({**json.loads(copy.read_text()), "encryption_key": "5" * 43 + "="}))
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][copy.name] = sha256(str(copy))
        (folder / "manifest.json").write_text(json.dumps(manifest))

    found = messages(drill(lock))
    assert "stored passwords: " in found
    assert "could be decrypted before, 0 of" in found


def test_a_web_server_that_does_not_answer(drill: Callable[..., dict[str, Any]]) -> None:
    found = messages(drill(url="http://127.0.0.1:9"))
    assert "web: ping: no answer from http://127.0.0.1:9: " in found
    assert "web: login: no answer" in found


def test_a_user_without_a_key_and_a_doctype_that_is_none(drill: Callable[..., dict[str, Any]]) -> None:
    found = messages(drill(user="Guest", doctypes=["User", "Nothing", "System Settings"]))
    assert "web: the API key of Guest is not in the set, or cannot be decrypted" in found
    assert "contents: Nothing: there is no such table on the site" in found
    assert "contents: System Settings: has no rows to compare, since it is a Single; leave it out" in found


def test_only_the_newest_rows_of_a_large_table(side: Side, site: str, drill: Callable[..., dict[str, Any]]) -> None:
    side.sql(site, "update tabRole set creation='2020-01-0' || (rowid % 3 + 1) || ' 00:00:00'")
    told = drill(rows=2)["drill"]["doctypes"]["Role"]
    total = side.whole(site)["tabRole"]
    assert 2 <= told["compared"] < len(total)
    assert told["rows"]["restored"] == len(total)


def test_what_a_killed_drill_left_is_removed_by_the_next(side: Side, site: str, url: str, twins: Twins) -> None:
    side.one("backup.apply", site, state="present", name="one")
    request = {"bench": str(side.bench.path), "site": site, "args": {"set": "one", "url": url, "root": ROOT}}
    done = subprocess.run(
        [str(side.bench.python), "-c", _SUICIDE, str(_CLONE / ".collections")],
        input=json.dumps(request),
        cwd=side.bench.sites,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    scratch = scratch_name(site)
    config = side.config(scratch)
    assert (config["mute_emails"], config["pause_scheduler"]) == (1, 1)
    assert side.one("scheduler.read", scratch)["state"] == "disabled"
    assert side.one("drill.read", site, set="one")["scratches"] == [scratch]
    # A site of somebody else with such a name stays.
    other = "drill-0000000000.invalid"
    side.bench.clone_site(site, other)
    previewed = side.one("drill.sweep", site, check=True)
    assert (previewed["changed"], (side.bench.sites / scratch).exists()) == (True, True)
    swept = side.one("drill.run", twins.site(), set=str(side.state("archive", site, "one")), url=url)
    assert (swept["changed"], swept["actions"]) == (True, [f"removed stale {scratch}"])
    assert "the set is one of another site" in messages(swept)
    assert not (side.bench.sites / scratch).exists()
    assert (side.bench.sites / other).exists()
    assert "is no scratch site" in side.refused("scratch.absent", other).message
    assert not side.one("drill.sweep", site)["changed"]


def test_a_preview_makes_nothing(side: Side, site: str, url: str) -> None:
    side.one("backup.apply", site, state="present", name="one")
    told = side.one("drill.run", site, check=True, set="one", url=url)
    assert (told["changed"], told["drill"]["set"]["name"]) == (False, "one")
    assert not side.state("drills", f"{site}.json").exists()
