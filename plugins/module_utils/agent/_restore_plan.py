# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: whether a backup set fits a bench, and which configuration comes back with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# They say where a site's database is, which a copy of the site has of its own.
DATABASE_KEYS = ("db_host", "db_name", "db_password", "db_port", "db_socket", "db_type", "db_user")
# They say what is being done with the site that was backed up, not what it is.
STATE_KEYS = ("maintenance_mode", "pause_scheduler")


def config_after(copy: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """site_config.json of a restored site: all that the backed up one had, with the database of the new one."""
    kept = {key: value for key, value in copy.items() if key not in (*DATABASE_KEYS, *STATE_KEYS)}
    return {**kept, **{key: live[key] for key in DATABASE_KEYS if key in live}}


def version_key(version: str) -> tuple[int, ...]:
    """``15.105.0`` as numbers that can be compared; what follows a letter or a sign does not count.

    >>> version_key("15.105.0-dev")
    (15, 105, 0)
    """
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def older(version: str, wanted: str) -> bool:
    """Whether ``version`` is older than ``wanted``; an unknown one is not called older."""
    left, right = version_key(version), version_key(wanted)
    width = max(len(left), len(right))
    return bool(left and right) and left + (0,) * (width - len(left)) < right + (0,) * (width - len(right))


def unfit(
    set_apps: list[dict[str, Any]], set_frappe: str, apps: Mapping[str, Mapping[str, Any]], frappe: str
) -> list[str]:
    """Why a site with ``set_apps`` cannot live on a bench with ``apps``; empty if it can.

    :param set_apps: ``[{"name", "version", "commit"}]``; ``apps`` the same by name.
    """
    problems = []
    if older(frappe, set_frappe):
        problems.append(f"the framework is {frappe}, the site had {set_frappe}")
    for app in set_apps:
        name = app["name"]
        if name not in apps:
            problems.append(f"the app {name} is not on the bench")
        elif name != "frappe" and older(str(apps[name]["version"]), str(app["version"])):
            problems.append(f"{name} is {apps[name]['version']}, the site had {app['version']}")
    return problems


def needs_migration(set_apps: list[dict[str, Any]], apps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Apps whose code is not the one that the site was backed up with; one without a commit counts as different."""
    return [
        app["name"]
        for app in set_apps
        if not app["commit"] or app["commit"] != (apps.get(app["name"]) or {}).get("commit")
    ]
