# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone


class ZohoCredential(models.Model):
    client_id = models.CharField(max_length=255)
    client_secret = models.CharField(max_length=255)
    access_token = models.TextField(blank=True, null=True)
    refresh_token = models.TextField(blank=True, null=True)
    expires_in = models.DateTimeField(blank=True, null=True)
    scope = models.CharField(max_length=500, blank=True, default="ZohoInventory.items.READ")
    organization_id = models.CharField(max_length=255, blank=True, null=True)
    api_domain = models.CharField(max_length=255, default="https://www.zohoapis.com")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def save(self, *args: Any, **kwargs: Any) -> None:
        existing = ZohoCredential.objects.first()
        if not self.pk and existing:  # type: ignore[has-type]
            self.pk = existing.pk
        super().save(*args, **kwargs)

    @classmethod
    def get_instance(cls) -> ZohoCredential | None:
        return cls.objects.first()

    def is_expired(self) -> bool:
        if not self.access_token or not self.expires_in:
            return True
        return timezone.now() >= self.expires_in - timedelta(minutes=5)
