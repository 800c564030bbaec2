# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""roles/zoho: what is refused before anything is made, what the environment's file says, how counts are judged."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT

ROLE = ROOT / "roles/zoho"
GOOD: dict[str, Any] = {
    "zoho_commit": "a" * 40,
    "zoho_env": {"DJANGO_DEBUG": False, "DJANGO_ALLOWED_HOSTS": ["a.example.com", "b"], "DB_NAME": "hanna",
                 "DB_USER": "hanna", "DB_HOST": "db"},
    "zoho_secrets": {"DJANGO_SECRET_KEY": "k" * 50, "DB_PASSWORD": "d" * 20, "REDIS_PASSWORD": "r" * 20},
    "zoho_client_id": "1000.X", "zoho_client_secret": "c" * 20, "zoho_refresh_token": "t" * 20,
    "zoho_organization_id": "60012345",
}  # fmt: skip


def evaluate(expression: str, **variables: Any) -> Any:
    """An expression with the variables of the role, under those given."""
    loader = DataLoader()
    files = ("defaults/main", "vars/main", "vars/faults", "vars/checks")
    found: dict[str, Any] = {"inventory_hostname": "stack1", "ansible_check_mode": False, "ansible_managed": "managed"}
    for name in files:
        found.update(loader.load_from_file(str(ROLE / f"{name}.yml"), trusted_as_template=True))
    # ansible.builtin.vars needs more than a Templar: the absent inputs are tested where the role runs.
    found["__zoho_faults_absent"] = []
    return Templar(loader=loader, variables={**found, **GOOD, **variables}).template(trust_as_template(expression))


def merged(name: str, **changes: Any) -> dict[str, Any]:
    return {name: {**GOOD[name], **changes}}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"zoho_commit": "main"}, "zoho_commit. Seen: main"),
        ({"zoho_commit": "a" * 39}, "40 characters"),
        ({"zoho_region": "mars"}, "zoho_region. Seen: mars"),
        ({"zoho_region": "eu"}, "asks https://accounts.zoho.com only"),
        ({"zoho_region": "eu", "zoho_profile": {"regional_accounts": True}}, ""),
        ({"zoho_schedule_crontab": "@daily"}, "minute, hour"),
        (merged("zoho_env", DJANGO_DEBUG=True), "DJANGO_DEBUG. Seen: on"),
        (merged("zoho_env", DJANGO_DEBUG="True"), "DJANGO_DEBUG. Seen: on"),
        (merged("zoho_env", SITE_HEADER="it's"), "a quote or a line break"),
        (merged("zoho_env", SITE_HEADER="one\ntwo"), "a quote or a line break"),
        (merged("zoho_env", site_header="x"), "other characters"),
        (merged("zoho_env", DB_PASSWORD="d" * 20), "also in zoho_secrets"),
        (merged("zoho_secrets", DJANGO_SECRET_KEY="django-insecure-" + "x" * 50), "begins with django-insecure"),
        (merged("zoho_secrets", DJANGO_SECRET_KEY="k" * 49), "fewer than 50"),
        (merged("zoho_secrets", DB_PASSWORD="postgres"), "DB_PASSWORD. Seen: a default"),
        (merged("zoho_secrets", REDIS_PASSWORD="short"), "fewer than 8"),
        ({"zoho_secrets": {"DJANGO_SECRET_KEY": "k" * 50, "DB_PASSWORD": "d" * 20}}, "REDIS_PASSWORD. Seen: nothing"),
    ],
)
def test_faults(changes: dict[str, Any], fault: str) -> None:
    found = evaluate("{{ __zoho_faults_input }}", **changes)
    assert len(found) == (1 if fault else 0), found
    assert fault in "".join(found)
    for text in found:
        assert [part in text for part in (". Seen: ", ". Needed: ", " Next: ")] == [True] * 3


def test_no_fault_tells_a_secret() -> None:
    weak = {"DJANGO_SECRET_KEY": "django-insecure-of-mine", "DB_PASSWORD": "postgres", "REDIS_PASSWORD": "changeme"}
    found = " ".join(evaluate("{{ __zoho_faults_input }}", zoho_secrets=weak))
    assert [value for value in weak.values() if value in found] == []


def test_environment_is_typed_as_the_settings_read_it() -> None:
    template = (ROLE / "templates/env.j2").read_text()
    text = evaluate(template, **merged("zoho_env", DB_CONN_MAX_AGE=60, PRICE="$5 #1"))
    assert {
        "DJANGO_DEBUG='False'",
        "DJANGO_ALLOWED_HOSTS='a.example.com,b'",
        "DB_CONN_MAX_AGE='60'",
        "PRICE='$5 #1'",
    } < set(text.splitlines())


def test_override_replaces_the_committed_environment_and_closes_ports() -> None:
    template = (ROLE / "templates/override.yml.j2").read_text()
    known = ["backend", "celery_beat", "db", "redis", "nginx"]
    text = evaluate(template, __zoho_services_known=known)

    class Loader(yaml.SafeLoader):
        """Reads Compose's tags as what is behind them."""

    Loader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))  # type: ignore[arg-type]
    Loader.add_constructor("!reset", lambda loader, node: loader.construct_sequence(node))  # type: ignore[arg-type]
    services = yaml.load(text, Loader=Loader)["services"]
    assert services["backend"] == {"env_file": ["/var/lib/erpops/zoho/hanna/env"]}
    assert services["db"] == services["redis"] == {"ports": []}
    assert set(services) == {"backend", "celery_beat", "db", "redis"}
    assert "ports" not in evaluate(template, __zoho_services_known=known, zoho_ports_closed=False).split("services:")[1]


