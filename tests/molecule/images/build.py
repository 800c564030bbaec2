#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the image of a test host, once, and print its name.

    python build.py debian12 | debian13 | ubuntu2204 | ubuntu2404

The image is what a cloud provider hands over: systemd, OpenSSH, sudo, Python, and no package lists. Its base is the
distribution's own image when a registry is reachable, else it is built here from the distribution's packages, which
needs root and mmdebstrap, but no privileged container. The name holds a digest of all that goes into the image, so
that a second run finds it, and a change here makes a new one.

What the controller trusts is handed on, because a builder behind a proxy that inspects TLS could reach no registry
of packages from inside a host otherwise: its CA certificates, and where it has one, pip's `cert`, npm's `cafile`, the
variables that name a CA bundle, and an APT proxy.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "erpops-test"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CA_VARIABLES = ("CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")

# Debian has no package with Ubuntu's archive keys, so they come out of Ubuntu's own package, fetched without TLS and
# accepted for its checksum alone: what is trusted is this line. The keys in it are 790B C727 7767 219C 42C8 6F93 3B4F
# E6AC C0B2 1F32 (2012) and F6EC B376 2474 EDA9 D21B 7022 8719 20D1 991B C93C (2018), as Ubuntu publishes them.
UBUNTU_KEYRING = (
    "http://archive.ubuntu.com/ubuntu/pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb",
    "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8",
)


@dataclass(frozen=True)
class Distro:
    registry: str
    suite: str
    mirror: str
    components: str
    security: tuple[str, str]
    keyring: str

    def sources(self) -> list[str]:
        """Lines of sources.list: the release, its updates, its security updates."""
        suites = ((self.mirror, self.suite), (self.mirror, f"{self.suite}-updates"), self.security)
        return [f"deb {mirror} {suite} {self.components}" for mirror, suite in suites]


def _debian(suite: str) -> Distro:
    security = ("http://deb.debian.org/debian-security", f"{suite}-security")
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    return Distro(f"docker.io/library/debian:{suite}", suite, "http://deb.debian.org/debian", "main", security, keyring)


def _ubuntu(suite: str) -> Distro:
    mirror = "http://archive.ubuntu.com/ubuntu"
    keyring = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
    security = (mirror, f"{suite}-security")
    return Distro(f"docker.io/library/ubuntu:{suite}", suite, mirror, "main universe", security, keyring)


DISTROS = {
    "debian12": _debian("bookworm"),
    "debian13": _debian("trixie"),
    "ubuntu2204": _ubuntu("jammy"),
    "ubuntu2404": _ubuntu("noble"),
}


def say(text: str) -> None:
    """Progress goes to stderr: stdout is the image's name."""
    print(f"image: {text}", file=sys.stderr, flush=True)


def output_of(*command: str) -> str:
    """What a command of the controller prints; nothing when it is not there or fails."""
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def handed_on() -> dict[str, str]:
    """Files of the image, by their path in it, that carry the controller's trust."""
    files = {}
    bundle = Path(os.environ.get("SSL_CERT_FILE") or BUNDLE)
    if bundle.is_file():
        files["usr/local/share/ca-certificates/controller.pem"] = bundle.read_text()
    if os.environ.get("PIP_CERT") or output_of(sys.executable, "-m", "pip", "config", "get", "global.cert"):
        files["etc/pip.conf"] = f"[global]\ncert = {BUNDLE}\n"
    if output_of("npm", "config", "get", "cafile") not in ("", "null", "undefined"):
        files["etc/npmrc"] = f"cafile={BUNDLE}\n"
    proxy = output_of("apt-config", "dump", "--format=%v", "Acquire::http::Proxy")
    if proxy and proxy != "DIRECT":
        files["etc/apt/apt.conf.d/00proxy"] = f'Acquire::http::Proxy "{proxy}";\n'
    variables = environment()
    if variables:
        files["etc/environment"] = "".join(f"{name}={value}\n" for name, value in variables.items())
        # sudo, and with it `become`, drops all others.
        files["etc/sudoers.d/controller"] = f'Defaults env_keep += "{" ".join(variables)}"\n'
    return files


