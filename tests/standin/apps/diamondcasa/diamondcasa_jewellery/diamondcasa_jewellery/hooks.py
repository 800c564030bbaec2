# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks as the app has them: none of these names can be imported."""

from __future__ import annotations

app_name = "diamondcasa_jewellery"
app_title = "Diamond Casa Jewellery"
app_publisher = "erpops"
app_description = "Twin of an app"
app_email = "nobody@example.com"
app_license = "GPL-3.0-or-later"

doc_events = {
    "Item": {
        "on_update": "diamondcasa_jewellery.utils.sync.on_item_update",
        "validate": "diamondcasa_jewellery.utils.sync.validate_item",
    },
    "Material Request": {
        "on_submit": "diamondcasa_jewellery.utils.prebagging.on_material_request_submit",
    },
}

scheduler_events = {
    "cron": {
        "*/15 * * * *": [
            "diamondcasa_jewellery.utils.sync.sync_products_to_diamondcasa",
            "diamondcasa_jewellery.utils.sync.sync_inventory_to_diamondcasa_scheduled",
            "diamondcasa_jewellery.utils.sync.sync_prices_to_diamondcasa_scheduled",
        ]
    },
    "hourly": ["diamondcasa_jewellery.utils.sync.sync_media_to_diamondcasa_scheduled"],
    "daily": ["diamondcasa_jewellery.utils.sync.cleanup_old_integration_logs"],
}
