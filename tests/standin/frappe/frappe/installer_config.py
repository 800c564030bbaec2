# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files and directories of a site (part of `frappe/installer.py` in real Frappe)."""

from __future__ import annotations

import json
import os
from typing import Any

import frappe


def make_conf(db_name: str | None = None, db_password: str | None = None, **config: Any) -> None:
    """Write site_config.json if there is none, and read it."""
    site, sites_path = frappe.local.site, frappe.local.sites_path
    make_site_config(db_name, db_password, **config)
    frappe.destroy()
    frappe.init(site, sites_path=sites_path)


def make_site_config(db_name: str | None = None, db_password: str | None = None, **config: Any) -> None:
    """An existing file is kept as it is."""
    frappe.create_folder(frappe.local.site_path)
    path = get_site_config_path()
    if os.path.exists(path):
        return
    from frappe.utils import random_string

    values = {"db_name": db_name, "db_password": db_password or random_string(16)}
    values.update({key: value for key, value in config.items() if value})
    with open(path, "w") as f:
        f.write(json.dumps(values, indent=1, sort_keys=True))


def get_site_config_path() -> str:
    return os.path.join(frappe.local.site_path, "site_config.json")


def make_site_dirs() -> None:
    for path in ("public/files", "private/backups", "private/files", "locks", "logs"):
        os.makedirs(frappe.get_site_path(path), exist_ok=True)


def update_site_config(key: str, value: Any, validate: bool = True, site_config_path: str | None = None) -> None:
    """Set a key under the `site_config` lock; truncates and writes, so a reader may see half a file."""
    from frappe.utils.synchronization import filelock

    path = site_config_path or get_site_config_path()
    with filelock("site_config", is_global="common_site_config" in path):
        _update_config_file(key, value, path)


def _update_config_file(key: str, value: Any, config_file: str) -> None:
    """ "0"/"1" become numbers, "true"/"false" booleans, "None" removes; any other string stays one."""
    with open(config_file) as f:
        site_config = json.loads(f.read())
    if value in ("0", "1"):
        value = int(value)
    if value == "false":
        value = False
    if value == "true":
        value = True
    if value == "None":
        site_config.pop(key, None)
    else:
        site_config[key] = value
    with open(config_file, "w") as f:
        f.write(json.dumps(site_config, indent=1, sort_keys=True))
    if hasattr(frappe.local, "conf"):
        frappe.local.conf[key] = value
