# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from celery import shared_task

from .services import sync_zoho_products_to_db


@shared_task(bind=True, max_retries=1, default_retry_delay=1)
def task_sync_zoho_products(self: Any) -> dict[str, Any]:
    try:
        return sync_zoho_products_to_db()
    except Exception as error:
        raise self.retry(exc=error) from error
