# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every failure has a remedy with a command, and no name can break out of it."""

from __future__ import annotations

import re
import typing

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils import _http_classify
from ansible_collections.erpops.frappe.plugins.module_utils._http_remedies import remedy_for

KINDS = (
    "wrong_secret encryption_key_mismatch permission host_not_routed maintenance rate_limit tls timeout "
    "connection_refused dns upstream_down app_error not_found unexpected"
).split()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_one_sentence_with_a_command(kind: str) -> None:
    remedy = remedy_for(kind, "alpha.example.com", "https://alpha.example.com:8443/api?token=abc")
    assert ": " in remedy
    assert "{" not in remedy
    assert "abc" not in remedy
    assert "\n" not in remedy


def test_every_kind_that_is_documented_is_here() -> None:
    documented = re.findall(
        r"\b[a-z_]+\b", str(_http_classify.Verdict.__doc__).partition("one of ok,")[2].partition(".")[0]
    )
    assert documented == KINDS


@pytest.mark.parametrize(
    ("kind", "site", "url", "words"),
    [
        ("maintenance", "a.localhost", "", "bench --site a.localhost set-maintenance-mode off"),
        ("maintenance", "", "http://b.localhost/x", "bench --site b.localhost set"),
        ("maintenance", "a;rm -rf /", "", "bench --site 'a;rm -rf /' set"),
        ("tls", "", "https://a.example.com/", "-connect a.example.com:443 -servername a.example.com"),
        ("tls", "", "https://a.example.com:8443/", "-connect a.example.com:8443"),
        (
            "unexpected",
            "a.localhost",
            "http://127.0.0.1:8000/x?secret=1",
            "curl -i -H 'Host: 'a.localhost http://127.0.0.1:8000/x",
        ),
        ("dns", "", "", "getent hosts HOST"),
        ("ok", "a", "", ""),
    ],
)
def test_remedies(kind: str, site: str, url: str, words: str) -> None:
    assert words in remedy_for(kind, site, url)


def test_typing_is_complete() -> None:
    assert typing.get_type_hints(remedy_for)["return"] is str
