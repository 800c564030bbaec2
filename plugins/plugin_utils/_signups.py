# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: tenants who sign up -- where new ones go, and the file that declares each of them.

Pure. ``tenants.yml`` says under ``signups`` what every new tenant has; ``bin/provision-tenant`` writes one file for
each into a directory beside it, so that neither two of them at once nor an operator's editor can lose one, and the
comments of ``tenants.yml`` stay. A file is ``{"tenant": <as under tenants>, "signup": {"state", "email", ...}}``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._site_name import (
    MAX_LABEL,
    MAX_SUBDOMAIN,
    MIN_SUBDOMAIN,
    validate_host_name,
)

from ._reader import Reader, Record, key_object

SIGNUPS_KEYS = ("domain", "bench", "plan", "wave", "directory", "reserved", "max_length", "vars")
DIRECTORY = ".signups"
# A tenant whose making has not ended is no part of the fleet, but for the run that makes it.
PENDING = "pending"
ACTIVE = "active"


@dataclass(frozen=True)
class Signups:
    """What a new tenant gets. ``directory`` is taken from where ``tenants.yml`` is."""

    domain: str
    bench: str = ""
    plan: str = ""
    wave: str = ""
    directory: str = DIRECTORY
    reserved: tuple[str, ...] = ()
    max_length: int = MAX_SUBDOMAIN
    variables: Mapping[str, Any] = field(default_factory=dict)


def read_signups(reader: Reader, value: object, at: object) -> Signups | None:
    """The key ``signups``; ``None`` without it. Faults are the reader's."""
    if value is None:
        return None
    subject = "signups"
    record = reader.record(subject, value, at, SIGNUPS_KEYS)
    domain = reader.text(subject, record, "domain", required=True)
    if domain:
        for problem in validate_host_name(domain, "domain"):
            reader.fault(subject, problem, key_object(record, "domain"))
    directory = reader.text(subject, record, "directory") or DIRECTORY
    if not directory.startswith("."):
        message = f"directory {str(directory)!r} does not begin with a dot: Ansible would read it as inventory"
        reader.fault(subject, message, key_object(record, "directory"))
    return Signups(
        domain=domain,
        bench=reader.name(subject, record, "bench"),
        plan=reader.name(subject, record, "plan"),
        wave=reader.name(subject, record, "wave"),
        directory=directory,
        reserved=reader.names(subject, record, "reserved"),
        max_length=_max_length(reader, record),
        variables=reader.variables(subject, record),
    )


def _max_length(reader: Reader, record: Record) -> int:
    if record.get("max_length") is None:
        return MAX_SUBDOMAIN
    found = reader.number("signups", record, "max_length", maximum=MAX_LABEL)
    if found < MIN_SUBDOMAIN:
        message = f"max_length is {found}, needed is a number from {MIN_SUBDOMAIN} to {MAX_LABEL}"
        reader.fault("signups", message, key_object(record, "max_length"))
        return MAX_SUBDOMAIN
    return found


def with_signups(data: Mapping[str, Any], records: Collection[tuple[str, object]], pending: str = "") -> dict[str, Any]:
    """``tenants.yml`` with the tenants of the files added behind its own.

    :param records: (path, content) of each file.
    :param pending: name of the one tenant that is taken although its making has not ended.
    :raises ErpopsError: (400) a file is not one of ours.
    """
    signups = data.get("signups")
    shared = signups.get("vars") if isinstance(signups, Mapping) else None
    added = []
    for path, content in records:
        tenant, signup = parts_of(path, content)
        if signup["state"] == ACTIVE or tenant["name"] == pending:
            # The operator's may be templates; what a stranger typed is in the file, which is not trusted to be one.
            tenant["vars"] = {**(shared if isinstance(shared, Mapping) else {}), **(tenant.get("vars") or {})}
            added.append(tenant)
    own = data.get("tenants")
    if not isinstance(own, list) or not added:
        return dict(data)
    return {**data, "tenants": [*own, *added]}


def parts_of(path: str, content: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """``(tenant, signup)`` of a file that declares one tenant.

    :raises ErpopsError: (400) it has another form.
    """
    if isinstance(content, Mapping):
        tenant, signup = content.get("tenant"), content.get("signup")
        if isinstance(tenant, Mapping) and isinstance(signup, Mapping):
            named = isinstance(tenant.get("name"), str) and path.endswith(f"/{tenant['name']}.yml")
            if named and signup.get("state") in (ACTIVE, PENDING):
                return dict(tenant), dict(signup)
    raise ErpopsError(
        "is no declaration of a tenant who signed up",
        object=path,
        needed=f"tenant (with the name that the file has) and signup (with state: {ACTIVE} or {PENDING})",
        hint="bring the file back from the fleet's history, or remove it",
        status=400,
    )


def declaration(signups: Signups, request: Mapping[str, str], started: str) -> dict[str, Any]:
    """The file of a new tenant, not finished yet.

    :param request: ``subdomain``, ``email`` and ``company``; they become the variables ``signup_subdomain``,
        ``signup_email`` and ``signup_company`` of the site, which ``signups.vars`` may use.
    """
    tenant: dict[str, Any] = {"name": f"{request['subdomain']}.{signups.domain}"}
    for key in ("bench", "plan", "wave"):
        if value := getattr(signups, key):
            tenant[key] = value
    tenant["vars"] = {f"signup_{key}": request[key] for key in ("subdomain", "email", "company")}
    return {"tenant": tenant, "signup": {"state": PENDING, "email": request["email"], "started": started}}
