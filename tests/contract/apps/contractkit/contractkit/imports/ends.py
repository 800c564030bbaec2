# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the interpreter."""

from __future__ import annotations

import os

os._exit(3)
