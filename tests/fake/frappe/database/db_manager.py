# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class DbManager:
    """Lists and drops databases."""

    def __init__(self, db: Any) -> None:
        self.folder = Path("../databases")

    def get_database_list(self) -> list[str]:
        return [path.stem for path in self.folder.glob("*.json")]

    def drop_database(self, name: str) -> None:
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    def delete_user(self, name: str, host: str = "localhost") -> None:
        with Path("../dropped_users.txt").open("a") as log:
            log.write(f"{name}@{host}\n")