def environment() -> dict[str, str]:
    """Variables that name a CA bundle, as far as the controller has them, with the image's bundle."""
    return {name: BUNDLE for name in CA_VARIABLES if os.environ.get(name)}


def dockerfile(base: str) -> str:
    variables = "".join(f"ENV {name}={value}\n" for name, value in environment().items())
    return (
        f"FROM {base}\nCOPY handed_on/ /\nCOPY provision.sh /provision.sh\n"
        f"RUN sh /provision.sh && rm /provision.sh\n{variables}STOPSIGNAL SIGRTMIN+3\n"
        'CMD ["/lib/systemd/systemd"]\n'
    )


def digest(distro: str, files: dict[str, str]) -> str:
    """Of all that decides what the image holds, but for the state of the distribution's archive."""
    parts = [distro, repr(sorted(files.items()))]
    parts += [(HERE / name).read_text() for name in ("build.py", "provision.sh")]
    return _short_digest(*parts)


def _short_digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def exists(image: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def base_image(name: str, distro: Distro) -> str:
    """The distribution's own image, or one of its packages with the same content: the required ones and apt."""
    pulled = subprocess.run(["docker", "pull", distro.registry], capture_output=True, text=True, check=False)
    if pulled.returncode == 0 or exists(distro.registry):
        return distro.registry
    reason = (pulled.stderr.strip().splitlines() or ["no reason given"])[-1]
    say(f"{distro.registry} cannot be pulled ({reason}); its base is built from packages")
    return build_base(name, distro)


def build_base(name: str, distro: Distro) -> str:
    if not shutil.which("mmdebstrap"):
        raise SystemExit("image: mmdebstrap is missing; as root: apt-get install mmdebstrap")
    options = ["--quiet", "--variant=minbase", "--include=apt", distro.suite]
    image = f"{NAME}-base:{name}-{_short_digest(*options, *distro.sources())}"
    if exists(image):
        return image
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)  # apt reads the keys as a user of its own
        tar = Path(directory, "base.tar")
        command = ["mmdebstrap", f"--keyring={keyring(distro, Path(directory))}", *options, str(tar)]
        # What it says goes to stderr, where a person sees it.
        subprocess.run([*command, *distro.sources()], check=True, stdout=sys.stderr)
        subprocess.run(["docker", "import", str(tar), image], check=True, stdout=subprocess.DEVNULL)
    return image


def keyring(distro: Distro, directory: Path) -> Path:
    """The archive's keys: the controller's own where it has them."""
    own = Path(distro.keyring)
    if own.is_file():
        return own
    if "ubuntu" not in own.name:
        raise SystemExit(f"image: {own} is missing; as root: apt-get install debian-archive-keyring")
    address, wanted = UBUNTU_KEYRING
    with urllib.request.urlopen(address, timeout=60) as answer:
        package = answer.read()
    found = hashlib.sha256(package).hexdigest()
    if found != wanted:
        raise SystemExit(f"image: {address} has the SHA-256 {found}, not {wanted}: not trusted")
    archive = directory / "keyring.deb"
    archive.write_bytes(package)
    subprocess.run(["dpkg-deb", "--extract", str(archive), str(directory / "keyring")], check=True)
    return directory / "keyring" / own.relative_to("/")


def build(name: str) -> str:
    distro, files = DISTROS[name], handed_on()
    image = f"{NAME}:{name}-{digest(name, files)}"
    if exists(image):
        return image
    base = base_image(name, distro)
    say(f"building {image} from {base}")
    with tempfile.TemporaryDirectory() as directory:
        context = Path(directory)
        for path, content in files.items():
            target = context / "handed_on" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        (context / "handed_on").mkdir(exist_ok=True)
        shutil.copy(HERE / "provision.sh", context)
        (context / "Dockerfile").write_text(dockerfile(base))
        subprocess.run(
            ["docker", "build", "--quiet", "--force-rm", "--tag", image, directory], check=True, stdout=sys.stderr
        )
    return image


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in DISTROS:
        print(f"usage: build.py {' | '.join(DISTROS)}", file=sys.stderr)
        return 2
    print(build(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
