# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON of answers (imitates `frappe/utils/response.py`)."""

from __future__ import annotations

import datetime
import decimal
import json
import sys
from collections.abc import Iterable
from typing import Any

import frappe


def json_handler(obj: Any) -> Any:
    from frappe.model.base_document import BaseDocument

    if isinstance(obj, (datetime.date, datetime.datetime, datetime.time, datetime.timedelta)):
        return str(obj)
    if isinstance(obj, decimal.Decimal):
        return float(obj)
    if isinstance(obj, BaseDocument):
        return obj.as_dict(no_nulls=True)
    if isinstance(obj, Iterable):
        return list(obj)
    if callable(obj):
        return repr(obj)
    raise TypeError(f"Object of type {type(obj)} with value of {obj!r} is not JSON serializable")


def is_traceback_allowed() -> bool:
    """System Settings' word; no while there is no database to ask."""
    try:
        allowed = getattr(frappe.local, "db", None) and frappe.get_system_settings("allow_error_traceback")
    except Exception:
        allowed = False
    return bool(frappe.utils.cint(allowed)) and not frappe.local.flags.disable_traceback


def report_error(status_code: int) -> Any:
    """`exc_type`, with tracebacks allowed also `exception` and `exc`, plus the queued messages."""
    exc_type, _value, _tb = sys.exc_info()
    if is_traceback_allowed() and (status_code != 404 or frappe.conf.logging):
        text = frappe.utils.get_traceback()
        frappe.errprint(text)
        frappe.response.exception = text.splitlines()[-1]
    frappe.response["exc_type"] = exc_type.__name__ if exc_type else "Exception"
    response = build_response("json")
    response.status_code = status_code
    return response


def build_response(response_type: str = "json") -> Any:
    from werkzeug.wrappers import Response

    body = frappe.local.response
    if "docs" in body and not body.docs:
        del body["docs"]
    if frappe.local.error_log and is_traceback_allowed():
        body["exc"] = json.dumps([str(d["exc"]) for d in frappe.local.error_log])
    if frappe.local.message_log:
        body["_server_messages"] = json.dumps([json.dumps(d) for d in frappe.local.message_log])
    if frappe.local.flags.error_message:
        body["_error_message"] = frappe.local.flags.error_message
    status = body.pop("http_status_code", None) or 200
    text = json.dumps(body, default=json_handler, separators=(",", ":"))
    return Response(text, status=status, mimetype="application/json")
