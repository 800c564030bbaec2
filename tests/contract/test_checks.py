# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checks see of a site: DocTypes, records, configuration, jobs, workers, errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.benches import SITE, ContractBench

Widget = Callable[..., dict[str, Any]]


def answers(bench: ContractBench, *checks: dict[str, Any], **secrets: str) -> list[dict[str, Any]]:
    return list(bench.one("check.site", SITE, {"checks": list(checks), "secrets": secrets})["checks"])


def answer(bench: ContractBench, check: str, **args: Any) -> dict[str, Any]:
    (found,) = answers(bench, {"check": check, **args})
    assert found["ok"] is (found["next"] == "")
    return found


def insert(bench: ContractBench, doctype: str, *rows: dict[str, Any]) -> list[str]:
    """Rows as they are, past every controller; a time is said in seconds before now (`ago`)."""
    code = (
        "import datetime\nfrom frappe.utils import now_datetime\nanswer = []\n"
        "for row in args['rows']:\n"
        "    at = now_datetime() - datetime.timedelta(seconds=row.pop('ago', 0))\n"
        "    doc = frappe.get_doc({'doctype': args['doctype'], **row})\n"
        "    doc.name = doc.name or frappe.generate_hash(length=10)\n"
        "    doc.owner = doc.modified_by = 'Administrator'\n"
        "    doc.creation = doc.modified = str(at)\n"
        "    doc.db_insert()\n"
        "    answer.append(doc.name)\n"
        "frappe.db.commit()"
    )
    return list(bench.query(code, doctype=doctype, rows=rows))


