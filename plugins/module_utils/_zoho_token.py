# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: which way a working refresh token is had: kept, or exchanged for a code.

What comes of a code must never be lost, since it is for one use: ``Outcome.refresh_token`` is there also when the
check that follows fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._errors import ErpopsError
from ._http_probe import Send
from ._zoho_api import Client, Refused, Tokens, exchange, probe, refresh, revoke

# The held refresh token is no good, and another code could help.
_DEAD = ("invalid_code",)


@dataclass
class Outcome:
    """What was done, and the refresh token that is to be held from now on ('' for none)."""

    action: str = ""
    refresh_token: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    error: ErpopsError | None = None


@dataclass(frozen=True)
class Grant:
    """How to get a refresh token, and what is held."""

    held: str = ""
    code: str = ""
    redirect_uri: str = ""
    organization: str = ""


def ensure(client: Client, send: Send, reach: Mapping[str, Any], grant: Grant, check: bool = False) -> Outcome:
    """A refresh token that works. In check mode a code is not used up.

    :raises ErpopsError: there is none, and none can be had.
    """
    dead: Refused | None = None
    if grant.held:
        try:
            tokens = refresh(client, send, reach, grant.held)
        except Refused as error:
            if error.code not in _DEAD or not grant.code:
                raise
            dead = error
        else:
            return _proven(client, send, reach, grant, tokens, Outcome("", grant.held))
    if not grant.code:
        raise ErpopsError(
            "there is no refresh token yet, and no code to get one with",
            object=client.accounts_url,
            needed="code, and redirect_uri exactly as registered",
            hint=authorization_hint(client),
            status=400,
        )
    action = "exchanged" if dead is None else "replaced"
    if check:
        return Outcome(action, "", {"verified": False})
    tokens = exchange(client, send, reach, grant.code, grant.redirect_uri)
    return _proven(client, send, reach, grant, tokens, Outcome(action, tokens.refresh_token))


def end(client: Client, send: Send, reach: Mapping[str, Any], held: str, check: bool = False) -> Outcome:
    """Revoke the held refresh token; nothing to do without one."""
    if not held:
        return Outcome()
    known = True if check else revoke(client, send, reach, held)
    return Outcome("revoked", "", {"verified": False, "was_known": known})


def authorization_hint(client: Client) -> str:
    """What a person opens in a browser to get a code; it holds no secret."""
    scope = "ZohoInventory.items.READ,ZohoInventory.settings.READ"
    return (
        f"open {client.accounts_url}/oauth/v2/auth?scope={scope}&client_id={client.client_id}&response_type=code"
        "&access_type=offline&prompt=consent&redirect_uri=REDIRECT_URI and give the code of the address it ends at"
    )


def _proven(
    client: Client, send: Send, reach: Mapping[str, Any], grant: Grant, tokens: Tokens, outcome: Outcome
) -> Outcome:
    outcome.facts = {"verified": False, "api_domain": tokens.api_domain, "expires_in": tokens.expires_in}
    if tokens.scope:
        outcome.facts["scope"] = tokens.scope
    try:
        outcome.facts.update(probe(client, send, reach, tokens, grant.organization), verified=True)
    except ErpopsError as error:
        outcome.error = error
    return outcome
