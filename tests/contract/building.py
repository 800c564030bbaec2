# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two benches are made here: one of the stand-in framework, one of real Frappe."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contract.benches import ContractBench, Secret
from tests.standin import make_repos

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = Path(__file__).resolve().parent / "apps"


def make_repositories(dest: Path) -> dict[str, dict[str, str]]:
    """The stand-in's repositories, its broken apps and the contract's own app, by name."""
    dest.mkdir(parents=True, exist_ok=True)
    layout = {
        name: [(make_repos.HERE / tree, inside) for tree, inside in trees] for name, trees in make_repos.LAYOUT.items()
    }
    layout |= {path.name: [(path, ".")] for path in sorted((make_repos.HERE / "broken").iterdir()) if path.is_dir()}
    layout |= {path.name: [(path, ".")] for path in sorted(APPS.iterdir()) if path.is_dir()}
    return {name: make_repos.make(name, trees, dest) for name, trees in layout.items()}


def build(work: Path, *extra: str) -> Path:
    """A bench made by playbooks/setup.yml on the demo's inventory, below `work`."""
    for name in ("vault_password", "shop_token"):
        (work / name).touch(mode=0o600)
        (work / name).write_text(secrets.token_urlsafe(24))
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "ansible-playbook"), "-i", "inventories/demo", "playbooks/setup.yml"),
            *("--vault-password-file", str(work / "vault_password")),
            *extra,
            *("--extra-vars", f"demo_root={work}"),
        ],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_HOME": str(work / "ansible")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return work / "bench"


@contextlib.contextmanager
def open_standin(work: Path) -> Iterator[ContractBench]:
    """A bench of the stand-in framework, whose database server asks root for a password as MariaDB does."""
    repos = make_repositories(work / "repos")
    path = build(work)
    server = path / ".standin-db"
    server.mkdir(mode=0o700)
    root = {"user": "root", "password": Secret(secrets.token_hex(12)), "host": None, "port": None}
    (server / "root_password").write_text(str(root["password"]))
    bench = ContractBench("standin", path, repos, root, repos["erpnext"], work)
    with contextlib.closing(bench):
        yield bench


REAL_MISSING = [name for name in ("FRAPPE_REPO", "ERPNEXT_REPO", "DB_ROOT_PASSWORD_FILE") if not os.environ.get(name)]


@contextlib.contextmanager
def open_real(work: Path) -> Iterator[ContractBench]:
    """A bench of real Frappe: ERPOPS_CONTRACT_BENCH, else one made from FRAPPE_REPO (a minute more)."""
    repos = make_repositories(work / "repos")
    given = os.environ.get("ERPOPS_CONTRACT_BENCH")
    path = Path(given) if given else build(work, "--extra-vars", "@inventories/demo-real.yml")
    root = {
        "user": os.environ.get("DB_ROOT_USER") or "root",
        "password": Secret(Path(os.environ["DB_ROOT_PASSWORD_FILE"]).read_text().strip()),
        "host": os.environ.get("DB_HOST") or "127.0.0.1",
        "port": int(os.environ.get("DB_PORT") or 3306),
    }
    repo = os.environ["ERPNEXT_REPO"]
    erpnext = {"path": repo, "commit": os.environ.get("ERPNEXT_BRANCH") or "version-15"}
    bench = ContractBench("real", path, repos, root, erpnext, work)
    bench.clear()
    with contextlib.closing(bench):
        yield bench
