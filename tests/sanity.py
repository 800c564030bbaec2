# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection as it would be published and run ``ansible-test sanity`` on it.

ansible-test refuses a collection that is reached through a link and one whose path does not end in
``ansible_collections/<namespace>/<name>``, and a clone is usually both. So what git knows of -- changed and new
files included, ignored ones not -- is copied, built (which leaves out what ``build_ignore`` of galaxy.yml names)
and unpacked at such a path, all in a temporary directory.

Two more things make it run where only a package index is reachable, and leave nothing in the home directory:

* HOME is ``.cache/sanity``, which keeps the environments that ansible-test makes per test for the next run.
  ansible-test hands nothing but HOME on to pip, so pip's configuration, files and ``PIP_*``, is put there.
* ansible-test would fetch pip itself from a server of the Ansible project. Where it looks for its cached copy,
  it finds a few lines that take pip from the standard library (ensurepip) and the wanted version from the index.

Arguments are handed on: ``tests/sanity.py --test validate-modules plugins/modules/site.py``.
"""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".cache" / "sanity"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# Test -> why it is not run. All others are.
SKIPPED = {
    "shellcheck": "needs a program that package indexes do not have; `make lint` parses the few scripts",
}

# What a user of the collection has no use for; build_ignore must name it.
CLONE_ONLY = (".", "Makefile", "ansible.cfg", "bin/", "collections/", "conftest.py", "inventories/")

GET_PIP = '''\
"""In place of get-pip: pip from the standard library, then the wanted packages from the index."""
import subprocess
import sys

wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([sys.executable, "-m", "pip", "install", *wanted], check=True)
'''


def prepare_home() -> None:
    """Make the HOME of ansible-test: pip's configuration, and the stand-in for its cached get-pip."""
    from ansible_test._internal.python_requirements import get_venv_packages

    pip_version = get_venv_packages(SimpleNamespace(version=PYTHON))["pip"]
    cache = HOME / ".ansible/test/cache"
    settings = HOME / ".config/pip"
    for directory in (cache, settings):
        directory.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{pip_version.replace('.', '_')}.py").write_text(GET_PIP)
    # 0600: the address of a private index may hold a password.
    with open(settings / "pip.conf", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        pip_configuration().write(file)


def pip_configuration() -> configparser.ConfigParser:
    """What pip is told by the user's files and by PIP_*, as one file."""
    config = configparser.ConfigParser(interpolation=None)
    home = Path.home()
    config.read([home / ".pip/pip.conf", home / ".config/pip/pip.conf", os.environ.get("PIP_CONFIG_FILE", "")])
    told = {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in os.environ.items()
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"
    }
    config.read_dict({"global": {**told, "quiet": "1"}})
    return config


def copy_known_files(target: Path) -> None:
    """Copy what git tracks or would track to ``target``; links stay links."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    for name in listing.stdout.decode().rstrip("\0").split("\0"):
        source, destination = ROOT / name, target / name
        if source.is_symlink() or source.is_file():  # neither: deleted, and not yet committed
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, destination, follow_symlinks=False)


def build(source: Path, output: Path) -> Path:
    """Build the collection, refuse what must not be published, and return where it is unpacked."""
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", str(output)], cwd=source, check=True)
    [tarball] = output.glob("*.tar.gz")
    collection = output / "ansible_collections" / "erpops" / "frappe"
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    stray = sorted(name for name in names if name.startswith(CLONE_ONLY))
    if stray:
        sys.exit(f"sanity: would publish {', '.join(stray)}; name it under build_ignore in galaxy.yml")
    shutil.unpack_archive(tarball, collection)
    print(f"sanity: built {tarball.name}, {len(names)} files", flush=True)
    return collection


def main() -> int:
    """Copy, build, test; returns the exit code of ansible-test."""
    prepare_home()
    for test, reason in SKIPPED.items():
        print(f"sanity: {test} is not run: {reason}")
    with tempfile.TemporaryDirectory(prefix="erpops-sanity-") as name:
        directory = Path(name)
        copy_known_files(directory / "source")
        collection = build(directory / "source", directory / "built")
        environment = {key: value for key, value in os.environ.items() if key != "ANSIBLE_CONFIG"}
        skip = [word for test in SKIPPED for word in ("--skip-test", test)]
        return subprocess.run(
            ["ansible-test", "sanity", "--python", PYTHON, "--color", "no", *skip, *sys.argv[1:]],
            cwd=collection,
            env={**environment, "HOME": str(HOME)},
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
