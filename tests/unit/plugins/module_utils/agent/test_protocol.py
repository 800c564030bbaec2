# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent as a process: whatever happens in it becomes one structured answer."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._agent_client import AgentError
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _protocol
from ansible_collections.erpops.frappe.plugins.module_utils.agent._protocol import (
    FAMILIES,
    describe,
    find_operation,
    run,
)
from tests.unit.plugins.module_utils.agent.tools import SITE, Tools

CODE = """
import json, os, sys, time
import frappe

def noisy():
    print("--- erpops.frappe answer 00 2 ---")
    print("{}")
    os.system("echo from a child")
    sys.stdout.write("no newline at the end")
    return {"created": 1}

def raises(how, secret="", api_token=""):
    if how == "frappe":
        raise frappe.DuplicateEntryError("<b>Note</b> exists")
    if how == "bare":
        raise KeyError
    if how == "exit":
        sys.exit("leaving")
    raise RuntimeError(f"cannot log in with {secret} {api_token}")

def hang():
    with open("../hanging", "w") as mark:
        mark.write(str(os.getpid()))
    time.sleep(60)

def die():
    os.kill(os.getpid(), 9)

def large():
    return "x" * (17 * 1024 * 1024)
"""


@pytest.fixture
def shop(tools: Tools) -> Tools:
    tools.site()
    tools.app("shop", code=CODE)
    return tools


def call(tools: Tools, method: str, secrets: list[str] | None = None, **kwargs: Any) -> Any:
    return tools.agent().one("task.run", SITE, {"method": f"shop.api.{method}", "kwargs": kwargs}, secrets=secrets)


def test_every_family_has_its_operations() -> None:
    for family in FAMILIES:
        part = __import__(f"{_protocol.__package__}.{FAMILIES[family]}", fromlist=["OPERATIONS"])
        names = [name for name in part.OPERATIONS if name.startswith(f"{family}.")]
        assert names, family
        assert all(find_operation(name) is part.OPERATIONS[name] for name in names)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("config.aply", "config.apply, config.read"),
        ("config", "config.apply, config.read"),
        ("nothing.at_all", "one of the families config, company, document"),
        ("", "one of the families"),
        ("os.system", "one of the families"),
        ("maintenance.read", "maintenance.apply, scheduler.apply, scheduler.read"),
    ],
)
def test_an_unknown_operation_lists_those_that_there_are(name: str, needed: str) -> None:
    with pytest.raises(ErpopsError, match="unknown operation") as caught:
        find_operation(name)
    assert caught.value.status == 400
    assert needed in caught.value.needed


class Odd(Exception):
    http_status_code = 418


@pytest.mark.parametrize(
    ("error", "kind", "message", "status"),
    [
        (ErpopsError("is locked", status=423), "ErpopsError", "is locked", 423),
        (Odd("<b>short</b> and stout"), "Odd", "Odd: short and stout", 418),
        (Odd("Odd is named already"), "Odd", "Odd is named already", 418),
        (ValueError(), "ValueError", "ValueError", 500),
        (KeyError("x"), "KeyError", "KeyError: 'x'", 500),
    ],
)
def test_an_exception_is_described(error: Exception, kind: str, message: str, status: int) -> None:
    found = describe(error, [])
    assert (found["type"], found["message"], found["status"]) == (kind, message, status)
    assert found.keys() == ErpopsError("x").as_dict().keys()


def test_an_exception_says_where_it_was_raised() -> None:
    with pytest.raises(ValueError, match="Expecting") as caught:
        json.loads("{")
    where = describe(caught.value, [])["data"]["where"]
    assert len(where) == 3
    assert where[-1].startswith("decoder.py:")


@pytest.mark.parametrize(
    "secret",
    ["plain-secret", 'with "quotes" in it', "tab\tand\nnewline", "ümläut-secret", "two  blanks", "a<b>c-secret"],
)
@pytest.mark.parametrize("own", [True, False])
def test_secrets_are_taken_out_whatever_is_in_them(secret: str, own: bool) -> None:
    text = f"denied for {secret}, sorry"
    error = ErpopsError(text, seen=secret, data={"x": [secret]}) if own else RuntimeError(text)
    found = json.dumps(describe(error, [secret]), ensure_ascii=False)
    assert "denied for ********, sorry" in found
    for piece in (secret, json.dumps(secret)[1:-1], " ".join(secret.split()), "ac-secret"):
        assert piece not in found


def test_what_comes_after_a_failure_is_skipped(framework: Tools) -> None:
    framework.site()
    operations = [
        {"op": "config.apply", "site": SITE, "args": {"set": {"a": 1}}},
        {"op": "config.nothing", "site": SITE},
        {"op": "config.apply", "site": SITE, "args": {"set": {"b": 1}}},
    ]
    answer = run({"schema": 1, "operations": operations}, framework.at().bench)
    assert [result["ok"] for result in answer["results"]] == [True, False, False]
    assert answer["results"][2]["skipped"] == "because config.nothing failed"
    assert "seconds" in answer["results"][1]
    config = framework.read(f"sites/{SITE}/site_config.json")
    assert ("a" in config, "b" in config) == (True, False)


def test_check_mode_reaches_every_operation(framework: Tools) -> None:
    path = framework.site()
    before = path.read_text()
    operations = [{"op": "config.apply", "site": SITE, "args": {"set": {"a": 1}}}]
    answer = run({"schema": 1, "check": True, "operations": operations}, framework.at().bench)
    assert answer["results"][0]["value"]["changed"] is True
    assert path.read_text() == before


