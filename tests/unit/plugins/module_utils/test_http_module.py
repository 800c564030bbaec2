# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the main() of every module that speaks HTTP would repeat."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.module_utils import _http_module
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._http_module import (
    check_numbers,
    run_judged,
    run_with_client,
    sender,
)
from ansible_collections.erpops.frappe.plugins.module_utils._http_probe import Send
from ansible_collections.erpops.frappe.plugins.module_utils._vendor_args import vendor_spec

SPEC: dict[str, Any] = {**vendor_spec(), "fail": {"type": "bool", "default": True}}


def params(**more: Any) -> dict[str, Any]:
    return {**{name: option.get("default") for name, option in vendor_spec().items()}, **more}


class Client:
    """Stands in for HttpClient; knows how it was made and whether it was closed."""

    made: list[Client]

    def __init__(self, verify_tls: bool, ca_path: str) -> None:
        self.given, self.open = (verify_tls, ca_path), True
        if ca_path == "/nonexistent":
            raise ErpopsError("ca_path cannot be read", status=400)
        self.made.append(self)

    def send(self, _request: Any, _timeout: float) -> Any:
        return self.open

    def close(self) -> None:
        self.open = False


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Client]:
    monkeypatch.setattr(_http_module, "HttpClient", Client)
    monkeypatch.setattr(Client, "made", [], raising=False)
    return Client.made


@contextlib.contextmanager
def module(**args: Any) -> Iterator[AnsibleModule]:
    with patch_module_args(args):
        yield AnsibleModule(argument_spec=SPEC, supports_check_mode=True)


def ended(capsys: pytest.CaptureFixture[str], exited: pytest.ExceptionInfo[SystemExit]) -> tuple[int, dict[str, Any]]:
    return int(exited.value.code or 0), json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["timeout", "concurrency", "attempts"])
@pytest.mark.parametrize("value", [0, -1])
def test_numbers_are_positive(name: str, value: int) -> None:
    check_numbers(params())
    with pytest.raises(ErpopsError, match=f"{name} is out of range"):
        check_numbers(params(**{name: value}))


@pytest.mark.parametrize(("given", "made"), [(None, (True, "")), ("/etc/ca.pem", (True, "/etc/ca.pem"))])
def test_a_client_is_closed_whatever_happens(clients: list[Client], given: str | None, made: tuple[bool, str]) -> None:
    with sender(params(ca_path=given)) as send:
        assert send(None, 1)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError), sender(params(ca_path=given)):
        raise ZeroDivisionError
    assert [(one.given, one.open) for one in clients] == [(made, False)] * 2


@pytest.mark.parametrize(
    ("arguments", "words", "asked"),
    [
        ({}, "", 1),
        ({"verify_tls": False}, "", 1),
        # Numbers come before the client, and the client before the work.
        ({"timeout": 0, "ca_path": "/nonexistent"}, "timeout is out of range", 0),
        ({"ca_path": "/nonexistent"}, "ca_path cannot be read", 0),
        ({"attempts": 7}, "the vendor refuses", 1),
    ],
)
def test_work_with_a_client(
    clients: list[Client], capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], words: str, asked: int
) -> None:
    sent: list[Any] = []

    def act(given: AnsibleModule, send: Send) -> dict[str, Any]:
        sent.append(send(None, 1))  # type: ignore[arg-type]
        if given.params["attempts"] == 7:
            raise ErpopsError("the vendor refuses", status=403)
        return {"changed": True}

    with module(**arguments) as given, pytest.raises(SystemExit) as exited:
        run_with_client(given, act)
    code, answer = ended(capsys, exited)
    assert (sent, [one.open for one in clients]) == ([True] * asked, [False] * asked)
    if words:
        assert (code, answer["failed"], answer["error"]["message"]) == (1, True, words)
    else:
        assert (code, answer["changed"]) == (0, True)
        assert clients[0].given == (arguments.get("verify_tls", True), "")


@pytest.mark.parametrize(
    ("fault", "fail", "code", "msg"),
    [
        ("", True, 0, None),
        ("", False, 0, None),
        ("1 of 2 failed", True, 1, "1 of 2 failed"),
        ("1 of 2 failed", False, 0, None),
    ],
)
def test_what_did_not_pass_fails_with_the_whole_result(
    capsys: pytest.CaptureFixture[str], fault: str, fail: bool, code: int, msg: str | None
) -> None:
    with module(fail=fail) as given, pytest.raises(SystemExit) as exited:
        run_judged(given, lambda _given: {"changed": True, "found": fault}, lambda result: str(result["found"]))
    ending, answer = ended(capsys, exited)
    assert (ending, answer.get("msg"), answer.get("failed", False)) == (code, msg, bool(code))
    assert (answer["changed"], answer["found"]) == (True, fault)


@pytest.mark.parametrize("fail", [True, False])
def test_wrong_arguments_fail_even_where_nothing_shall(capsys: pytest.CaptureFixture[str], fail: bool) -> None:
    def act(_given: AnsibleModule) -> dict[str, Any]:
        raise ErpopsError("is wrong", object="url", status=400)

    with module(fail=fail) as given, pytest.raises(SystemExit) as exited:
        run_judged(given, act, lambda _result: "")
    code, answer = ended(capsys, exited)
    assert (code, answer["failed"], answer["msg"]) == (1, True, "url: is wrong.")
    assert answer["error"]["status"] == 400


@pytest.mark.parametrize("run", [run_with_client, partial(run_judged, failure_text=str)])
def test_without_httpx_nothing_is_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clients: list[Client], run: Callable[..., None]
) -> None:
    monkeypatch.setattr(_http_module, "HTTPX_IMPORT_ERROR", "Traceback: no httpx here")

    def act(*_given: Any) -> dict[str, Any]:
        raise AssertionError

    with module(timeout=0) as given, pytest.raises(SystemExit) as exited:
        run(given, act)
    code, answer = ended(capsys, exited)
    assert (code, "httpx" in answer["msg"]) == (1, True)
    assert clients == []


def test_only_our_own_errors_are_caught() -> None:
    def act(_given: AnsibleModule) -> dict[str, Any]:
        raise ZeroDivisionError

    with module() as given, pytest.raises(ZeroDivisionError):
        run_judged(given, act, lambda _result: "")
