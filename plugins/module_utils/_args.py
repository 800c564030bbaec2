# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the arguments that the modules share, and checks that an argument_spec cannot make.

``doc_fragments/bench.py`` and ``doc_fragments/site.py`` document the same options.
"""

from __future__ import annotations

from typing import Any

from ._errors import ErpopsError
from ._site_name import validate_site_name

SECRET_MIN_LENGTH = 8


def bench_spec(timeout: int = 600) -> dict[str, Any]:
    """Options of every module that talks to a bench."""
    return {
        "bench_path": {"type": "path", "required": True},
        "bench_runtime": {"type": "str", "choices": ["host"], "default": "host"},
        "timeout": {"type": "int", "default": timeout},
        "lock_timeout": {"type": "int", "default": 60},
    }


def site_spec(timeout: int = 600) -> dict[str, Any]:
    """Options of every module of the action group ``site``."""
    return {"site": {"type": "str", "required": True}, **bench_spec(timeout)}


def root_spec() -> dict[str, Any]:
    """How the database server's root user is reached (creating and dropping a site needs it)."""
    return {
        "db_root_user": {"type": "str", "default": "root"},
        "db_root_password": {"type": "str", "no_log": True},
        "db_host": {"type": "str"},
        "db_port": {"type": "int"},
    }


def root_args(params: dict[str, Any]) -> dict[str, Any]:
    """The same as the agent's ``root`` argument."""
    return {
        "user": params["db_root_user"],
        "password": params["db_root_password"],
        "host": params["db_host"],
        "port": params["db_port"],
    }


def check_site_name(name: str) -> None:
    """:raises ErpopsError: (400) this cannot be a site's name; says all that is wrong with it."""
    problems = validate_site_name(name)
    if problems:
        raise ErpopsError(
            "is not a site name",
            object=repr(name),
            seen="; ".join(str(problem) for problem in problems),
            needed="lower-case labels of letters, digits and hyphens, such as acme.example.com",
            hint="correct the name in the inventory (tenants.yml)",
            status=400,
        )


def check_secrets(secrets: dict[str, Any], what: str = "secret") -> list[str]:
    """The strings to mask in all output.

    :raises ErpopsError: (400) one is shorter than 8 characters: masking so short a text would garble every
        other output, and it protects nothing.
    """
    values = []
    for name, value in secrets.items():
        if not isinstance(value, str) or not value:
            continue  # masking an empty text would put stars between all characters
        if len(value) < SECRET_MIN_LENGTH:
            raise ErpopsError(
                f"the {what} {name!r} is too short",
                seen=f"{len(value)} characters",
                needed=f"at least {SECRET_MIN_LENGTH}",
                hint="let the secret be generated (lookup erpops.frappe.vaulted_secret), or choose a longer one",
                status=400,
            )
        values.append(value)
    return values