# A check, and what it says when it fails (`None`: it passes).
CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"check": "apps", "contain": ["frappe"], "absent": ["erpnext_never"]}, None),
    ({"check": "apps", "equal": ["contractkit", "frappe"]}, None),
    ({"check": "apps", "equal": ["frappe"]}, "contractkit installed"),
    ({"check": "apps", "contain": ["shopsync", "frappe"]}, "shopsync not installed"),
    ({"check": "apps", "absent": ["contractkit"]}, "contractkit installed"),
    ({"check": "apps", "whole": ["contractkit"], "patched": ["contractkit", "frappe"]}, None),
    ({"check": "apps", "whole": ["shopsync"]}, "shopsync not installed"),
    ({"check": "apps", "versions": {"contractkit": ">=1,<2", "frappe": ">=15,<16"}}, None),
    ({"check": "apps", "versions": {"contractkit": ">=2"}}, "contractkit 1.0.0"),
    ({"check": "apps", "app": "contractkit", "clean": True}, None),
    ({"check": "apps", "app": "contractkit", "commit": "0" * 40}, "contractkit at "),
    ({"check": "apps", "app": "never", "clean": True}, "never is not on the bench"),
    ({"check": "doctype", "doctypes": ["Kit Widget", "Kit Part"], "module": "Contract Kit"}, None),
    ({"check": "doctype", "doctypes": "Kit Part", "istable": True}, None),
    ({"check": "doctype", "doctypes": "Kit Widget", "istable": True}, "istable of Kit Widget is 0"),
    ({"check": "doctype", "doctypes": "Kit Settings", "issingle": True}, None),
    ({"check": "doctype", "doctypes": ["Kit Widget"], "module": "Core"}, "Kit Widget is of module Contract Kit"),
    ({"check": "doctype", "doctypes": ["Kit Nothing"], "exists": False}, None),
    ({"check": "doctype", "doctypes": ["Kit Widget"], "exists": False}, "Kit Widget exist"),
    ({"check": "doctype", "doctypes": ["Kit Nothing", "Role"]}, "Kit Nothing missing"),
    ({"check": "doctype", "of_app": "contractkit"}, None),
    ({"check": "field", "doctype": "Kit Widget", "fields": {"opens": "Time", "sizes": "Section Break"}}, None),
    ({"check": "field", "doctype": "Kit Widget", "options": {"role": "Role"}}, None),
    ({"check": "field", "doctype": "Kit Settings", "fields": {"page_size": "Int"}}, None),
    ({"check": "field", "doctype": "Kit Widget", "fields": {"opens": "Duration"}}, "opens is Time"),
    ({"check": "field", "doctype": "Kit Widget", "fields": {"titel": "Data"}}, "no field titel (title"),
    ({"check": "field", "doctype": "Kit Widget", "custom_min": 1}, "0 custom fields"),
    ({"check": "field", "doctype": "Kit Widgett", "custom_min": 0}, "there is no DocType 'Kit Widgett'"),
    ({"check": "index", "doctype": "Kit Widget", "columns": "code", "unique": True}, None),
    ({"check": "index", "doctype": "Kit Widget", "columns": ["price"]}, "indexes on "),
    ({"check": "records", "doctype": "Role", "filters": {"name": "Kit Operator"}, "equals": 1}, None),
    ({"check": "records", "doctype": "Role", "filters": [["name", "like", "Kit %"]], "min": 1, "max": 1}, None),
    ({"check": "records", "doctype": "Role", "filters": {"name": "No Such Role"}, "equals": 0}, None),
    ({"check": "records", "doctype": "Role", "filters": {"name": ["in", ["Kit Operator", "x"]]}, "min": 2}, "1"),
    ({"check": "records", "doctype": "Role", "filters": {"no_such_field": 1}, "min": 1}, "no_such_field"),
    ({"check": "values", "doctype": "Role", "name": "Kit Operator", "equal": {"desk_access": True}}, None),
    ({"check": "values", "doctype": "Role", "name": "Kit Operator", "equal": {"desk_access": 0}}, "desk_access is 1"),
    ({"check": "values", "doctype": "Role", "name": "No Such Role", "set": ["name"]}, "there is no Role No Such Role"),
    ({"check": "values", "doctype": "Role", "filters": {"desk_access": 1}, "set": ["name"]}, "several records match"),
    ({"check": "values", "doctype": "Kit Settings", "equal": {"page_size": 20}}, None),
    ({"check": "values", "doctype": "Kit Settings", "set": ["base_url"]}, "base_url empty"),
    ({"check": "values", "doctype": "Kit Settings", "secrets_set": ["base_url"]}, "base_url is no Password field"),
    ({"check": "values", "doctype": "Kit Settings", "set": ["secret_key"]}, "only secrets_set looks at"),
    (
        {"check": "sync_log", "doctype": "Kit Widget", "filters": {"code": "never"}, "equal": {"status": "Open"}},
        "0 rows",
    ),
    ({"check": "jobs", "prefix": "contractkit", "equals": 2, "methods": ["contractkit.tasks.tick"]}, None),
    ({"check": "jobs", "prefix": "contractkit.tasks", "stopped": "all"}, "not stopped: contractkit.tasks.quarter"),
    ({"check": "jobs", "prefix": "contract", "min": 1}, "0 jobs"),
    (
        {"check": "jobs", "prefix": "contractkit", "methods": ["contractkit.tasks.gone"]},
        "no job for contractkit.tasks.gone",
    ),
    ({"check": "scheduler", "state": "disabled"}, None),
    ({"check": "config", "types": {"db_name": "str"}, "set": ["db_password"], "absent": ["never"]}, None),
    ({"check": "config", "types": {"db_name": "bool"}}, "db_name is str"),
    ({"check": "config", "types": {"never": "bool"}}, "never is missing"),
    ({"check": "config", "set": ["never"], "https": ["db_name"]}, "never not set; db_name is no https address"),
    ({"check": "config", "scope": "common", "types": {"never": "str"}}, "never is missing"),
]


@pytest.fixture(scope="module")
def found(main_site: ContractBench) -> dict[str, dict[str, Any]]:
    """All cases in one conversation, as a playbook asks them."""
    return {
        json.dumps(check): given
        for (check, _seen), given in zip(CASES, answers(main_site, *(check for check, _ in CASES)), strict=True)
    }


