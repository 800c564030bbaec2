# SPDX-License-Identifier: GPL-3.0-or-later
"""`bench migrate` (imitates `frappe/migrate.py`): order, lock, touched_tables.json, half-done on failure."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable

import frappe
from frappe.utils.standin_jobs import flush_queue as build_index_for_all_routes


class SiteMigration:
    """before_migrate, pre patches, DocTypes, post patches, jobs, fixtures, orphans, after_migrate."""

    def __init__(self, skip_failing: bool = False, skip_search_index: bool = False) -> None:
        self.skip_failing, self.skip_search_index = skip_failing, skip_search_index

    def run(self, site: str) -> None:
        from frappe.utils.synchronization import filelock

        if site:
            frappe.init(site=site)
            frappe.connect()
        with filelock("bench_migrate", timeout=1):
            self.setUp()
            try:
                for step in (self.pre_schema_updates, self.run_schema_updates, self.post_schema_updates):
                    self._atomic(step)
            finally:
                self.tearDown()
                frappe.destroy()

    @staticmethod
    def _atomic(step: Callable[[], None]) -> None:
        """Commit or roll back; DDL and per-DocType commits inside the step stay, as on MariaDB."""
        try:
            step()
            frappe.db.commit()
        except Exception:
            with contextlib.suppress(Exception):
                frappe.db.rollback()
            raise

    def setUp(self) -> None:
        frappe.flags.touched_tables = set()
        self.touched_tables_file = frappe.get_site_path("touched_tables.json")
        frappe.clear_cache()
        if os.path.exists(self.touched_tables_file):
            os.remove(self.touched_tables_file)
        frappe.flags.in_migrate = True

    def tearDown(self) -> None:
        print()
        with open(self.touched_tables_file, "w") as f:
            json.dump(sorted(frappe.flags.touched_tables), f, sort_keys=True, indent=4)
        if not self.skip_search_index:
            print(f"Queued rebuilding of search index for {frappe.local.site}")
            frappe.enqueue(build_index_for_all_routes, queue="long")
        frappe.flags.touched_tables.clear()
        frappe.flags.in_migrate = False

    def pre_schema_updates(self) -> None:
        self._hooks("before_migrate")

    def run_schema_updates(self) -> None:
        from frappe.model.sync import sync_all
        from frappe.modules.patch_handler import PatchType, run_all

        run_all(skip_failing=self.skip_failing, patch_type=PatchType.pre_model_sync)
        sync_all()
        run_all(skip_failing=self.skip_failing, patch_type=PatchType.post_model_sync)

    def post_schema_updates(self) -> None:
        from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
        from frappe.model.sync import remove_orphan_doctypes
        from frappe.utils.fixtures import sync_fixtures

        sync_jobs()
        sync_fixtures()
        remove_orphan_doctypes()
        frappe.get_single("Installed Applications").update_versions()
        print("Executing `after_migrate` hooks...")
        self._hooks("after_migrate")

    @staticmethod
    def _hooks(name: str) -> None:
        for app in frappe.get_installed_apps():
            for fn in frappe.get_hooks(name, app_name=app):
                frappe.get_attr(fn)()
