# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: finding the secret values in nested arguments by the names of their keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .agent._redact import looks_secret


def secret_strings(value: Any, under_secret: bool = False) -> Iterator[str]:
    """Every string (of 4 characters or more) that stands below a key whose name says "secret".

    A key named ``secrets`` makes all below it secret, whatever the names there.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secret_strings(item, under_secret or looks_secret(str(key)))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from secret_strings(item, under_secret)
    elif under_secret and isinstance(value, str) and len(value) >= 4:
        yield value


def masked_strings(value: Any) -> set[str]:
    """Those of :func:`secret_strings` that may be masked in all output: a shorter one would garble it."""
    return {found for found in secret_strings(value) if len(found) >= 8}
