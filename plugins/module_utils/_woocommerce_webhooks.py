# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what must happen to a shop's webhooks so that they are as wanted.

Pure. A webhook's secret cannot be read back, so it never decides by itself whether one differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._args import SECRET_MIN_LENGTH
from ._errors import ErpopsError
from ._vendor_http import redacted_url
from ._vendor_webhooks import Plan, Step, is_address
from .agent._redact import stars

_TOPIC = re.compile(r"[a-z_]+\.[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Wanted:
    """One webhook as it shall be. An empty ``name`` leaves the name as it is."""

    topic: str
    delivery_url: str
    name: str = ""
    status: str = "active"
    secret: str = ""
    state: str = "present"

    @property
    def label(self) -> str:
        """As it stands in messages and results: without the values of the URL's query."""
        return f"{self.topic} -> {redacted_url(self.delivery_url)}"


def wanted_of(options: Iterable[Mapping[str, Any]], match_by: str) -> list[Wanted]:
    """The module's ``webhooks``.

    :raises ErpopsError: (400) naming every fault of every one.
    """
    wanted: list[Wanted] = []
    faults: list[str] = []
    for number, option in enumerate(options, start=1):
        one = Wanted(**{name: str(option[name]) for name in option if option[name] is not None})
        faults += [f"webhook {number} ({one.name or one.topic}): {fault}" for fault in _faults(one, match_by)]
        if any(_key(other, match_by) == _key(one, match_by) for other in wanted):
            faults.append(f"webhook {number} ({one.name or one.topic}): it is named twice")
        wanted.append(one)
    if faults:
        raise ErpopsError("the webhooks cannot be made", seen="; ".join(faults), needed="each one right", status=400)
    return wanted


def plan(
    wanted: Iterable[Wanted],
    current: Iterable[Mapping[str, Any]],
    *,
    match_by: str = "url",
    rotate: bool = False,
    remove_duplicates: bool = False,
) -> Plan[Wanted]:
    """Compare.

    :param rotate: send the secrets of existing webhooks as well.
    :param current: the shop's webhooks, the oldest first.
    :raises ErpopsError: (400) one must be made and has no secret: WooCommerce would sign with one nobody knows.
    """
    current = list(current)
    steps: list[Step[Wanted]] = []
    found: list[tuple[Wanted, Mapping[str, Any] | None]] = []
    duplicates: list[Mapping[str, Any]] = []
    nameless: list[str] = []
    for one in wanted:
        same = [webhook for webhook in current if _key_of(webhook, match_by) == _key(one, match_by)]
        if one.state == "absent":
            steps += [Step("delete", one, int(webhook["id"])) for webhook in same]
            found.append((one, same[0] if same else None))
            continue
        # One that delivers is kept rather than one that does not.
        same.sort(key=lambda webhook: webhook.get("status") != "active")
        kept = same[0] if same else None
        found.append((one, kept))
        duplicates += same[1:]
        if kept is None:
            if not one.secret:
                nameless.append(one.label)
            steps.append(Step("create", one, None, _new(one)))
        elif fields := _changes(one, kept, rotate):
            steps.append(Step("update", one, int(kept["id"]), fields))
        if remove_duplicates:
            steps += [Step("delete", one, int(webhook["id"])) for webhook in same[1:]]
    if nameless:
        raise ErpopsError(
            "webhooks would be made without a secret, so that no receiver could tell their deliveries from forged ones",
            object=", ".join(nameless),
            needed="a secret of at least 8 characters",
            hint="let it be generated: lookup('erpops.frappe.vaulted_secret', ...)",
            status=400,
        )
    return Plan(tuple(steps), tuple(found), tuple(duplicates))


def shown(webhook: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook as results and diffs show it."""
    return {
        "id": webhook.get("id"),
        "name": webhook.get("name"),
        "topic": webhook.get("topic"),
        "delivery_url": redacted_url(str(webhook.get("delivery_url"))),
        "status": webhook.get("status"),
    }


def diff_of(planned: Plan[Wanted], current: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the steps change, webhook by webhook; ids of new ones are not known before."""
    by_id = {int(webhook["id"]): webhook for webhook in current}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in planned.steps:
        label = f"{step.wanted.label} ({step.number or 'new'})"
        old = shown(by_id[step.number]) if step.number else {}
        if step.number and "secret" in step.fields:
            old = {**old, "secret": "(cannot be read)"}
        if step.number:
            before[label] = old
        if step.verb != "delete":
            new = {**old, **{name: value for name, value in step.fields.items() if name != "secret"}}
            if "delivery_url" in new:
                new["delivery_url"] = redacted_url(str(new["delivery_url"]))
            if "secret" in step.fields:
                new["secret"] = stars(step.fields["secret"])
            after[label] = new
    return {"before": before, "after": after}


def _faults(one: Wanted, match_by: str) -> list[str]:
    faults = []
    if not _TOPIC.fullmatch(one.topic):
        faults.append(f"topic {one.topic!r} is not of the form order.created")
    if not is_address(one.delivery_url):
        faults.append("delivery_url is no http(s) address without credentials")
    if one.secret and len(one.secret) < SECRET_MIN_LENGTH:
        faults.append(f"its secret has {len(one.secret)} characters, at least {SECRET_MIN_LENGTH} are needed")
    if match_by == "name" and not one.name:
        faults.append("match_by=name needs a name")
    return faults


def _key(one: Wanted, match_by: str) -> tuple[str, ...]:
    return (one.name,) if match_by == "name" else (one.topic, one.delivery_url)


def _key_of(webhook: Mapping[str, Any], match_by: str) -> tuple[str, ...]:
    if match_by == "name":
        return (str(webhook.get("name")),)
    return str(webhook.get("topic")), str(webhook.get("delivery_url"))


def _new(one: Wanted) -> dict[str, Any]:
    return {
        "name": one.name or f"erpops {one.topic}",
        "topic": one.topic,
        "delivery_url": one.delivery_url,
        "status": one.status,
        "secret": one.secret,
    }


def _changes(one: Wanted, webhook: Mapping[str, Any], rotate: bool) -> dict[str, Any]:
    fields = {
        name: getattr(one, name)
        for name in ("name", "topic", "delivery_url", "status")
        if getattr(one, name) and getattr(one, name) != webhook.get(name)
    }
    if one.secret and rotate:
        fields["secret"] = one.secret
    return fields
