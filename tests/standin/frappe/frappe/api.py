# SPDX-License-Identifier: GPL-3.0-or-later
"""REST: /api/method and /api/resource, also as /api/v1 and /api/v2 (imitates `frappe/api/v1.py`)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Response

import frappe
import frappe.client
import frappe.handler
from frappe.utils import sbool
from frappe.utils.response import build_response


def handle(request: Any) -> Response:
    """Route by path and verb; an unknown path is DoesNotExistError (404)."""
    parts = [unquote(part) for part in request.path.strip("/").split("/")][1:]
    if parts and parts[0] in ("v1", "v2"):
        parts = parts[1:]
    if len(parts) >= 2 and parts[0] == "method":
        data = _call(parts[1])
    elif len(parts) >= 2 and parts[0] in ("resource", "document"):
        data = _resource(request.method, parts[1], "/".join(parts[2:]))
    else:
        raise frappe.DoesNotExistError
    if isinstance(data, Response):
        return data
    if data is not None:
        frappe.response["data"] = data
    return build_response("json")


def _call(method: str) -> Any:
    frappe.form_dict.cmd = method
    return frappe.handler.handle()


def _resource(verb: str, doctype: str, name: str) -> Any:
    if not name:
        return {"GET": document_list, "POST": create_doc}.get(verb, _unknown)(doctype)
    if verb == "POST":
        return execute_doc_method(doctype, name)
    return {"GET": read_doc, "PUT": update_doc, "DELETE": delete_doc}.get(verb, _unknown)(doctype, name)


def _unknown(*args: Any) -> Any:
    raise frappe.DoesNotExistError


def document_list(doctype: str) -> Any:
    """20 rows with only `name`, unless asked otherwise."""
    form = frappe.form_dict
    if form.get("fields"):
        form["fields"] = json.loads(form["fields"])
    form.setdefault("limit_page_length", form.limit or 20)
    for key in ("as_dict", "debug"):
        if form.get(key):
            form[key] = sbool(form[key])
    form.pop("doctype", None)
    return frappe.call(frappe.client.get_list, doctype, **form)


def _form_data() -> Any:
    data = frappe.form_dict.pop("data", None)
    if isinstance(data, str):
        data = json.loads(data)
    return frappe._dict(data if data is not None else frappe.form_dict)


def create_doc(doctype: str) -> Any:
    data = _form_data()
    data.pop("doctype", None)
    return frappe.new_doc(doctype, **data).insert()


def read_doc(doctype: str, name: str) -> Any:
    if "run_method" in frappe.form_dict:
        return execute_doc_method(doctype, name)
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    return doc


def update_doc(doctype: str, name: str) -> Any:
    data = _form_data()
    doc = frappe.get_doc(doctype, name)
    data.pop("flags", None)
    doc.update(data)
    doc.save()
    if doc.get("parenttype"):
        frappe.get_doc(doc.parenttype, doc.parent).save()
    return doc


def delete_doc(doctype: str, name: str) -> str:
    frappe.delete_doc(doctype, name, ignore_missing=False)
    frappe.response.http_status_code = 202
    return "ok"


def execute_doc_method(doctype: str, name: str) -> Any:
    method = frappe.form_dict.pop("run_method", None)
    if not method:
        raise frappe.DoesNotExistError
    doc = frappe.get_doc(doctype, name)
    frappe.is_whitelisted(getattr(type(doc), method, None))
    doc.check_permission("read" if frappe.request.method == "GET" else "write")
    return getattr(doc, method)(**frappe.form_dict)