def test_a_request_of_another_schema(shop: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.erpops.frappe.plugins.module_utils import _agent_client

    monkeypatch.setattr(_agent_client, "SCHEMA", 7)
    with pytest.raises(AgentError, match="cannot read the request") as caught:
        shop.agent().one("info.bench")
    assert (caught.value.status, caught.value.seen) == (400, "schema 7")


def test_a_conversation(shop: Tools) -> None:
    agent = shop.agent()
    values = agent.call([{"op": "info.bench"}, {"op": "site.read", "site": SITE}])
    assert (values[0]["sites"], values[1]["state"]) == ([SITE], "present")
    assert agent.processes == 1
    assert agent.about["frappe"] == "15.0.0"
    assert agent.about["seconds"] > 0


def test_nothing_is_left_on_the_bench(shop: Tools) -> None:
    def files() -> set[str]:
        return {os.path.join(folder, name) for folder, _dirs, names in os.walk(shop.path) for name in names}

    before = files()
    shop.agent().call([{"op": "info.bench"}, {"op": "site.read", "site": SITE}])
    assert files() == before, "no source, no byte code"


def test_what_apps_print_does_not_break_the_answer(shop: Tools) -> None:
    assert call(shop, "noisy")["answer"] == {"created": 1}


@pytest.mark.parametrize(
    ("how", "message", "status"),
    [
        ("frappe", "the method raised DuplicateEntryError: Note exists", 409),
        ("bare", "the method raised KeyError: ", 500),
        ("exit", "the method raised SystemExit: leaving", 500),
    ],
)
def test_whatever_an_app_raises_is_one_error(shop: Tools, how: str, message: str, status: int) -> None:
    with pytest.raises(AgentError) as caught:
        call(shop, "raises", how=how)
    assert (caught.value.message, caught.value.status) == (message, status)
    assert caught.value.object == f"{SITE}: shop.api.raises"


def test_secrets_of_a_request_are_in_no_error(shop: Tools) -> None:
    with pytest.raises(AgentError) as caught:
        call(shop, "raises", secrets=["first-secret"], how="other", secret="first-secret", api_token="second-secret")
    assert "cannot log in with ******** ********" in caught.value.message
    assert "-secret" not in json.dumps(caught.value.as_dict())


def test_an_exception_of_an_app_keeps_its_name(shop: Tools) -> None:
    shop.write("databases/_a_localhost.json", {})
    with pytest.raises(AgentError) as caught:
        shop.agent().one("document.read", SITE, {"doctype": "Note"})
    assert (caught.value.kind, caught.value.as_dict()["type"]) == ("KeyError", "KeyError")


def test_an_unknown_operation(shop: Tools) -> None:
    with pytest.raises(AgentError, match=r"unknown operation 'config\.aply'") as caught:
        shop.agent().one("config.aply", SITE)
    assert (caught.value.kind, caught.value.status) == ("ErpopsError", 400)


def test_an_agent_that_hangs_is_ended(shop: Tools) -> None:
    with pytest.raises(ErpopsError, match=r"did not end within 0\.3 s") as caught:
        shop.agent(timeout=0.3).one("task.run", SITE, {"method": "shop.api.hang"})
    assert caught.value.status == 504


def test_an_agent_that_is_killed_leaves_no_lock(shop: Tools) -> None:
    with pytest.raises(ErpopsError, match="gave no answer") as caught:
        call(shop, "die")
    assert caught.value.seen == f"ended by signal {signal.SIGKILL}"
    assert call(shop, "noisy")["state"] == "done"


def test_an_answer_that_is_too_large(shop: Tools) -> None:
    with pytest.raises(AgentError, match="too large") as caught:
        call(shop, "large")
    assert caught.value.status == 413


def test_what_is_no_bench(shop: Tools) -> None:
    (shop.sites).rename(shop.path / "moved")
    with pytest.raises(AgentError, match="is not a bench") as caught:
        shop.agent().one("info.bench")
    assert (caught.value.status, caught.value.object) == (404, str(shop.path))


def test_a_bench_without_its_framework(shop: Tools) -> None:
    python = shop.path / "env/bin/python"
    python.write_text(python.read_text().replace("PYTHONPATH=", "PYTHONPATH=/nowhere IGNORED="))
    with pytest.raises(AgentError, match="framework cannot be imported") as caught:
        shop.agent().one("info.bench")
    assert "playbooks/setup.yml" in caught.value.hint


def test_a_configuration_goes_there_and_back(shop: Tools) -> None:
    path = shop.path / f"sites/{SITE}/site_config.json"
    args = {"set": {"flag": True, "number": 900}, "secrets": {"shop_secret": "the-secret"}, "mode": "0640"}
    planned = shop.agent(check=True).one("config.apply", SITE, args)
    assert "flag" not in json.loads(path.read_text())
    done = shop.agent().one("config.apply", SITE, args)
    assert planned["changed_keys"] == done["changed_keys"]
    assert json.loads(path.read_text())["shop_secret"] == "the-secret"
    assert path.stat().st_mode & 0o777 == 0o640
    assert shop.agent().one("config.apply", SITE, args)["changed"] is False


def test_a_malformed_configuration_is_told_with_line_and_copy(shop: Tools) -> None:
    path = shop.write(f"sites/{SITE}/site_config.json", '{\n "db_name": "x"\n "oops": 1}')
    copy = shop.write(f"sites/{SITE}/private/backups/1-site_config_backup.json", {})
    with pytest.raises(AgentError) as caught:
        shop.agent().one("config.apply", SITE, {"set": {"a": 1}})
    assert (caught.value.kind, caught.value.status) == ("MalformedFileError", 422)
    assert str(caught.value).startswith(f"{path}: is not valid JSON. Seen: Expecting ',' delimiter at line 3 column 2.")
    assert str(copy) in caught.value.hint