@pytest.mark.parametrize(("check", "seen"), CASES, ids=str)
def test_a_check(found: dict[str, dict[str, Any]], check: dict[str, Any], seen: str | None) -> None:
    given = found[json.dumps(check)]
    assert given["ok"] is (seen is None), given
    assert (seen or "") in given["seen"]
    assert given["kind"] == check["check"]
    assert given["needed"]
    assert bool(given["next"]) is not given["ok"]


def test_a_check_that_cannot_be_understood_asks_nothing(main_site: ContractBench) -> None:
    error = main_site.refused("check.site", SITE, {"checks": [{"check": "apps"}, {"check": "nothing"}]})
    assert error["status"] == 400
    assert "check 1 (apps): needs one of contain" in error["seen"]
    assert "check 2 (without a kind): kind 'nothing' is none of apps" in error["seen"]


def test_a_site_that_is_not_there(main_site: ContractBench) -> None:
    checks = [{"check": "apps", "contain": "frappe"}]
    assert main_site.refused("check.site", "contract-never.localhost", {"checks": checks})["status"] == 404


def test_own_words(main_site: ContractBench) -> None:
    (given,) = answers(main_site, {"check": "apps", "contain": "never", "title": "The shop", "next": "Ask the shop"})
    assert (given["title"], given["next"]) == ("The shop", "Ask the shop")


def test_imports(main_site: ContractBench) -> None:
    names = [f"contractkit.imports.{name}" for name in ("raises", "ends", "noisy", "hangs")]
    given = answer(main_site, "imports", modules=[*names, "contractkit.tasks", "contractkit.nothing"], limit=2)
    faults = given["seen"].split("; ")
    assert [fault.partition(":")[0] for fault in faults] == [names[0], names[1], names[3], "contractkit.nothing"]
    assert "No module named 'a_library_nobody_installed'" in faults[0]
    assert faults[1].endswith("ended the interpreter (exit code 3)")
    assert faults[2].endswith("was not imported within 2 s")
    good, bad = answers(
        main_site,
        {"check": "imports", "apps": "all", "attributes": "contractkit.tasks.tick"},
        {"check": "imports", "attributes": ["contractkit.tasks.gone"]},
    )
    assert good["ok"], good
    assert "has no attribute 'gone'" in bad["seen"]


def test_apps_txt(main_site: ContractBench) -> None:
    path = main_site.sites / "apps.txt"
    text = path.read_text()
    path.write_text(text.rstrip("\n") + "\ncontractkit\nfrappecollide\n")
    try:
        given = answer(main_site, "imports", apps="all")
    finally:
        path.write_text(text)
    assert "contractkit stands 2 times in apps.txt" in given["seen"]
    assert "the line 'frappecollide' of apps.txt is no folder of apps/" in given["seen"]
    assert "frappecollide.hooks: ModuleNotFoundError" in given["seen"]


def test_code(main_site: ContractBench) -> None:
    commit = main_site.one("app.read", args={"name": "contractkit"})["commit"]
    assert answer(main_site, "apps", app="contractkit", commit=commit[:10], clean=True)["ok"]
    path = main_site.path / "apps/contractkit/pyproject.toml"
    text = path.read_text()
    path.write_text(text + "\n# changed\n")
    try:
        given = answer(main_site, "apps", app="contractkit", commit=commit, clean=True)
    finally:
        path.write_text(text)
    assert given["seen"] == "contractkit has local changes of pyproject.toml"


def test_an_index(main_site: ContractBench) -> None:
    main_site.query("frappe.db.add_index('Kit Widget', ['status', 'pieces'], 'kit_index')")
    for columns, unique, ok in (
        (["status"], False, True),
        (["status", "pieces"], False, True),
        (["pieces"], False, False),
        (["status", "pieces"], True, False),
    ):
        assert answer(main_site, "index", doctype="Kit Widget", columns=columns, unique=unique)["ok"] is ok, columns


