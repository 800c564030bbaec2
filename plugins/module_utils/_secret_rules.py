# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe, data: what counts as a leaked secret, where it does not count, and why.

The scanner (Kingfisher) brings the forms of some 480 vendors' tokens and of private keys. It leaves alone what has a
meaning by its name or its file only, and that is what an ERPNext integration leaks: a pair of API keys in a note, the
``.env`` file of the operator, the passwords of ``common_site_config.json``. These are the rules below, in the form that
the scanner reads (``--rules-path``; regular expressions of Rust, so no look-around).

Measured on frappe and erpnext (no finding) and on six repositories of integrations: docs/secrets.md.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

# The release in requirements-scan.lock. Another one knows other forms: its verdicts are made anew.
SCANNER_VERSION = "2.14.0"


class Rule(NamedTuple):
    """One form of secret.

    :param kind: what is reported, and the end of the scanner's rule id.
    :param pattern: the value is group 1.
    :param why: the reason for the rule and for its limits.
    :param needs: characters that the value must have, as the scanner's ``pattern_requirements``.
    :param entropy: Shannon's, of the value, at least.
    :param only: a regular expression; the rule counts in files whose path it finds.
    :param found: examples that the scanner must find.
    :param passed: examples that it must not find.
    :param words: placeholders of this rule alone, besides :data:`PLACEHOLDERS`.
    """

    kind: str
    pattern: str
    why: str
    found: tuple[str, ...]
    passed: tuple[str, ...]
    needs: tuple[tuple[str, int], ...] = ()
    entropy: float = 0.0
    only: str = ""
    words: tuple[str, ...] = ()


# A value with one of these is made for the reader to replace. Lower case; the scanner ignores case.
PLACEHOLDERS = (
    "your_", "your-", "yourpass", "yoursecret", "yourtoken", "changeme", "change-me", "change_me", "change-this",
    "change_this", "replace-me", "replace_me", "replace_with", "placeholder", "example", "insecure", "dummy", "fake",
    "xxxx", "****", "____", "....", "a1b2c3", "x9y8z7", "abc123", "abcdef123", "0123456789", "123456789", "secret123",
    "<", "${", "{{",
)  # fmt: skip

# The same by form, for the scanner's own rules (--skip-regex): words in the place of a token, such as ADMIN_JWT_TOKEN,
# and a name and password that say that they are one.
PLACEHOLDER_FORMS = (
    r"(?:^|[Bb]earer |[Tt]oken )[A-Z]+(?:[_-][A-Z]+)+$",
    r"(?i)://[a-z_]*:[a-z]*_?(?:password|passwd|pass|secret)@",
)

# Passwords of development, which protect nothing and are in each tutorial.
_WEAK = ("password", "passw0rd", "admin123", "test123", "test_frappe", "test1234", "secret123", "demo123", "user123")

_CODE = r"\.(py|js|cjs|mjs|jsx|ts|tsx|vue|php|rb|go|java|sh|bash|ps1|bat|html?)$"
_SEPARATOR = r"""["'`*\\]{0,4}\s{0,20}(?::|=>?|:=)\s{0,20}[*]{0,2}\s?"""
_NAMES = (
    r"(?:api|client|consumer|app|application|access|auth|refresh|webhook|encryption|private|secret|bot|shared)"
    r"[_\- ]?(?:key|secret|token)"
)

