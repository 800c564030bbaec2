# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that looks at certificates, on certificates made here."""

from __future__ import annotations

import datetime
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from templates.nginx import certificates

NOW = datetime.datetime.now(datetime.UTC)


def make(directory: Path, *names: str, days: float = 30) -> tuple[str, str]:
    directory.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - datetime.timedelta(days=100))
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = directory / "fullchain.pem", directory / "privkey.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(chain), str(secret)


def look(chain: str, key: str, *names: str) -> dict[str, Any]:
    return certificates.look(chain, key, list(names), NOW.timestamp())


def test_a_pair_that_fits(tmp_path: Path) -> None:
    answer = look(*make(tmp_path / "a", "acme.test", "*.shop.test", days=30.5), "acme.test", "eu.shop.test")
    assert (answer["found"], answer["fault"], answer["missing"], answer["days_left"]) == (True, "", [], 30)
    assert answer["covers"] == ["acme.test", "*.shop.test"]


@pytest.mark.parametrize("name", ["shop.test", "a.eu.shop.test", "other.test", "*.other.test"])
def test_names_that_are_not_covered(tmp_path: Path, name: str) -> None:
    assert look(*make(tmp_path / "a", "acme.test", "*.shop.test"), name)["missing"] == [name]


def test_an_expired_one(tmp_path: Path) -> None:
    assert look(*make(tmp_path / "a", "acme.test", days=-1.5))["days_left"] == -2


def test_a_key_of_another(tmp_path: Path) -> None:
    chain, key = make(tmp_path / "a", "acme.test")[0], make(tmp_path / "b", "acme.test")[1]
    assert look(chain, key)["fault"] == f"{key} is not the key of {chain}"


def test_what_is_no_certificate(tmp_path: Path) -> None:
    chain, key = make(tmp_path / "a", "acme.test")
    Path(chain).write_text("no certificate")
    assert "cannot be used" in look(chain, key)["fault"]


def test_nothing_there(tmp_path: Path) -> None:
    answer = look(str(tmp_path / "x"), str(tmp_path / "y"), "acme.test")
    assert (answer["found"], answer["missing"]) == (False, ["acme.test"])


def test_where_a_link_leads(tmp_path: Path) -> None:
    make(tmp_path / "real", "acme.test")
    (tmp_path / "live").symlink_to("real")
    answer = look(str(tmp_path / "live/fullchain.pem"), str(tmp_path / "live/privkey.pem"), "acme.test")
    assert (answer["link"], answer["missing"]) == ("real", [])


def test_what_certbot_wrote_down(tmp_path: Path) -> None:
    chain, key = make(tmp_path / "a", "acme.test")
    renewal = tmp_path / "a.conf"
    renewal.write_text("[renewalparams]\nserver = https://acme.test/dir\nauthenticator = webroot\n")
    one = {"name": "a", "chain": chain, "key": key, "names": [], "renewal": str(renewal)}
    answer = certificates.answer_to(one, NOW.timestamp())
    assert (answer["server"], answer["authenticator"]) == ("https://acme.test/dir", "webroot")


def test_as_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / "acme", "acme.test")
    monkeypatch.setattr(sys, "argv", ["erpops-certificates", str(tmp_path)])
    certificates.main()
    assert list(json.loads(capsys.readouterr().out)) == ["acme"]
    asked = [{"name": "x", "chain": "/none", "key": "/none", "names": []}]
    monkeypatch.setattr(sys, "argv", ["erpops-certificates", "-"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asked)))
    certificates.main()
    assert json.loads(capsys.readouterr().out)["x"]["found"] is False
