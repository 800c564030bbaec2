# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sealed directory opens with its own key, whole, or not at all."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _seal
from ansible_collections.erpops.frappe.plugins.module_utils.agent._seal import Opener, Sealer, new_key, seal, unseal

CONTENT = {"manifest.json": b'{"a secret": "in clear"}', "dump.gz": os.urandom(3 * _seal.BLOCK + 17), "empty": b""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "set"
    made.mkdir()
    for name, content in CONTENT.items():
        (made / name).write_bytes(content)
    return made


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "target"
    made.mkdir()
    return made


def test_there_and_back(folder: Path, target: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    key = seal(str(folder), str(sealed))
    assert b"in clear" not in sealed.read_bytes()
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o644
    unseal(str(sealed), key, str(target))
    assert {path.name: path.read_bytes() for path in target.iterdir()} == CONTENT
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {0o600}


def test_each_time_another_key(folder: Path, tmp_path: Path) -> None:
    sealed = str(tmp_path / "sealed")
    assert seal(str(folder), sealed) != seal(str(folder), sealed)


@pytest.mark.parametrize("size", [0, 1, _seal.BLOCK - 1, _seal.BLOCK, _seal.BLOCK + 1, 2 * _seal.BLOCK])
def test_every_size(size: int) -> None:
    key, store, data = new_key(), io.BytesIO(), os.urandom(size)
    sealer = Sealer(store, key)
    sealer.write(data)
    sealer.close()
    store.seek(0)
    assert Opener(store, key).read() == data


def cut(sealed: bytes) -> bytes:
    """Without the last block: the one before must not pass for the last."""
    first = int.from_bytes(sealed[16:20], "big")
    return sealed[: 20 + first]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(cut, id="without its last block"),
        pytest.param(lambda sealed: sealed[:-1], id="cut"),
        pytest.param(lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), id="one bit"),
        pytest.param(lambda sealed: b"", id="empty"),
        pytest.param(lambda sealed: b"x" + sealed, id="something else"),
    ],
)
def test_damage_is_noticed(folder: Path, target: Path, tmp_path: Path, damage: object) -> None:
    sealed = tmp_path / "sealed"
    key = seal(str(folder), str(sealed))
    sealed.write_bytes(damage(sealed.read_bytes()))  # type: ignore[operator]
    with pytest.raises(ErpopsError, match="cannot be opened"):
        unseal(str(sealed), key, str(target))


def test_blocks_cannot_change_places(folder: Path, target: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    key = seal(str(folder), str(sealed))
    data = sealed.read_bytes()
    size = 4 + _seal.BLOCK + 16
    sealed.write_bytes(data[:16] + data[16 + size : 16 + 2 * size] + data[16 : 16 + size] + data[16 + 2 * size :])
    with pytest.raises(ErpopsError, match="block 0 does not open"):
        unseal(str(sealed), key, str(target))


def test_another_key(folder: Path, target: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    seal(str(folder), str(sealed))
    with pytest.raises(ErpopsError, match="does not open with this key"):
        unseal(str(sealed), new_key(), str(target))
    assert list(target.iterdir()) == []
