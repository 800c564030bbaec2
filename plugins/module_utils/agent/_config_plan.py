# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what a site_config.json should become, and how the change is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._errors import ErpopsError
from ._redact import ABSENT, shown

# Changing one of these under a living site makes it unreachable or its stored passwords unreadable
# (frappe/utils/password.py: decrypt), so a plain configuration change never does it.
IDENTITY_KEYS = ("encryption_key", "db_name", "db_password", "db_type", "db_user")

_MISSING = object()


@dataclass(frozen=True)
class ConfigPlan:
    """A configuration file before and after; ``changed_keys`` maps a key to ``added|changed|removed``."""

    after: dict[str, Any]
    changed_keys: dict[str, str] = field(default_factory=dict)
    shown_before: dict[str, Any] = field(default_factory=dict)
    shown_after: dict[str, Any] = field(default_factory=dict)


def same_value(left: Any, right: Any) -> bool:
    """Equal in JSON: ``True`` is not ``1`` and ``1`` is not ``"1"`` (Frappe tells them apart)."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same_value(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right) and isinstance(left, (int, float)) == isinstance(right, (int, float))


def plan_config(
    current: dict[str, Any], wanted: dict[str, Any], secrets: dict[str, Any], absent: list[str]
) -> ConfigPlan:
    """What ``current`` becomes when ``wanted`` and ``secrets`` are set and ``absent`` keys are gone.

    Keys that are not named stay as they are; nothing about them is shown.

    :raises ErpopsError: (409) an identity key of a living site would change or go; (400) a key is named twice.
    """
    doubled = sorted((wanted.keys() & secrets.keys()) | ((wanted.keys() | secrets.keys()) & set(absent)))
    if doubled:
        raise ErpopsError("the same key is named twice", seen=", ".join(doubled), status=400)
    after = dict(current)
    changed: dict[str, str] = {}
    before_view: dict[str, Any] = {}
    after_view: dict[str, Any] = {}
    for key, value in [*wanted.items(), *secrets.items(), *((key, _MISSING) for key in absent)]:
        old = current.get(key, _MISSING)
        if old is not _MISSING and value is not _MISSING and same_value(old, value):
            continue
        if old is _MISSING and value is _MISSING:
            continue
        if key in IDENTITY_KEYS and old is not _MISSING:
            raise ErpopsError(
                f"refuses to change {key}, which the site's data depends on",
                seen="another value than the declared one",
                needed="the value that is there",
                hint=f"take {key} out of the declared configuration, or rotate it on purpose (docs/rotate.md)",
                status=409,
            )
        secret = key in secrets
        before_view[key] = ABSENT if old is _MISSING else shown(key, old, secret)
        if value is _MISSING:
            del after[key]
            changed[key] = "removed"
            after_view[key] = ABSENT
        else:
            after[key] = value
            changed[key] = "added" if old is _MISSING else "changed"
            after_view[key] = shown(key, value, secret)
    return ConfigPlan(after, changed, before_view, after_view)
