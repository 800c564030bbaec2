# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites side by side: each has its turn, whatever becomes of the others."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._bench_update import changed, each, errors
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError


def test_a_site_that_fails_keeps_none_from_its_turn() -> None:
    def call(op: str, site: str, args: dict[str, Any]) -> Any:
        if site == "b":
            raise ErpopsError("no", object=site)
        return {"changed": site == "a", "op": op, **args}

    found = each(call, "x.y", ["a", "b", "c"], {"run": "one"}, 2)
    assert list(found) == ["a", "b", "c"]
    assert (errors(found), changed(found)) == ({"b": "b: no."}, ["a"])
    assert found["c"] == {"changed": False, "op": "x.y", "run": "one"}


def test_what_is_our_own_fault_is_not_swallowed() -> None:
    def call(op: str, site: str, args: dict[str, Any]) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        each(call, "x.y", ["a"], {}, 1)


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_more_than_so_many_at_once(parallel: int) -> None:
    lock, met = threading.Lock(), threading.Barrier(parallel, timeout=10)
    now = [0, 0]

    def call(op: str, site: str, args: dict[str, Any]) -> Any:
        with lock:
            now[0] += 1
            now[1] = max(now)
        met.wait()  # goes on only when that many are here together
        with lock:
            now[0] -= 1
        return {}

    each(call, "x.y", [str(number) for number in range(parallel * 3)], {}, parallel)
    assert now == [0, parallel]
