# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: where a set's copy is in an S3 bucket, how rclone is told, and what its errors mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .._errors import ErpopsError

REMOTE = "offsite"

_SET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)*")


@dataclass(frozen=True)
class Store:
    """A bucket of an S3 server, and the prefix below which the sites are."""

    endpoint: str
    region: str
    bucket: str
    prefix: str
    provider: str
    ca_cert: str
    access_key: str
    secret_key: str

    @property
    def name(self) -> str:
        """Where it is, without who asks."""
        return "/".join(part for part in (self.endpoint.rstrip("/"), self.bucket, self.prefix) if part)

    def path(self, *parts: str) -> str:
        """A place below the prefix, as rclone names it."""
        return f"{REMOTE}:" + "/".join(part for part in (self.bucket, self.prefix, *parts) if part)

    @property
    def environment(self) -> dict[str, str]:
        """All that rclone is configured with: no file of it holds the keys, and no command line."""
        config = {
            "TYPE": "s3",
            "PROVIDER": self.provider,
            "ENDPOINT": self.endpoint,
            "REGION": self.region,
            "ACCESS_KEY_ID": self.access_key,
            "SECRET_ACCESS_KEY": self.secret_key,
            # Buckets are made by who pays for them; a key that may only write cannot ask for one.
            "NO_CHECK_BUCKET": "true",
        }
        named = {f"RCLONE_CONFIG_{REMOTE.upper()}_{key}": value for key, value in config.items() if value}
        return {"RCLONE_CONFIG": "/dev/null", **named}

    @property
    def options(self) -> list[str]:
        """Bounds on how long a dead server is asked."""
        bounds = ["--retries", "2", "--low-level-retries", "3", "--contimeout", "15s", "--timeout", "60s"]
        return [*bounds, *(["--ca-cert", self.ca_cert] if self.ca_cert else [])]


def store_from(given: Mapping[str, Any]) -> Store:
    """A store of an option ``offsite``. :raises ErpopsError: (400) it cannot be one; names every fault."""
    values = {key: str(given.get(key) or "") for key in Store.__dataclass_fields__}
    values["prefix"] = values["prefix"].strip("/")
    faults = []
    parts = urlsplit(values["endpoint"])
    if values["endpoint"] and (parts.scheme not in ("http", "https") or not parts.hostname):
        faults.append(f"endpoint {values['endpoint']} is no address")
    if parts.username or parts.password:
        faults.append("endpoint holds a password")
        values["endpoint"] = ""
    if not values["endpoint"] and not values["region"]:
        faults.append("neither an endpoint nor a region is given")
    if not _BUCKET.fullmatch(values["bucket"]):
        faults.append(f"bucket {values['bucket'] or '(none)'} is no name of one")
    if values["prefix"] and not _PREFIX.fullmatch(values["prefix"]):
        faults.append(f"prefix {values['prefix']} has other characters than letters, digits, _ . - and /")
    faults += [f"{key} is not given" for key in ("access_key", "secret_key") if not values[key]]
    if faults:
        raise ErpopsError("is no place to copy to", object="offsite", seen="; ".join(faults), status=400)
    values["provider"] = values["provider"] or ("Other" if values["endpoint"] else "AWS")
    return Store(**values)


# What rclone and the servers write -> (what it means, what to do, class); the first that is found counts.
_MEANINGS = (
    (
        r"SignatureDoesNotMatch|InvalidAccessKeyId|InvalidAccessKey\b|AuthorizationHeaderMalformed|RequestTimeTooSkewed",
        "the S3 server does not accept the credentials",
        "check access_key, secret_key and region, and the clock of this machine",
        403,
    ),
    (
        r"AccessDenied|status code: 403|Forbidden",
        "the S3 server does not allow this",
        "give the key the rights to list, read and write (and to delete, for retention) below the prefix",
        403,
    ),
    (
        r"NoSuchBucket|directory not found",
        "there is no such bucket",
        "make it, or correct offsite.bucket; it is not made by itself",
        404,
    ),
    (
        r"NoSuchKey|object not found|status code: 404",
        "an object of the copy is not there",
        "copy the set again",
        404,
    ),
    (
        r"status code: 5\d\d|InternalError|ServiceUnavailable|SlowDown",
        "the S3 server failed",
        "look at the server; the run can be repeated at any time",
        503,
    ),
    (
        r"x509|certificate",
        "the S3 server's certificate is not trusted",
        "give offsite.ca_cert, or install the certificate of its authority on this machine",
        403,
    ),
    (
        r"connection (refused|reset)|no such host|timeout|broken pipe|EOF|unreachable|deadline exceeded|RequestError",
        "the S3 server does not answer",
        "check offsite.endpoint, the network and the server; the run can be repeated at any time",
        503,
    ),
)


def meaning(store: Store, what: str, errors: str) -> ErpopsError:
    """What rclone ended with, as our error. ``what``: what was tried."""
    lines = [re.sub(r"^\d{4}/\d\d/\d\d [\d:]+ ", "", line) for line in errors.splitlines() if line.strip()]
    seen = " / ".join(_first_half(line) for line in lines[-3:])[:600] or "no message"
    for pattern, message, hint, status in _MEANINGS:
        if re.search(pattern, errors):
            return ErpopsError(f"{what}: {message}", object=store.name, seen=seen, hint=hint, status=status)
    return ErpopsError(f"{what} failed", object=store.name, seen=seen, hint="run again", status=500)


def _first_half(line: str) -> str:
    return line.strip().partition(", request id:")[0]


def listing(text: bytes) -> dict[str, int]:
    """Sizes by path, of what ``rclone lsjson --recursive --files-only`` printed."""
    return {str(row["Path"]): int(row["Size"]) for row in json.loads(text or b"[]") if not row.get("IsDir")}


def copies_in(files: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Sizes by set and file, of a listing of a site; only of sets whose manifest, which is written last, is there.

    Others than we may write to the bucket: what is no name of a set could lead out of the site's objects.
    """
    sets: dict[str, dict[str, int]] = {}
    for path, size in files.items():
        name, _slash, file = path.partition("/")
        if file and "/" not in file and _SET.fullmatch(name):
            sets.setdefault(name, {})[file] = size
    return {name: found for name, found in sets.items() if "manifest.json" in found}


def copy_faults(wanted: Mapping[str, int], found: Mapping[str, int]) -> dict[str, str]:
    """Why files of a set are not in its copy as they should be, by name. A size of -1 is not known."""
    faults = {}
    for name, size in sorted(wanted.items()):
        if name not in found:
            faults[name] = f"{name} is missing"
        elif size not in (-1, found[name]):
            faults[name] = f"{name} has {found[name]} bytes instead of {size}"
    return faults
