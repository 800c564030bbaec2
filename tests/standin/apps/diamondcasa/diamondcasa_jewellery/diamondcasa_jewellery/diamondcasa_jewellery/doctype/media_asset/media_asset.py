# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from frappe.model.document import Document


class MediaAsset(Document):
    pass
