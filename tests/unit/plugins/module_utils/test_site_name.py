# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: one table of good ones, one of bad ones with what the message must say."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._site_name import (
    kind_of,
    validate_host_name,
    validate_site_name,
    validate_subdomain,
)

LABEL_63 = "a" * 63
LABEL_64 = "a" * 64
NAME_253 = ".".join([LABEL_63, LABEL_63, LABEL_63, "a" * 61])


@pytest.mark.parametrize(
    "name",
    [
        "alpha.localhost",
        "a.localhost",
        "acme.example.com",
        "xn--bcher-kva.example",
        "a-b.c--d.example",
        "3com.example",
        "2024.example",
        "erp.admin.example.com",
        "admins.example.com",
        f"{LABEL_63}.example",
        NAME_253,
    ],
)
def test_good_site_names(name: str) -> None:
    assert validate_site_name(name) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ab", ["'ab'", "too short", "at least two"]),
        ("-a-", ["'-a-'", "begins or ends with a hyphen", "letter or digit at both ends"]),
        ("a-.example.com", ["'a-'", "hyphen"]),
        ("Admin", ["'Admin'", "upper-case", "'admin'"]),
        ("Acme.Example.com", ["'Acme.Example.com'", "upper-case", "lower case"]),
        ("a..b", ["'a..b'", "empty label", "one dot between labels"]),
        (".example.com", ["empty label"]),
        ("example.com.", ["empty label"]),
        ("a;id", ["'a;id'", "';'", "allowed are only a-z"]),
        ("a b.example.com", ["' '"]),
        ("a_b.example.com", ["'_'"]),
        ("$(id).example.com", ["'$'", "'('", "')'"]),
        ("../etc", ["'/'"]),
        ("alpha.localhost\n", ["\\n"]),
        ("bücher.example", ["'ü'", "xn--"]),
        ("İ.example.com", ["xn--"]),
        (f"{LABEL_64}.example.com", ["64 characters", "allowed are 63"]),
        (f"{NAME_253}a", ["254 characters", "allowed are 253"]),
        ("", ["''", "empty"]),
        ("10.0.0.5", ["'10.0.0.5'", "IP address"]),
        ("::1", ["IP address"]),
        ("10.0.0", ["digits only", "IP address"]),
        ("localhost", ["'localhost'", "reserved label", "admin"]),
        ("admin.example.com", ["'admin.example.com'", "reserved label 'admin'"]),
        ("www.example.com", ["reserved label 'www'"]),
        ("administrator.localhost", ["reserved label 'administrator'"]),
        ("assets", ["'assets'", "reserved", "sites directory"]),
        ("apps.txt", ["reserved", "sites directory"]),
        ("apps.json", ["reserved"]),
        ("common_site_config.json", ["reserved", "sites directory"]),
        ("..", ["reserved"]),
        ("archived", ["reserved"]),
        ("Locks", ["reserved"]),
        ("logs", ["reserved"]),
        ("all", ["reserved"]),
        ("languages", ["reserved"]),
        (None, ["None", "nothing", "text"]),
        (5, ["5", "a number", "quote it"]),
        (["a.b"], ["a list"]),
    ],
)
def test_bad_site_names_give_one_message_each(name: object, words: list[str]) -> None:
    problems = validate_site_name(name)
    assert len(problems) == 1, problems
    for word in ["site name", *words]:
        assert word in problems[0]


def test_two_independent_faults_are_both_told() -> None:
    problems = validate_site_name(f"-a.{LABEL_64}.example")
    assert len(problems) == 2


def test_a_long_bad_name_does_not_fill_the_screen() -> None:
    assert len(validate_site_name("x;" * 120)[0]) < 200


def test_reserved_labels_can_be_allowed() -> None:
    assert validate_site_name("www.example.com", reserved_labels=()) == []


@pytest.mark.parametrize("name", ["www.example.com", "localhost", "shop"])
def test_host_names_may_be_reserved_or_single(name: str) -> None:
    assert validate_host_name(name, "domain") == []


def test_host_name_messages_carry_what_it_is() -> None:
    assert validate_host_name("a..b", "domain")[0].startswith("domain 'a..b' ")


@pytest.mark.parametrize("label", ["abc", "a-b", "a1c", "a" * 40])
def test_good_subdomains(label: str) -> None:
    assert validate_subdomain(label) == []


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("ab", ["'ab'", "too short", "2 characters", "3 to 40"]),
        ("a" * 41, ["too long", "41 characters", "3 to 40"]),
        ("-a-", ["hyphen"]),
        ("Admin", ["upper-case"]),
        ("a..b", ["a dot", "single label"]),
        ("a;id", ["';'"]),
        (LABEL_64, ["64 characters", "63"]),
        ("", ["empty label"]),
        (7, ["a number"]),
        *[
            (label, ["reserved", repr(label)])
            for label in ("admin", "api", "www", "mail", "ftp", "localhost", "root", "administrator")
        ],
    ],
)
def test_bad_subdomains(label: object, words: list[str]) -> None:
    problems = validate_subdomain(label)
    assert len(problems) == 1, problems
    for word in ["subdomain", *words]:
        assert word in problems[0]


def test_subdomains_may_be_allowed_the_limit_of_dns() -> None:
    assert validate_subdomain(LABEL_63, max_length=63) == []
    assert "3 to 63" in validate_subdomain("ab", max_length=200)[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ("a", "text"),
        ({}, "a mapping"),
        ([], "a list"),
        (None, "nothing"),
        (datetime.date(2024, 1, 2), "a date"),
        ({1}, "a set"),
        (object(), "of type object"),
    ],
)
def test_kinds(value: object, words: str) -> None:
    assert kind_of(value) == words
