# SPDX-License-Identifier: GPL-3.0-or-later
"""Constants of the document model."""

from __future__ import annotations

no_value_fields = (
    "Section Break",
    "Column Break",
    "Tab Break",
    "HTML",
    "Table",
    "Table MultiSelect",
    "Button",
    "Image",
    "Fold",
    "Heading",
)
display_fieldtypes = tuple(f for f in no_value_fields if not f.startswith("Table"))
table_fields = ("Table", "Table MultiSelect")
default_fields = ("doctype", "name", "owner", "creation", "modified", "modified_by", "docstatus", "idx")
child_table_fields = ("parent", "parentfield", "parenttype")
optional_fields = ("_user_tags", "_comments", "_assign", "_liked_by", "_seen")
numeric_fieldtypes = ("Currency", "Int", "Long Int", "Float", "Percent", "Check")
