# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps have in common: whose run it is, and what was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._bench import Bench
from ansible_collections.erpops.frappe.plugins.module_utils.agent._context import Context
from ansible_collections.erpops.frappe.plugins.module_utils.agent._files import write_json
from ansible_collections.erpops.frappe.plugins.module_utils.agent._update_steps import answer, begun, refuse_other


@pytest.mark.parametrize(
    ("journal", "refused"),
    [
        ({}, False),
        ({"run": "one", "state": "saved"}, False),
        ({"run": "two", "state": "over"}, False),
        ({"run": "two", "state": "quarantined"}, False),
        ({"run": "two", "state": "saved"}, True),
    ],
)
def test_another_run(journal: dict[str, Any], refused: bool) -> None:
    if not refused:
        refuse_other(journal, {"run": "one"}, "a.localhost")
        return
    with pytest.raises(ErpopsError, match="another update of the site is not over") as caught:
        refuse_other(journal, {"run": "one"}, "a.localhost")
    assert "two, at `saved`" in caught.value.seen


def context(path: Path, config: dict[str, Any]) -> Context:
    (path / "sites/a.localhost").mkdir(parents=True)
    write_json(str(path / "sites/a.localhost/site_config.json"), config)
    return Context(Bench(str(path)), "a.localhost")


def test_originals_are_those_of_now_or_of_before_a_quarantine(tmp_path: Path) -> None:
    here = context(tmp_path, {"maintenance_mode": 1})
    assert begun(here, {})["originals"] == {"maintenance": "on"}
    quarantined = {"state": "quarantined", "originals": {"maintenance": "off"}}
    assert begun(here, quarantined)["originals"] == {"maintenance": "off"}


def test_an_answer_shows_no_sources(tmp_path: Path) -> None:
    shown = answer(
        context(tmp_path, {}), True, "", {"schema": 1, "run": "one", "state": "saved", "apps": [{"name": "x"}]}
    )
    assert shown["journal"] == {"run": "one", "state": "saved"}
    assert shown["diff"] == {"before": {"update": "none"}, "after": {"update": "saved"}}
