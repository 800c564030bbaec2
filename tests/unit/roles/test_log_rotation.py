# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role log_rotation: which files it keeps, which it removes, and what stands in them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/log_rotation"
BENCH = {"name": "bench1", "path": "/srv/b 1", "user": "frappe"}
EXTRA = {"name": "slow", "paths": ["/var/log/slow/*.log"], "options": ["size 1G"]}


def template(text: str, **given: Any) -> Any:
    variables = {
        **trusted(read_yaml(ROLE / "defaults/main.yml")),
        **trusted(read_yaml(ROLE / "vars/main.yml")),
        "ansible_managed": "managed",
        "log_rotation_benches": [BENCH],
        "log_rotation_extra": [EXTRA],
        **given,
    }
    # As the action renders a file: a backslash is Jinja's. (In a variable it would be YAML's.)
    templar = Templar(loader=DataLoader(), variables=variables)
    return templar.template(trust_as_template(text), escape_backslashes=not text.startswith(("{{ ansible_m", "#!")))


def test_a_bench_and_its_sites() -> None:
    entries = template("{{ __log_rotation_entries }}")
    text = template((ROLE / "templates/logrotate.conf.j2").read_text(), item=entries[0])
    lines = [line.strip() for line in text.splitlines()]
    assert lines[3:6] == ['"/srv/b 1/logs/*.log"', '"/srv/b 1/sites/*/logs/*.log"', "{"]
    assert {"su frappe frappe", "copytruncate", "rotate 14", "dateext"} <= set(lines)


def test_more_lines() -> None:
    entries = template("{{ __log_rotation_entries }}")
    text = template((ROLE / "templates/logrotate.conf.j2").read_text(), item=entries[1])
    assert [line.strip() for line in text.splitlines()][-2:] == ["size 1G", "}"]
    assert "su root root" in text


@pytest.mark.parametrize(
    ("given", "stale"),
    [
        ({}, ["/etc/logrotate.d/erpops-gone"]),
        ({"log_rotation_extra": []}, ["/etc/logrotate.d/erpops-gone", "/etc/logrotate.d/erpops-slow"]),
    ],
)
def test_what_is_no_longer_declared_goes(given: dict[str, Any], stale: list[str]) -> None:
    files = [{"path": f"/etc/logrotate.d/erpops-{name}"} for name in ("bench1", "slow", "gone")]
    found = {"files": files}
    assert template("{{ __log_rotation_stale }}", __log_rotation_found=found, **given) == stale
    everything = template("{{ __log_rotation_stale }}", __log_rotation_found=found, log_rotation_state="absent")
    assert everything == sorted(file["path"] for file in files)


def test_logs_of_root_are_given_to_the_bench() -> None:
    files = [
        {"path": "/srv/b 1/logs/web.log", "uid": 0},
        {"path": "/srv/b 1/logs/worker.log", "uid": 1000},
        {"path": "/srv/b 10/logs/web.log", "uid": 0},
    ]
    foreign = template("{{ __log_rotation_foreign }}", __log_rotation_logs={"files": files})
    assert foreign == [{"path": "/srv/b 1/logs/web.log", "user": "frappe", "group": "frappe"}]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, None),
        ({"log_rotation_extra": [{**EXTRA, "name": "bench1"}]}, "name something twice"),
        ({"log_rotation_benches": [{**BENCH, "name": "b.1"}]}, "(b.1): choose another name"),
        ({"log_rotation_extra": [{**EXTRA, "paths": ["x.log"]}]}, "absolute paths (x.log)"),
    ],
)
def test_faults(given: dict[str, Any], said: str | None) -> None:
    faults = template("{{ __log_rotation_faults }}", **given)
    assert [said in fault for fault in faults] == ([True] if said else [])
