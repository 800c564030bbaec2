# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: many read-only checks of one site in one conversation."""

from __future__ import annotations

import contextlib
import datetime
import importlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._errors import ErpopsError
from ._checks_args import ready_checks
from ._checks_kinds import KINDS
from ._checks_outcome import Outcome, cut, start_of
from ._context import Context, connect, end_transaction, plain_text
from ._redact import scrub

if TYPE_CHECKING:
    from . import (  # noqa: F401 -- imported by name, below
        _checks_apps,
        _checks_files,
        _checks_imports,
        _checks_jobs,
        _checks_links,
        _checks_records,
        _checks_schema,
        _checks_trial,
    )

# They look at files only: what is wrong with an app is told although it keeps the site from being opened.
WITHOUT_SITE = ("imports", "config", "leak")


@dataclass
class Look:
    """What a check looks at: the site, and what the module's caller said besides."""

    context: Context
    secrets: dict[str, str] = field(default_factory=dict)
    # Imports are tried by a process that runs beside the other checks (_checks_imports).
    imports: Any = None
    # Texts that no answer may quote.
    hidden: list[str] = field(default_factory=list)
    # Why the site cannot be opened; each check that needs it fails with this, the others are made.
    closed: ErpopsError | None = None

    @property
    def frappe(self) -> Any:
        """The framework, connected to the site. :raises ErpopsError: it cannot be opened."""
        if self.closed is not None:
            raise self.closed
        return connect(self.context.bench, self.context.need_site())

    def meta(self, doctype: str) -> Any:
        """A DocType's meta. :raises ErpopsError: (404) there is none; names those that sound like it."""
        from ._documents import _Metas

        return _Metas(self.frappe).frappe_meta(doctype)

    def now(self) -> datetime.datetime:
        """The site's own time, which its ``creation`` fields have."""
        found: datetime.datetime = self.frappe.utils.now_datetime()
        return found

    def start(self, since: float) -> str:
        """``since`` as a time of this site."""
        return start_of(since, self.now(), time.time())


def check_site(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Run ``args["checks"]`` (as ``modules/site_checks.py`` documents them) and answer each, whatever the others found.

    :raises ErpopsError: (400) a check cannot be understood; (404) there is no such site; (422, 503) it cannot be opened,
        and every check needs it.
    """
    secrets = {str(name): str(value) for name, value in (args.get("secrets") or {}).items() if value}
    checks = ready_checks(args["checks"], secrets)
    # What stands below `secrets_set` sounds secret to the client, and is a list of names.
    named = {
        name for check in checks for key in ("secrets_set", "secrets_unset") for name in check["args"].get(key, [])
    }
    look = Look(
        context, secrets, hidden=[*secrets.values(), *(value for value in context.secrets if value not in named)]
    )
    with contextlib.ExitStack() as stack:
        if any(check["check"] == "imports" for check in checks):
            from ._checks_imports import Imports

            look.imports = stack.enter_context(Imports(context.bench, checks))
        try:
            connect(context.bench, context.need_site())
        except ErpopsError as exc:
            if exc.status == 404 or not any(check["check"] in WITHOUT_SITE for check in checks):
                raise
            look.closed = exc
        # Imports last: they are tried by another process while the others are made.
        order = sorted(range(len(checks)), key=lambda at: checks[at]["check"] == "imports")
        answers = {at: _answer(look, checks[at]) for at in order}
        return {"checks": [answers[at] for at in range(len(checks))]}


def _answer(look: Look, check: dict[str, Any]) -> dict[str, Any]:
    kind = KINDS[check["check"]]
    part = importlib.import_module(f"._checks_{kind.part}", __package__)
    try:
        end_transaction()  # what others committed in the meantime is to be seen
        outcome = part.CHECKS[check["check"]](look, check["args"])
    except (Exception, SystemExit) as exc:  # noqa: BLE001 -- a check that cannot be made has failed, the others go on
        outcome = could_not(exc)
    return {
        "title": check["title"],
        "kind": check["check"],
        "ok": outcome.ok,
        "seen": scrub(outcome.seen, look.hidden),
        "needed": outcome.needed,
        "next": "" if outcome.ok else check["next"] or outcome.hint or kind.remedy,
        "value": outcome.value,
    }


def could_not(exc: BaseException) -> Outcome:
    """The outcome of a check that raised."""
    if isinstance(exc, ErpopsError):
        seen = ": ".join(part for part in (exc.object, exc.message) if part)
        return Outcome(
            False, cut(seen + (f" ({exc.seen})" if exc.seen else ""), 400), exc.needed or "an answer", exc.hint
        )
    return Outcome(False, cut(f"{type(exc).__name__}: {plain_text(exc)}", 400), "an answer")


OPERATIONS = {"check.site": check_site}
