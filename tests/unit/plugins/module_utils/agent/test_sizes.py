# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a site is, and how much room there is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._sizes import database_size, space, tree_size
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools


def test_uploaded_files_count_and_links_as_themselves(site: Tools) -> None:
    assert tree_size(site.at().bench, SITE) == 0
    files = site.sites / SITE / "private/files/deep"
    files.mkdir(parents=True)
    (files / "a").write_bytes(bytes(1000))
    (site.sites / SITE / "public/files").mkdir(parents=True)
    (site.sites / SITE / "public/files/b").write_bytes(bytes(500))
    (site.sites / SITE / "private/backups").mkdir()
    (site.sites / SITE / "private/backups/c").write_bytes(bytes(9000))
    (files / "link").symlink_to("/nowhere")
    assert tree_size(site.at().bench, SITE) == 1500 + len("/nowhere")


def test_room_is_that_of_the_nearest_directory(tmp_path: Path) -> None:
    found = space(str(tmp_path / "not/there"))
    assert (found["path"], found["device"]) == (str(tmp_path), tmp_path.stat().st_dev)
    assert found["free"] > 0


@pytest.mark.parametrize(("answer", "size"), [(1.5, 1_572_864), ("2", 2_097_152), (None, 0)])
def test_a_database_is_told_in_mebibytes(answer: Any, size: int) -> None:
    assert database_size(SimpleNamespace(db=SimpleNamespace(get_database_size=lambda: answer))) == size
    assert database_size(SimpleNamespace(db=SimpleNamespace())) == 0
