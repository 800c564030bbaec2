# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: scratch sites -- made of a backup set to be looked at, never to be used, and removed.

What makes a site one is our own record of it, which is written before anything of the site is made. Nothing that has no
such record is removed here, whatever its name is.
"""

from __future__ import annotations

import glob
import hashlib
import os
from typing import Any

from .._errors import ErpopsError
from ._bench import Bench
from ._context import Context
from ._site_state import look
from ._sites import remove_pieces


def scratch_name(site: str) -> str:
    """Name of the scratch site in which the sets of ``site`` are tried.

    ``.invalid`` is resolved nowhere (RFC 6761), so that nobody reaches it by its name.

    >>> scratch_name("acme.example.com")
    'drill-322ad7cdd9.invalid'
    """
    return f"drill-{hashlib.sha256(site.encode()).hexdigest()[:10]}.invalid"


def is_scratch(bench: Bench, site: str) -> bool:
    """Whether the site, or what is left of it, was made by us to be removed again."""
    return bool(bench.record(site).get("scratch"))


def scratch_sites(bench: Bench) -> list[str]:
    """All scratch sites of the bench, also those that were begun only."""
    names = [
        os.path.basename(path).removesuffix(".json") for path in glob.glob(os.path.join(bench.state, "sites", "*.json"))
    ]
    return sorted(name for name in names if is_scratch(bench, name))


def remove_scratch(context: Context, root: dict[str, Any]) -> bool:
    """The scratch site is gone; false if there was none. The caller holds its lock.

    :raises ErpopsError: (409) there is such a site, and it is not one of ours to be removed.
    """
    if not is_scratch(context.bench, context.need_site()):
        if os.path.isdir(context.bench.site_path(context.site)):
            raise ErpopsError(
                "is no scratch site and is not removed",
                object=context.site,
                needed="a site that was restored to be looked at (its record says so)",
                hint="a tenant is removed by playbooks/retire.yml",
                status=409,
            )
        return False
    if not context.check:
        remove_pieces(context, look(context, root), root)
    return True


def sweep_scratch(context: Context, root: dict[str, Any]) -> list[str]:
    """Remove the scratch sites that ended drills left on the bench; one that is in use is left alone. Returns their names."""
    gone = []
    for name in scratch_sites(context.bench):
        # What an operator asked for (restore_as) stays until it is asked away.
        if context.bench.record(name)["scratch"] != "drill":
            continue
        here = Context(context.bench, name, check=context.check, lock_timeout=0.0, secrets=context.secrets)
        try:
            with here.locked("drill.sweep"):
                if remove_scratch(here, root):
                    gone.append(name)
        except ErpopsError as exc:
            if exc.status != 423:
                raise
    return gone


def apply_absent(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The scratch site of the request is gone; args: ``root``."""
    with context.locked("scratch.absent"):
        found = look(context)
        gone = remove_scratch(context, args.get("root") or {})
        after = {**found.as_dict(), "state": "absent"} if gone else found.as_dict()
        return {
            "changed": gone,
            "actions": ["removed scratch site"] if gone else [],
            "after": after,
            "restore": {},
            "diff": {"before": {"state": found.state}, "after": {"state": after["state"]}},
        }


OPERATIONS = {"scratch.absent": apply_absent}
