# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL text of a database: what mysqldump is to real Frappe."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator


def dump(path: str, include: list[str] | None = None, exclude: list[str] | None = None) -> Iterator[str]:
    """Statements for every table (or the chosen ones), ending as mysqldump ends."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    try:
        conn.execute("begin")
        tables = conn.execute("select name, sql from sqlite_master where type='table' order by name").fetchall()
        for name, sql in tables:
            if name.startswith("sqlite_") or (include and name not in include) or name in (exclude or []):
                continue
            yield f"DROP TABLE IF EXISTS `{name}`;\n{sql};\n"
            columns = [row[1] for row in conn.execute(f"pragma table_info(`{name}`)")]
            quoted = " || ',' || ".join(f"quote(`{c}`)" for c in columns)
            for (values,) in conn.execute(f"select {quoted} from `{name}`"):
                yield f"INSERT INTO `{name}` VALUES ({values});\n"
            indexes = "select sql from sqlite_master where type='index' and tbl_name=? and sql is not null"
            for (statement,) in conn.execute(indexes, (name,)):
                yield f"{statement};\n"
    finally:
        conn.close()
    yield f"-- Dump completed on {datetime.datetime.now():%Y-%m-%d %H:%M:%S}\n"
