# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: waits until no background job of a site is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._errors import ErpopsError
from ._context import Context, connect

Clock = Callable[[], float]
Sleep = Callable[[float], None]

# Names of jobs in a message.
_SHOWN = 12


def drain(
    context: Context, args: dict[str, Any], clock: Clock = time.monotonic, sleep: Sleep = time.sleep
) -> list[str]:
    """Wait until no job of the site waits or runs; those that are left, by method.

    :param args: ``drain_timeout`` (seconds), ``pending``: with ``abandoned`` nothing is waited for.
    """
    deadline = clock() + float(args.get("drain_timeout") or 0)
    while True:
        frappe = connect(context.bench, context.need_site())
        from frappe.utils.background_jobs import get_jobs, get_workers

        left = [str(job) for job in (get_jobs(site=context.site) or {}).get(context.site, [])]
        frappe.db.rollback()
        if not left or clock() >= deadline or args.get("pending") == "abandoned" or not get_workers():
            return left  # without a worker there is nothing to wait for
        sleep(0.5)


def drain_or_give_up(context: Context, args: dict[str, Any]) -> list[str]:
    """:func:`drain`, but a site that is given up anyway (``safety: skip``) may have a database that cannot be asked: no job could
    write to that either.
    """
    try:
        return drain(context, args)
    except ErpopsError:
        if args.get("safety") != "skip":
            raise
        return []


def refuse_left(context: Context, left: list[str], args: dict[str, Any], remedies: str, *, restored: bool) -> None:
    """:raises ErpopsError: (409) jobs are ``left`` that ``args`` does not give up.

    :param remedies: what to type, as the end of "see that its workers run, ...".
    :param restored: whether the site has been or will be put back as it was.
    """
    if not left or args.get("pending") == "abandoned":
        return
    end = ", and the site was left as it was before" if restored else ""
    raise ErpopsError(
        f"jobs of the site are still waiting or running{end}",
        object=context.site,
        seen=", ".join(left[:_SHOWN]),
        needed=f"workers that do them within {float(args.get('drain_timeout') or 0):g} s",
        hint=f"see that its workers run, {remedies}",
        status=409,
    )
