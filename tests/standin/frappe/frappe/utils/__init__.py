# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, shell and small helpers with the names of `frappe.utils`."""

from __future__ import annotations

import os
import re
from typing import Any

import frappe
from frappe.utils.data import *  # noqa: F403


def random_string(length: int) -> str:
    import secrets
    import string

    return "".join(secrets.choice(string.ascii_letters + string.digits) for _number in range(length))


def get_bench_path() -> str:
    return os.environ.get("FRAPPE_BENCH_ROOT") or os.path.realpath(
        os.path.join(os.path.dirname(frappe.__file__), "..", "..", "..")
    )


def get_bench_id() -> str:
    return frappe.get_conf().get("bench_id", get_bench_path().strip("/").replace("/", "-"))


def get_site_path(*path: str) -> str:
    return os.path.join(frappe.local.site_path, *path)


def get_path(*path: str, base: str | None = None) -> str:
    return os.path.join(base or frappe.local.site_path, *path)


def get_files_path(*path: str, is_private: bool = False) -> str:
    return get_site_path("private" if is_private else "public", "files", *path)


def get_sites(sites_path: str | None = None) -> list[str]:
    """Directories of sites/ that hold a site_config.json."""
    base = sites_path or getattr(frappe.local, "sites_path", None) or "."
    names = [
        name
        for name in os.listdir(base)
        if name != "assets" and os.path.exists(os.path.join(base, name, "site_config.json"))
    ]
    return sorted(names)


def get_site_name(hostname: str) -> str:
    return hostname.split(":", 1)[0]


def get_url(uri: str | None = None, full_address: bool = False) -> str:
    host = frappe.conf.host_name or f"http://{frappe.local.site}"
    return host.rstrip("/") + (("/" + uri.lstrip("/")) if uri else "")


def get_table_name(table_name: str) -> str:
    return table_name if table_name.startswith("__") else f"tab{table_name}"


def touch_file(path: str) -> str:
    with open(path, "a"):
        os.utime(path, None)
    return path


def get_file_size(path: str, format: bool = False) -> Any:
    num: float = os.path.getsize(path)
    if not format:
        return num
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(num) < 1024:
            return f"{num:3.1f}{unit}"
        num /= 1024
    return f"{num:.1f}TiB"


def is_git_url(url: str) -> bool:
    return bool(re.match(r"(?:git|ssh|https?|git@[-\w.]+):(\/\/)?(.*?)(\.git)(\/?|\#[-\d\w._]+?)$", url))


def get_traceback(with_context: bool = False) -> str:
    import traceback

    text = traceback.format_exc()
    return "" if text.startswith("NoneType: None") else text.replace(get_bench_path() + "/", "")


def execute_in_shell(cmd: Any, verbose: bool = False, low_priority: bool = False, check_exit_code: bool = False) -> Any:
    import subprocess

    done = subprocess.run(cmd, shell=isinstance(cmd, str), capture_output=True, check=False)
    if check_exit_code and done.returncode:
        print(done.stderr, done.stdout)
        raise frappe.CommandFailedError(
            "Command failed", done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )
    return done.stderr, done.stdout


def get_installed_apps_info() -> list[dict[str, Any]]:
    from frappe.utils.change_log import get_app_branch

    out = []
    for app in frappe.get_installed_apps():
        module = frappe.get_module(app)
        version = getattr(module, "__version__", None)
        out.append({"app_name": app, "version": version, "branch": get_app_branch(app)})
    return out


def parse_json(val: Any) -> Any:
    return frappe.parse_json(val)


def __getattr__(name: str) -> Any:
    if name == "CallbackManager":
        from frappe.database.database import CallbackManager

        return CallbackManager
    raise AttributeError(name)
