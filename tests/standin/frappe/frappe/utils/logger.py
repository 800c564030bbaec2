# SPDX-License-Identifier: GPL-3.0-or-later
"""`frappe.logger()`: level ERROR unless configured, into logs/ of bench and site (never stdout)."""

from __future__ import annotations

import logging
import os
from typing import Any

import frappe


def get_logger(module: str | None = None) -> Any:
    name = module or "frappe"
    site = getattr(frappe.local, "site", None) or ""
    logger = logging.getLogger(f"{name}-{site or 'all'}")
    if not logger.handlers:
        logger.propagate = False
        logger.setLevel((frappe.conf and frappe.conf.get("logging_level")) or logging.ERROR)
        folders = [os.path.join(frappe.utils.get_bench_path(), "logs")]
        if site:
            folders.append(frappe.utils.get_site_path("logs"))
        for folder in folders:
            if os.path.isdir(folder):
                handler = logging.FileHandler(os.path.join(folder, f"{name}.log"), delay=True)
                handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)s {name} %(message)s"))
                logger.addHandler(handler)
    return logger