def test_secrets_answer_only_whether_they_are_set(main_site: ContractBench, widget: Widget) -> None:
    main_site.documents(widget(secrets={"api_token": "a-secret-of-a-widget"}))
    name = widget()["name"]
    args = {"check": "values", "doctype": "Kit Widget", "name": name}
    good, bad = answers(main_site, {**args, "secrets_set": "api_token"}, {**args, "secrets_unset": "api_token"})
    assert (good["ok"], bad["seen"]) == (True, "api_token is set")
    assert "a-secret-of-a-widget" not in json.dumps([good, bad])
    main_site.query(
        "frappe.db.set_value('Kit Widget', args['name'], 'api_token', 'a-plain-secret')\nfrappe.db.commit()", name=name
    )
    given = answer(main_site, **args, secrets_set="api_token")
    assert given["seen"] == "api_token is in plain text"
    assert "a-plain-secret" not in json.dumps(given)


def test_secrets_of_a_single(restored: ContractBench) -> None:
    args = {"check": "values", "doctype": "Kit Settings"}
    assert answer(restored, **args, secrets_unset="secret_key")["ok"]
    restored.documents({"doctype": "Kit Settings", "secrets": {"secret_key": "a-secret-of-a-single"}})
    assert answer(restored, **args, secrets_set="secret_key")["ok"]
    path = restored.sites / SITE / "site_config.json"
    config = restored.site_config()
    key = config.pop("encryption_key")
    path.write_text(json.dumps(config))
    assert "site_config.json has no encryption_key" in answer(restored, **args, secrets_set="secret_key")["seen"]
    assert "encryption_key" not in restored.site_config(), "looking makes none"
    path.write_text(json.dumps({**config, "encryption_key": key[:-3] + "AA="}))
    assert "not decryptable" in answer(restored, **args, secrets_set="secret_key")["seen"]
    path.write_text(json.dumps({**config, "encryption_key": key}))
    restored.query("frappe.db.set_single_value('Kit Settings', 'secret_key', 'plain')\nfrappe.db.commit()")
    assert answer(restored, **args, secrets_set="secret_key")["seen"] == "secret_key is in plain text"
    restored.query(
        "from frappe.utils.password import remove_encrypted_password\n"
        "remove_encrypted_password('Kit Settings', 'Kit Settings', 'secret_key')\n"
        "frappe.db.set_single_value('Kit Settings', 'secret_key', '')\nfrappe.db.commit()"
    )


def test_the_newest_of_a_log(main_site: ContractBench) -> None:
    rows = [
        {"code": f"log-{ago}", "title": "log", "status": status, "ago": ago}
        for ago, status in ((30, "Open"), (60, "Open"), (5000, "Closed"))
    ]
    insert(main_site, "Kit Widget", *({**row, "name": row["code"]} for row in rows))
    log = {"check": "sync_log", "doctype": "Kit Widget", "filters": {"title": "log"}, "equal": {"status": "Open"}}
    two, three, late, many, unknown, counted = answers(
        main_site,
        {**log, "newest": 2, "since": 600},
        {**log, "newest": 3},
        {**log, "since": 10},
        {**log, "newest": 9, "min": 3, "since": 600},
        {**log, "equal": {"state": 1}},
        {"check": "records", "doctype": "Kit Widget", "filters": {"title": "log"}, "since": 600, "max": 1},
    )
    assert two["ok"], two
    assert "log-5000 of " in three["seen"]
    assert "has status 'Closed'" in three["seen"]
    assert late["seen"] == "0 rows in this time"
    assert many["seen"] == "2 rows in this time"
    assert unknown["seen"].startswith("Kit Widget has no field state (status")
    assert (counted["ok"], counted["seen"], counted["value"]) == (False, "2", 2)


@pytest.fixture
def job_logs(main_site: ContractBench) -> Iterator[ContractBench]:
    yield main_site
    main_site.query(
        "frappe.db.delete('Scheduled Job Log', {'scheduled_job_type': ['like', 'tasks.%']})\n"
        "frappe.db.set_value('Scheduled Job Type', {'method': ['like', 'contractkit.%']}, 'stopped', 0)\n"
        "frappe.db.commit()"
    )


