# SPDX-License-Identifier: GPL-3.0-or-later
"""Life of a site context: `init`, `connect`, `destroy`, configuration (imitates `frappe/__init__.py`)."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from frappe._local import Local, _dict
from frappe.exceptions import IncorrectSitePath

local = Local()
SITE_NAME_PATTERN = re.compile(r"^[a-zA-Z0-9._-]+$")


def init(site: str, sites_path: str = ".", new_site: bool = False, force: bool = False) -> None:
    """Bind the running thread to a site directory; real: a second call does nothing unless `force`.

    The apps are imported here (module map), which is why one broken name breaks all sites.
    """
    from frappe._apps import setup_module_map

    if getattr(local, "initialised", None) and not force:
        return
    if site and not SITE_NAME_PATTERN.match(site):
        raise ValueError(f"Invalid site name `{site}`")
    local.error_log, local.message_log, local.debug_log = [], [], []
    local.flags = _dict(currently_saving=[], in_install_db=False, new_site=new_site, read_only=False)
    local.site, local.sites_path = site, sites_path
    local.site_path = os.path.join(sites_path, site)
    local.response = _dict(docs=[])
    local.request_ip = None
    local.task_id = None
    local.conf = _dict(get_site_config())
    local.lang = local.conf.lang or "en"
    local.user = None
    local.session = _dict()
    local.form_dict = _dict()
    local.role_permissions = {}
    local.cache = {}
    setup_module_map(include_all_apps=not getattr(local, "request", None))
    local.initialised = True


def connect(site: str | None = None, db_name: str | None = None, set_admin_as_user: bool = True) -> None:
    """Attach `frappe.db` (the connection itself opens with the first query, as in real Frappe)."""
    from frappe.database import get_db

    if site:
        init(site)
    if not (db_name or local.conf.db_name):
        raise AssertionError("site must be fully initialized, db_name missing")
    if not local.conf.db_password:
        raise AssertionError("site must be fully initialized, db_password missing")
    name = local.conf.db_name or db_name
    local.db = get_db(user=name, password=local.conf.db_password, cur_db_name=name)
    if set_admin_as_user:
        set_user("Administrator")


def destroy() -> None:
    """Close the connection and forget the context."""
    if db := getattr(local, "db", None):
        db.close()
    local.release()


def set_user(username: str) -> None:
    """Act as `username` from here on; caches of the former user are dropped."""
    local.session.user = username
    local.session.sid = username
    local.session.data = _dict()
    local.cache = {}
    local.form_dict = _dict()
    local.role_permissions = {}
    for name in ("system_settings",):
        if hasattr(local, name):
            delattr(local, name)


def _read_json(path: str) -> Any:
    with open(path) as f:
        return json.load(f)


def get_common_site_config(sites_path: str | None = None) -> _dict:
    """common_site_config.json; a malformed file is *reported* and then read as empty, as in v15."""
    path = os.path.join(sites_path or str(getattr(local, "sites_path", ".")), "common_site_config.json")
    if os.path.exists(path):
        try:
            return _dict(_read_json(path))
        except Exception as error:
            _complain("common_site_config.json is invalid", error)
    return _dict()


def get_site_config(sites_path: str | None = None, site_path: str | None = None) -> _dict:
    """Common config, then site_config.json, then environment. A missing site raises IncorrectSitePath.

    A malformed site_config.json prints its error and counts as empty: the command then fails on
    "db_name missing", the web on an unknown site (404).
    """
    config = _dict()
    sites_path = sites_path or getattr(local, "sites_path", None)
    site_path = site_path or getattr(local, "site_path", None)
    if sites_path:
        config.update(get_common_site_config(sites_path))
    if site_path:
        site_config = os.path.join(site_path, "site_config.json")
        if os.path.exists(site_config):
            try:
                config.update(_read_json(site_config))
            except Exception as error:
                _complain(f"{local.site}/site_config.json is invalid", error)
        elif local.site and not local.flags.new_site:
            raise IncorrectSitePath(f"{local.site} does not exist")
    defaults: dict[str, Any] = {"redis_queue": "redis://127.0.0.1:11311", "redis_cache": "redis://127.0.0.1:13311"}
    defaults.update({"db_type": "mariadb", "db_host": "127.0.0.1", "db_port": 3306, "db_socket": None})
    for key, default in defaults.items():
        config[key] = os.environ.get(f"FRAPPE_{key.upper()}") or config.get(key) or default
    return config


def _complain(headline: str, error: Exception) -> None:
    import click

    click.secho(headline, fg="red")
    print(error)


def get_conf(site: str | None = None) -> _dict:
    """Configuration of the bound site, else of `site` (None: only the common one)."""
    if hasattr(local, "conf"):
        return local.conf
    with init_site(site):
        return local.conf


class init_site:
    """Context manager: init (empty site = common config only) ... destroy."""

    def __init__(self, site: str | None = None) -> None:
        self.site = site or ""

    def __enter__(self) -> Local:
        init(self.site)
        return local

    def __exit__(self, *exc: Any) -> None:
        destroy()
