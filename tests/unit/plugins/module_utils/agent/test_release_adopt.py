# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of an adoption; the whole, killed at each step, is in tests/contract/test_releases.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._release_adopt import _move_in, relocate


def write(path: Path, text: str | bytes, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def test_a_part_moves_in_once(tmp_path: Path) -> None:
    write(tmp_path / "apps/shop/x", "x")
    path, inside = str(tmp_path / "apps"), str(tmp_path / "r/apps")
    (tmp_path / "r").mkdir()
    for _again in range(2):
        _move_in(path, inside, "r/apps")
        assert (os.readlink(path), (tmp_path / "r/apps/shop/x").read_text()) == ("r/apps", "x")


def test_a_part_that_was_begun_is_finished(tmp_path: Path) -> None:
    write(tmp_path / "apps/x", "x")
    (tmp_path / "r").mkdir()
    (tmp_path / "r/apps").symlink_to("r/apps")  # killed before the exchange
    _move_in(str(tmp_path / "apps"), str(tmp_path / "r/apps"), "r/apps")
    assert (tmp_path / "r/apps/x").read_text() == "x"
    assert (tmp_path / "apps/x").read_text() == "x"


def test_a_part_that_is_not_there_is_empty(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    _move_in(str(tmp_path / "repos"), str(tmp_path / "r/repos"), "r/repos")
    assert list((tmp_path / "repos").iterdir()) == []


def test_a_link_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assets").symlink_to("/srv/assets")
    with pytest.raises(ErpopsError, match="somebody else's") as caught:
        _move_in(str(tmp_path / "assets"), str(tmp_path / "r"), "../current/assets")
    assert (caught.value.status, caught.value.seen) == (409, "/srv/assets")


def test_what_names_its_directory_by_path(tmp_path: Path) -> None:
    home, old = tmp_path / "releases/one", str(tmp_path)
    packages = home / "env/lib/python3.11/site-packages"
    script = write(home / "env/bin/gunicorn", f"#!{old}/env/bin/python\nimport x\n", 0o755)
    binary = write(home / "env/bin/tool", b"\0" + f"{old}/env".encode())
    latin = write(home / "env/bin/latin", b"\xff" + f"{old}/env".encode())
    editable = write(packages / "shop.pth", f"{old}/apps/shop\n")
    url = write(packages / "shop-1.dist-info/direct_url.json", f'{{"url": "file://{old}/apps/shop"}}')
    finder = write(packages / "__editable___shop_finder.py", f"MAPPING = {{'shop': '{old}/.erpops/repos/shop/shop'}}\n")
    write(home / "repos/inner/apps/inner/x", "x")
    (home / "apps").mkdir(parents=True)
    (home / "apps/inner").symlink_to("../.erpops/repos/inner/apps/inner")
    (home / "assets").mkdir()
    (home / "assets/shop").symlink_to(f"{old}/apps/shop/shop/public")
    untouched = binary.read_bytes(), latin.read_bytes()
    moves = {f"{old}/{part}": f"{home}/{part}" for part in ("apps", "env")}
    for _again in range(2):
        relocate(str(home), {**moves, f"{old}/.erpops/repos": f"{home}/repos"})
        assert script.read_text() == f"#!{home}/env/bin/python\nimport x\n"
        assert script.stat().st_mode & 0o777 == 0o755
        assert (binary.read_bytes(), latin.read_bytes()) == untouched
        assert editable.read_text() == f"{home}/apps/shop\n"
        assert url.read_text() == f'{{"url": "file://{home}/apps/shop"}}'
        assert f"'{home}/repos/shop/shop'" in finder.read_text()
        assert os.readlink(home / "apps/inner") == "../repos/inner/apps/inner"
        assert os.readlink(home / "assets/shop") == f"{home}/apps/shop/shop/public"