def test_runs_of_jobs(job_logs: ContractBench) -> None:
    runs = {"check": "jobs", "prefix": "contractkit", "logs": "complete"}
    assert answer(job_logs, **runs)["seen"] == (
        "contractkit.tasks.quarter has no log; contractkit.tasks.tick has no log"
    )
    names = dict(
        job_logs.query(
            "answer = {row.method: row.name for row in frappe.get_all('Scheduled Job Type', fields=['name', 'method'])}"
        )
    )
    quarter, tick = names["contractkit.tasks.quarter"], names["contractkit.tasks.tick"]
    insert(
        job_logs,
        "Scheduled Job Log",
        {"scheduled_job_type": quarter, "status": "Complete", "ago": 100},
        {"scheduled_job_type": quarter, "status": "Failed", "details": "old", "ago": 5000},
        {"scheduled_job_type": tick, "status": "Scheduled", "ago": 10},
        {"scheduled_job_type": tick, "status": "Complete", "ago": 3000},
    )
    good, late = answers(job_logs, runs, {**runs, "since": 1000})
    assert good["ok"], good
    assert late["seen"].startswith("contractkit.tasks.tick was last complete at ")
    insert(
        job_logs,
        "Scheduled Job Log",
        {"scheduled_job_type": tick, "status": "Failed", "details": "x\nValueError: no shop\n"},
    )
    assert answer(job_logs, **runs)["seen"].endswith("(ValueError: no shop)")
    job_logs.query(
        "frappe.db.set_value('Scheduled Job Type', args['name'], 'stopped', 1)\nfrappe.db.commit()", name=tick
    )
    stopped, fresh = answers(
        job_logs,
        {"check": "jobs", "prefix": "contractkit"},
        {"check": "jobs", "prefix": "contractkit", "stopped": "any", "fresh": 60},
    )
    assert stopped["seen"] == "stopped: contractkit.tasks.tick"
    assert "not run in this time: contractkit.tasks.quarter" in fresh["seen"]


def test_the_scheduler(restored: ContractBench) -> None:
    assert answer(restored, "scheduler")["seen"] == "disabled"
    restored.one("scheduler.apply", SITE, {"state": "enabled"})
    try:
        assert answer(restored, "scheduler")["ok"]
        assert answer(restored, "scheduler", state="disabled")["seen"] == "enabled"
        path = restored.sites / SITE / "site_config.json"
        path.write_text(json.dumps({**restored.site_config(), "pause_scheduler": 1}))
        assert answer(restored, "scheduler")["seen"] == "pause_scheduler in site_config.json"
        common = restored.sites / "common_site_config.json"
        text = common.read_text()
        common.write_text(json.dumps({**json.loads(text), "maintenance_mode": 1}))
        try:
            assert answer(restored, "scheduler")["seen"].endswith("maintenance_mode in common_site_config.json")
        finally:
            common.write_text(text)
    finally:
        restored.one("scheduler.apply", SITE, {"state": "disabled"})


def test_workers(main_site: ContractBench) -> None:
    check = {"check": "workers", "queues": ["short", "long"], "pending_max": 0}
    assert (
        answer(main_site, **check)["seen"] == "no worker on short (0 jobs waiting); no worker on long (0 jobs waiting)"
    )
    process = main_site.start_cli("worker", "--queue", "short")
    try:
        for _ in range(600):
            given = answer(main_site, **check)
            if given["seen"] == "no worker on long (0 jobs waiting)":
                break
        assert (given["seen"], given["value"]["short"]) == (
            "no worker on long (0 jobs waiting)",
            {"workers": 1, "pending": 0},
        )
        process.kill()
        process.wait(30)
        assert "no worker on short" in answer(main_site, **check)["seen"], "a killed worker stays registered"
    finally:
        process.kill()
        process.wait(30)


