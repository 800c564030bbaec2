# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that every module of the action group C(site) has besides those of a bench."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.site)."""

    DOCUMENTATION = r"""
options:
  site:
    description: Name of the site, which is also its host name (C(Host) header).
    type: str
    required: true
attributes:
  action_group:
    description: Use C(group/erpops.frappe.site) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - erpops.frappe.site
"""
