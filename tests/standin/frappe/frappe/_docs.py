# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents and lists: the functions of `frappe/__init__.py`, which import what they need when called."""

from __future__ import annotations

from typing import Any

from frappe._apps import scrub
from frappe._site import local
from frappe.exceptions import DoesNotExistError


def get_doc(*args: Any, **kwargs: Any) -> Any:
    """Document from a dict, from keywords, or loaded by DocType and name (Singles: DocType alone)."""
    from frappe.model.document import get_doc as _get_doc

    return _get_doc(*args, **kwargs)


def get_cached_doc(*args: Any, **kwargs: Any) -> Any:
    return get_doc(*args, **kwargs)


def get_single(doctype: str) -> Any:
    return get_doc(doctype, doctype)


def new_doc(doctype: str, *, parent_doc: Any = None, parentfield: str | None = None, **kwargs: Any) -> Any:
    """New document with the DocType's defaults."""
    from frappe.model.document import new_doc as _new_doc

    return _new_doc(doctype, parent_doc=parent_doc, parentfield=parentfield, **kwargs)


def get_last_doc(doctype: str, filters: Any = None, order_by: str = "creation desc", **kwargs: Any) -> Any:
    names = get_all(doctype, filters=filters, limit_page_length=1, order_by=order_by, pluck="name")
    if names:
        return get_doc(doctype, names[0])
    raise DoesNotExistError(doctype=doctype)


def get_meta(doctype: Any, cached: bool = True) -> Any:
    from frappe.model.meta import get_meta as _get_meta

    return _get_meta(doctype, cached=cached)


def delete_doc(doctype: str | None = None, name: str | None = None, force: bool = False, **kwargs: Any) -> Any:
    from frappe.model.delete_doc import delete_doc as _delete_doc

    return _delete_doc(doctype, name, force=force, **kwargs)


def delete_doc_if_exists(doctype: str, name: str, force: bool = False) -> None:
    delete_doc(doctype, name, force=force, ignore_missing=True)


def reload_doc(module: str, dt: str | None = None, dn: str | None = None, force: bool = False, **kw: Any) -> Any:
    """Read a DocType again from its JSON file."""
    from frappe.modules.import_file import import_file

    return import_file(module, dt or "doctype", dn or "", force=force)


def reload_doctype(doctype: str, force: bool = False, **kwargs: Any) -> None:
    reload_doc(scrub(local.db.get_value("DocType", doctype, "module")), "doctype", scrub(doctype), force=force)


def get_all(doctype: str, *args: Any, **kwargs: Any) -> Any:
    """Rows without permission checks."""
    kwargs["ignore_permissions"] = True
    kwargs.setdefault("limit_page_length", kwargs.pop("limit", 0) or 0)
    return get_list(doctype, *args, **kwargs)


def get_list(doctype: str, *args: Any, **kwargs: Any) -> Any:
    """Rows the user may read. (Only the REST list has a default limit, 20, whatever the docs say.)"""
    from frappe.model.db_query import DatabaseQuery

    return DatabaseQuery(doctype).execute(*args, **kwargs)


def get_value(*args: Any, **kwargs: Any) -> Any:
    return local.db.get_value(*args, **kwargs)


def get_cached_value(doctype: str, name: str, fieldname: Any = "name", as_dict: bool = False) -> Any:
    return local.db.get_value(doctype, name, fieldname, as_dict=as_dict)


def set_value(doctype: str, docname: str, fieldname: Any, value: Any = None) -> Any:
    from frappe.client import set_value as _set_value

    return _set_value(doctype, docname, fieldname, value)
