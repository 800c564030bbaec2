# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps of the bench and of the site, hooks, modules, attributes by dotted name."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import types
from collections.abc import Callable
from typing import Any

from frappe._local import _dict
from frappe._site import connect, local
from frappe.exceptions import AppNotInstalledError

_signature_cache: dict[Any, inspect.Signature] = {}


def read_file(path: str, raise_not_found: bool = False) -> str | None:
    if os.path.exists(path):
        with open(path) as f:
            return f.read()
    if raise_not_found:
        raise OSError(f"{path} Not Found")
    return None


def get_file_items(path: str, raise_not_found: bool = False, ignore_empty_lines: bool = True) -> list[str]:
    """Lines of a text file without blanks and # comments."""
    content = (read_file(path, raise_not_found) or "").strip()
    lines = [p.strip() for p in content.splitlines()] if content else []
    return [p for p in lines if not ignore_empty_lines or (p and not p.startswith("#"))]


def get_module(modulename: str) -> types.ModuleType:
    return importlib.import_module(modulename)


def scrub(txt: str) -> str:
    return txt.replace(" ", "_").replace("-", "_").lower()


def unscrub(txt: str) -> str:
    return txt.replace("_", " ").replace("-", " ").title()


def get_pymodule_path(modulename: str, *joins: str) -> str:
    if "public" not in joins:
        joins = tuple(scrub(part) for part in joins)
    folder = os.path.dirname(get_module(scrub(modulename)).__file__ or "")
    return os.path.abspath(os.path.join(folder, *joins))


def get_app_path(app_name: str, *joins: str) -> str:
    """Path inside the app's package (importing the app: an app that is not there raises ImportError)."""
    return get_pymodule_path(app_name, *joins)


def get_app_source_path(app_name: str, *joins: str) -> str:
    return os.path.abspath(os.path.join(get_app_path(app_name), "..", *joins))


def get_module_path(module: str, *joins: str) -> str:
    from frappe.modules import get_module_app

    app = get_module_app(module)
    return get_pymodule_path(app + "." + scrub(module), *joins)


def get_module_list(app_name: str) -> list[str]:
    """Modules named in `<app>/modules.txt`."""
    return get_file_items(get_app_path(app_name, "modules.txt"))


def get_all_apps(with_internal_apps: bool = True, sites_path: str | None = None) -> list[str]:
    """Apps of sites/apps.txt (frappe first), plus those of <site>/apps.txt."""
    apps = get_file_items(os.path.join(sites_path or local.sites_path, "apps.txt"), raise_not_found=True)
    if with_internal_apps:
        for app in get_file_items(os.path.join(local.site_path, "apps.txt")):
            if app not in apps:
                apps.append(app)
    if "frappe" in apps:
        apps.remove("frappe")
    return ["frappe", *apps]


def get_installed_apps(*, _ensure_on_bench: bool = False) -> list[str]:
    """Apps of the site: the global default `installed_apps`, in order of installation."""
    if local.flags.in_install_db:
        return []
    if not getattr(local, "db", None):
        connect()
    installed: list[str] = json.loads(local.db.get_global("installed_apps") or "[]")
    if _ensure_on_bench:
        on_bench = get_all_apps()
        installed = [app for app in installed if app in on_bench]
    return installed


def setup_module_map(include_all_apps: bool = True) -> None:
    """Map module -> app: of all apps of the bench (commands), or of the site's only (web requests).

    Every app in the map is imported: a name in apps.txt that cannot be imported stops all commands of all
    sites, while running web processes notice it only on sites that have the app installed.
    """
    local.app_modules, local.module_app = {}, {}
    if not os.path.exists(os.path.join(local.sites_path, "apps.txt")):
        return
    if not include_all_apps and not local.conf.db_name:
        return
    for app in get_all_apps() if include_all_apps else get_installed_apps(_ensure_on_bench=True):
        local.app_modules[app] = [scrub(module) for module in get_module_list(app)]
        for module in local.app_modules[app]:
            local.module_app[module] = app


def _load_app_hooks(app_name: str | None = None) -> dict[str, Any]:
    hooks: dict[str, Any] = {}
    for app in [app_name] if app_name else get_installed_apps(_ensure_on_bench=True):
        try:
            app_hooks = get_module(f"{app}.hooks")
        except ImportError as e:
            print(f'Could not find app "{app}": \n{e}')
            raise
        for key, value in vars(app_hooks).items():
            skip = isinstance(value, (types.ModuleType, types.FunctionType, type))
            if not key.startswith("_") and not skip:
                append_hook(hooks, key, value)
    return hooks


def append_hook(target: dict[str, Any], key: str, value: Any) -> None:
    """Lists are joined, dicts merged key by key: every hook of `get_hooks` is a list (or dict of lists)."""
    if isinstance(value, dict):
        target.setdefault(key, {})
        for inner in value:
            append_hook(target[key], inner, value[inner])
    else:
        target.setdefault(key, [])
        target[key].extend(value if isinstance(value, list) else [value])


def get_hooks(hook: str | None = None, default: Any = "_KEEP_DEFAULT_LIST", app_name: str | None = None) -> Any:
    """Hooks of one app or of all installed apps; one hook is a list, `[]` when nobody has it."""
    if app_name:
        hooks = _dict(_load_app_hooks(app_name))
    else:
        if "app_hooks" not in local.cache:
            local.cache["app_hooks"] = _load_app_hooks()
        hooks = _dict(local.cache["app_hooks"])
    if hook:
        return hooks.get(hook, ([] if default == "_KEEP_DEFAULT_LIST" else default))
    return hooks


def get_attr(method_string: str) -> Any:
    """Object by dotted name; only of apps installed on the site, except during (un)installation."""
    from frappe._messages import throw

    app_name = method_string.split(".", 1)[0]
    installing = local.flags.in_uninstall or local.flags.in_install
    if not installing and app_name not in get_installed_apps():
        throw(f"App {app_name} is not installed", AppNotInstalledError)
    modulename, _dot, methodname = method_string.rpartition(".")
    return getattr(get_module(modulename), methodname)


def call(fn: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call with only those keyword arguments that `fn` takes."""
    if isinstance(fn, str):
        fn = get_attr(fn)
    return fn(*args, **get_newargs(fn, kwargs))  # type: ignore[operator, arg-type]


def get_newargs(fn: Callable[..., Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    if fn not in _signature_cache:
        _signature_cache[fn] = inspect.signature(fn)
    params = _signature_cache[fn].parameters
    any_key = any(p.kind == inspect.Parameter.VAR_KEYWORD for p in params.values())
    return {
        key: value
        for key, value in kwargs.items()
        if (any_key or key in params) and key not in ("ignore_permissions", "flags")
    }
