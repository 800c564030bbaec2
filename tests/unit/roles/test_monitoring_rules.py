# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alert rules and dashboards name no metric that nobody gives, and no rule is without a test.

promtool, which knows the language of the expressions, checks and tests the rules in the scenario `monitoring`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.repository import ROOT, read_yaml
from tests.unit.roles.test_monitoring_collector import metrics

TEMPLATES = ROOT / "templates/monitoring"
SCENARIO = ROOT / "tests/molecule/monitoring/files"
DASHBOARDS = sorted(TEMPLATES.glob("*.json"))
NAME = re.compile(r"\b(?:node|mysql|redis|nginx|erpops)_[a-zA-Z0-9_]+")


def rules() -> list[dict[str, Any]]:
    groups = read_yaml(TEMPLATES / "erpops.rules.yml")["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries(dashboard: Path) -> Iterator[str]:
    content = json.loads(dashboard.read_text())
    yield from (target["expr"] for panel in content["panels"] for target in panel.get("targets", []))
    yield from (str(variable["definition"]) for variable in content["templating"]["list"] if "definition" in variable)


def used() -> set[str]:
    texts = [rule["expr"] for rule in rules()]
    texts += [query for dashboard in DASHBOARDS for query in queries(dashboard)]
    return {name for text in texts for name in NAME.findall(text)}


def recorded() -> set[str]:
    """What verify.yml of the scenario finds on a host with all exporters."""
    lines = (SCENARIO / "metrics.txt").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}


def test_every_metric_in_use_was_seen_on_a_real_host() -> None:
    assert used() == recorded()


def test_every_metric_of_ours_is_one_of_the_collector() -> None:
    assert {name for name in used() if name.startswith("erpops_")} <= set(metrics.METRICS)


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert "{{" in rule["annotations"]["summary"], f"{rule['alert']} does not say where"


def test_every_rule_is_tested_by_promtool() -> None:
    text = (SCENARIO / "rules.test.yml").read_text()
    assert [rule["alert"] for rule in rules() if rule["alert"] not in text] == []


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_dashboards_can_be_imported(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    panels = dashboard["panels"]
    assert dashboard["uid"] == path.stem
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {(x + place["x"], y + place["y"]) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]


def test_variables_of_dashboards_are_declared() -> None:
    for path in DASHBOARDS:
        declared = {variable["name"] for variable in json.loads(path.read_text())["templating"]["list"]}
        named = {name for query in queries(path) for name in re.findall(r"\$(\w+)", query)}
        assert named <= declared, path.name
