# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role tls: what it does about what it found, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/tls"
SERVER = "https://acme-v02.api.letsencrypt.org/directory"
STORE = "/etc/erpops/tls.d"
LIVE = "/etc/letsencrypt/live"
NOTHING = {"found": False, "link": "", "days_left": 0, "covers": [], "missing": [], "fault": ""}
ACME = {"name": "a", "domains": ["a.test"]}
ISSUED = {
    **NOTHING,
    "found": True,
    "link": f"{LIVE}/a",
    "days_left": 60,
    "covers": ["a.test"],
    "server": SERVER,
    "authenticator": "webroot",
}


def template(expression: str, *certificates: dict[str, Any], **given: Any) -> Any:
    files = [ROLE / "defaults/main.yml", *sorted((ROLE / "vars/main").glob("*.yml"))]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    variables = {
        **known,
        "ansible_facts": {"hostname": "vm1"},
        "role_path": str(ROLE),
        "tls_certificates": list(certificates),
        "tls_acme_email": "ops@a.test",
        **given,
    }
    return Templar(loader=DataLoader(), variables=variables).template(trust_as_template("{{ " + expression + " }}"))


def found(live: dict[str, Any], wanted: dict[str, Any], name: str = "a") -> dict[str, Any]:
    return {f"live {name}": live, f"wanted {name}": wanted}


@pytest.mark.parametrize(
    ("now", "asked", "forced"),
    [
        (ISSUED, False, False),
        ({**NOTHING, "server": "", "authenticator": ""}, True, False),
        ({**ISSUED, "covers": ["a.test", "b.test"]}, True, False),
        ({**ISSUED, "covers": []}, True, False),
        ({**ISSUED, "server": "https://acme-staging-v02.api.letsencrypt.org/directory"}, True, True),
        ({**ISSUED, "authenticator": "dns-rfc2136"}, True, True),
        ({**ISSUED, "days_left": 5}, True, False),
        ({**ISSUED, "fault": "it does not fit"}, True, False),
    ],
)
def test_when_a_certificate_is_asked_for(now: dict[str, Any], asked: bool, forced: bool) -> None:
    due = template("__tls_issued", ACME, __tls_found=found(ISSUED, now))
    assert bool(due) is asked
    assert any("--force-renewal" in one["argv"] for one in due) is forced


def test_how_it_is_asked_for() -> None:
    nothing = found(NOTHING, {**NOTHING, "server": "", "authenticator": ""})
    [http] = template("__tls_issued", {**ACME, "domains": ["a.test", "b.test"]}, __tls_found=nothing)
    assert http["argv"] == [
        "--cert-name", "a", "--webroot", "--webroot-path", "/var/lib/erpops/acme", "--domain=a.test", "--domain=b.test",
    ]  # fmt: skip
    dns = {**ACME, "challenge": "dns-01", "dns_plugin": "rfc2136"}
    plugins = {"rfc2136": {"credentials": "secret", "propagation_seconds": 5}}
    [plugin] = template("__tls_issued", dns, __tls_found=nothing, tls_dns_plugins=plugins)
    assert plugin["argv"][2:7] == [
        "--dns-rfc2136", "--dns-rfc2136-credentials", f"{STORE}/dns/rfc2136.ini",
        "--dns-rfc2136-propagation-seconds", "5",
    ]  # fmt: skip
    hooks = {"auth": "/opt/set", "cleanup": "/opt/clear"}
    [manual] = template("__tls_issued", {**dns, "dns_plugin": "manual"}, __tls_found=nothing, tls_dns_hooks=hooks)
    assert manual["argv"][2:9] == [
        "--manual", "--preferred-challenges", "dns", "--manual-auth-hook", "/opt/set", "--manual-cleanup-hook",
        "/opt/clear",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("live", "wanted", "target"),
    [
        (NOTHING, NOTHING, f"{STORE}/placeholder"),
        ({**ISSUED, "link": f"{STORE}/placeholder"}, NOTHING, ""),
        ({**ISSUED, "link": f"{STORE}/placeholder"}, ISSUED, f"{LIVE}/a"),
        (ISSUED, ISSUED, ""),
        ({**ISSUED, "link": f"{STORE}/self_signed/a"}, NOTHING, ""),
    ],
)
def test_what_is_live_stays_until_there_is_better(live: dict[str, Any], wanted: dict[str, Any], target: str) -> None:
    links = template("__tls_links", ACME, __tls_found=found(live, wanted))
    assert links == ({"a": target} if target else {})


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ({**ISSUED, "days_left": 200}, False),
        ({**ISSUED, "days_left": 98}, True),
        ({**ISSUED, "covers": ["b.test"], "days_left": 200}, True),
        (NOTHING, True),
    ],
)
def test_when_the_machine_signs_itself(now: dict[str, Any], due: bool) -> None:
    one = {**ACME, "source": "self_signed"}
    assert bool(template("__tls_self_signed_due", one, __tls_found=found(NOTHING, now))) is due


