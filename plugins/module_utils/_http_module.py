# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: what the ``main()`` of every module that speaks HTTP from the controller would repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._errors import ErpopsError
from ._http_client import HTTPX_IMPORT_ERROR, HttpClient
from ._http_probe import Send
from ._outcome import run_module


def check_numbers(params: Mapping[str, Any]) -> None:
    """:raises ErpopsError: (400) a time or a number of requests or attempts is not positive."""
    for name in ("timeout", "concurrency", "attempts"):
        if params.get(name, 1) <= 0:
            raise ErpopsError(f"{name} is out of range", seen=str(params[name]), needed="more than 0", status=400)


@contextmanager
def sender(params: Mapping[str, Any]) -> Iterator[Send]:
    """A way to send requests, with the certificates of ``verify_tls`` and ``ca_path``.

    :raises ErpopsError: (400) ca_path cannot be read.
    """
    client = HttpClient(params["verify_tls"], params["ca_path"] or "")
    try:
        yield client.send
    finally:
        client.close()


def run_with_client(module: AnsibleModule, act: Callable[[AnsibleModule, Send], dict[str, Any]]) -> None:
    """Give ``act`` a way to send requests, and exit with its result or fail with its error."""

    def with_client(running: AnsibleModule) -> dict[str, Any]:
        check_numbers(running.params)
        with sender(running.params) as send:
            return act(running, send)

    _run(module, with_client)


def run_judged(
    module: AnsibleModule,
    act: Callable[[AnsibleModule], dict[str, Any]],
    failure_text: Callable[[dict[str, Any]], str],
) -> None:
    """Exit with what ``act`` found, or fail with its error.

    When ``failure_text`` says that not everything in the result passed, fail with this text and the result, unless the
    option ``fail`` is false.
    """

    def judged(running: AnsibleModule) -> dict[str, Any]:
        result = act(running)
        failure = failure_text(result)
        if failure and running.params["fail"]:
            running.fail_json(msg=failure, **result)
        return result

    _run(module, judged)


def _run(module: AnsibleModule, act: Callable[[AnsibleModule], dict[str, Any]]) -> None:
    if HTTPX_IMPORT_ERROR is not None:
        module.fail_json(msg=missing_required_lib("httpx"), exception=HTTPX_IMPORT_ERROR)
    run_module(module, act)
