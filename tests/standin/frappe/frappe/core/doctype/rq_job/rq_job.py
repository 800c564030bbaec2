# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual DocType over the job queue (imitates `frappe/core/doctype/rq_job/rq_job.py`)."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.database.query import normalize
from frappe.model.document import Document
from frappe.utils import cint, compare, job_store


class RQJob(Document):
    def load_from_db(self) -> RQJob:
        row = job_store.get(self.name)
        if row is None:
            raise frappe.DoesNotExistError
        if row["site"] != frappe.local.site:
            raise frappe.PermissionError
        self.__dict__.update(serialize_job(row))
        self.init_valid_columns()
        return self

    @staticmethod
    def get_list(args: Any) -> list[Any]:
        """Jobs of this site that match `queue` and `status` filters."""
        rows = [serialize_job(row) for row in job_store.rows(site=frappe.local.site)]
        for _doctype, field, op, value in normalize("RQ Job", args.get("filters")):
            rows = [row for row in rows if compare(row.get(field), op, value)]
        rows.sort(key=lambda row: row.modified, reverse="desc" in (args.get("order_by") or ""))
        start = cint(args.get("start"))
        return rows[start : start + (cint(args.get("page_length")) or 20)]

    @staticmethod
    def get_count(args: Any) -> int:
        return len(RQJob.get_list({**args, "start": 0, "page_length": 10**6}))

    def delete(self, *args: Any, **kwargs: Any) -> None:
        frappe.only_for("System Manager")
        job_store.delete(self.name)

    def db_insert(self, *args: Any, **kwargs: Any) -> None:
        pass

    def db_update(self) -> None:
        pass


def serialize_job(row: dict[str, Any]) -> Any:
    """Queue row -> fields of RQ Job; a scheduled job shows its method as name."""
    kwargs = json.loads(row["kwargs"])
    started, ended = row["started_at"], row["ended_at"]
    taken: Any = ""
    if started and ended:
        taken = frappe.utils.time_diff_in_seconds(ended, started)
    return frappe._dict(
        name=row["id"],
        job_id=row["id"],
        queue=row["queue"],
        job_name=kwargs.get("job_type") or row["method"],
        status=row["status"],
        started_at=started or "",
        ended_at=ended or "",
        time_taken=taken,
        exc_info=row["exc_info"],
        arguments=json.dumps({"site": row["site"], "method": row["method"], "kwargs": kwargs}, indent=1),
        timeout=row["timeout"],
        creation=row["created_at"],
        modified=ended or started or row["created_at"],
        owner=row["user"],
        modified_by=row["user"],
    )
