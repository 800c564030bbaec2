# SPDX-License-Identifier: GPL-3.0-or-later
"""The error of `frappe.utils.synchronization`."""

from __future__ import annotations


class LockTimeoutError(Exception):
    pass
