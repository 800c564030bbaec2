# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the one root exception of the collection.

Shared code raises it and never touches an AnsibleModule; each module catches it once, in ``main()``.
"""

from __future__ import annotations

from typing import Any


def reason(exc: BaseException) -> str:
    """Why something failed, as short as it can be said: of ours what was seen, else what failed; of another its kind and text."""
    if isinstance(exc, ErpopsError):
        return exc.seen or exc.message
    return f"{type(exc).__name__}: {exc}"


class ErpopsError(Exception):
    """Something could not be done; says what, on which object, what was seen and what to do next.

    :param message: what failed, as a sentence without a final full stop.
    :param object: the site, app, DocType record, file ... it failed on.
    :param seen: what was found.
    :param needed: what would have been right.
    :param hint: the next command to type, or the next thing to look at.
    :param status: an HTTP-like class: 400 bad input, 404 missing, 409 conflict, 423 locked,
        500 our fault, 503 maintenance, 504 time-out, 507 no space.
    :param data: machine-readable detail; never holds a secret.
    """

    def __init__(
        self,
        message: str,
        *,
        object: str = "",
        seen: str = "",
        needed: str = "",
        hint: str = "",
        status: int = 500,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.object = object
        self.seen = seen
        self.needed = needed
        self.hint = hint
        self.status = status
        self.data = data or {}

    def __str__(self) -> str:
        """One message in a fixed order, so that operators learn where to look in it."""
        text = f"{self.object}: {self.message}" if self.object else self.message
        for label, part in (("Seen", self.seen), ("Needed", self.needed), ("Next", self.hint)):
            if part:
                text += f". {label}: {part.rstrip('.')}"
        return text + "."

    def as_dict(self) -> dict[str, Any]:
        """The error as result keys (every value is JSON-serialisable)."""
        return {
            "type": type(self).__name__,
            "message": self.message,
            "object": self.object,
            "seen": self.seen,
            "needed": self.needed,
            "hint": self.hint,
            "status": self.status,
            "data": self.data,
        }
