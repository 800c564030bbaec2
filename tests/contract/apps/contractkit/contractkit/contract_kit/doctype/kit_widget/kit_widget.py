# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket

import frappe
from frappe.model.document import Document


class KitWidget(Document):
    def validate(self) -> None:
        """Refuses as apps do; or commits in the middle, as Company of ERPNext does."""
        if self.title == "refuse":
            frappe.throw("The widget <b>refuses</b> this title")

    def on_update(self) -> None:
        """What apps do while a document is saved, by its title."""
        if self.title == "commit":
            frappe.db.commit()
        elif self.title == "enqueue":
            frappe.enqueue("contractkit.tasks.tick", queue="short")
        elif self.title == "call":
            socket.create_connection(("127.0.0.1", int(self.remark)), timeout=5).close()
        elif self.title == "schema":
            frappe.db.sql_ddl("create table kit_leftover (name int)")
        elif self.title == "escape":
            frappe.db._conn.commit()  # past all that the framework knows of
