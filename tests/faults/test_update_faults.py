# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in an update: afterwards a site is fully old or fully new, and a sentence says which.

"Fully" is each row of each table, each file and each key of site_config.json. On the stand-in, and on real Frappe where
``tests/contract/building.py`` finds it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.contract.building import REAL_MISSING
from tests.faults.real_bench import RealUpdateBench
from tests.faults.update_bench import BAD, OTHER, SITE, Kept, UpdateBench, same

OLD, NEW = "fully old", "fully new"
_DDL = "frappe.db.sql_ddl('create table `tabLeft Behind` (name varchar(140))')"
_ROWS = "frappe.db.sql(\"update `tabUser` set first_name='x'\"); frappe.db.commit()"


@pytest.fixture(scope="module", params=["standin"] if REAL_MISSING else ["standin", "real"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    work = tmp_path_factory.mktemp("faults")
    if request.param == "standin":
        yield Kept(UpdateBench(work / "bench"), work / "kept")
    else:
        with RealUpdateBench.opened(work) as real:
            yield Kept(real, work / "kept")


@pytest.fixture
def bench(kept: Kept) -> Iterator[UpdateBench]:
    yield kept.bench
    kept.put_back()


def assert_ended(bench: UpdateBench, before: dict[str, Any], ends: str, told: str = "") -> None:
    """The site is what is said, all of it, and is served."""
    if ends == OLD:
        assert same(before, bench.state()) == []
    else:
        assert bench.is_new()
    assert not bench.maintenance()
    assert not told or ends in told


def row(what: str, when: str, ends: str, *values: Any, name: str) -> Any:
    """A case that is a row of the table."""
    return pytest.param(*values, marks=pytest.mark.fault(what, when, ends), id=name)


TAKEN_BACK = "fully old at once, served; the reason is told"


@pytest.mark.parametrize(
    ("patch", "section"),
    [
        row("a patch fails", "before it changed the schema", TAKEN_BACK, "raise ValueError('no')", "pre_model_sync",
            name="before"),
        row("a patch fails", "between two changes of the schema", TAKEN_BACK, BAD, "pre_model_sync", name="inside"),
        row("a patch fails", "after the schema and rows were changed", TAKEN_BACK,
            f"{_DDL}; {_ROWS}; raise ValueError('no')", "post_model_sync", name="after"),
        row("`migrate` is killed (kill -9)", "inside a patch, after the schema was changed", TAKEN_BACK,
            f"import os; {_DDL}; {_ROWS}; os.kill(os.getpid(), 9)", "post_model_sync", name="migrate"),
    ],
)  # fmt: skip
def test_a_migration_that_fails(bench: UpdateBench, patch: str, section: str) -> None:
    before = bench.state()
    args = bench.begin(bench.release(patch, section=section))
    error = bench.refused("update.forward", SITE, **args)
    assert OLD in error.message
    assert error.seen
    assert (bench.journal()["state"], bench.journal()["outcome"]) == ("over", "undone")
    assert_ended(bench, before, OLD)


@pytest.mark.parametrize(
    ("state", "way", "ends"),
    [
        row("the agent is killed (kill -9)", f"its journal says `{state}`", f"`{way}=true`: {ends}", state, way, ends,
            name=f"{state}-{way}")
        for state in ("holding", "held", "saved", "migrating", "migrated")
        for way, ends in (("resume", NEW), ("abort", OLD))
    ],
)  # fmt: skip
def test_the_agent_is_killed(bench: UpdateBench, state: str, way: str, ends: str) -> None:
    before = bench.state()
    args = bench.begin(bench.release())
    bench.kill_at(state, args)
    assert_ended(bench, before, ends, bench.finish(way, args))


@pytest.mark.parametrize(
    ("way", "ends"),
    [
        row("agent and `migrate` are killed (kill -9)", "inside a patch, after the schema was changed",
            f"`{way}=true`: {ends}", way, ends, name=way)
        for way, ends in (("resume", NEW), ("abort", OLD))
    ],
)  # fmt: skip
def test_agent_and_migration_are_killed(bench: UpdateBench, way: str, ends: str) -> None:
    before = bench.state()
    died = bench.path / "died"
    died.unlink(missing_ok=True)
    die = (
        f"import os, pathlib, signal; {_DDL}; {_ROWS}; first = not os.path.exists('{died}'); pathlib.Path('{died}').touch();"
        " first and (os.kill(os.getppid(), signal.SIGKILL), os.kill(os.getpid(), signal.SIGKILL))"
    )
    args = bench.begin(bench.release(die))
    with pytest.raises(ErpopsError, match="no answer"):
        bench.one("update.forward", SITE, **args)
    assert (bench.journal()["state"], bench.maintenance()) == ("migrating", True)
    assert_ended(bench, before, ends, bench.finish(way, args))


UNTOUCHED = "fully old at once, served: nothing had been changed"


@pytest.mark.parametrize(
    "kind",
    [
        row("the dump is killed (kill -9)", "while the rollback point is taken", UNTOUCHED, "dump", name="dump"),
        row(
            "the backup of files is killed (kill -9)", "while the rollback point is taken", UNTOUCHED, "tar", name="tar"
        ),
    ],
)
def test_the_backup_is_killed(bench: UpdateBench, kind: str) -> None:
    before = bench.state()
    args = bench.begin(bench.release())
    bench.fault(kind)
    error = bench.refused("update.forward", SITE, **args)
    assert "backup failed" in error.message
    assert bench.journal()["outcome"] == "untouched"
    assert not (bench.path / "fault.json").exists(), "the fault has happened"
    assert_ended(bench, before, OLD)


class Room:
    """A file system of few bytes in place of a directory of the bench."""

    def __init__(self, folder: Path, kib: int) -> None:
        self.folder, kept = folder, folder.with_name(folder.name + ".kept")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, kept)
        done = self._mount("-t", "tmpfs", "-o", f"size={kib}k,mode=700", "tmpfs", str(folder))
        if done:
            shutil.rmtree(kept)
            pytest.skip(f"needs to mount a small file system: {done}")
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        shutil.rmtree(kept)

    @staticmethod
    def _mount(*words: str) -> str:
        return subprocess.run(["mount", *words], capture_output=True, text=True, check=False).stderr.strip()

    def grow(self) -> None:
        assert self._mount("-o", "remount,size=64m", str(self.folder)) == ""

    def away(self) -> None:
        """What is on it is in the directory below it."""
        kept = self.folder.with_name(self.folder.name + ".kept")
        shutil.copytree(self.folder, kept)
        subprocess.run(["umount", str(self.folder)], check=True)
        shutil.copytree(kept, self.folder, dirs_exist_ok=True)
        shutil.rmtree(kept)


@pytest.fixture
def room() -> Iterator[Callable[[Path, int], Room]]:
    made: list[Room] = []

    def make(folder: Path, kib: int) -> Room:
        made.append(Room(folder, kib))
        return made[-1]

    yield make
    for one in made:
        one.away()


@pytest.mark.parametrize(
    "part",
    [
        row("the disk is full", "while the database is dumped", UNTOUCHED, "dump", name="dump"),
        row("the disk is full", "while the files are packed", UNTOUCHED, "tar", name="tar"),
    ],
)
def test_no_room_for_the_point(bench: UpdateBench, room: Callable[[Path, int], Room], part: str) -> None:
    if part == "tar":
        (bench.bench.sites / SITE / "private/files/big.bin").write_bytes(os.urandom(1 << 20))
    before = bench.state()
    args = bench.begin(bench.release())
    room(bench.path / ".erpops/points", bench.room_for(part))
    error = bench.refused("update.forward", SITE, **args)
    assert "No space left" in str(error) or "backup failed" in error.message or "not complete" in error.message
    assert_ended(bench, before, OLD)


@contextlib.contextmanager
def kept_full(filler: Path) -> Iterator[None]:
    """Once the file is there it takes what becomes free as well, as the tables do that are dropped; at the end it is gone."""
    over = threading.Event()

    def take() -> None:
        while not over.wait(0.001):
            with contextlib.suppress(OSError), filler.open("r+b", buffering=0) as handle:
                handle.seek(0, os.SEEK_END)
                while handle.write(b"x" * 65536):
                    pass

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        filler.unlink(missing_ok=True)


@pytest.mark.fault(
    "the disk is full", "while the data is brought back", "in maintenance; with room again, `abort=true`: fully old"
)
def test_no_room_for_the_way_back(bench: UpdateBench, room: Callable[[Path, int], Room]) -> None:
    before = bench.state()
    if isinstance(bench, RealUpdateBench):
        disk = os.environ.get("ERPOPS_CONTRACT_DB_DISK")
        if not disk:
            pytest.skip(
                "would fill the database server's disk; ERPOPS_CONTRACT_DB_DISK names the directory of a small one"
            )
        filler, grow = Path(disk) / "filler", None
    else:
        used = sum(path.stat().st_size for path in (bench.path / ".standin-db").glob("*"))
        grow = room(bench.path / ".standin-db", used // 1024 + 400).grow
        filler = bench.path / ".standin-db/filler"
    # The patch leaves no room, not even for what it undoes.
    fill = f"exec(\"with open('{filler}', 'wb', buffering=0) as f:\\n while f.write(b'x' * 4096): pass\")"
    args = bench.begin(bench.release(f"import os; {_DDL}; {_ROWS}; {fill}"))
    with kept_full(filler):
        error = bench.refused("update.forward", SITE, **args)
        assert "stays in maintenance" in error.message
        assert (bench.journal()["state"], bench.maintenance()) == ("undoing", True)
        assert filler.exists(), "the patch took all that there was"
    if grow:
        grow()
    assert_ended(bench, before, OLD, bench.finish("abort", args))


@pytest.mark.fault(
    "the database server is gone",
    "inside a patch, and on the way back",
    "in maintenance; when it is there again, `abort=true`: fully old",
)
def test_the_database_is_gone_for_a_while(bench: UpdateBench) -> None:
    before = bench.state()
    args = bench.begin(bench.release(f"{_DDL}; {_ROWS}; {bench.take_database()}; import os; os.kill(os.getpid(), 9)"))
    bench.refused("update.forward", SITE, **args)
    assert bench.journal()["state"] == "undoing"
    refused = bench.one("update_bench.read")["told"]
    assert "in maintenance, on its way back" in refused[0]
    bench.give_database()
    assert bench.maintenance()
    assert_ended(bench, before, OLD, bench.finish("abort", args))


@pytest.mark.fault("the queue (Redis) is down", "before the update", "refused with the reason; nothing was touched")
def test_the_queue_is_down(bench: UpdateBench) -> None:
    before = bench.state()
    with bench.without_queue():
        faults = bench.one("update_bench.plan", check=True, sites=[SITE, OTHER], apps=[])["faults"]
    assert [fault for fault in faults if "its Redis does not answer" in fault]
    assert same(before, bench.state()) == []


@pytest.mark.fault("the queue (Redis) is down", "when the sites are opened", f"{NEW}, served; a warning")
def test_the_queue_is_down_when_sites_are_opened(bench: UpdateBench) -> None:
    """Only the search index is asked for then, which is no reason to take a whole update back."""
    before = bench.state()
    bench.migrate_and_switch()
    with bench.without_queue():
        opened = bench.one("update_open.apply")
    assert (opened["problems"], list(opened["unindexed"])) == ({}, [SITE])
    assert_ended(bench, before, NEW, opened["told"][0])


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swapped(path: Path) -> None:
    """With the dump of another moment, whole in itself."""
    with gzip.open(path) as handle:
        text = handle.read()
    with gzip.open(path, "wb") as handle:
        handle.write(text.replace(b"Administrator", b"Somebody else"))


def missing(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("harm", "pattern"),
    [
        row("the backup is truncated", "before a rollback", "refused; fully new, served", truncated, "*-database.sql.gz",
            name="truncated"),
        row("a bit of the backup is flipped", "before a rollback", "refused; fully new, served", flipped, "*-database.sql.gz",
            name="flipped"),
        row("the backup is swapped for another", "before a rollback", "refused; fully new, served", swapped,
            "*-database.sql.gz", name="swapped"),
        row("a file of the backup is missing", "before a rollback", "refused; fully new, served", missing,
            "*-private-files.tar", name="missing"),
        row("another encryption_key is in the backup", "before a rollback", "refused; fully new, served", flipped,
            "*site_config_backup.json", name="key"),
    ],
)  # fmt: skip
def test_a_backup_that_was_harmed(bench: UpdateBench, harm: Callable[[Path], None], pattern: str) -> None:
    before = bench.state()
    args = bench.updated()
    (found,) = (bench.path / ".erpops/points" / args["point"] / SITE).glob(pattern)
    harm(found)
    error = bench.refused("update_bench.begin_back", sites=[SITE])
    assert "damaged" in error.message
    assert_ended(bench, before, NEW)
    assert bench.one("point.read", verify=True)["points"][-1]["problem"]


@pytest.mark.fault("encryption_key is wrong", "before the update", "refused with the reason; nothing was touched")
def test_a_wrong_encryption_key(bench: UpdateBench) -> None:
    path = bench.bench.sites / SITE / "site_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "encryption_key": "A" * 43 + "="}))
    before = bench.state()
    faults = bench.one("update_bench.plan", check=True, sites=[SITE, OTHER], apps=[])["faults"]
    assert [fault for fault in faults if "encryption_key opens none of its stored passwords" in fault]
    assert same(before, bench.state()) == []


@pytest.mark.fault("two updates at once", "the first is not over", "the second is refused; the first ends fully new")
def test_two_at_once(bench: UpdateBench) -> None:
    before = bench.state()
    target = bench.release()
    args = bench.begin(target)
    error = bench.refused("update_bench.begin", sites=[SITE], commits={})
    assert "an update of this bench is not over" in error.message
    bench.one("update.forward", SITE, **args)
    assert bench.refused("update.forward", SITE, **{**args, "run": "another"}).status == 409
    assert_ended(bench, before, NEW, bench.open_site())


@pytest.mark.parametrize(
    "seconds",
    [
        row("the clock jumps a day ahead", "between update and rollback", "fully old", 86400, name="ahead"),
        row("the clock jumps a day back", "between update and rollback", "fully old", -86400, name="back"),
    ],
)
def test_the_clock_jumps(bench: UpdateBench, seconds: int) -> None:
    before = bench.state()
    bench.updated()
    bench.fault("clock", seconds=seconds)
    back = bench.one("update_bench.begin_back", sites=[SITE])["journal"]
    for op in ("update_back.leave", "update_back.return"):
        bench.one(op, SITE, run=back["run"], point=back["point"])
    bench.open_site()
    assert_ended(bench, before, OLD)


@pytest.mark.parametrize(
    ("way", "patch"),
    [
        row("the site is in maintenance on purpose", "before the update", "fully new, and still in maintenance", "resume",
            "frappe.db.set_default('one', 1)", name="new"),
        row("the site is in maintenance on purpose", "before an update that fails", "fully old, and still in maintenance",
            "none", BAD, name="old"),
    ],
)  # fmt: skip
def test_maintenance_on_purpose(bench: UpdateBench, way: str, patch: str) -> None:
    bench.one("maintenance.apply", SITE, state="on")
    before = bench.state()
    args = bench.begin(bench.release(patch))
    if way == "none":
        bench.refused("update.forward", SITE, **args)
        assert same(before, bench.state()) == []
    else:
        bench.one("update.forward", SITE, **args)
        assert NEW in bench.open_site()
    assert bench.maintenance()


@pytest.mark.fault(
    "one of two sites fails, and one may",
    "inside a patch",
    "the other fully new; this one fully old and in maintenance, and a sentence says so",
)
def test_a_failure_within_the_budget(bench: UpdateBench) -> None:
    before = bench.state(OTHER)
    fails = f"{_DDL}; frappe.local.site == '{OTHER}' and frappe.throw('no')"
    args = bench.begin(bench.release(fails), SITE, OTHER)
    bench.one("update.forward", SITE, **args)
    bench.refused("update.forward", OTHER, **args)
    verdict = bench.one("update_bench.settle", run=args["run"], allowed=1)
    assert (verdict["go"], verdict["migrated"], list(verdict["failed"])) == (True, [SITE], [OTHER])
    assert bench.one("update_open.apply")["problems"] == {}
    assert (bench.maintenance(SITE), bench.maintenance(OTHER)) == (False, True)
    told = bench.one("update_bench.read")["told"]
    assert told[0] == f"{SITE} is fully new"
    assert "fully old and in maintenance" in told[1]
    assert same({**before, "config": {**before["config"], "maintenance_mode": 0}}, bench.state(OTHER)) == [] or (
        same(before, {**bench.state(OTHER), "config": before["config"]}) == []
    )
