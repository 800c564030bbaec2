# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where copies are, how rclone is told, and what its errors mean; the texts are those of rclone 1.60 and Swift 2.38."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._offsite_plan import (
    copies_in,
    copy_faults,
    listing,
    meaning,
    store_from,
)

GIVEN = {
    "endpoint": "https://s3.example.com/",
    "bucket": "backups",
    "prefix": "/fleet/",
    "access_key": "AKIA1",
    "secret_key": "a-secret-key",
}
SIGNATURE = (
    "2026/11/21 17:12:53 ERROR : : error listing: SignatureDoesNotMatch: The request signature we calculated does not\n"
    "\tstatus code: 403, request id: txe48, host id: txe48"
)


def test_where_a_set_is() -> None:
    store = store_from(GIVEN)
    assert store.name == "https://s3.example.com/backups/fleet"
    assert store.path("a.test", "one", "manifest.json") == "offsite:backups/fleet/a.test/one/manifest.json"
    assert store_from({**GIVEN, "prefix": None}).path("a.test") == "offsite:backups/a.test"
    assert not any("a-secret-key" in word or "AKIA1" in word for word in [*store.options, store.path(), store.name])


def test_rclone_is_told_by_its_environment() -> None:
    told = store_from({**GIVEN, "region": "eu-1", "ca_cert": "/etc/ca.pem"})
    assert told.environment == {
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_CONFIG_OFFSITE_TYPE": "s3",
        "RCLONE_CONFIG_OFFSITE_PROVIDER": "Other",
        "RCLONE_CONFIG_OFFSITE_ENDPOINT": "https://s3.example.com/",
        "RCLONE_CONFIG_OFFSITE_REGION": "eu-1",
        "RCLONE_CONFIG_OFFSITE_ACCESS_KEY_ID": "AKIA1",
        "RCLONE_CONFIG_OFFSITE_SECRET_ACCESS_KEY": "a-secret-key",
        "RCLONE_CONFIG_OFFSITE_NO_CHECK_BUCKET": "true",
    }
    assert told.options[-2:] == ["--ca-cert", "/etc/ca.pem"]
    amazon = store_from({**GIVEN, "endpoint": None, "region": "eu-central-1"})
    assert amazon.environment["RCLONE_CONFIG_OFFSITE_PROVIDER"] == "AWS"
    assert "RCLONE_CONFIG_OFFSITE_ENDPOINT" not in amazon.environment


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        ({"endpoint": "s3.example.com"}, "endpoint s3.example.com is no address"),
        ({"endpoint": "https://me:hidden@s3.example.com"}, "endpoint holds a password"),
        ({"endpoint": ""}, "neither an endpoint nor a region"),
        ({"bucket": ""}, "bucket (none) is no name"),
        ({"bucket": "a/b"}, "bucket a/b is no name"),
        ({"prefix": "../x"}, "prefix ../x has other characters"),
        ({"prefix": "a//b"}, "prefix a//b has other characters"),
        ({"access_key": "", "secret_key": None}, "access_key is not given; secret_key is not given"),
    ],
)
def test_no_place_to_copy_to(other: dict[str, Any], seen: str) -> None:
    with pytest.raises(ErpopsError) as error:
        store_from({**GIVEN, **other})
    assert error.value.status == 400
    assert seen in error.value.seen
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("errors", "status", "message"),
    [
        (
            SIGNATURE,
            403,
            "does not accept the credentials",
        ),
        ("InvalidAccessKeyId: no such key\n\tstatus code: 403", 403, "does not accept the credentials"),
        ("AccessDenied: Access Denied.\n\tstatus code: 403, request id: x", 403, "does not allow this"),
        ("Failed to copyto: NoSuchBucket: The specified bucket does not exist.", 404, "no such bucket"),
        ("Failed to lsjson with 2 errors: error in ListJSON: directory not found", 404, "no such bucket"),
        ("Failed to cat: object not found", 404, "an object of the copy is not there"),
        ("InternalError: We encountered an internal error\n\tstatus code: 500", 503, "the S3 server failed"),
        ("SlowDown: Please reduce your request rate.\n\tstatus code: 503", 503, "the S3 server failed"),
        ("dial tcp 127.0.0.1:1: connect: connection refused", 503, "does not answer"),
        ("RequestError: send request failed\ncaused by: Put: EOF", 503, "does not answer"),
        ("dial tcp: lookup s3.nowhere: no such host", 503, "does not answer"),
        ("RequestError: send request failed\ncaused by: x509: certificate signed by unknown authority", 403, "trusted"),
        ("something new", 500, "copying x failed"),
        ("", 500, "copying x failed"),
    ],
)
def test_errors_have_a_meaning(errors: str, status: int, message: str) -> None:
    error = meaning(store_from(GIVEN), "copying x", errors)
    assert (error.status, message in error.message) == (status, True)
    assert error.object == "https://s3.example.com/backups/fleet"
    assert "request id" not in error.seen
    assert "2026/11" not in error.seen


def test_a_copy_is_complete_with_its_manifest() -> None:
    text = (
        b'[{"Path":"one/manifest.json","Name":"manifest.json","Size":10,"IsDir":false},'
        b'{"Path":"one/x.age","Size":5},{"Path":"two/x.age","Size":5},{"Path":"three","Size":-1,"IsDir":true},'
        b'{"Path":"one/deep/manifest.json","Size":1},{"Path":"stray","Size":1},'
        b'{"Path":"../manifest.json","Size":1},{"Path":".x/manifest.json","Size":1}]'
    )
    files = listing(text)
    assert files["one/x.age"] == 5
    assert copies_in(files) == {"one": {"manifest.json": 10, "x.age": 5}}
    assert listing(b"") == {}


def test_what_a_copy_lacks() -> None:
    faults = copy_faults({"a": 1, "b": 2, "c": -1, "d": -1}, {"b": 3, "c": 9, "other": 1})
    assert faults == {"a": "a is missing", "b": "b has 3 bytes instead of 2", "d": "d is missing"}
