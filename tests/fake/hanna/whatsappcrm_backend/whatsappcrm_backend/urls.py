# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path


def landing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hanna")


def metrics(request: HttpRequest) -> HttpResponse:
    """What the front door of the real one has to refuse."""
    return HttpResponse("no", status=403)


urlpatterns = [path("", landing), path("django-admin/", admin.site.urls), path("prometheus/metrics", metrics)]
