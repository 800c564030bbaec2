# SPDX-License-Identifier: GPL-3.0-or-later
"""Error Log (imitates `frappe/utils/error.py`)."""

from __future__ import annotations

from typing import Any

import frappe


def log_error(
    title: str | None = None,
    message: str | None = None,
    reference_doctype: str | None = None,
    reference_name: str | None = None,
    **kwargs: Any,
) -> Any:
    """Insert an Error Log. The text is the traceback, or `message`; a multi-line title is the text."""
    if message and title and "\n" in title:
        title, message = message, title
    if not message and title and "\n" in title:
        title, message = "Error", title
    text = message or frappe.get_traceback() or title or ""
    if not getattr(frappe.local, "db", None):
        return None
    doc = frappe.get_doc(
        {
            "doctype": "Error Log",
            "method": (title or "Error")[:140],
            "error": str(text),
            "reference_doctype": reference_doctype,
            "reference_name": reference_name,
        }
    )
    return doc.insert(ignore_permissions=True)
