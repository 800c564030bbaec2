# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what an integration writes and where, as the modules that read its health take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ._errors import ErpopsError
from ._log_fields import log_fields


def integration_spec() -> dict[str, Any]:
    """Options of one integration; ``modules/integration_health_info.py`` documents them."""
    patterns = {"type": "list", "elements": "str", "default": []}
    log = {
        "doctype": {"type": "str", "required": True},
        "optional": {"type": "bool", "default": False},
        "filters": {"type": "list", "elements": "list", "default": []},
        "fields": {"type": "dict", "default": {}},
    }
    return {
        "name": {"type": "str", "required": True},
        "app": {"type": "str", "default": ""},
        "logs": {"type": "list", "elements": "dict", "default": [], "options": log},
        "webhooks": {"type": "dict", "options": {**log, "doctype": {"type": "str"}, "titles": patterns}},
        "errors": {"type": "dict", "options": {"titles": patterns, "texts": patterns}},
    }


def with_fields(integrations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same, with the names of fields that were not given.

    :raises ErpopsError: (400) a key of ``fields`` is none of those known.
    """
    return [
        {
            **one,
            "logs": [{**log, "fields": log_fields(log["fields"])} for log in one["logs"]],
            "webhooks": one["webhooks"] and {**one["webhooks"], "fields": log_fields(one["webhooks"]["fields"])},
        }
        for one in integrations
    ]


def checked(integrations: Iterable[Mapping[str, Any]], site: str) -> list[dict[str, Any]]:
    """Integrations that came within a free dict: defaults filled in, as Ansible does it for a module's own options.

    :raises ErpopsError: (400) they are not what the options say; names all that is wrong.
    """
    spec = {"integrations": {"type": "list", "elements": "dict", "options": integration_spec()}}
    result = ArgumentSpecValidator(spec).validate({"integrations": [dict(one) for one in integrations]})
    if result.error_messages:
        raise ErpopsError(
            "its integrations are not declared as integration_health_info takes them",
            object=site,
            seen="; ".join(result.error_messages),
            hint="ansible-doc erpops.frappe.integration_health_info",
            status=400,
        )
    return with_fields(result.validated_parameters["integrations"])
