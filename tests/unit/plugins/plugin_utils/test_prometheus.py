# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics as text, and what a filter says when there can be none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.erpops.frappe.plugins.plugin_utils import _prometheus


def families(given: Mapping[str, Any]) -> Iterator[Any]:
    yield _prometheus.gauge("erpops_sets", "How many.", given["site"], 3)
    steps = _prometheus.family("erpops_seconds", "How long.", "step")
    steps.add_metric([given["site"], 'a "b"'], 0.5)
    yield steps


def filtered(given: Mapping[str, Any]) -> str:
    return _prometheus.filtered("tried", families, given, source="a_module", switch="tried_dir")


def test_the_text_is_what_the_node_exporter_reads() -> None:
    assert filtered({"site": "a"}).splitlines() == [
        "# HELP erpops_sets How many.",
        "# TYPE erpops_sets gauge",
        'erpops_sets{site="a"} 3.0',
        "# HELP erpops_seconds How long.",
        "# TYPE erpops_seconds gauge",
        'erpops_seconds{site="a",step="a \\"b\\""} 0.5',
    ]


def test_another_result_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match=r"erpops\.frappe\.tried: this is no result of a_module: KeyError"):
        filtered({})


def test_without_the_library_both_ways_out_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_prometheus, "MISSING", ImportError("no prometheus_client"))
    with pytest.raises(AnsibleFilterError, match="pip install prometheus-client, or leave tried_dir empty"):
        filtered({"site": "a"})
