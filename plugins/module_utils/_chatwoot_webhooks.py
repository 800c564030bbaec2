# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what must happen to an account's webhooks so that they are as wanted.

Pure. A webhook is ours if its URL is, but for the token in its query; no other is ever touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from ._args import check_secrets
from ._errors import ErpopsError
from ._vendor_webhooks import Plan, Step, is_address
from .agent._redact import STARS, stars

PARAMETER = "token"


@dataclass(frozen=True)
class Wanted:
    """One webhook as it shall be; ``url`` is without the token."""

    url: str
    token: str = ""
    name: str = ""
    subscriptions: frozenset[str] = frozenset()
    state: str = "present"

    @property
    def full_url(self) -> str:
        """What Chatwoot calls."""
        return with_token(self.url, self.token)

    @property
    def label(self) -> str:
        """As it stands in messages and results: without the token."""
        return self.url


def wanted_of(options: Iterable[Mapping[str, Any]]) -> list[Wanted]:
    """The module's ``webhooks``.

    :raises ErpopsError: (400) naming every fault of every one.
    """
    wanted: list[Wanted] = []
    faults: list[str] = []
    for number, option in enumerate(options, start=1):
        one = Wanted(
            url=str(option["url"]),
            token=str(option.get("token") or ""),
            name=str(option.get("name") or ""),
            subscriptions=frozenset(option.get("subscriptions") or ()),
            state=str(option["state"]),
        )
        faults += [f"webhook {number}: {fault}" for fault in _faults(one)]
        if any(other.url == one.url for other in wanted):
            faults.append(f"webhook {number}: its URL is named twice")
        wanted.append(one)
    if faults:
        raise ErpopsError("the webhooks cannot be made", seen="; ".join(faults), needed="each one right", status=400)
    return wanted


def plan(
    wanted: Iterable[Wanted], current: Iterable[Mapping[str, Any]], *, remove_duplicates: bool = False
) -> Plan[Wanted]:
    """Compare; subscriptions as sets, the URL with its token.

    :param current: the account's webhooks, the oldest first.
    """
    current = list(current)
    steps: list[Step[Wanted]] = []
    found: list[tuple[Wanted, Mapping[str, Any] | None]] = []
    duplicates: list[Mapping[str, Any]] = []
    for one in wanted:
        ours = [webhook for webhook in current if without_token(str(webhook.get("url"))) == one.url]
        # One that has the right token already is kept rather than one that must get it.
        ours.sort(key=lambda webhook: webhook.get("url") != one.full_url)
        found.append((one, ours[0] if ours else None))
        if one.state == "absent":
            steps += [Step("delete", one, int(webhook["id"])) for webhook in ours]
            continue
        duplicates += ours[1:]
        if remove_duplicates:
            # Before the change: Chatwoot keeps no URL twice, and the other one may have the right token's.
            steps += [Step("delete", one, int(webhook["id"])) for webhook in ours[1:]]
        if not ours:
            steps.append(Step("create", one, None, _fields(one)))
        elif changes := _changes(one, ours[0]):
            steps.append(Step("update", one, int(ours[0]["id"]), changes))
    return Plan(tuple(steps), tuple(found), tuple(duplicates))


def shown(webhook: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook as results show it."""
    return {
        "id": webhook.get("id"),
        "name": webhook.get("name") or "",
        "url": shown_url(str(webhook.get("url"))),
        "subscriptions": sorted(webhook.get("subscriptions") or ()),
    }


def diff_of(planned: Plan[Wanted], current: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the steps change; a token shows as stars and a digest that tells only whether it differs."""
    by_id = {int(webhook["id"]): webhook for webhook in current}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in planned.steps:
        label = f"{step.wanted.label} ({step.number or 'new'})"
        old = by_id[step.number] if step.number else {}
        if step.number:
            before[label] = _compared(old)
        if step.verb != "delete":
            after[label] = _compared({**old, **step.fields})
    return {"before": before, "after": after}


def with_token(url: str, token: str) -> str:
    """The URL with the token at the end of its query; the rest stays letter by letter."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode({PARAMETER: token})}" if token else url


def without_token(url: str) -> str:
    """The URL without the token; the rest stays letter by letter."""
    address, mark, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if part.partition("=")[0] != PARAMETER)
    return f"{address}?{kept}" if kept else f"{address}{mark}" if query == kept else address


def token_of(url: str) -> str:
    """The token in a URL; '' if there is none."""
    try:
        return dict(parse_qsl(urlsplit(url).query)).get(PARAMETER, "")
    except ValueError:
        return ""


def shown_url(url: str) -> str:
    """The URL with stars for its token."""
    plain = without_token(url)
    if plain == url:
        return url
    return f"{plain}{'&' if '?' in plain else '?'}{PARAMETER}={STARS}"


def _compared(webhook: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in shown(webhook).items() if name != "id"}
    return {**row, "token": stars(token_of(str(webhook.get("url"))))}


def _fields(one: Wanted) -> dict[str, Any]:
    fields: dict[str, Any] = {"url": one.full_url, "subscriptions": sorted(one.subscriptions)}
    return {**fields, "name": one.name} if one.name else fields


def _changes(one: Wanted, webhook: Mapping[str, Any]) -> dict[str, Any]:
    changes = {}
    for name, value in _fields(one).items():
        now = sorted(webhook.get(name) or ()) if name == "subscriptions" else webhook.get(name)
        if now != value:
            changes[name] = value
    return changes


def _faults(one: Wanted) -> list[str]:
    faults = []
    if not is_address(one.url):
        faults.append("url is no http(s) address without credentials")
    elif without_token(one.url) != one.url:
        faults.append(f"url holds {PARAMETER}=, which belongs into the option token")
    if one.state == "present" and not one.subscriptions:
        faults.append("it has no subscriptions")
    try:
        check_secrets({"token": one.token})
    except ErpopsError as error:
        faults.append(str(error))
    return faults
