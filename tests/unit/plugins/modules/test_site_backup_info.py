# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of backup sets."""

from __future__ import annotations

from tests.unit.plugins.modules.player import Player
from tests.unit.plugins.modules.test_site_backup_copy import OFFSITE


def test_a_result(play: Player) -> None:
    done = play.succeed(verify=True)
    assert (done.call.op, done.call.args["verify"], done.call.args["offsite"]) == ("backup_sets.read", True, None)
    assert (done.answer["changed"], done.answer["backups"]["newest"]["whole"]) == (False, True)


def test_copies_are_listed_too(play: Player) -> None:
    play.answers["backup_sets.read"]["copies"] = [{"name": "one"}]
    done = play.succeed(offsite=OFFSITE)
    assert done.call.secrets == ["a-secret-key", "AKIA1234"]
    assert done.answer["backups"]["copies"] == [{"name": "one"}]
    assert not any(hidden in done.output for hidden in done.call.secrets)
