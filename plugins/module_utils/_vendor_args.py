# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the options of all modules that speak with a vendor's API, and their ``main()``.

``doc_fragments/vendor.py`` documents the same options.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._errors import ErpopsError
from ._http_client import HTTPX_IMPORT_ERROR, HttpClient
from ._http_probe import Send
from ._module import run_module


def vendor_spec() -> dict[str, Any]:
    """How the vendor is reached."""
    return {
        "connect": {"type": "str"},
        "verify_tls": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 15},
        "attempts": {"type": "int", "default": 4},
    }


def reach(params: dict[str, Any]) -> dict[str, Any]:
    """The same as arguments of ``Vendor``."""
    return {
        "connect": params["connect"] or "",
        "timeout": float(params["timeout"]),
        "attempts": int(params["attempts"]),
    }


def check_numbers(params: dict[str, Any]) -> None:
    """:raises ErpopsError: (400) a time or a number of attempts is not positive."""
    for name in ("timeout", "attempts"):
        if params.get(name, 1) <= 0:
            raise ErpopsError(f"{name} is out of range", seen=str(params[name]), needed="more than 0", status=400)


def run_with_client(module: AnsibleModule, act: Callable[[AnsibleModule, Send], dict[str, Any]]) -> None:
    """Give ``act`` a way to send requests, and exit with its result or fail with its error."""
    if HTTPX_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("httpx"), exception=HTTPX_IMPORT_ERROR)

    def with_client(running: AnsibleModule) -> dict[str, Any]:
        check_numbers(running.params)
        client = HttpClient(running.params["verify_tls"], running.params["ca_path"] or "")
        try:
            return act(running, client.send)
        finally:
            client.close()

    run_module(module, with_client)
