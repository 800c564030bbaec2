# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what an operation is given, and the connection to a site."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .._errors import ErpopsError
from ._bench import Bench
from ._files import read_json


@dataclass
class Context:
    """One operation's surroundings: the bench, the site it names, and whether it may change anything."""

    bench: Bench
    site: str = ""
    check: bool = False
    lock_timeout: float = 60.0
    secrets: list[str] = field(default_factory=list)

    def need_site(self) -> str:
        """The site's name. :raises ErpopsError: (400) the operation was sent without one."""
        if not self.site:
            raise ErpopsError("this operation needs a site", status=400)
        return self.site

    @contextlib.contextmanager
    def locked(self, purpose: str, name: str = "") -> Iterator[None]:
        """Hold the lock of the site (or of ``name``), but for check mode, which changes nothing."""
        if self.check:
            yield
            return
        with self.bench.lock(name or self.need_site(), timeout=self.lock_timeout, purpose=purpose):
            yield


class _Connection:
    """The one site that this process is connected to (``""``: none); Frappe keeps one in its module as well."""

    site = ""


_connection = _Connection()


def frappe_module() -> Any:
    """The framework. :raises ErpopsError: (500) it cannot be imported in this interpreter."""
    try:
        import frappe
    except ImportError as exc:
        raise ErpopsError(
            "the framework cannot be imported by the bench's interpreter",
            object=sys.executable,
            seen=str(exc),
            hint="run playbooks/setup.yml for this bench, or check bench_path",
        ) from exc
    return frappe


def connect(bench: Bench, site: str) -> Any:
    """Make ``site`` the current one, as Administrator, and return ``frappe``.

    One connection is kept for consecutive operations on the same site (0.33 s each on Frappe 15).

    :raises ErpopsError: (404) no such site; (422) its configuration is broken; (503) its database does not answer; (500)
        an app cannot be imported.
    """
    frappe = frappe_module()
    if _connection.site == site:
        return frappe
    disconnect()
    if not os.path.exists(bench.site_path(site, "site_config.json")):
        raise ErpopsError(
            "there is no such site on this bench",
            object=site,
            seen=", ".join(bench.site_names()) or "no site at all",
            hint="run playbooks/provision.yml --limit <site> first",
            status=404,
        )
    read_json(bench.site_path(site, "site_config.json"), hint=bench.config_hint(site))
    try:
        frappe.init(site=site, sites_path=".")
        frappe.connect()
        frappe.db.sql("select 1")  # connect() only makes the object, the first query logs in
        frappe.db.rollback()  # Frappe opens the connection with the first statement: this is it
    except Exception as exc:
        with contextlib.suppress(Exception):
            frappe.destroy()
        if isinstance(exc, ImportError):
            # Of a hook: every connection loads those of all installed apps.
            raise ErpopsError(
                "an app of the bench cannot be imported",
                object=site,
                seen=f"{type(exc).__name__}: {exc}",
                hint="another run may have brought or removed it meanwhile: run this again; if it stays, run"
                " playbooks/deploy.yml, which imports every app that it brings",
            ) from exc
        raise ErpopsError(
            "the site's database does not answer",
            object=site,
            seen=f"{type(exc).__name__}: {exc}",
            hint="check the database server and db_* in site_config.json; a half-made site is finished by "
            "erpops.frappe.site with repair: true",
            status=503,
        ) from exc
    _connection.site = site
    return frappe


def end_transaction() -> None:
    """Give up what the current site's transaction has not committed, and see what others committed since it began."""
    if _connection.site:
        frappe_module().db.rollback()


def disconnect() -> None:
    """Close the current site, if any (before something else changes its files or its database)."""
    if _connection.site:
        frappe = frappe_module()
        with contextlib.suppress(Exception):
            frappe.db.rollback()
        frappe.destroy()
        _connection.site = ""


def plain_text(said: BaseException | str) -> str:
    """A Frappe exception's message without the HTML that ``frappe.throw`` puts into it."""
    text = re.sub(r"<br\s*/?>", " ", str(said))
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"\s+", " ", text).strip()
