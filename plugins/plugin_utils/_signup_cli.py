# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: bin/provision-tenant -- a request becomes a tenant, or is refused, or leaves nothing behind.

Prints exactly one JSON object on the standard output; all else goes to the standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import FileVaultSecret, VaultLib

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

from ._signup_events import Story, measured
from ._signup_request import (
    DONE,
    FAILED,
    LEFTOVER,
    REFUSED,
    Request,
    answer,
    check_declared,
    company_of,
    request_faults,
    sentence,
)
from ._signup_run import Runner, in_memory
from ._signup_store import SignupStore
from ._signups import Signups, declaration
from ._tenants import LOCALHOST
from ._tenants_model import Fleet, FleetError
from ._tenants_read import read_fleet
from ._vault_file import read_vault_yaml
from ._yaml_marks import line_of

ROOT = Path(__file__).resolve().parents[2]


class Refused(ErpopsError):
    """The request cannot be granted; nothing was touched."""


class Parser(argparse.ArgumentParser):
    """Whoever calls this reads JSON, also when the arguments are wrong."""

    def error(self, message: str) -> NoReturn:
        """:raises Refused: always."""
        raise Refused(message, hint=f"{self.prog} --help", status=400)


def parser() -> Parser:
    """The command line; the password is not on it."""
    made = Parser(
        prog="provision-tenant",
        description="Make a tenant for somebody who signs up. The password is read from the standard input.",
        allow_abbrev=False,
    )
    made.add_argument("subdomain")
    made.add_argument("email", nargs="?", default="", metavar="admin-email")
    made.add_argument("--company", default="", help="name of the company; made of the subdomain when not given")
    made.add_argument("-i", "--inventory", default=os.environ.get("ANSIBLE_INVENTORY", "inventories/demo"))
    made.add_argument("--vault-password-file", default=os.environ.get("ANSIBLE_VAULT_PASSWORD_FILE", ""))
    made.add_argument("--timeout", type=int, default=3600, help="seconds that the run may take")
    made.add_argument("--metrics", action="store_true", help="print the success metrics to the standard error")
    made.add_argument("--discard", action="store_true", help="remove what an ended request for this name left")
    return made


def main(words: Sequence[str]) -> int:
    """Work on one request; the exit code is one of those of ``_signup_request``."""
    known: dict[str, Any] = {}
    code = FAILED
    # An end by SIGTERM takes the way of any other failure: what was made is removed.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        given = parser().parse_args(list(words))
        code, told = Signup(given, known).work()
    except Refused as error:
        code, told = REFUSED, answer(known, str(error))
    except (ErpopsError, AnsibleError, OSError) as error:
        told = answer(known, str(error))
    except Exception as error:  # noqa: BLE001 -- whoever calls this reads JSON, also of a fault of ours
        traceback.print_exc()
        told = answer(known, f"a fault of this program ({type(error).__name__}); its standard error says where")
    print(json.dumps(told), flush=True)
    return code


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


