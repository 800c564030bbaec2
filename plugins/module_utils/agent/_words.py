# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: secrets that are made here, since they are to be known nowhere else."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
LENGTH = 32


def new_word(length: int = LENGTH) -> str:
    """Letters and digits only, at least one of each kind: no quoting anywhere, and policies are content."""
    while True:
        word = "".join(secrets.choice(ALPHABET) for _number in range(length))
        if any(c.islower() for c in word) and any(c.isupper() for c in word) and any(c.isdigit() for c in word):
            return word
