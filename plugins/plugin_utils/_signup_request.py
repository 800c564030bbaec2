# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what somebody who signs up asks for, whether they may have it, and what they are told.

Pure. The answer is the JSON object that the callers of the former provisioning script read: ``success``,
``site_name``, ``site_url``, ``admin_url``, ``db_name``, ``admin_email``, ``api_key``, ``api_secret``,
``provisioned_at``; and ``error`` when it failed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._site_name import (
    RESERVED_LABELS,
    validate_site_name,
    validate_subdomain,
)

from ._signups import ACTIVE, Signups
from ._tenants_model import Fleet

ANSWER_KEYS = (
    "success",
    "site_name",
    "site_url",
    "admin_url",
    "db_name",
    "admin_email",
    "api_key",
    "api_secret",
    "provisioned_at",
)
# How it ended, for the caller's `$?`.
DONE, FAILED, REFUSED, LEFTOVER = 0, 1, 2, 3

MIN_PASSWORD = 8  # shorter ones could not be masked in what is printed
MAX_PASSWORD = 128
MAX_COMPANY = 140  # of a Data field
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Request:
    """What was asked for; the password is never part of it."""

    subdomain: str
    email: str
    company: str


def request_faults(request: Request, password: str, signups: Signups) -> list[str]:
    """Every fault of a request, each a sentence; none of them shows the password."""
    faults = validate_subdomain(request.subdomain, signups.max_length, RESERVED_LABELS | set(signups.reserved))
    if not faults:
        faults = validate_site_name(f"{request.subdomain}.{signups.domain}")
    if not _EMAIL.fullmatch(request.email) or len(request.email) > MAX_COMPANY:
        faults.append(f"admin e-mail {request.email[:80]!r} is no address, needed is one such as owner@example.com")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        seen = f"{len(password)} characters" if password else "nothing"
        needed = f"needed are {MIN_PASSWORD} to {MAX_PASSWORD} on the first line of the standard input"
        faults.append(f"the password has {seen}, {needed}")
    elif not password.isprintable():
        faults.append("the password has characters that cannot be typed")
    if not request.company or len(request.company) > MAX_COMPANY or not request.company.isprintable():
        faults.append(
            f"company {request.company[:40]!r} is no name, needed are 1 to {MAX_COMPANY} printable characters"
        )
    return faults


def company_of(subdomain: str) -> str:
    """The name of a company that nobody told: ``acme-trading`` -> ``Acme Trading``."""
    return " ".join(word.capitalize() for word in subdomain.split("-") if word)


def check_declared(site: str, fleet: Fleet, held: Mapping[str, Any] | None, email: str) -> bool:
    """Whether this request goes on with one that was ended; ``held`` is the ``signup`` of the site's file.

    :raises ErpopsError: (409) the name is taken, or somebody else's request for it was ended.
    """
    if site in fleet.tenants and held is None:
        raise taken(site, "it is declared in tenants.yml")
    for tenant in fleet.tenants.values():
        if site in tenant.domains:
            raise taken(site, "another tenant has it among its domains")
    if held is None:
        return False
    if held["state"] == ACTIVE:
        raise taken(site, "somebody signed up for it")
    if held.get("email") != email:
        raise ErpopsError(
            "an earlier request for this name, with another address, was ended and is not finished",
            object=site,
            seen=f"begun {held.get('started')}",
            hint=f"remove what it left: bin/provision-tenant --discard {site.split('.', 1)[0]}",
            status=409,
        )
    return True


def taken(site: str, seen: str) -> ErpopsError:
    """The name is somebody's; nothing of it was touched."""
    return ErpopsError(
        "is taken, and nothing of it was touched", object=site, seen=seen, hint="choose another name", status=409
    )


def answer(known: Mapping[str, Any], error: str = "") -> dict[str, Any]:
    """The one object that is printed: every key of a success, or ``success: false``, the error and what is known."""
    if error:
        told = {key: known[key] for key in ANSWER_KEYS if known.get(key) and key not in ("success", "api_secret")}
        return {"success": False, "error": sentence(error), **told}
    missing = [key for key in ANSWER_KEYS[1:] if not known.get(key)]
    if missing:
        raise ErpopsError("the run ended well and did not tell " + ", ".join(missing), object=str(known["site_name"]))
    return {"success": True, **{key: known[key] for key in ANSWER_KEYS[1:]}}


def sentence(text: str, longest: int = 600) -> str:
    """On one line, and cut where nobody reads on."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 4]} ..."
