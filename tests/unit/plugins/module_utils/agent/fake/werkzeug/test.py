# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a request's environment."""

from __future__ import annotations


class EnvironBuilder:
    def __init__(self, method: str, path: str, headers: dict[str, str]) -> None:
        self.environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": headers["Host"]}

    def get_environ(self) -> dict[str, str]:
        return self.environ
