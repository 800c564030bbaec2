# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: runs a playbook of the project for one tenant, through ansible-runner.

What is printed goes to the standard error. The private directory is temporary, its owner's alone, and gone afterwards;
nothing secret is written into it.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

from ._signup_events import Story

try:
    import ansible_runner
except ImportError:  # no part of ansible-core
    ansible_runner = None


@dataclass(frozen=True)
class Runner:
    """Where the project is, and with which inventory and vault password its playbooks run."""

    root: Path
    inventory: str
    vault_password_file: str
    private: Path  # made for the run, and removed after it
    timeout: int = 3600

    def play(self, playbook: str, site: str, variables: Mapping[str, Any]) -> tuple[bool, str, Story]:
        """Run ``playbooks/<playbook>`` for one tenant that may be pending: (whether it ended well, status, story)."""
        if ansible_runner is None:
            raise ErpopsError("ansible-runner is not installed", hint="make setup", status=400)
        story = Story()

        def take(event: dict[str, Any]) -> bool:
            story.add(event)
            if text := event.get("stdout"):
                print(text, file=sys.stderr, flush=True)
            return False  # no file for each event

        with _private_directory(self.private) as private:
            run = ansible_runner.interface.run(
                private_data_dir=private,
                project_dir=str(self.root),
                playbook=f"playbooks/{playbook}",
                inventory=self.inventory,
                limit=site,
                extravars=dict(variables),
                envvars={**self._environment(), "ERPOPS_PENDING_SIGNUP": site},
                cmdline=shlex.join(["--vault-password-file", vault]) if (vault := self.vault_password_file) else None,
                timeout=self.timeout,
                event_handler=take,
                quiet=True,
            )
        # A limit that matches nobody is a success to Ansible.
        seen = bool(story.published) or playbook != "signup.yml"
        return bool(run.rc == 0 and run.status == "successful" and seen), str(run.status), story

    def _environment(self) -> dict[str, str]:
        programs = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
        return {"ANSIBLE_CONFIG": str(self.root / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", "PATH": programs}


@contextlib.contextmanager
def _private_directory(directory: Path) -> Iterator[str]:
    shutil.rmtree(directory, ignore_errors=True)  # of a call that was killed
    directory.mkdir(mode=0o700, parents=True)
    try:
        yield str(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def in_memory(secret: str) -> Iterator[str]:
    """A path that Ansible can read a secret from as long as this lasts: memory, which dies with this process."""
    handle = os.memfd_create("erpops-secret", os.MFD_CLOEXEC)
    try:
        os.write(handle, secret.encode())
        yield f"/proc/{os.getpid()}/fd/{handle}"
    finally:
        os.close(handle)
