# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack of the tests' own: tests/fake/hanna as a repository with commits, an inventory, and the engine to run it on."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.integration.fleet import ROOT, Result, environment, run_playbook
from tests.ports import free_ports

FAKE = ROOT / "tests/fake/hanna"
IMAGE = "erpops-zoho-hanna"
PROJECT = "erpops-zoho-hanna"
# The application's own schedule has results in the same table, twice an hour.
SYNCS = "django_celery_results_taskresult where task_name like '%sync_zoho_products'"
# Debian's own Compose: one program, which runs on every Debian and Ubuntu of today. Trusted for its checksum alone.
COMPOSE = (
    "http://deb.debian.org/debian/pool/main/d/docker-compose/docker-compose_2.26.1-4_amd64.deb",
    "47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea",
)
PLAYBOOK = """---
- name: Zoho | Run the role
  hosts: zoho_stacks
  gather_facts: false
  tasks:
    - name: Run it
      ansible.builtin.include_role:
        name: erpops.frappe.zoho
        tasks_from: "{{ entry }}"
"""


class Unavailable(Exception):
    """Why there can be no stack here, and what would help."""


def command(*argv: str, **options: Any) -> str:
    """What a command prints; its own words when it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{argv}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    return done.stdout.strip()


def docker_config(folder: Path) -> Path:
    """A directory for DOCKER_CONFIG in which the docker command finds Compose.

    :raises Unavailable: there is no engine, or no Compose.
    """
    if not shutil.which("docker"):
        raise Unavailable("there is no docker command; install docker.io")
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        raise Unavailable("the Docker engine does not answer; start it: sudo systemctl start docker")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker"))
    plugins = folder / "docker/cli-plugins"
    plugins.mkdir(parents=True)
    try:
        with urllib.request.urlopen(COMPOSE[0], timeout=60) as answer:
            package = answer.read()
    except OSError as error:
        raise Unavailable(f"there is no Docker Compose, and {COMPOSE[0]} cannot be fetched ({error})") from error
    assert hashlib.sha256(package).hexdigest() == COMPOSE[1], f"{COMPOSE[0]} is another file than expected"
    (folder / "compose.deb").write_bytes(package)
    if not shutil.which("dpkg-deb"):
        raise Unavailable("there is no Docker Compose; install docker-compose-plugin")
    command("dpkg-deb", "-x", str(folder / "compose.deb"), str(folder / "deb"))
    shutil.move(folder / "deb/usr/libexec/docker/cli-plugins/docker-compose", plugins / "docker-compose")
    return plugins.parent


def build_image() -> None:
    """The image of all services; a second build takes it from the engine's cache."""
    base = command(sys.executable, str(ROOT / "tests/molecule/images/build.py"), "debian12").splitlines()[-1]
    folder = {"DOCKER_BUILDKIT": "0"}  # the engine's own builder: the other is a plugin that not every host has
    command("nice", "-n", "15", "docker", "build", "-q", "-t", IMAGE, "--build-arg", f"BASE={base}", str(FAKE),
            env={**os.environ, **folder})  # fmt: skip


