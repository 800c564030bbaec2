# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: Zoho's OAuth and one read-only request to Zoho Inventory.

Sources: Zoho's OAuth pages (token, refresh, revoke, domains of the data centres) and the Inventory API. Two things bite:
errors are HTTP 200 with ``{"error": ...}``, and a client exists in the data centre of its account only.
Secrets go into bodies: what stands in a query is written into access logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ._errors import ErpopsError
from ._http_probe import Send
from ._vendor_http import Explained, Failure, Vendor, VendorApi, checked_base

# Region -> accounts host, API host.
REGIONS: dict[str, tuple[str, str]] = {
    "com": ("accounts.zoho.com", "www.zohoapis.com"),
    "eu": ("accounts.zoho.eu", "www.zohoapis.eu"),
    "in": ("accounts.zoho.in", "www.zohoapis.in"),
    "com.au": ("accounts.zoho.com.au", "www.zohoapis.com.au"),
    "jp": ("accounts.zoho.jp", "www.zohoapis.jp"),
    "ca": ("accounts.zohocloud.ca", "www.zohoapis.ca"),
    "sa": ("accounts.zoho.sa", "www.zohoapis.sa"),
    "com.cn": ("accounts.zoho.com.cn", "www.zohoapis.com.cn"),
}
CONSOLE = "the API console of your data centre (https://api-console.zoho.com, .eu, .in ...)"
PROBE_ITEMS = 5


@dataclass(frozen=True)
class Client:
    """A registered client in its region; ``accounts`` and ``api`` replace the region's addresses."""

    region: str
    client_id: str
    client_secret: str
    accounts: str = ""
    api: str = ""

    @property
    def accounts_url(self) -> str:
        return self.accounts or f"https://{REGIONS[self.region][0]}"

    @property
    def api_hosts(self) -> set[str]:
        """The hosts of which the token endpoint must name one as ``api_domain``."""
        return {REGIONS[self.region][1], urlsplit(self.api).netloc, urlsplit(self.accounts).netloc} - {""}


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave; ``refresh_token`` is empty where none was given."""

    access_token: str
    api_domain: str
    refresh_token: str = ""
    scope: str = ""
    expires_in: int = 0


class Refused(ErpopsError):
    """Zoho's accounts server refused; ``code`` is its own word, such as invalid_code."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message, **more)
        self.code = code


def exchange(client: Client, send: Send, reach: Mapping[str, Any], code: str, redirect_uri: str) -> Tokens:
    """A grant code for tokens. The code is used up by this, whatever comes of it.

    :raises ErpopsError: no tokens, or none that can be refreshed.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    tokens = _tokens(client, send, reach, form, (code,))
    if not tokens.refresh_token:
        raise Refused(
            "no_refresh_token",
            "Zoho gave no refresh token",
            object=client.accounts_url,
            seen="an access token alone, which ends within the hour",
            needed="a code that was asked for with access_type=offline and prompt=consent",
            hint="open the authorization address again with both, and give the new code",
            status=401,
        )
    return tokens


def refresh(client: Client, send: Send, reach: Mapping[str, Any], refresh_token: str) -> Tokens:
    """A new access token.

    :raises Refused: the refresh token is revoked, of another client, or of another region.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _tokens(client, send, reach, form, (refresh_token,))


def revoke(client: Client, send: Send, reach: Mapping[str, Any], refresh_token: str) -> bool:
    """End a refresh token and its access tokens; False if Zoho does not know it (any more)."""
    api = _accounts(client, send, reach, (refresh_token,))
    data = api.call("POST", "/oauth/v2/token/revoke", form={"token": refresh_token}, status=(200, 400)).data
    return isinstance(data, dict) and data.get("status") == "success"


def probe(client: Client, send: Send, reach: Mapping[str, Any], tokens: Tokens, organization: str) -> dict[str, Any]:
    """One read-only request with the token: items of the organization, or without one the organizations.

    :raises ErpopsError: the token does not do, or is for another data centre (it is then not sent there).
    """
    if urlsplit(tokens.api_domain).netloc not in client.api_hosts:
        raise ErpopsError(
            "Zoho names another data centre's API than the region's",
            object=client.accounts_url,
            seen=tokens.api_domain or "no api_domain",
            needed=f"https://{REGIONS[client.region][1]}",
            hint=f"correct the region (one of {', '.join(REGIONS)})",
            status=400,
        )
    base = checked_base(client.api or tokens.api_domain, "api_domain")
    headers = {"Authorization": f"Zoho-oauthtoken {tokens.access_token}"}
    vendor = Vendor("Zoho Inventory", base, headers, _explain_api, (tokens.access_token,), **reach)
    path, query = "/inventory/v1/organizations", {}
    if organization:
        path = "/inventory/v1/items"
        query = {"organization_id": organization, "page": "1", "per_page": str(PROBE_ITEMS)}
    data = VendorApi(vendor, send).call("GET", path, query).data
    if not isinstance(data, dict) or data.get("code") != 0:
        said = f"code {data.get('code')}" if isinstance(data, dict) else type(data).__name__
        raise ErpopsError(
            "Zoho Inventory did not answer with code 0",
            object=f"{base}{path}",
            seen=said,
            needed="code 0",
            hint="look that code up in the Zoho Inventory API documentation",
        )
    if organization:
        return {"items": len(data.get("items") or ())}
    return {"organizations": [str(one.get("organization_id")) for one in data.get("organizations") or ()]}