class Signup:
    """One request."""

    def __init__(self, given: argparse.Namespace, known: dict[str, Any]) -> None:
        self.given = given
        self.known = known
        path = _fleet_file(Path(given.inventory).resolve())
        self.fleet, self.signups = _read(path)
        self.request = Request(given.subdomain, given.email.lower(), given.company or company_of(given.subdomain))
        self.store = SignupStore(path.parent / self.signups.directory)
        self.site = f"{given.subdomain}.{self.signups.domain}"
        self.vault_file = str(Path(given.vault_password_file).resolve()) if given.vault_password_file else ""
        self.runner = Runner(ROOT, str(path.parent), self.vault_file, self.store.private(self.site), given.timeout)

    def work(self) -> tuple[int, dict[str, Any]]:
        """(exit code, what is printed)."""
        started = time.monotonic()
        password = "" if self.given.discard else sys.stdin.readline().rstrip("\n")
        check = Request(self.request.subdomain, "discard@example.com", "-") if self.given.discard else self.request
        try:
            if faults := request_faults(check, password or ("-" * 8 if self.given.discard else ""), self.signups):
                raise Refused("; ".join(faults), status=400)
            self.known.update(site_name=self.site, admin_email=self.request.email)
            with self.store.claimed(self.site):
                code, told = self._discard() if self.given.discard else self._make(password, started)
        except ErpopsError as error:
            self.store.note({"site": self.given.subdomain[:80], "outcome": "refused", "at": _now()})
            raise Refused(str(error).rstrip("."), status=error.status) from error
        if self.given.metrics:
            print(json.dumps(measured(self.store.outcomes())), file=sys.stderr)
        return code, told

    def _make(self, password: str, started: float) -> tuple[int, dict[str, Any]]:
        held = self.store.read(self.site)
        resumed = check_declared(self.site, self.fleet, held[1] if held else None, self.request.email)
        if not resumed:
            self.store.mark(self.site).unlink(missing_ok=True)
            self.store.declare(self.site, declaration(self.signups, vars(self.request), _now()))
        story, status = Story(), "interrupted"
        try:
            with in_memory(password) as path:
                good, status, story = self.runner.play("signup.yml", self.site, self._variables(path))
            self.known.update({key: value for key, value in story.published.items() if key in _PUBLISHED})
            if good:
                return self._finished(story, started, resumed)
            error = story.error(status)
        except KeyboardInterrupt:
            error = "the call was ended by a signal"
        except (ErpopsError, AnsibleError, OSError) as failure:
            error = str(failure)
        return self._failed(error, story.refused, started, resumed)

    def _variables(self, password_file: str) -> dict[str, str]:
        return {"signup_owner_password_file": password_file, "signup_mark": str(self.store.mark(self.site))}

    def _finished(self, story: Story, started: float, resumed: bool) -> tuple[int, dict[str, Any]]:
        """Tell of a tenant whose every part was seen to work."""
        published = story.published
        self.known.update(self._key(str(published["key_file"]), str(published["api_user"])), provisioned_at=_now())
        told = answer(self.known)
        self.store.finish(self.site, told["provisioned_at"])
        self._note("made", started, resumed=resumed, key_seconds=story.key_seconds)
        return DONE, told

    def _key(self, path: str, user: str) -> dict[str, str]:
        """The pair that the run stored in the vault file."""
        secrets = [("default", FileVaultSecret(filename=self.vault_file, loader=DataLoader()))]
        for _name, secret in secrets:
            secret.load()
        pair = read_vault_yaml(VaultLib(secrets), path).get(user) or {}
        return {"api_key": str(pair.get("api_key") or ""), "api_secret": str(pair.get("api_secret") or "")}

    def _failed(self, error: str, refused: bool, started: float, resumed: bool) -> tuple[int, dict[str, Any]]:
        """Remove what this request made, and only that."""
        left = self._remove()
        self._note("refused" if refused and not left else "failed", started, resumed=resumed)
        if left:
            return LEFTOVER, answer(self.known, f"{error} What it made could not be removed ({left}). {self._ways}")
        return REFUSED if refused else FAILED, answer(self.known, error)

    @property
    def _ways(self) -> str:
        name = self.request.subdomain
        return f"Next: the same call again, which finishes it, or bin/provision-tenant --discard {name}"

    def _remove(self) -> str:
        """Take away the site if it is this request's, then the declaration; '' or why that was not possible."""
        if self.store.mark(self.site).exists():
            try:
                good, status, story = self.runner.play("signup_undo.yml", self.site, {"signup_undo_confirm": self.site})
            except (ErpopsError, OSError, KeyboardInterrupt) as failure:
                return sentence(str(failure) or "interrupted", 200)
            if not good:
                return sentence(story.error(status), 200)
        self.store.forget(self.site)
        return ""

    def _discard(self) -> tuple[int, dict[str, Any]]:
        held = self.store.read(self.site)
        if held is None or held[1]["state"] != "pending":
            seen = "nobody asked for it" if held is None else "it is whole"
            hint = "" if held is None else f"playbooks/retire.yml --limit {self.site} removes it, after a backup"
            raise ErpopsError("there is no ended request for this name", object=self.site, seen=seen, hint=hint)
        if left := self._remove():
            return LEFTOVER, answer(self.known, f"{self.site}: could not be removed: {left}")
        self._note("discarded", time.monotonic())
        return DONE, {"success": True, "site_name": self.site, "discarded": True}

    def _note(self, outcome: str, started: float, **more: Any) -> None:
        seconds = round(time.monotonic() - started, 3)
        self.store.note({"site": self.site, "outcome": outcome, "at": _now(), "seconds": seconds, **more})


# What the run tells of the answer.
_PUBLISHED = ("site_url", "admin_url", "db_name")


def _fleet_file(inventory: Path) -> Path:
    path = inventory / "tenants.yml" if inventory.is_dir() else inventory
    if not path.is_file():
        raise Refused("there is no tenants.yml", object=str(path), hint="name the fleet: --inventory inventories/...")
    return path


def _read(path: Path) -> tuple[Fleet, Signups]:
    """:raises Refused: the file has faults, or says nothing of sign-ups."""
    data: Mapping[str, Any] = DataLoader().load_from_file(str(path), cache="none", trusted_as_template=True)
    fleet, problems = read_fleet(data, line_of, LOCALHOST)
    if problems:
        raise Refused(FleetError(problems).text(str(path)), status=400)
    if fleet.signups is None:
        raise Refused(
            "does not say where new tenants go", object=str(path), needed="signups: {domain: example.com}", status=400
        )
    return fleet, fleet.signups


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
