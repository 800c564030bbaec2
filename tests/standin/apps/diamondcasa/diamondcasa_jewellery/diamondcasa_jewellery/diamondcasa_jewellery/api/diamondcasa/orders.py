# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from frappe.utils import now


def create_order(data):
    return {"order": data.get("order_id"), "date": now().date()}  # now() is a text: this raises
