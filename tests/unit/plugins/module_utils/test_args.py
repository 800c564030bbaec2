# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments that modules share, against their documentation, and the checks a spec cannot make."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.erpops.frappe.plugins.module_utils._args import (
    bench_spec,
    check_secrets,
    check_site_name,
    root_args,
    root_spec,
    site_spec,
)
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.unit.repository import ROOT


def documented(fragment: str) -> dict[str, Any]:
    text = (ROOT / f"plugins/doc_fragments/{fragment}.py").read_text()
    return dict(yaml.safe_load(text.split('r"""')[1].split('"""')[0])["options"])


@pytest.mark.parametrize(
    ("fragments", "spec"),
    [(("bench",), bench_spec()), (("bench", "site"), site_spec()), (("root",), root_spec())],
)
def test_fragments_document_the_shared_options(fragments: tuple[str, ...], spec: dict[str, Any]) -> None:
    options = {name: option for fragment in fragments for name, option in documented(fragment).items()}
    assert options.keys() == spec.keys()
    for name, option in options.items():
        for part in ("type", "default", "choices", "required"):
            assert option.get(part) == spec[name].get(part), f"{name}.{part}"


def test_each_module_has_its_own_time() -> None:
    assert bench_spec(timeout=7)["timeout"]["default"] == site_spec(timeout=7)["timeout"]["default"] == 7


def test_the_root_password_is_a_secret() -> None:
    assert root_spec()["db_root_password"]["no_log"] is True
    params = {"db_root_user": "root", "db_root_password": "p", "db_host": None, "db_port": 3306, "other": 1}
    assert root_args(params) == {"user": "root", "password": "p", "host": None, "port": 3306}


@pytest.mark.parametrize("name", ["acme.example.com", "a.localhost", "x1-y2.example.org"])
def test_a_site_name(name: str) -> None:
    check_site_name(name)


@pytest.mark.parametrize("name", ["", "-a-", "Admin", "a..b", "a;id", "a/b", "../x", "a" * 64, "assets"])
def test_what_is_no_site_name(name: str) -> None:
    with pytest.raises(ErpopsError, match="is not a site name") as caught:
        check_site_name(name)
    assert caught.value.status == 400
    assert caught.value.object == repr(name)
    assert caught.value.seen


@pytest.mark.parametrize(
    ("secrets", "masked"),
    [
        ({}, []),
        ({"a": None}, []),
        ({"a": ""}, []),
        ({"a": "12345678", "b": "longer-than-that"}, ["12345678", "longer-than-that"]),
        ({"a": 12345678}, []),
    ],
)
def test_secrets_that_are_long_enough(secrets: dict[str, Any], masked: list[str]) -> None:
    assert check_secrets(secrets) == masked


@pytest.mark.parametrize("value", ["1", "1234567"])
def test_a_secret_that_is_too_short_is_named_and_not_shown(value: str) -> None:
    with pytest.raises(ErpopsError, match="the password 'admin' is too short") as caught:
        check_secrets({"admin": value}, "password")
    assert (caught.value.status, caught.value.seen) == (400, f"{len(value)} characters")
