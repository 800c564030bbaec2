# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options for the database server's root user."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.root)."""

    DOCUMENTATION = r"""
options:
  db_root_user:
    description: The database server's administrative user.
    type: str
    default: root
  db_root_password:
    description:
      - Its password. It travels on standard input only and is in no process list.
      - Without it a database without a site directory is not found.
    type: str
  db_host:
    description: Host of the database server; that of the common configuration when omitted.
    type: str
  db_port:
    description: Port of the database server; that of the common configuration when omitted.
    type: int
"""
