# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts where, and what is left of the scanner's answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._secret_findings import counts, findings, told

VALUE = "kd8201x5qm77tr03wz"


def match(path: str, kind: str = "erpops.api-secret", line: int = 1, entropy: object = "3.9") -> dict[str, Any]:
    """A match as Kingfisher 2 tells it with --redact."""
    return {
        "rule": {"id": kind, "name": kind.partition(".")[2]},
        "finding": {
            "path": f"/tmp/x/tree/{path}",
            "line": line,
            "entropy": entropy,
            "snippet": f"[REDACTED:{VALUE[:8]}]",
            "fingerprint": VALUE,
            "validation": {"response": VALUE},
        },
    }


def found(*matches: dict[str, Any]) -> list[dict[str, Any]]:
    return findings({"findings": list(matches)}, "/tmp/x/tree")


@pytest.mark.parametrize(
    ("kind", "path", "entropy", "expected"),
    [
        ("dotenv-secret", ".env", 1.0, True),
        ("dotenv-secret", "backend/.env.prod", 1.0, True),
        ("dotenv-secret", "backend/.env.save.1", 1.0, True),
        ("dotenv-secret", "mailu.env", 1.0, True),
        ("dotenv-secret", ".env.example", 1.0, False),
        ("dotenv-secret", "deploy/sample.env", 1.0, False),
        ("dotenv-secret", "install.sh", 1.0, False),
        ("dotenv-secret", ".github/.env", 1.0, False),
        ("site-config-secret", "sites/common_site_config.json", 3.0, True),
        ("site-config-secret", "sites/a.localhost/site_config.json", 3.0, True),
        ("site-config-secret", ".github/helper/site_config_mariadb.json", 3.0, False),
        ("site-config-secret", "package.json", 3.0, False),
        ("password", "docker-compose.yml", 3.0, True),
        ("password", "NOTES.txt", 3.0, True),
        ("password", "app/setup.py", 3.0, False),
        ("password-in-code", "app/setup.py", 3.0, True),
        ("password-in-code", "app/tests/test_login.py", 3.0, False),
        ("password-in-code", "app/users/tests.py", 3.0, False),
        ("password-in-code", "lib/__tests__/login.test.ts", 3.0, False),
        ("password-in-code", "app/contest/login.py", 3.0, True),
        ("api-secret", "YOUR_CREDENTIALS.txt", 3.0, True),
        ("api-secret", "credentials-template.txt", 3.0, False),
        ("api-secret", "app/sync_sample_quotes.py", 3.0, True),
        ("api-secret", "yarn.lock", 3.0, False),
        ("api-secret", "app/public/js/lib/jquery.js", 3.0, False),
        ("api-secret", "app/public/dist/app.bundle.js", 3.0, False),
        ("password", "app/translations/de.csv", 3.0, False),
        ("jwt", "db.sqlite3", 5.0, True),
        ("jwt", "app/tests/test_token.py", 5.0, False),
        ("private-key", "deploy/id_rsa", 5.0, True),
        # A token with the form of its vendor's is one, wherever it stands.
        ("github-pat", "app/tests/test_token.py", 4.0, True),
        ("github-pat", "node_modules/x/index.js", 4.0, False),
        ("curl-auth-header", "README.md", 3.2, False),
        ("curl-auth-header", "README.md", 3.8, True),
    ],
)
def test_what_counts_where(kind: str, path: str, entropy: float, expected: bool) -> None:
    assert counts(kind, path, entropy) is expected


def test_a_file_and_kind_is_one_finding() -> None:
    assert found(match("b.txt", line=9), match("a.txt", line=3), match("b.txt", line=2), match("b.txt", line=9)) == [
        {"file": "a.txt", "kind": "api-secret", "lines": [3], "count": 1},
        {"file": "b.txt", "kind": "api-secret", "lines": [2, 9], "count": 2},
    ]


def test_a_line_is_told_once_under_the_kind_that_says_most() -> None:
    assert found(
        match(".env", "erpops.password", 2),
        match(".env", "erpops.dotenv-secret", 2),
        match(".env", "betterleaks.jwt", 3),
        match(".env", "erpops.dotenv-secret", 3),
    ) == [
        {"file": ".env", "kind": "jwt", "lines": [3], "count": 1},
        {"file": ".env", "kind": "dotenv-secret", "lines": [2], "count": 1},
    ]


def test_neither_a_value_nor_its_digest_is_left() -> None:
    answer = json.dumps(found(match("a.txt"), match("sites/common_site_config.json", "erpops.site-config-secret")))
    assert VALUE not in answer
    assert VALUE[:8] not in answer
    assert "REDACTED" not in answer


def test_many_lines_are_counted_and_not_all_listed() -> None:
    (one,) = found(*(match("a.txt", line=line) for line in range(1, 100)))
    assert (len(one["lines"]), one["count"]) == (40, 99)
    assert told([one]) == ["a.txt: api-secret (lines 1, 2, 3, 4, 5 and 94 more)"]


def test_a_repository_full_of_them_is_told_in_part() -> None:
    lines = told(found(*(match(f"{number:03d}.txt") for number in range(100))))
    assert (len(lines), lines[0], lines[-1]) == (41, "000.txt: api-secret (line 1)", "and 60 more")


def test_an_entropy_that_is_not_told_is_none() -> None:
    assert found(match("README.md", "betterleaks.curl-auth-header", entropy=None)) == []


@pytest.mark.parametrize(
    "answer",
    [{}, {"findings": [{"rule": {"id": "erpops.jwt"}}]}, {"findings": [match("a", line="x")]}],  # type: ignore[arg-type]
)
def test_another_answer_is_an_error(answer: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        findings(answer, "/tmp/x/tree")
