# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of test hosts: what is handed on, and what makes a new image."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.molecule.images import build


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A controller without a configuration of its own, and its CA bundle."""
    bundle = tmp_path / "bundle.crt"
    bundle.write_text("certificates")
    for name in build.CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setattr(build, "output_of", lambda *command: "")
    return bundle


def test_the_bundle_is_handed_on_and_the_variable_names_that_of_the_image(bare: Path) -> None:
    assert build.handed_on() == {
        "usr/local/share/ca-certificates/controller.pem": "certificates",
        "etc/environment": f"SSL_CERT_FILE={build.BUNDLE}\n",
        "etc/sudoers.d/controller": 'Defaults env_keep += "SSL_CERT_FILE"\n',
    }
    assert f"ENV SSL_CERT_FILE={build.BUNDLE}\n" in build.dockerfile("debian:bookworm")


@pytest.mark.parametrize(
    ("command", "answer", "path", "content"),
    [
        ("npm", "/own/ca.pem", "etc/npmrc", f"cafile={build.BUNDLE}\n"),
        (
            "apt-config",
            "http://proxy:3142",
            "etc/apt/apt.conf.d/00proxy",
            'Acquire::http::Proxy "http://proxy:3142";\n',
        ),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_a_tool_of_the_controller_trusts_is_handed_on(
    monkeypatch: pytest.MonkeyPatch, command: str, answer: str, path: str, content: str
) -> None:
    monkeypatch.setattr(build, "output_of", lambda name, *rest: answer if name == command else "")
    assert build.handed_on()[path] == content


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("answer", ["null", "undefined", "DIRECT"])
def test_no_setting_is_handed_on_as_none(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(build, "output_of", lambda name, *rest: answer if name in ("npm", "apt-config") else "")
    handed_on = build.handed_on()
    assert ("etc/npmrc" in handed_on) == (answer == "DIRECT")
    assert ("etc/apt/apt.conf.d/00proxy" in handed_on) == (answer != "DIRECT")


def test_another_distribution_or_another_trust_makes_another_image() -> None:
    names = {build.digest("debian12", {}), build.digest("debian13", {}), build.digest("debian12", {"a": "b"})}
    assert len(names) == 3
    assert build.digest("debian12", {}) == build.digest("debian12", {})


@pytest.mark.parametrize("name", build.DISTROS)
def test_a_release_comes_with_its_updates_and_security_updates(name: str) -> None:
    distro = build.DISTROS[name]
    suites = [line.split()[2] for line in distro.sources()]
    assert suites == [distro.suite, f"{distro.suite}-updates", f"{distro.suite}-security"]


def test_keys_that_are_not_the_expected_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "keyring.deb"
    package.write_bytes(b"somebody's own")
    monkeypatch.setattr(build, "UBUNTU_KEYRING", (package.as_uri(), build.UBUNTU_KEYRING[1]))
    missing = build.Distro("r", "noble", "m", "main", ("m", "s"), str(tmp_path / "ubuntu-archive-keyring.gpg"))
    with pytest.raises(SystemExit, match="not trusted"):
        build.keyring(missing, tmp_path)