COUNTS = {"total": 10, "created": 4, "updated": 5, "skipped": 1, "failed": 0}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({}, ""),
        ({"counts": {**COUNTS, "created": 3, "failed": 1}, "errors": ["no stock"]}, "1 of 10 items failed: no stock"),
        ({"counts": {**COUNTS, "created": 3}}, "is 9, total is 10"),
        ({"counts": {"total": 9, "created": 4, "updated": 5, "failed": 0}}, ""),
        ({"products": 8}, "8 products"),
        ({"counts": {}}, "without counts"),
        ({"status": "FAILURE", "errors": ["invalid_code"]}, "status FAILURE: invalid_code"),
        ({"status": "STARTED"}, "after 1800 s"),
    ],
)
def test_a_sync_is_judged_by_its_counts(answer: dict[str, Any], fault: str) -> None:
    value = {"status": "SUCCESS", "counts": COUNTS, "products": 9, **answer}
    found = evaluate("{{ __zoho_sync_faults }}", __zoho_answer={"ok": True, "value": value})
    assert len(found) == (1 if fault else 0), found
    assert fault in "".join(found)


@pytest.mark.parametrize(
    ("now", "recorded", "way"),
    [
        ({"a": ["0002"]}, {"a": ["0002"]}, []),
        ({"a": ["0003"], "b": ["0001"]}, {"a": ["0002"], "b": ["0001"]}, [["a", "0002"]]),
        ({"a": ["0003"], "new": ["0001"]}, {"a": ["0003"]}, [["new", "zero"]]),
    ],
)
def test_way_back(now: Any, recorded: Any, way: list[list[str]]) -> None:
    app = {"ok": True, "value": {"migrations": {"leaves": now}}}
    assert evaluate("{{ __zoho_way }}", __zoho_app=app, __zoho_manifest={"leaves": recorded}) == way


def test_two_leaves_have_no_way_back_but_the_data() -> None:
    given = {"__zoho_app": {"ok": True, "value": {"migrations": {"leaves": {"a": ["1", "2"]}}}}, "__zoho_target": "x"}
    manifest = {"leaves": {"a": ["1", "2"]}, "files": {"database.dump": {}}}
    assert "more than one leaf in a" in "".join(evaluate("{{ __zoho_way_faults }}", __zoho_manifest=manifest, **given))
    assert evaluate("{{ __zoho_way_faults }}", __zoho_manifest=manifest, zoho_rollback_data=True, **given) == []


def test_an_answer_that_is_none_hides_secrets() -> None:
    output = {"stdout": "", "stderr": "a\nfailed with " + "d" * 20 + "\n"}
    found = evaluate("{{ __zoho_read }}", __zoho_output=output)
    assert found == {"ok": False, "type": "NoAnswer", "message": "failed with ********"}


def test_an_answer_is_found_behind_what_the_application_prints() -> None:
    mark = evaluate("{{ __zoho_mark }}")
    output = {"stdout": f'noise\n{mark}{{"ok": true, "value": {{"n": 1}}}}\nmore'}
    assert evaluate("{{ __zoho_read }}", __zoho_output=output) == {"ok": True, "value": {"n": 1}}


def test_every_check_says_what_to_do() -> None:
    checks = yaml.safe_load((ROLE / "vars/checks.yml").read_text())
    for name in ("__zoho_checks_host", "__zoho_checks_app"):
        for check in checks[name]:
            assert set(check) == {"check", "what", "ok", "seen", "needed", "next"}, check


@pytest.mark.parametrize(
    ("rc", "said", "accepted", "ok"),
    [
        (0, "System check identified no issues", [], True),
        (1, "ERRORS:\n?: (drf_spectacular.E001) Schema", [], False),
        (1, "ERRORS:\n?: (drf_spectacular.E001) Schema", ["drf_spectacular.E001"], True),
        (1, "ERRORS:\n?: (drf_spectacular.E001) Schema\n?: (models.E004) id", ["drf_spectacular.E001"], False),
        (1, "CRITICALS:\nx\nERRORS:\n?: (drf_spectacular.E001) Schema", ["drf_spectacular.E001"], False),
        (1, "Traceback: no settings", ["drf_spectacular.E001"], False),
        (1, "", ["drf_spectacular.E001"], False),
    ],
)
def test_errors_of_djangos_checks_that_are_accepted(rc: int, said: str, accepted: list[str], ok: bool) -> None:
    check = evaluate(
        "{{ __zoho_checks_app | selectattr('what', 'equalto', 'check --deploy') | first }}",
        __zoho_django_check={"rc": rc, "stderr": said},
        __zoho_app={"ok": True, "value": {}},
        __zoho_workers={"ok": True, "value": {}},
        __zoho_token={"ok": True, "value": {"length": 1, "fresh": True}},
        zoho_profile={"checks_accepted": accepted},
    )
    assert check["ok"] == ok
    if "E001" in said and not accepted:
        assert "zoho_profile: {checks_accepted: [drf_spectacular.E001]}" in check["next"]
