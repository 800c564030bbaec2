# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of age and gpg that the tests encrypt backups for."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Keys:
    """A public and a private key; without both the tool is not there."""

    tool: str
    public: str = ""
    private: str = ""

    def need(self) -> None:
        """Skip the test without the tool."""
        if not self.public:
            package = {"gpg": "gnupg"}.get(self.tool, self.tool)
            pytest.skip(f"needs {self.tool} (apt-get install {package})")

    def __repr__(self) -> str:
        return f"Keys({self.tool!r})"


def age_keys() -> Keys:
    """A pair of age."""
    if not shutil.which("age-keygen"):
        return Keys("age")
    text = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    public = next(line for line in text.splitlines() if line.startswith("# public key: "))
    return Keys("age", public.removeprefix("# public key: "), text)


def gpg_keys(folder: Path) -> Keys:
    """A pair of gpg, whose key ring is below ``folder``."""
    if not shutil.which("gpg"):
        return Keys("gpg")
    # A short path, since gpg's agent has its socket there.
    home = Path(os.path.realpath("/tmp")) / f"erpops-keys-{os.getpid()}-{abs(hash(str(folder))) % 100000}"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    try:
        subprocess.run([*gpg, "--quick-generate-key", "backup@example.com", "rsa2048"], check=True, capture_output=True)
        subprocess.run(
            [*gpg, "--quick-add-key", _fingerprint(gpg), "rsa2048", "encrypt"], check=True, capture_output=True
        )
        public, private = (
            subprocess.run([*gpg, "--armor", word], check=True, capture_output=True, text=True).stdout
            for word in ("--export", "--export-secret-keys")
        )
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False)
        shutil.rmtree(home, ignore_errors=True)
    return Keys("gpg", public, private)


def _fingerprint(gpg: list[str]) -> str:
    listed = subprocess.run([*gpg, "--with-colons", "--list-keys"], check=True, capture_output=True, text=True).stdout
    return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