def _accounts(client: Client, send: Send, reach: Mapping[str, Any], secrets: tuple[str, ...]) -> VendorApi:
    base = checked_base(client.accounts_url, "accounts_url")
    known = (client.client_secret, *secrets)
    return VendorApi(Vendor("Zoho Accounts", base, {}, _explain_accounts, known, **reach), send)


def _tokens(
    client: Client, send: Send, reach: Mapping[str, Any], form: dict[str, str], secrets: tuple[str, ...]
) -> Tokens:
    api = _accounts(client, send, reach, secrets)
    form = {**form, "client_id": client.client_id, "client_secret": client.client_secret}
    data = api.call("POST", "/oauth/v2/token", form=form).data
    data = data if isinstance(data, dict) else {}
    if data.get("error") or not data.get("access_token"):
        raise _refusal(client, str(data.get("error") or "no access_token in the answer"), form["grant_type"])
    return Tokens(
        access_token=str(data["access_token"]),
        api_domain=str(data.get("api_domain") or ""),
        refresh_token=str(data.get("refresh_token") or ""),
        scope=str(data.get("scope") or ""),
        expires_in=int(data.get("expires_in") or 0),
    )


def _refusal(client: Client, code: str, grant: str) -> Refused:
    """Zoho's word for what is wrong, and what to do about it."""
    region = f"region {client.region!r} ({client.accounts_url})"
    exchanging = grant == "authorization_code"
    words = {
        "invalid_client": (
            "Zoho does not know the client",
            f"compare client_id, and the region: a client is known in one only; {CONSOLE}",
        ),
        "invalid_client_secret": ("the client's secret is wrong", f"copy it again from {CONSOLE}"),
        "invalid_redirect_uri": (
            "the redirect URI is another one",
            f"give exactly the one that is registered in {CONSOLE}",
        ),
        "access_denied": (
            "Zoho denies access",
            "wait ten minutes (too many tokens were asked for), and see that the user may use Zoho Inventory",
        ),
        "invalid_code": (
            (
                "the grant code is used up, too old, or of another region",
                "open the authorization address again, and give the new code within minutes",
            )
            if exchanging
            else (
                "the refresh token is revoked, or of another client or region",
                "authorize again, and give the new code",
            )
        ),
    }
    message, hint = words.get(code, ("Zoho gives no token", "look the error up in Zoho's OAuth documentation"))
    return Refused(code, message, object=region, seen=f"error {code!r}"[:200], hint=hint, status=401)


def _explain_accounts(failure: Failure) -> Explained | None:
    if "access denied" in failure.said.lower() or failure.status == 429:
        return Explained(
            "Zoho denies access: too many tokens were asked for", "wait ten minutes, and run this again once"
        )
    if failure.status is not None and 300 <= failure.status < 500:
        return Explained(
            "this is not Zoho's token endpoint", f"correct region or accounts_url; known are {', '.join(REGIONS)}"
        )
    return None


def _explain_api(failure: Failure) -> Explained | None:
    code = failure.data.get("code") if isinstance(failure.data, dict) else None
    if code == 57:
        return Explained(
            "the token's scope is too small",
            "authorize again with ZohoInventory.items.READ; without organization_id also ZohoInventory.settings.READ",
        )
    if code == 6041 or failure.status == 400:
        return Explained(
            "the organization is not the user's", "correct organization_id (Zoho Inventory > Manage Organizations)"
        )
    if failure.status == 401:
        return Explained(
            "Zoho Inventory refuses the token", "compare the region of the client with that of the organization"
        )
    if failure.status == 404:
        return Explained(
            "there is no Zoho Inventory at that address", f"correct region or api_url; known are {', '.join(REGIONS)}"
        )
    return None