def test_own_files_get_a_directory_for_each_content() -> None:
    one = {**ACME, "source": "files", "chain_content": "c", "key_content": "k"}
    other = {**one, "key_content": "l"}
    first, second = (template("__tls_wanted", text)[0]["target"] for text in (one, other))
    assert first.startswith(f"{STORE}/own/a-")
    assert first != second
    good = {**ISSUED, "link": first}
    assert template("__tls_own_due", one, __tls_found=found(good, good)) == []
    assert len(template("__tls_own_due", other, __tls_found=found(good, good))) == 1


OWN = {**ACME, "source": "files", "chain": "/a.pem", "key": "/a.key"}
FAULTS = [
    (ACME, ISSUED, {}, ""),
    (ACME, ISSUED, {"tls_acme_email": ""}, "certificate a: needs tls_acme_email"),
    ({**ACME, "domains": ["*.a.test"]}, ISSUED, {}, "certificate a: *.a.test cannot be proven over HTTP"),
    ({**ACME, "domains": []}, ISSUED, {}, "certificate a: has no domains"),
    ({**ACME, "challenge": "dns-01"}, ISSUED, {}, 'certificate a: dns_plugin is "", known are manual'),
    ({**ACME, "challenge": "dns-01", "dns_plugin": "manual"}, ISSUED, {}, "certificate a: dns_plugin manual needs"),
    ({**ACME, "name": "../a"}, ISSUED, {}, "certificate ../a: a name has small letters"),
    (OWN, ISSUED, {}, ""),
    (OWN, NOTHING, {}, "certificate a (a.test): /a.pem or /a.key is not there"),
    (OWN, {**ISSUED, "days_left": -1}, {}, "certificate a (a.test): the certificate has expired"),
    (OWN, {**ISSUED, "days_left": 3}, {}, "certificate a (a.test): the certificate is valid for 3 days only"),
    (OWN, {**ISSUED, "missing": ["a.test"]}, {}, "certificate a (a.test): the certificate does not cover a.test"),
    (OWN, {**ISSUED, "fault": "no key"}, {}, "certificate a (a.test): no key"),
    ({**OWN, "key_content": "k"}, ISSUED, {}, "certificate a: source files needs chain and key"),
]


@pytest.mark.parametrize(("one", "now", "given", "start"), FAULTS)
def test_faults(one: dict[str, Any], now: dict[str, Any], given: dict[str, Any], start: str) -> None:
    said = template("__tls_faults", one, __tls_found=found(ISSUED, now, one["name"]), **given)
    assert len(said) == bool(start), said
    assert all(fault.startswith(start) for fault in said), said


def test_a_directory_of_somebody_is_left_alone() -> None:
    [said] = template("__tls_faults", ACME, __tls_found=found({**ISSUED, "link": ""}, NOTHING))
    assert said.startswith("/etc/erpops/tls/a is a directory of somebody")


def refusal(stdout: str, stderr: str = "") -> dict[str, Any]:
    return {"results": [{"rc": 1, "stdout": stdout, "stderr": stderr, "item": {"name": "a"}}]}


@pytest.mark.parametrize(
    ("live", "shown"),
    [
        ({**ISSUED, "link": f"{STORE}/placeholder"}, "its sites show a certificate that nobody trusts"),
        (ISSUED, "its sites keep the one before, valid for 60 days"),
    ],
)
def test_a_refusal_says_what_is_shown_meanwhile(live: dict[str, Any], shown: str) -> None:
    given = {
        "__tls_found": found(live, NOTHING),
        "__tls_issue": refusal("x\n  Detail: no such domain\n  Detail: other"),
    }
    [said] = template("__tls_end_faults", ACME, **given)
    assert shown in said
    assert "no such domain / other" in said
    optional = {**ACME, "optional": True}
    assert template("__tls_end_faults", optional, **given) == []
    assert len(template("__tls_waiting", optional, **given)) == 1


def test_an_unclear_refusal_is_quoted() -> None:
    given = {"__tls_issue": refusal("", "Saving debug log to x\nAn error occurred:\nconnection refused\n")}
    assert template("__tls_refusals", ACME, **given) == {"a": "An error occurred: / connection refused"}


def test_a_certificate_that_is_about_to_end_is_a_failure() -> None:
    ending = {**ISSUED, "days_left": 3}
    [said] = template("__tls_end_faults", ACME, __tls_found=found(ending, ending), __tls_issue={})
    assert "valid for 3 days only" in said
    assert template("__tls_days_left", ACME, __tls_found=found(ending, ending)) == {"a": 3}
