# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "whatsappcrm_backend.settings")
app = Celery("whatsappcrm_backend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
