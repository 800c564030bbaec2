# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the database server keeps its files, and its accounts' passwords."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import Any

ONE_METHOD = r"mysql_native_password USING '(\*[0-9A-F]{40})'"
ALTER_USER = re.compile(rf"^ALTER USER `(\w+)`@`([^`]+)` IDENTIFIED VIA ({ONE_METHOD}(?: OR {ONE_METHOD})*)$")
SET_PASSWORD = re.compile(r"^SET PASSWORD = '(\*[0-9A-F]{40})'$")
SHOW_CREATE = re.compile(r"^SHOW CREATE USER `(\w+)`@`([^`]+)`$")


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


def user_account(user: str) -> dict[str, Any]:
    """`hashes` of its passwords and login scope (`host`) of a database user, {} for one that does not exist."""
    try:
        with open(os.path.join(server_path(), f"{user}.user")) as f:
            account: dict[str, Any] = json.load(f)
            return account
    except FileNotFoundError:
        return {}


def write_account(user: str, account: dict[str, Any]) -> None:
    """Replace a database user's account."""
    path = os.path.join(server_path(), f"{user}.user")
    fd = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as f:
        json.dump(account, f)
    os.rename(f"{path}.new", path)


def native(password: str) -> str:
    """The hash of `mysql_native_password`."""
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


def accepts(account: dict[str, Any], password: str | None) -> bool:
    """Whether one of the account's authentication methods lets this password in."""
    return native(password or "") in account.get("hashes", [])


def account_statement(query: str, db: Any) -> Any:
    """The rows of a statement about accounts, None for any other: as MariaDB 10.11 does it, a user may set its own
    password (of all methods at once), and only root may ALTER USER."""
    from frappe.database.errors import OperationalError

    if not query.startswith(("ALTER USER", "SET PASSWORD", "SHOW CREATE USER")):
        return None
    db.check_login()
    if found := SET_PASSWORD.match(query):
        account = user_account(db.user)
        write_account(db.user, {**account, "hashes": [found[1]] * len(account["hashes"])})
        return ()
    found = ALTER_USER.match(query) or SHOW_CREATE.match(query)
    if not found:
        return None
    account = user_account(found[1])
    if not db.is_root and (query.startswith("ALTER") or found[1] != db.user):
        text = "Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation"
        raise OperationalError(1227, text)
    if account.get("host") != found[2]:
        raise OperationalError(1396, f"Operation ALTER USER failed for '{found[1]}'@'{found[2]}'")
    if query.startswith("ALTER"):
        write_account(found[1], {**account, "hashes": re.findall(r"'(\*[0-9A-F]{40})'", found[3])})
        return ()
    methods = [f"mysql_native_password USING '{one}'" for one in account["hashes"]]
    how = f"VIA {' OR '.join(methods)}" if len(methods) > 1 else f"BY PASSWORD '{account['hashes'][0]}'"
    return ((f"CREATE USER `{found[1]}`@`{found[2]}` IDENTIFIED {how}",),)
