# SPDX-License-Identifier: GPL-3.0-or-later
"""STAND-IN for the Frappe framework: a test double with the names and quirks of Frappe 15.

Not Frappe, and not for production. It offers the part of the interface that the erpops.frappe collection
uses (see README.md). Names and semantics follow `frappe/__init__.py` of version 15; the implementation
is new and keeps its databases in SQLite files that play the database server.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from frappe import exceptions as exceptions
from frappe._apps import (  # noqa: F401
    append_hook,
    call,
    get_all_apps,
    get_app_path,
    get_app_source_path,
    get_attr,
    get_file_items,
    get_hooks,
    get_installed_apps,
    get_module,
    get_module_list,
    get_module_path,
    get_newargs,
    get_pymodule_path,
    read_file,
    scrub,
    setup_module_map,
    unscrub,
)
from frappe._docs import (  # noqa: F401
    delete_doc,
    delete_doc_if_exists,
    get_all,
    get_cached_doc,
    get_cached_value,
    get_doc,
    get_last_doc,
    get_list,
    get_meta,
    get_single,
    get_value,
    new_doc,
    reload_doc,
    reload_doctype,
    set_value,
)
from frappe._local import Local, LocalProxy, _dict  # noqa: F401
from frappe._messages import (  # noqa: F401
    _,
    allowed_http_methods_for_whitelisted_func,
    bold,
    clear_last_message,
    clear_messages,
    get_message_log,
    get_roles,
    guest_methods,
    has_permission,
    is_whitelisted,
    msgprint,
    only_for,
    throw,
    whitelist,
    whitelisted,
)
from frappe._site import (  # noqa: F401
    connect,
    destroy,
    get_common_site_config,
    get_conf,
    get_site_config,
    init,
    init_site,
    local,
    set_user,
)
from frappe.exceptions import *  # noqa: F403
from frappe.exceptions import NameError, PermissionError  # noqa: F401

__version__ = "15.0.0"
__title__ = "Frappe Framework (stand-in)"

STANDARD_USERS = ("Guest", "Administrator")
_dev_server = 0

db = local("db")
conf = local("conf")
form = form_dict = local("form_dict")
request = local("request")
job = local("job")
response = local("response")
session = local("session")
user = local("user")
flags = local("flags")
error_log = local("error_log")
debug_log = local("debug_log")
message_log = local("message_log")
lang = local("lang")


class _Cache:
    """Shape of `frappe.cache`: per thread and context, since the stand-in has no Redis."""

    def get_value(self, key: str, generator: Any = None, **kwargs: Any) -> Any:
        if key not in local.cache and generator:
            local.cache[key] = generator()
        return local.cache.get(key)

    def set_value(self, key: str, value: Any, **kwargs: Any) -> None:
        local.cache[key] = value

    def delete_value(self, keys: Any, **kwargs: Any) -> None:
        for key in [keys] if isinstance(keys, str) else keys:
            local.cache.pop(key, None)

    delete_key = delete_value

    def hget(self, name: str, key: str, generator: Any = None, **kwargs: Any) -> Any:
        bucket = local.cache.setdefault(name, {})
        if key not in bucket and generator:
            bucket[key] = generator()
        return bucket.get(key)

    def hset(self, name: str, key: str, value: Any, **kwargs: Any) -> None:
        local.cache.setdefault(name, {})[key] = value

    def hdel(self, name: str, key: str, **kwargs: Any) -> None:
        local.cache.get(name, {}).pop(key, None)

    def __call__(self) -> _Cache:
        return self


cache = _Cache()


def get_system_settings(key: str) -> Any:
    if not hasattr(local, "system_settings"):
        try:
            local.system_settings = db.get_singles_dict("System Settings")
        except Exception as e:
            if getattr(e, "args", [0])[:1] == (1146,):  # possible during a new install
                return None
            raise
    return local.system_settings.get(key)


def get_single_value(setting: str, fieldname: str) -> Any:
    return db.get_single_value(setting, fieldname)


def clear_cache(user: str | None = None, doctype: str | None = None) -> None:
    local.cache = {}
    local.role_permissions = {}
    if hasattr(local, "system_settings"):
        del local.system_settings
    if not doctype and not user and getattr(local, "db", None) and not flags.in_install_db:
        for fn in get_hooks("clear_cache"):
            get_attr(fn)()


def clear_document_cache(doctype: str, name: str | None = None) -> None:
    pass


def generate_hash(txt: str | None = None, length: int = 56) -> str:
    length = length or 56
    return secrets.token_hex((length + 1) // 2)[:length]


def as_json(obj: Any, indent: int | None = 1, separators: Any = None, ensure_ascii: bool = True) -> str:
    from frappe.utils.response import json_handler

    separators = separators or (",", ": ")
    return json.dumps(
        obj, indent=indent, sort_keys=True, default=json_handler, separators=separators, ensure_ascii=ensure_ascii
    )


def parse_json(val: Any) -> Any:
    if isinstance(val, str):
        val = json.loads(val)
    return _dict(val) if isinstance(val, dict) else val


def get_traceback(with_context: bool = False) -> str:
    from frappe.utils import get_traceback as _get_traceback

    return _get_traceback(with_context=with_context)


def errprint(msg: str) -> None:
    error_log.append({"exc": str(msg)})


def log_error(
    title: str | None = None,
    message: str | None = None,
    reference_doctype: str | None = None,
    reference_name: str | None = None,
    **kwargs: Any,
) -> Any:
    """Insert an Error Log with the running traceback (a long title and a message change places, as in v15)."""
    from frappe.utils.error import log_error as _log_error

    return _log_error(title, message, reference_doctype, reference_name, **kwargs)


def logger(module: str | None = None, *args: Any, **kwargs: Any) -> Any:
    from frappe.utils.logger import get_logger

    return get_logger(module)


def enqueue(*args: Any, **kwargs: Any) -> Any:
    from frappe.utils.background_jobs import enqueue as _enqueue

    return _enqueue(*args, **kwargs)


def enqueue_doc(doctype: str, name: str | None = None, method: str | None = None, **kwargs: Any) -> Any:
    from frappe.utils.background_jobs import enqueue as _enqueue

    target = "frappe.utils.background_jobs.run_doc_method"
    return _enqueue(target, doctype=doctype, name=name, doc_method=method, **kwargs)


def publish_realtime(*args: Any, **kwargs: Any) -> None:
    """No websocket here."""


def sendmail(*args: Any, **kwargs: Any) -> None:
    """No mail leaves the stand-in."""


def get_site_path(*joins: str) -> str:
    from frappe.utils import get_site_path as _get_site_path

    return _get_site_path(*joins)


def create_folder(path: str, with_init: bool = False) -> None:
    import os

    os.makedirs(path, exist_ok=True)


def get_request_header(key: str, default: Any = None) -> Any:
    return request.headers.get(key, default) if request else default


def safe_decode(param: Any, encoding: str = "utf-8") -> Any:
    return param.decode(encoding) if isinstance(param, bytes) else param


def get_user() -> Any:
    return _dict(name=session.user, roles=get_roles())


def is_setup_complete() -> bool:
    """v15: every app that has a setup wizard says it was completed."""
    rows = db.sql("select is_setup_complete from `tabInstalled Application` where has_setup_wizard=1", pluck=True)
    return bool(rows) and all(rows)


from frappe import utils as utils  # noqa: E402


@whitelist(allow_guest=True)
def ping() -> str:
    return "pong"