def test_waiting_jobs(main_site: ContractBench) -> None:
    main_site.query("frappe.enqueue('contractkit.tasks.tick', queue='long')")
    try:
        given = answer(main_site, "workers", queues="long", pending_max=0)
        assert given["seen"] == "no worker on long (1 jobs waiting); 1 jobs waiting on long"
    finally:
        main_site.cli("purge-jobs", "--site", SITE)


def test_errors(main_site: ContractBench) -> None:
    rows = [
        {"method": "Kit Sync Error", "error": "Traceback of kit", "ago": 100},
        {"method": "Kit Sync Error", "error": "another", "ago": 50},
        {"method": "Kit Hook", "error": "calls kit_url", "ago": 9000},
    ]
    names = insert(main_site, "Error Log", *rows)
    try:
        recent, two, other, text = answers(
            main_site,
            {"check": "errors", "since": 600, "titles": "Kit %"},
            {"check": "errors", "since": 600, "titles": "Kit %", "max": 2},
            {"check": "errors", "since": 600, "titles": "Shop %"},
            {"check": "errors", "since": 10000, "texts": ["%kit_url%"], "titles": ["%Sync Error"]},
        )
    finally:
        main_site.query(
            "frappe.db.delete('Error Log', {'name': ['in', args['names']]})\nfrappe.db.commit()", names=names
        )
    assert recent["seen"].startswith("2 since ")
    assert recent["seen"].endswith(": 2 'Kit Sync Error'")
    assert (two["ok"], other["ok"], other["value"]) == (True, True, 0)
    assert text["seen"].endswith(": 2 'Kit Sync Error', 1 'Kit Hook'")


def test_a_configuration(restored: ContractBench) -> None:
    path = restored.sites / SITE / "site_config.json"
    path.write_text(
        json.dumps({**restored.site_config(), "flag": 1, "shop": "https://shop.example.com", "text": "True"})
    )
    path.chmod(0o640)
    try:
        good, bad = answers(
            restored,
            {"check": "config", "https": ["shop"], "equal": {"flag": 1}, "types": {"flag": "int"}, "mode": "0640"},
            {"check": "config", "equal": {"flag": True, "text": True}, "mode": "0600"},
        )
    finally:
        path.chmod(0o600)
    assert good["ok"], good
    assert bad["seen"] == 'flag is 1; text is "True"; mode 0640'


def test_secrets_in_logs(main_site: ContractBench) -> None:
    secrets = {"shop": "secret/of the+shop", "bank": "secret-of-the-bank"}
    logs = main_site.path / "logs"
    logs.mkdir(exist_ok=True)
    (logs / "kit.log.1").write_text("GET /?key=secret%2Fof%20the%2Bshop\n")
    site_log = main_site.sites / SITE / "logs/kit.log"
    site_log.parent.mkdir(exist_ok=True)
    site_log.write_text("the token is secret-of-the-bank\n" + "x" * 1_500_000)
    try:
        both, named, tail = answers(
            main_site,
            {"check": "leak"},
            {"check": "leak", "names": "bank"},
            {"check": "leak", "names": "bank", "megabytes": 1},
            **secrets,
        )
    finally:
        (logs / "kit.log.1").unlink()
        site_log.unlink()
    assert both["seen"] == f"shop in logs/kit.log.1; bank in sites/{SITE}/logs/kit.log"
    assert named["seen"] == f"bank in sites/{SITE}/logs/kit.log"
    assert tail["ok"]


def package(path: Path, fixtures: dict[str, list[dict[str, Any]]], doctypes: dict[str, list[dict[str, Any]]]) -> str:
    """An app's package that is on no bench."""
    (path / "fixtures").mkdir(parents=True)
    (path / "modules.txt").write_text("Market Stall\n")
    for name, records in fixtures.items():
        (path / f"fixtures/{name}.json").write_text(json.dumps(records))
    for name, fields in doctypes.items():
        stem = name.lower().replace(" ", "_")
        (path / f"nested/deep/doctype/{stem}").mkdir(parents=True)
        definition = {"doctype": "DocType", "name": name, "module": "Market Stall", "fields": fields}
        (path / f"nested/deep/doctype/{stem}/{stem}.json").write_text(json.dumps(definition))
    return str(path)


