# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests."""

from __future__ import annotations


class Request:
    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