@dataclass
class Stack:
    """Everything below ``root``; made and removed by the module."""

    root: Path
    config: Path
    ports: dict[str, int] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    runs: int = 0
    secrets: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, root: Path) -> Stack:
        """A repository and an inventory; nothing runs yet."""
        stack = cls(root, docker_config(root))
        build_image()
        for one, next_one in (("HANNA_PORT", "HANNA_DB_PORT"), ("HANNA_REDIS_PORT", "HANNA_VENDOR_PORT")):
            stack.ports[one] = free_ports(2)
            stack.ports[next_one] = stack.ports[one] + 1
        names = (
            "DJANGO_SECRET_KEY",
            "DB_PASSWORD",
            "REDIS_PASSWORD",
            "MAILU_IMAP_PASS",
            "client_secret",
            "refresh_token",
        )
        stack.secrets = {name: secrets.token_hex(32) for name in names}
        stack._make_repository()
        (root / "play.yml").write_text(PLAYBOOK)
        return stack

    @property
    def path(self) -> Path:
        return self.root / "hanna"

    @property
    def data(self) -> Path:
        return self.root / "data" / PROJECT

    @property
    def repository(self) -> Path:
        return self.root / "repository"

    def git(self, *argv: str, where: Path | None = None) -> str:
        author = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        return command("git", "-C", str(where or self.repository), *author, *argv)

    def commit(self, name: str, *paths: str) -> str:
        """Commit all that git does not ignore, and the paths named, as ``name``."""
        self.git("add", "-A")
        if paths:
            self.git("add", "-f", *paths)
        self.git("commit", "-qm", name)
        self.commits[name] = self.git("rev-parse", "HEAD")
        return self.commits[name]

    def _make_repository(self) -> None:
        shutil.copytree(FAKE, self.repository, ignore=shutil.ignore_patterns("__pycache__"))
        (self.repository / "gitignore").rename(self.repository / ".gitignore")
        backend = self.repository / "whatsappcrm_backend"
        (backend / ".env").write_text(
            "DB_CONN_MAX_AGE=5\nNOT_READ=1\nMAILU_IMAP_PASS=known\nREDIS_PASSWORD='committed-and-known-to-all'\n"
        )
        (backend / ".env.prod").write_text("DJANGO_SECRET_KEY=django-insecure-committed\n")
        self.git("init", "-q", "-b", "main", ".")
        self.commit("first", "whatsappcrm_backend/.env", "whatsappcrm_backend/.env.prod")
        # The second one needs a package that the image of the first has not.
        (backend / "packages/brands.py").write_text('NONE = ""\n')
        models = backend / "products_and_services/models.py"
        text = models.read_text().replace(
            "from django.db import models\n", "import brands\nfrom django.db import models\n"
        )
        models.write_text(text + "    brand = models.CharField(max_length=50, default=brands.NONE, blank=True)\n")
        self.commit("second")
        recipe = (backend / "Dockerfile").read_text()
        (backend / "Dockerfile").write_text(recipe + "RUN echo no such package >&2 && false\n")
        self.commit("unbuildable")
        (backend / "Dockerfile").write_text(recipe)
        broken = backend / "products_and_services/migrations/0003_broken.py"
        broken.write_text(
            "from django.db import migrations\n\n\ndef fail(apps, schema_editor):\n"
            '    raise RuntimeError("this migration fails")\n\n\nclass Migration(migrations.Migration):\n'
            '    dependencies = [("products_and_services", "0002_product_brand")]\n'
            "    operations = [migrations.RunPython(fail)]\n"
        )
        self.commit("broken", str(broken.relative_to(self.repository)))

    def variables(self, commit: str) -> dict[str, Any]:
        own = ("DJANGO_SECRET_KEY", "DB_PASSWORD", "REDIS_PASSWORD", "MAILU_IMAP_PASS")
        return {
            "entry": "main",
            "zoho_path": str(self.path),
            "zoho_data_path": str(self.root / "data"),
            "zoho_project": PROJECT,
            "zoho_repo": str(self.repository),
            "zoho_commit": self.commits[commit],
            "zoho_accept_leaked_secrets": True,  # as hanna's, the repository has an environment file committed
            "zoho_env": {
                "DJANGO_DEBUG": False,
                "DJANGO_ALLOWED_HOSTS": ["localhost", "127.0.0.1"],
                "DB_NAME": "hanna",
                "DB_USER": "hanna",
                "DB_HOST": "db",
                "DB_CONN_MAX_AGE": 60,
                "MAILU_IMAP_HOST": "mail",
                "ZOHO_TOKEN_URL": "http://vendor:8080/oauth/v2/token",
                "VENDOR_REFRESH": self.secrets["refresh_token"],
                "VENDOR_SECRET": self.secrets["client_secret"],
                **self.ports,
            },
            "zoho_secrets": {name: self.secrets[name] for name in own},
            "zoho_profile": {"closed_ports": [self.ports["HANNA_DB_PORT"], self.ports["HANNA_REDIS_PORT"]]},
            "zoho_makemigrations_enabled": True,
            "zoho_client_id": "1000.CLIENT",
            "zoho_client_secret": self.secrets["client_secret"],
            "zoho_refresh_token": self.secrets["refresh_token"],
            "zoho_organization_id": 60012345,
            "zoho_api_domain": "http://vendor:8080",
            "zoho_address": "127.0.0.1",
            "zoho_url": f"http://127.0.0.1:{self.ports['HANNA_PORT']}",
            "zoho_settle": 3,
            "zoho_sync_timeout": 300,
        }

    def play(
        self,
        commit: str = "first",
        *,
        check: bool = False,
        cancel: Any = None,
        verbosity: int = 0,
        book: str = "",
        limit: str = "",
        extra: dict[str, Any] | None = None,
        **new: Any,
    ) -> Result:
        """Run the role, or a playbook of ours; ``cancel`` is asked again and again whether to end it."""
        self.runs += 1
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "secret_scan_command": str(Path(sys.executable).with_name("kingfisher")),
            "secret_scan_state_path": str(self.root / "secret-scan"),
        }
        hosts = {"hanna": {**host, **self.variables(commit), **new}}
        inventory = self.root / f"hosts{self.runs:02d}.yml"
        inventory.write_text(yaml.safe_dump({"zoho_stacks": {"hosts": hosts}}))
        return run_playbook(
            self.root / "runs" / f"{self.runs:02d}",
            playbook=str(ROOT / "playbooks" / book if book else self.root / "play.yml"),
            extravars=extra,
            limit=limit or None,
            inventory=str(inventory),
            envvars=environment(self.root, DOCKER_CONFIG=str(self.config)),
            cmdline="--check --diff" if check else "--diff",
            verbosity=verbosity or None,
            cancel_callback=cancel,
            timeout=900,
        )

    def docker(self, *argv: str, **options: Any) -> str:
        return command("docker", *argv, env={**os.environ, "DOCKER_CONFIG": str(self.config)}, **options)

    def inside(self, service: str, *argv: str) -> str:
        """Run a command in a container, not through the role."""
        return self.docker("exec", f"{PROJECT}-{service}-1", *argv)

    def sql(self, query: str) -> str:
        return self.inside("db", "psql", "-U", "hanna", "-d", "hanna", "-tAc", query)

    def vendor(self, **state: Any) -> None:
        """Tell Zoho how to behave from now on."""
        url = f"http://127.0.0.1:{self.ports['HANNA_VENDOR_PORT']}/control"
        request = urllib.request.Request(url, data=json.dumps(state).encode(), method="POST")
        urllib.request.urlopen(request, timeout=10).read()

    @property
    def lock_file(self) -> Path:
        return Path(f"/run/lock/erpops-zoho-{PROJECT}.json")

    @property
    def lock(self) -> dict[str, Any]:
        """Who holds the lock; {} for nobody."""
        return dict(json.loads((self.lock_file.read_text() if self.lock_file.exists() else "") or "{}"))

    @property
    def newest_sync(self) -> str:
        """Its status."""
        return self.sql(f"select status from {SYNCS} order by date_created desc limit 1")

    @property
    def backups(self) -> list[str]:
        return sorted(path.name for path in (self.data / "backups").glob("*"))

    def remove(self) -> None:
        """All of it."""
        self.remove_containers()
        self.lock_file.unlink(missing_ok=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def remove_containers(self) -> None:
        """Containers, networks, volumes and images of the project, by its label."""
        label = f"label=com.docker.compose.project={PROJECT}"
        for listing, removal in (
            (("ps", "-aq"), ("rm", "-fv")),
            (("volume", "ls", "-q"), ("volume", "rm", "-f")),
            (("network", "ls", "-q"), ("network", "rm")),
            (("images", "-q"), ("rmi", "-f")),
        ):
            if found := set(self.docker(*listing, "--filter", label).split()):
                self.docker(*removal, *found)
