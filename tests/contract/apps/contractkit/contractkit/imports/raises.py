# SPDX-License-Identifier: GPL-3.0-or-later
"""Needs what nobody installed."""

from __future__ import annotations

import a_library_nobody_installed  # noqa: F401
