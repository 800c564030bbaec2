# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of what every module that speaks HTTP from the controller has."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.http_client): what module_utils/_http_module.py makes a client of."""

    DOCUMENTATION = r"""
requirements:
  - httpx >= 0.27
options:
  verify_tls:
    description: Whether certificates are checked.
    type: bool
    default: true
  ca_path:
    description: A file or directory of PEM certificates to trust instead of the system's.
    type: path
"""
