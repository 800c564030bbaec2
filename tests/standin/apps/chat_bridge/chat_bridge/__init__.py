# SPDX-License-Identifier: GPL-3.0-or-later
"""Twin of chat_bridge; see README.md."""

from __future__ import annotations

__version__ = "1.0.0"