RULES = (
    Rule(
        "dotenv-secret",
        r"""(?im)^[ \t]*(?:export[ \t]+)?[A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|API_KEY|ACCESS_KEY|"""
        r"""PRIVATE_KEY|ENCRYPTION_KEY|TOKEN)[ \t]*=[ \t]*["']?([^\s"'#$<{][^\s"'#]{4,})""",
        "An environment file is what a process is started with, so even a short password in it is one that is used. The "
        "name must end with the word: ACCESS_TOKEN_LIFETIME_MINUTES is none. Templates of such files hold no values.",
        found=(
            "DB_PASSWORD=kilimo",
            "REDIS_PASSWORD='known-to-all-of-us'",
            "export REDIS_PASSWORD='s3same'",
            "WHATSAPP_APP_SECRET='b7e3d6a0c4f19582'",
        ),
        passed=("DB_PASSWORD=", "DB_PASSWORD=${DB_PASSWORD}", "JWT_TOKEN_LIFETIME=86400", "SECRET_KEY='change-me-now'"),
        only=r"(^|/)(\.env(\.[^/]+)?|[^/]+\.env)$",
    ),
    Rule(
        "site-config-secret",
        r"""(?i)"[a-z0-9_]*(?:password|secret|encryption_key|api_key|token)"\s*:\s*"([^"\s]{5,})\"""",
        "The configuration of a Frappe site or bench: whoever has db_password and encryption_key can read every stored "
        "password. No file of that name belongs into an app.",
        found=('{"db_password": "kX7pQvLm"}', '"root_password": "Sesame#2024"', '"encryption_key": "mT4-9rPq_Zw8="'),
        passed=('"mail_password": ""', '"db_password": "changeme"', '"db_name": "shop_production"'),
        only=r"(^|/)(common_)?site_config[^/]*\.json$",
    ),
    Rule(
        "encryption-key",
        r"""(?:^|[\s"'`=:])([A-Za-z0-9_\-]{43}=)(?:$|[\s"'`,;])""",
        "A Fernet key, which is what Frappe's encryption_key is: 32 bytes in URL-safe Base64. Checksums of 32 bytes stand "
        "behind the name of their algorithm (sha256-...), and so behind no quote or space.",
        found=('set-config encryption_key "qL7vT2-Xc9mB4_nZ8wE1yR5uI3oP6aS0dF2gH4jK8lM="',),
        passed=('"integrity": "sha256-qL7vT2aXc9mB4bnZ8wE1yR5uI3oP6aS0dF2gH4jK8lM="',),
        needs=(("min_digits", 3), ("min_uppercase", 3), ("min_lowercase", 3)),
        entropy=4.3,
    ),
    Rule(
        "frappe-token",
        r"(?i)\btoken\s+([0-9a-f]{15}:[0-9a-f]{15})\b",
        "The header with which Frappe's API is asked: API key and API secret of a user, 15 hexadecimal digits each.",
        found=("Authorization: token 4f9c1e7a8b2d603:9e3b7c5d1f80a26",),
        passed=("Authorization: token api_key:api_secret",),
        entropy=3.0,
    ),
    Rule(
        "api-secret",
        rf"""(?i){_NAMES}{_SEPARATOR}["'`]?([A-Za-z0-9_\-+/]{{9,128}}={{0,2}})(?:$|[\s"'`,;)<\]}}\\])""",
        "A key, secret or token by its name. What the scanner's vendors do not mark by a form of its own (Frappe's own keys "
        "among them) is known by its name and by looking random: digits among letters.",
        found=(
            "API Secret:   740913c52",
            '"ops_client_secret": "8f41c0d2a97b4e63b5a1"',
            "ZIFLOW_API_KEY = 'kd8201x5qm77tr03wz'",
            "apiKey: 'e27c95a1f04b83d'",
        ),
        passed=(
            "API Secret:  ______________",
            '"api_key": "your_api_key_2024"',
            "api_key = frappe.generate_hash(length=15)",
            "webhook_secret: ${WEBHOOK_SECRET_2}",
            '"api_key": "a1b2c3d4e5f6g7h"',
            '"apiSecret": "secret456"',
        ),
        needs=(("min_digits", 3), ("min_lowercase", 1)),
        entropy=2.4,
        words=("secret", "password"),
    ),
    Rule(
        "password",
        rf"""(?i)(?:password|passwd|passphrase|db_pass|smtp_pass){_SEPARATOR}["'`]?([^\s"'`,;(){{}}\[\]<>$\\|]{{8,64}})""",
        "A password by its name, in a file of settings or a note. Two digits among letters: sentences have none, and the "
        "passwords of development are left out by name.",
        found=("MYSQL_ROOT_PASSWORD: kilimanjaro582", '"db_password": "MtKenya2024!"', "- Password: `Sunrise77`"),
        passed=(
            "- Password: `admin123`",
            "MYSQL_ROOT_PASSWORD: root",
            "password: your-password-12",
            'POSTGRES_PASSWORD: "{{ postgres_password_15 }}"',
            "POSTGRES_PASSWORD: ${DB_PASSWORD_01}",
        ),
        needs=(("min_digits", 2), ("min_lowercase", 2)),
        entropy=2.5,
        only=rf"^(?!.*{_CODE})",
        words=_WEAK,
    ),
    Rule(
        "password-in-code",
        r"""(?i)(?:password|passwd|passphrase)["']?\s{0,4}(?::|=|=>)\s{0,4}["'`]([^\s"'`<>${}()]{8,64})["'`]""",
        "The same in a program, where it must be a literal, and look chosen: capitals, small letters, digits.",
        found=('password = "Kariba582!@"', "adminPassword: 'Mosi04aTunya!'"),
        passed=('password = "Password123"', "password: values.password1", 'message = "Password: must have 8 characters"'),
        needs=(("min_digits", 2), ("min_uppercase", 1), ("min_lowercase", 2)),
        entropy=2.5,
        only=_CODE,
        words=_WEAK,
    ),
)  # fmt: skip

