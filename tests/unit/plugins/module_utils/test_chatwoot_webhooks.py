# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Current and wanted webhooks -> requests; whose a webhook is; what is shown of its URL."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._chatwoot_webhooks import (
    Wanted,
    diff_of,
    plan,
    shown_url,
    token_of,
    wanted_of,
    with_token,
    without_token,
)
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

URL = "https://a.example.com/hook"
TOKEN = "the-token-12"
OURS = Wanted(URL, TOKEN, subscriptions=frozenset({"b", "a"}))


def there(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": None, "url": f"{URL}?token={TOKEN}", "subscriptions": ["a", "b"], **more}


CASES: list[tuple[dict[str, Any], list[dict[str, Any]], bool, list[tuple[str, int | None, list[str]]]]] = [
    ({}, [], False, [("create", None, ["subscriptions", "url"])]),
    ({}, [there()], False, []),
    ({}, [there(subscriptions=["b", "a"])], False, []),
    ({}, [there(subscriptions=["a"])], False, [("update", 1, ["subscriptions"])]),
    ({}, [there(subscriptions=None)], False, [("update", 1, ["subscriptions"])]),
    ({}, [there(url=URL)], False, [("update", 1, ["url"])]),
    ({"token": ""}, [there()], False, [("update", 1, ["url"])]),
    ({"name": "x"}, [there()], False, [("update", 1, ["name"])]),
    ({}, [there(url=f"{URL}2?token={TOKEN}")], False, [("create", None, ["subscriptions", "url"])]),
    ({}, [there(url=f"{URL}?site=b&token={TOKEN}")], False, [("create", None, ["subscriptions", "url"])]),
    ({}, [there(url=f"{URL}?token=old"), there(2)], False, []),
    ({}, [there(url=f"{URL}?token=old"), there(2)], True, [("delete", 1, [])]),
    ({"token": "new-token-12"}, [there(), there(2, url=URL)], True, [("delete", 2, []), ("update", 1, ["url"])]),
    ({"state": "absent"}, [there(), there(2, url=URL)], False, [("delete", 1, []), ("delete", 2, [])]),
    ({"state": "absent"}, [there(url=f"{URL}2")], False, []),
]


@pytest.mark.parametrize(("wanted", "current", "remove", "expected"), CASES)
def test_plan(
    wanted: dict[str, Any],
    current: list[dict[str, Any]],
    remove: bool,
    expected: list[tuple[str, int | None, list[str]]],
) -> None:
    planned = plan([Wanted(**{**vars(OURS), **wanted})], current, remove_duplicates=remove)
    assert [(step.verb, step.number, sorted(step.fields)) for step in planned.steps] == expected


@pytest.mark.parametrize(
    ("plain", "token", "full"),
    [
        (URL, "", URL),
        (URL, "t&1", f"{URL}?token=t%261"),
        (f"{URL}?cmd=a/b", "t", f"{URL}?cmd=a/b&token=t"),
        (f"{URL}?", "", f"{URL}?"),
    ],
)
def test_a_token_is_put_in_and_taken_out(plain: str, token: str, full: str) -> None:
    assert with_token(plain, token) == full
    assert without_token(full) == plain
    assert token_of(full) == token


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, URL),
        (f"{URL}?token=abc", f"{URL}?token=********"),
        (f"{URL}?site=b&token=abc", f"{URL}?site=b&token=********"),
        (f"{URL}?token=abc&site=b", f"{URL}?site=b&token=********"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_the_diff_tells_that_tokens_differ_but_not_them() -> None:
    current = [there(url=f"{URL}?token=the-old-token")]
    diff = diff_of(plan([OURS], current), current)
    label = f"{URL} (1)"
    assert diff["before"][label]["token"] != diff["after"][label]["token"]
    assert TOKEN not in str(diff)
    assert "the-old-token" not in str(diff)
    assert "id" not in diff["after"][label]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"url": "a.example.com", "subscriptions": ["a"]}, "no http(s) address"),
        ({"url": "http://[::1", "subscriptions": ["a"]}, "no http(s) address"),
        ({"url": f"{URL}?token=x", "subscriptions": ["a"]}, "belongs into the option token"),
        ({"url": URL, "subscriptions": []}, "no subscriptions"),
        ({"url": URL, "subscriptions": ["a"], "token": "1234567"}, "too short"),
    ],
)
def test_faults(option: dict[str, Any], words: str) -> None:
    with pytest.raises(ErpopsError) as raised:
        wanted_of([{"state": "present", **option}])
    assert words in str(raised.value)
    assert "1234567" not in str(raised.value)


def test_an_absent_one_needs_its_url_only() -> None:
    assert wanted_of([{"url": URL, "state": "absent"}]) == [Wanted(URL, state="absent")]
    with pytest.raises(ErpopsError, match="named twice"):
        wanted_of([{"url": URL, "state": "absent"}] * 2)
