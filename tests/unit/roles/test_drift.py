# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role drift: what it names, what it says to do next, and when a certificate is too old; and what the wiring hands it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/drift"
PLAN = {"plan": {"site": {"state": "present"}, "differs": []}, "diff": {"before": {}, "after": {}}}
CLEAN: dict[str, Any] = {
    "drift_site": "a.test",
    "drift_plan": PLAN,
    "__drift_found": {"differences": []},
    "__drift_files": {"differences": [], "unrecorded": ["crontab"]},
    "__drift_certificate": {"skipped": True},
}


def template(expression: str, **given: Any) -> Any:
    files = [ROLE / "defaults/main.yml", ROLE / "vars/main.yml"]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    variables = {**known, **trusted({**CLEAN, **given})}
    return Templar(loader=DataLoader(), variables=variables).template(trust_as_template("{{ " + expression + " }}"))


def one(part: str, name: str) -> dict[str, Any]:
    return {"differences": [{"part": part, "name": name, "before": "x", "after": "y"}], "unrecorded": []}


def plan(part: str) -> dict[str, Any]:
    return {
        "plan": {"site": {"state": "present"}, "differs": [part]},
        "diff": {"before": {part: {"flag": 1}}, "after": {part: {"flag": 2}}},
    }


def certificate(days: float) -> dict[str, Any]:
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return {"not_after": ends.strftime("%Y%m%d%H%M%SZ")}


@pytest.mark.parametrize(
    ("given", "names", "after"),
    [
        ({}, [], ""),
        ({"drift_plan": plan("config")}, ["config"], "without --check"),
        ({"__drift_found": one("commit", "shop")}, ["commit (shop)"], "playbooks/deploy.yml"),
        ({"__drift_found": one("local changes", "shop")}, ["local changes (shop)"], "playbooks/deploy.yml"),
        ({"__drift_found": one("job", "shop.pull")}, ["job (shop.pull)"], "without --check"),
        ({"__drift_files": one("crontab", "crontab")}, ["crontab"], "drift_recorded=true"),
        ({"__drift_files": one("processes", "/etc/x")}, ["processes (/etc/x)"], "drift_recorded=true"),
        ({"__drift_certificate": certificate(5.5)}, ["certificate (https://a.test)"], "without --check"),
        ({"__drift_certificate": certificate(30)}, [], ""),
        ({"__drift_certificate": {"msg": "refused"}}, ["certificate (https://a.test)"], ""),
    ],
)
def test_one_thing_differs_and_that_one_is_named(given: dict[str, Any], names: list[str], after: str) -> None:
    given = {"drift_url": "https://a.test", **given}
    assert template("__drift_names", **given) == names
    assert after in template("__drift_next", **given)
    report = template("__drift_report", **given)
    assert (report["site"], report["differs"], len(report["differences"])) == ("a.test", names, len(names))


def test_the_report_tells_what_is_there_and_what_is_declared() -> None:
    (found,) = template("__drift_report", drift_plan=plan("config"))["differences"]
    assert (found["before"], found["after"]) == ({"flag": 1}, {"flag": 2})
    (found,) = template("__drift_differences", drift_url="https://a.test", __drift_certificate=certificate(5.5))
    assert (found["before"], found["after"]) == ("5 days left", "21 days or more")
    assert template("__drift_report", __drift_certificate=certificate(5.5))["certificate_days"] == 5
    assert template("__drift_report")["certificate_days"] is None


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ({"drift_url": "https://a.test"}, "a.test", 443),
        ({"drift_url": "https://a.test:8443/x"}, "a.test", 8443),
        ({"drift_url": "https://a.test", "drift_connect": "10.0.0.5:444"}, "10.0.0.5", 444),
    ],
)
def test_where_a_certificate_is_looked_at(given: dict[str, str], host: str, port: int) -> None:
    assert template("__drift_host", **given) == host
    assert int(template("__drift_port", **given)) == port


def test_a_site_that_is_not_there_is_not_looked_into() -> None:
    absent = {"plan": {"site": {"state": "absent"}, "differs": ["site"]}, "diff": {"before": {}, "after": {}}}
    assert template("__drift_absent", drift_plan=absent) is True
    assert template("__drift_absent") is False
    assert template("__drift_names", drift_plan=absent) == ["site"]


def test_the_wiring_hands_on_names_and_versions_and_no_token() -> None:
    apps = [{"name": "shop", "repo": "https://x", "version": "v1", "token": "t"}, {"name": "other", "repo": "/y"}]
    wiring = trusted(read_yaml(ROOT / "playbooks/group_vars/sites/drift.yml"))
    given = {**wiring, "hostvars": {"main": {"bench_apps": apps}}, "site_bench": "main"}
    found = Templar(loader=DataLoader(), variables=given).template(trust_as_template("{{ drift_apps }}"))
    assert found == [
        {"name": "shop", "version": "v1", "subdirectory": ""},
        {"name": "other", "version": "", "subdirectory": ""},
    ]
