# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup set of a move goes from one bench to another."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.plugins.module_utils.agent.twins import Twins


def test_what_lies_where_others_can_read_it_is_sealed(twins: Twins) -> None:
    site = twins.site()
    journal = twins.hold(site)
    taken = twins.source.one("backup.apply", site, state="present", name=journal["set"])["backup"]
    first, packed = twins.pack(site), twins.pack(site)
    assert first["key"] != packed["key"]
    path = Path(packed["path"])
    assert twins.source.config(site)["encryption_key"].encode() not in path.read_bytes()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o644, 0o711)
    assert packed["key"] not in json.dumps(packed["journal"])
    done = twins.receive(site, packed)
    assert done["changed"] is True
    read = twins.target.one("backup.apply", site, state="verified", path=done["path"])["backup"]
    assert (read["files"], read["id"]) == (taken["files"], taken["id"])
    assert twins.receive(site, packed)["changed"] is False


def test_a_file_that_changed_on_the_way(twins: Twins) -> None:
    site = twins.site()
    journal = twins.hold(site)
    twins.source.one("backup.apply", site, state="present", name=journal["set"])
    packed = twins.pack(site)
    Path(packed["path"]).write_bytes(b"another")
    given = {key: packed[key] for key in ("path", "key", "sha256", "set_id")}
    error = twins.target.refused(
        "move_set.receive", site, **{**given, "id": journal["id"], "set": journal["set"], "from": "one"}
    )
    assert (error.status, error.message) == (422, "the sealed file did not arrive as it was sent")
    assert not twins.target.state("moves", f"{site}.json").exists()


def test_a_set_is_received_over_what_an_ended_run_left(twins: Twins) -> None:
    site = twins.site()
    journal = twins.hold(site)
    twins.source.one("backup.apply", site, state="present", name=journal["set"])
    part = twins.target.state("archive", site, f"{journal['set']}.part")
    part.mkdir(parents=True)
    (part / "half").write_text("half")
    done = twins.receive(site, twins.pack(site))
    assert not part.exists()
    assert not (Path(done["path"]) / "half").exists()


def test_two_moves_of_a_site_to_one_bench(twins: Twins) -> None:
    site = twins.site()
    twins.send(site)
    packed = twins.pack(site)
    given = {key: packed[key] for key in ("path", "key", "sha256", "set_id")}
    error = twins.target.refused(
        "move_set.receive", site, **{**given, "id": "f" * 32, "set": "move-f", "from": "three"}
    )
    assert (error.status, error.seen) == (409, "received, from one")
