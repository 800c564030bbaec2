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

# They say under which names the site is reached, which is in its mails and links.
NAME_KEYS = ("domains", "host_name", "ssl_certificate", "ssl_certificate_key")


def config_after(copy: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """site_config.json of a restored site: all that the backed up one had, with the database of the new one."""
    kept = {key: value for key, value in copy.items() if key not in (*DATABASE_KEYS, *STATE_KEYS)}
    return {**kept, **{key: live[key] for key in DATABASE_KEYS if key in live}}


def scratch_config(config: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Of a site that is only looked at: it sends no mail, runs no job, and answers to no name of the other site.

    :param more: keys besides, such as switches with which an app is kept from talking to others.
    """
    kept = {key: value for key, value in config.items() if key not in NAME_KEYS}
    return {**kept, **more, "mute_emails": 1, "pause_scheduler": 1}


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


def lost_rows(then: Mapping[str, int], now: Mapping[str, int], most: int = 20) -> list[str]:
    """What a site would lose, and get, by going from its tables of ``now`` to those of ``then``; the largest first.

    >>> lost_rows({"tabItem": 3}, {"tabItem": 5, "tabNew": 1})
    ['tabItem: 5 rows now, 3 in the set', 'tabNew: 1 rows now, not in the set']
    """
    found = [
        (abs(now.get(name, 0) - then.get(name, 0)), name) for name in {*then, *now} if now.get(name) != then.get(name)
    ]
    found.sort(key=lambda one: (-one[0], one[1]))
    shown = [
        f"{name}: {f'{now[name]} rows' if name in now else 'not there'} now, {then.get(name, 'not')} in the set"
        for _difference, name in found[:most]
    ]
    return shown + ([f"and {len(found) - most} tables more"] if len(found) > most else [])
