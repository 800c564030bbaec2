# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: webhooks at a vendor, as far as no vendor differs.

What a webhook is and how two are compared is the vendor's (``_woocommerce_webhooks``, ``_chatwoot_webhooks``). Pure but for
the callables that ``settle`` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from ._errors import ErpopsError


class WantedWebhook(Protocol):
    """One webhook as it shall be: what this file needs of the vendors' ``Wanted``."""

    @property
    def state(self) -> str:
        """``present`` or ``absent``."""

    @property
    def label(self) -> str:
        """As it stands in messages and results, without secrets."""


W = TypeVar("W", bound=WantedWebhook)


@dataclass(frozen=True)
class Step(Generic[W]):
    """One request: ``verb`` is create, update or delete; ``fields`` are what it sends."""

    verb: str
    wanted: W
    number: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """As it stands in messages and results."""
        return f"{self.verb} {self.wanted.label}"


@dataclass(frozen=True)
class Plan(Generic[W]):
    """The requests to send, which webhook was found for each wanted one, and those that are there twice."""

    steps: tuple[Step[W], ...]
    found: tuple[tuple[W, Mapping[str, Any] | None], ...]
    duplicates: tuple[Mapping[str, Any], ...]

    @property
    def visible(self) -> tuple[Step[W], ...]:
        """The steps that change something that can be read back."""
        return tuple(step for step in self.steps if set(step.fields) != {"secret"})

    @property
    def actions(self) -> list[str]:
        """The steps as results list them."""
        return [step.action for step in self.steps]


def is_address(url: str) -> bool:
    """Whether this is an http(s) address without credentials, as a vendor can deliver to."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
    return right and all(char.isprintable() and char != " " for char in url)


def rows(
    before: Plan[W],
    after: Plan[W],
    check: bool,
    shown: Callable[[Mapping[str, Any]], dict[str, Any]],
    gone: Callable[[W], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Each wanted webhook as it is now, or in check mode as it would be, with what was done to it.

    :param before: what was found to do.
    :param after: what is still to do, which in check mode is the same.
    :param shown: an existing webhook as results show it.
    :param gone: one that is wanted absent, likewise.
    """
    result = []
    for wanted, now in after.found:
        steps = [step for step in before.steps if step.wanted is wanted]
        if wanted.state == "absent":
            row, action = gone(wanted), "delete" if steps else ""
        else:
            step = next((one for one in steps if one.verb != "delete"), None)
            row, action = shown({**(now or {}), **(step.fields if check and step else {})}), step.verb if step else ""
        result.append({**row, "action": action})
    return result


def settle(
    planned: Plan[W],
    read_again: Callable[[], Plan[W]],
    *,
    create: Callable[[Mapping[str, Any]], object],
    update: Callable[[int, Mapping[str, Any]], object],
    delete: Callable[[int], object],
    who: str,
    base: str,
    hint: str,
) -> Plan[W]:
    """Carry out the steps and read back; the plan that is left then. Without steps nothing is asked.

    :param read_again: reads the vendor's webhooks and compares as ``planned`` did.
    :param who: the vendor at the beginning of a message.
    :param base: its address.
    :param hint: what to do when it kept less than it was told.
    :raises ErpopsError: a request failed, or something that can be read back was not kept; ``data["done"]`` tells
        what was done.
    """
    if not planned.steps:
        return planned
    for done, step in enumerate(planned.steps):
        try:
            if step.verb == "create":
                create(step.fields)
            elif step.verb == "update":
                update(int(step.number or 0), step.fields)
            else:
                delete(int(step.number or 0))
        except ErpopsError as error:
            error.data["done"] = planned.actions[:done]
            raise
    after = read_again()
    if after.visible:
        raise ErpopsError(
            f"{who} did not keep what it was told",
            object=base,
            seen="; ".join(f"{step.action} is still needed" for step in after.visible),
            hint=hint,
            data={"done": planned.actions},
        )
    return after