# Of the scanner's own rules: kinds that say too little without a value that looks random.
MIN_ENTROPY = {
    # `Bearer YOUR_TOKEN` and `Bearer <token>` of documentation have about 3.2, a Frappe pair of keys 3.8.
    "curl-auth-header": 3.5,
    "curl-auth-user": 3.5,
}

# (regular expression of paths, why nothing counts there)
NOT_SCANNED = (
    (r"(^|/)(node_modules|vendor|site-packages|bower_components)/", "code of others"),
    (r"(^|/)(public/(dist|js/lib)|dist)/|\.min\.(js|css)$|\.map$|\.bundle\.(js|css)$", "built or vendored assets"),
    (r"(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|uv\.lock|Pipfile\.lock)$", "checksums"),
    (r"(^|/)(locale|translations)/.*\.(po|pot|mo|csv)$", "translated sentences about passwords"),
    (r"\.(css|less|scss|svg|woff2?|ttf|eot|png|jpe?g|gif|ico|webp|mp4|pdf)$", "styles and media"),
)

# Forms that tests make up because they test them. Tokens with the form of a vendor count in tests as well.
TEST_PATHS = (
    r"(^|/)(tests?|testing|__tests__|__mocks__|cypress|e2e|fixtures_test|test_[^/]*|playwright)/"
    r"|(^|/)(test_[^/]*|tests|conftest)\.py$|[._-](test|spec)\.[cm]?[jt]sx?$|(^|/)cypress\.config\.[jt]s$"
    r"|(^|/)test_records\.(json|toml)$"
    r"|(^|/)(\.github|\.gitlab|\.circleci)/|(^|/)\.gitlab-ci\.yml$"
)
MADE_UP_IN_TESTS = frozenset(
    {
        *(rule.kind for rule in RULES),
        "jwt",
        "private-key",
        "generic-credential-uri",
        "curl-auth-header",
        "curl-auth-user",
    }
)

# An environment file or a configuration under such a name is made to be copied and filled in.
TEMPLATES = rf"(?i)^(?!.*{_CODE}).*(^|[/._-])(example|sample|template|dist|defaults?)([._-]|$)"
TEMPLATE_KINDS = frozenset({"dotenv-secret", "site-config-secret", "api-secret", "password"})


def scanner_rules() -> str:
    """Our rules as the scanner reads them (YAML, of which JSON is a part).

    ``examples`` are not handed on: ``kingfisher rules check`` would read them, a deployment does not need them.
    """
    rules: list[dict[str, Any]] = [
        {
            "name": rule.kind,
            "id": f"erpops.{rule.kind}",
            "pattern": rule.pattern,
            "min_entropy": rule.entropy,
            "confidence": "medium",
            "pattern_requirements": {
                **dict(rule.needs),
                "ignore_if_contains": [*PLACEHOLDERS, *rule.words],
            },
        }
        for rule in RULES
    ]
    return json.dumps({"rules": rules}, indent=1)


def rules_version() -> str:
    """What a verdict depends on besides the commit: the scanner's release and all data of this file."""
    data = [
        SCANNER_VERSION, RULES, PLACEHOLDERS, PLACEHOLDER_FORMS, sorted(MIN_ENTROPY.items()), NOT_SCANNED, TEST_PATHS,
        sorted(MADE_UP_IN_TESTS), TEMPLATES, sorted(TEMPLATE_KINDS),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
