# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would fail later is told before anything is written, all of it at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _backup_set
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

MIB = 1 << 20


@pytest.fixture
def preflight(site: Tools, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The preflight of a site with a database of 3 MiB and files of 1 MiB."""
    files = site.sites / SITE / "private/files"
    files.mkdir(parents=True)
    (files / "a").write_bytes(bytes(MIB))

    def run(tool: str = "", free: int = 100 * MIB, encrypts: int = 0, has: bool = True, **manifest: Any) -> Any:
        single = SimpleNamespace(get_single_value=lambda *_: encrypts, get_database_size=lambda: 3.0)
        monkeypatch.setattr(_backup_set, "connect", lambda *_: SimpleNamespace(db=single))
        monkeypatch.setattr(_backup_set, "space", lambda _path: {"free": free})
        monkeypatch.setattr(_backup_set, "have_tool", lambda _name: has)
        return _backup_set._preflight(site.at(), tool, manifest)

    return run


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, 4 * MIB),
        ({"tool": "age"}, 5 * MIB),  # the files' archive is there twice for a while
        ({"tool": "age", "sizes": {"a": 700, "b": 50}}, 750),  # a set that is there is encrypted
    ],
)
def test_what_is_needed(preflight: Any, given: dict[str, Any], needed: int) -> None:
    assert preflight(**given) == {"needed": needed, "free": 100 * MIB}
    assert preflight(**given, free=needed)["free"] == needed
    with pytest.raises(ErpopsError) as error:
        preflight(**given, free=needed - 1)
    assert (error.value.status, f"{needed} bytes are needed" in error.value.seen) == (507, True)


def test_all_faults_are_told_at_once(preflight: Any) -> None:
    with pytest.raises(ErpopsError) as error:
        preflight(tool="gpg", free=1, encrypts=1, has=False)
    seen = error.value.seen.split("; ")
    assert len(seen) == 3
    assert seen[1] == "gpg is not installed (apt-get install gnupg)"
    assert "encrypt_backup" in seen[2]


@pytest.mark.parametrize(("given", "status"), [({"encrypts": 1}, 409), ({"tool": "age", "has": False}, 404)])
def test_one_fault_has_its_class(preflight: Any, given: dict[str, Any], status: int) -> None:
    with pytest.raises(ErpopsError) as error:
        preflight(**given)
    assert error.value.status == status
