# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: values of one encryption key become those of another; code that encrypts by itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

_MODULE = "frappe.utils.password"


def recrypted(
    rows: Mapping[tuple[str, ...], str], keys: list[str], wanted: str
) -> tuple[dict[tuple[str, ...], str], list[tuple[str, ...]]]:
    """What ``rows`` become with the key ``wanted``: those that change, and the names of those that no key opens.

    :param rows: name -> Fernet token.
    :param keys: Fernet keys that may have made them; a row of ``wanted`` stays as it is.
    """
    from cryptography.fernet import Fernet, InvalidToken

    ciphers = {key: Fernet(key.encode()) for key in {wanted, *keys}}

    def open_with(key: str, token: str) -> bytes | None:
        try:
            return bytes(ciphers[key].decrypt(token.encode()))
        except (InvalidToken, ValueError):
            return None

    changed: dict[tuple[str, ...], str] = {}
    lost = []
    for name, token in rows.items():
        if open_with(wanted, token) is not None:
            continue
        opened = next((text for key in keys if (text := open_with(key, token)) is not None), None)
        if opened is None:
            lost.append(name)
        else:
            changed[name] = ciphers[wanted].encrypt(opened).decode()
    return changed, lost


def encrypts_itself(source: str) -> bool:
    """Whether Python code calls the framework's ``encrypt``, whose result it may keep anywhere."""
    if _MODULE not in source and "password" not in source:
        return False
    if "encrypt" not in source:
        return False
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    names = {"frappe.utils.password.encrypt"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == _MODULE:
            names |= {one.asname or one.name for one in node.names if one.name == "encrypt"}
        elif isinstance(node, ast.ImportFrom) and node.module == "frappe.utils":
            names |= {f"{one.asname or one.name}.encrypt" for one in node.names if one.name == "password"}
        elif isinstance(node, ast.Import):
            names |= {f"{one.asname}.encrypt" for one in node.names if one.name == _MODULE and one.asname}
    return any(isinstance(node, ast.Call) and _dotted(node.func) in names for node in ast.walk(tree))


def _dotted(node: Any) -> str:
    """``a.b.c`` of an attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
