# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the database server keeps its files."""

from __future__ import annotations

import json
import os


def server_path() -> str:
    """`<bench>/.standin-db`, made on first use."""
    from frappe.utils import get_bench_path

    path = os.path.join(get_bench_path(), ".standin-db")
    if not os.path.isdir(path):
        os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def root_password() -> str | None:
    """Root's password, None when the server has none."""
    path = os.path.join(server_path(), "root_password")
    if not os.path.exists(path):
        return None
    with open(path) as f:
        return f.read().strip()


def user_account(user: str) -> dict[str, str]:
    """`password` and login scope (`host`) of a database user, {} for one that does not exist."""
    try:
        with open(os.path.join(server_path(), f"{user}.user")) as f:
            account: dict[str, str] = json.load(f)
            return account
    except FileNotFoundError:
        return {}
