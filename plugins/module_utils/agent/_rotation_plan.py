# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: when a secret is to be rotated, what may be said of it, a database password's steps."""

from __future__ import annotations

import hashlib
import time
from typing import Any, Protocol

from .._errors import ErpopsError


def is_due(secret: str, request: str, journal: dict[str, Any]) -> bool:
    """Whether ``request`` has something to do: a rotation is under way, or the last one was another request's.

    A rotation is an action, which a second run of the same request must not repeat.
    """
    return secret in journal["open"] or (journal["done"].get(secret) or {}).get("request") != request


def shown_state(secret: str, journal: dict[str, Any]) -> str:
    """What a diff tells of a secret: when it was rotated, never anything of itself."""
    last = journal["done"].get(secret)
    text = "as it was made"
    if last:
        day = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(float(last["at"])))
        text = f"rotated {day} ({last['request']})"
    if secret in journal["open"]:
        text += f", a rotation is under way ({journal['open'][secret].get('state', 'begun')})"
    return text


def native_hash(password: str) -> str:
    """The hash of MariaDB's ``mysql_native_password``, so that a statement, and with it a log, holds no password."""
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()  # noqa: S324


class DatabaseSide(Protocol):
    """The account on the server, and the site's configuration."""

    def opens(self, password: str) -> bool:
        """Whether the server lets the site's user in with it."""

    def let_in(self, passwords: list[str]) -> None:
        """The account takes just these passwords."""

    def configure(self, password: str) -> None:
        """The site uses this one from now on."""


def begin_database(side: DatabaseSide, old: str, new: str, window: bool) -> None:
    """The site uses the new password. With ``window`` both are let in meanwhile, so that no connection fails, and a
    process that is killed between any two of these steps leaves a site that works.

    :raises ErpopsError: (502) the server does not take the new password.
    """
    side.let_in([old, new] if window else [new])
    _must_open(side, new)
    side.configure(new)


def finish_database(side: DatabaseSide, old: str, new: str) -> None:
    """Only the new password is let in. :raises ErpopsError: (502) the server says otherwise."""
    side.let_in([new])
    _must_open(side, new)
    if side.opens(old):
        raise ErpopsError(
            "the database server still lets the old password in",
            hint="see whether there is another account of this name (select user, host from mysql.user), and run again",
            status=502,
        )


def undo_database(side: DatabaseSide, old: str, new: str, window: bool) -> None:
    """The site uses the old password again, and only that one is let in."""
    if window:
        side.let_in([old, new])
        side.configure(old)
        side.let_in([old])
    else:
        side.let_in([old])
        side.configure(old)
    _must_open(side, old)


def _must_open(side: DatabaseSide, password: str) -> None:
    if not side.opens(password):
        raise ErpopsError(
            "the database server refuses the password that it was just given",
            hint="see whether the account is locked or has expired, and run again",
            status=502,
        )