def test_links_of_fixtures(main_site: ContractBench, tmp_path: Path) -> None:
    stall = [
        {"fieldname": "keeper", "fieldtype": "Link", "options": "Role"},
        {"fieldname": "kind", "fieldtype": "Link", "options": "DocType"},
        {"fieldname": "about", "fieldtype": "Dynamic Link", "options": "kind"},
        {"fieldname": "rows", "fieldtype": "Table", "options": "Market Row"},
    ]
    fixtures: dict[str, list[dict[str, Any]]] = {
        "role": [{"doctype": "Role", "name": "Stall Keeper"}],
        "custom_field": [
            {"doctype": "Custom Field", "name": "Kit Widget-stall", "dt": "Kit Widget", "fieldname": "stall",
             "fieldtype": "Link", "options": "Market Stall", "module": "Market Stall"},
            {"doctype": "Custom Field", "name": "Kit Widget-tray", "dt": "Kit Widget", "fieldname": "tray",
             "fieldtype": "Link", "options": "Market Tray"},
        ],
        "stall": [
            {"doctype": "Market Stall", "name": "One", "keeper": "stall keeper", "kind": "Role", "about": "Kit Operator",
             "rows": [{"widget": "no-such-widget"}, {"widget": ""}]},
            {"doctype": "Market Stall", "name": "Two", "keeper": "No Such Role", "kind": "Kit Widget", "about": "gone"},
            {"doctype": "Kit Widget", "name": "w", "role": "Kit Operator", "stall": "Three"},
        ],
        "other": [{"doctype": "Market Cart", "name": "c", "keeper": "whoever"}],
    }  # fmt: skip
    row = [{"fieldname": "widget", "fieldtype": "Link", "options": "Kit Widget"}]
    path = package(tmp_path / "market", fixtures, {"Market Stall": stall, "Market Row": row})
    given, accepted = answers(
        main_site,
        {"check": "links", "app": "market", "path": path},
        {"check": "links", "app": "market", "path": path,
         "accept": ["Market Cart", "Market Tray", "Kit Widget", "Role No Such Role", "Market Stall"]},
    )  # fmt: skip
    assert given["value"] == {
        "doctypes": ["Market Cart", "Market Tray"],
        "missing": {"Kit Widget": ["gone", "no-such-widget"], "Market Stall": ["Three"], "Role": ["No Such Role"]},
    }
    assert given["seen"] == (
        "DocTypes that are not there: Market Cart, Market Tray; Kit Widget: gone, no-such-widget; "
        "Market Stall: Three; Role: No Such Role"
    )
    assert accepted["ok"], accepted
    assert answer(main_site, "links", app="contractkit")["ok"]
    assert "is no package directory" in answer(main_site, "links", app="market")["seen"]


def test_links_to_what_an_app_before_brings(main_site: ContractBench, tmp_path: Path) -> None:
    fixtures = {"w": [{"doctype": "Kit Widget", "name": "w", "role": "Late Role"}]}
    path = package(tmp_path / "market", fixtures, {})
    before, after = answers(
        main_site,
        {"check": "links", "app": "market", "path": path},
        {"check": "links", "app": "market", "path": path, "after": "lateinstall"},
    )
    assert (before["seen"], after["ok"]) == ("Role: Late Role", True)


def test_collisions(main_site: ContractBench, tmp_path: Path) -> None:
    path = package(tmp_path / "market", {}, {"Kit Widget": [], "Market Stall": [], "Role": []})
    given, accepted = answers(
        main_site,
        {"check": "collisions", "app": "market", "path": path},
        {"check": "collisions", "app": "market", "path": path, "accept": ["Kit Widget", "Role"]},
    )
    assert sorted(given["seen"].split("; ")) == [
        "Kit Widget (of contractkit, module Contract Kit)",
        "Role (of frappe, module Core)",
    ]
    assert accepted["ok"]
    assert answer(main_site, "collisions", app="contractkit")["ok"]
