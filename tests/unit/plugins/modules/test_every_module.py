# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of every module."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from tests.unit.plugins.modules.player import Player
from tests.unit.repository import modules

PACKAGE = "ansible_collections.erpops.frappe.plugins.modules"
NAMES = sorted(path.stem for path in modules())
# Module -> arguments with which it talks to its bench.
TALKING: dict[str, dict[str, Any]] = {
    "api_key": {"user": "u@example.com"},
    "app_overlay": {"name": "shop", "repo": "/srv/shop"},
    "app_source_info": {"name": "shop", "repo": "/srv/shop"},
    "bench_app": {"name": "shop", "repo": "/srv/shop"},
    "bench_baseline": {"kinds": {}},
    "bench_gate_info": {"sites": []},
    "bench_info": {},
    "bench_release": {},
    "bench_release_info": {},
    "bench_rollout": {},
    "bench_update": {"state": "planned", "sites": ["a.localhost"]},
    "company": {"company": "Jarz", "abbr": "J", "country": "Egypt", "currency": "EGP", "timezone": "Africa/Cairo"},
    "document": {"documents": []},
    "integration_health_info": {"integrations": []},
    "integration_phase": {"name": "shop", "phases": [{"name": "one"}], "phase": "one"},
    "integration_log": {"days": 90},
    "integration_log_info": {},
    "maintenance": {"state": "on"},
    "rollback_point": {},
    "rollback_point_info": {},
    "scheduler": {},
    "site": {"admin_password": "admin-password"},
    "site_app": {"apps": ["shop"]},
    "site_backup": {},
    "site_backup_copy": {
        "name": "one",
        "offsite": {"bucket": "b", "access_key": "AKIA1234", "secret_key": "secret-key"},
    },
    "site_backup_info": {},
    "site_checks": {"checks": []},
    "site_config": {"site": "a.localhost"},
    "site_drill": {"url": "http://127.0.0.1:8000"},
    "site_drift_info": {},
    "site_info": {},
    "site_migration_info": {},
    "site_move": {"state": "read"},
    "site_plan": {},
    "site_restore": {"path": "/srv/set"},
    "site_restore_in_place": {"set": "newest"},
    "site_secret": {"secret": "database_password", "state": "finished", "request": "one", "url": "http://127.0.0.1:1"},
    "site_secret_info": {"secrets": ["database_password"], "request": "one", "url": "http://127.0.0.1:1"},
    "site_task": {"method": "shop.api.pull"},
}


class Stopped(Exception):
    """Instead of a module's work."""


def spec_of(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments with which a module makes its AnsibleModule."""
    module = importlib.import_module(f"{PACKAGE}.{name}")
    found: dict[str, Any] = {}

    def stop(*_args: Any, **options: Any) -> None:
        found.update(options)
        raise Stopped

    monkeypatch.setattr(module, "AnsibleModule", stop)
    with patch_module_args({}), pytest.raises(Stopped):
        module.main()
    return found


def documented(name: str) -> dict[str, Any]:
    """The options in DOCUMENTATION, those of its fragments included (a module's own win)."""
    document = yaml.safe_load(importlib.import_module(f"{PACKAGE}.{name}").DOCUMENTATION)
    options: dict[str, Any] = {}
    for fragment in document.get("extends_documentation_fragment", []):
        name, _dot, part = fragment.removeprefix("erpops.frappe.").partition(".")
        found = importlib.import_module(f"ansible_collections.erpops.frappe.plugins.doc_fragments.{name}")
        text = getattr(found.ModuleDocFragment, part.upper() or "DOCUMENTATION")
        options.update(yaml.safe_load(text).get("options", {}))
    return {**options, **(document.get("options") or {})}


def differences(options: dict[str, Any], spec: dict[str, Any], at: str = "") -> list[str]:
    found = [f"{at}{name}: in one only" for name in options.keys() ^ spec.keys()]
    for name in options.keys() & spec.keys():
        for part in ("type", "default", "choices", "required", "elements", "aliases"):
            said, done = options[name].get(part), spec[name].get(part)
            if (said or None) != (done or None) and said != done:
                found.append(f"{at}{name}: {part} is {done!r}, documented as {said!r}")
        found += differences(options[name].get("suboptions") or {}, spec[name].get("options") or {}, f"{at}{name}.")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_documentation_and_arguments_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = spec_of(name, monkeypatch)
    assert differences(documented(name), given["argument_spec"]) == []
    assert given["supports_check_mode"] is True


@pytest.mark.parametrize("name", NAMES)
def test_what_sounds_secret_says_whether_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(name, monkeypatch)["argument_spec"]
    unsaid = [
        option
        for option, how in spec.items()
        if any(word in option for word in ("password", "secret", "token", "key"))
        and how["type"] != "bool"
        and "no_log" not in how
    ]
    assert unsaid == []


def test_every_module_that_talks_to_a_bench_is_listed_here() -> None:
    with_bench = {name for name in NAMES if "erpops.frappe.bench\n" in _documentation(name)}
    assert with_bench == TALKING.keys()


def _documentation(name: str) -> str:
    return str(importlib.import_module(f"{PACKAGE}.{name}").DOCUMENTATION)


@pytest.fixture
def player(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Player:
    return Player(importlib.import_module(f"{PACKAGE}.{name}"), monkeypatch, capsys)


@pytest.mark.parametrize("name", [*TALKING])
@pytest.mark.parametrize("check", [False, True])
def test_check_mode_and_times_reach_the_agent(player: Player, name: str, check: bool) -> None:
    done = player.run(check, timeout=77, lock_timeout=7, **TALKING[name])
    assert (done.code, done.agent.options) == (0, {"check": check, "timeout": 77.0, "lock_timeout": 7.0})
    assert done.agent.runtime.bench_path == "/srv/bench"


@pytest.mark.parametrize("name", [*TALKING])
def test_an_error_of_the_agent_is_the_modules(player: Player, name: str) -> None:
    error = ErpopsError("is locked by another run", object="a.localhost", hint="wait for it", status=423)
    player.answers = dict.fromkeys(player.answers, error)
    done = player.run(**TALKING[name])
    assert (done.code, done.answer["failed"]) == (1, True)
    assert done.answer["msg"] == "a.localhost: is locked by another run. Next: wait for it."
    assert (done.answer["error"]["status"], done.answer["error"]["object"]) == (423, "a.localhost")


@pytest.mark.parametrize("name", [*TALKING])
def test_a_bench_must_be_given(player: Player, name: str) -> None:
    assert "missing required arguments: bench_path" in player.fail(bench_path=..., **TALKING[name])


@pytest.mark.parametrize("name", [name for name in TALKING if not name.startswith(("bench_", "app_", "rollback_"))])
def test_a_wrong_site_name_reaches_no_bench(player: Player, name: str) -> None:
    done = player.run(**{**TALKING[name], "site": "a;id"})
    assert done.code == 1
    assert done.answer["msg"].startswith("'a;id': is not a site name")
    assert done.calls == []
