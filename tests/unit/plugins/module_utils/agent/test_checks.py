# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many checks in one conversation: what one of them finds, or breaks, is nothing to the others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent import _checks
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks import OPERATIONS, could_not
from ansible_collections.erpops.frappe.plugins.module_utils.agent._checks_outcome import Outcome
from tests.unit.plugins.module_utils.agent.tools import Tools

CONFIG = {"check": "config", "types": {"db_name": "str"}}


def ask(
    tools: Tools, *checks: dict[str, Any], secrets: dict[str, str] | None = None, hidden: tuple[str, ...] = ()
) -> list[Any]:
    context = tools.at(secrets=list(hidden))
    return list(OPERATIONS["check.site"](context, {"checks": list(checks), "secrets": secrets or {}})["checks"])


def test_a_passed_check(site: Tools) -> None:
    assert ask(site, CONFIG) == [
        {
            "title": "site_config.json",
            "kind": "config",
            "ok": True,
            "seen": "as needed",
            "needed": "db_name of type str",
            "next": "",
            "value": None,
        }
    ]


def test_a_failed_one_has_a_remedy(site: Tools) -> None:
    wrong = {"check": "config", "set": ["shop_url"]}
    plain, own = ask(site, wrong, {**wrong, "next": "Ask the shop", "title": "The shop"})
    assert (plain["ok"], plain["seen"]) == (False, "shop_url not set")
    assert plain["next"].startswith("declare the keys in the inventory")
    assert (own["title"], own["next"]) == ("The shop", "Ask the shop")


@pytest.mark.parametrize("exc", [ValueError("<b>no</b> table"), SystemExit(3), ErpopsError("no table", object="x")])
def test_a_check_that_raises(site: Tools, monkeypatch: pytest.MonkeyPatch, exc: BaseException) -> None:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _checks_files

    def raises(*_args: Any) -> Outcome:
        raise exc

    monkeypatch.setitem(_checks_files.CHECKS, "leak", raises)
    first, second = ask(site, {"check": "leak"}, CONFIG, secrets={"a": "secret-value"})
    assert (first["ok"], second["ok"]) == (False, True)
    assert first["seen"] in ("ValueError: no table", "SystemExit: 3", "x: no table")


def test_the_order_is_that_of_the_checks(site: Tools) -> None:
    checks = [{"check": "imports", "modules": "frappe"}, CONFIG, {"check": "imports", "modules": "gone"}]
    assert [(item["kind"], item["ok"]) for item in ask(site, *checks)] == [
        ("imports", True),
        ("config", True),
        ("imports", False),
    ]


def test_no_secret_is_quoted(site: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.erpops.frappe.plugins.module_utils.agent import _checks_files

    said = "found secret-value and hidden-value in api_secret"
    monkeypatch.setitem(_checks_files.CHECKS, "config", lambda *_args: Outcome(False, said, "none"))
    # The client hides whatever stands below a key that sounds secret: names of fields too.
    values = {"check": "values", "doctype": "Shop", "secrets_set": ["api_secret"]}
    found = ask(site, CONFIG, values, secrets={"a": "secret-value"}, hidden=("hidden-value", "api_secret"))
    assert found[0]["seen"] == "found ******** and ******** in api_secret"


def test_a_site_that_cannot_be_opened(site: Tools) -> None:
    (site.path / "databases/_a_localhost.json").unlink()
    apps = {"check": "apps", "contain": "frappe"}
    config, closed = ask(site, CONFIG, apps)
    assert config["ok"] is True
    assert "the site's database does not answer" in closed["seen"]
    assert closed["next"].startswith("check the database server")
    with pytest.raises(ErpopsError) as caught:
        ask(site, apps)
    assert caught.value.status == 503


def test_a_site_that_is_not_there(framework: Tools) -> None:
    with pytest.raises(ErpopsError) as caught:
        ask(framework, CONFIG)
    assert caught.value.status == 404


def test_a_wrong_check_asks_nothing(site: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_checks, "connect", None)
    with pytest.raises(ErpopsError) as caught:
        ask(site, {"check": "nothing"})
    assert caught.value.status == 400


def test_what_an_error_says() -> None:
    error = ErpopsError("there is no DocType 'X'", object="a.localhost", seen="X", needed="Y", hint="install it")
    found = could_not(error)
    assert (found.seen, found.needed, found.hint) == ("a.localhost: there is no DocType 'X' (X)", "Y", "install it")
