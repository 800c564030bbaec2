# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that every module which talks to a bench has."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.bench)."""

    DOCUMENTATION = r"""
options:
  bench_path:
    description: Directory of the bench.
    type: path
    required: true
  bench_runtime:
    description:
      - Where the bench runs. With V(host) it is on this host, and the task runs as the user that owns it
        (C(become_user), or the connection's own user).
    type: str
    choices: [host]
    default: host
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 600
  lock_timeout:
    description: Seconds to wait for another run that holds the lock of the same site or bench.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode and return what would change, without changing it.
  diff_mode:
    description: Returns what changed, with secrets as stars and a salted digest.
  idempotent:
    description: A second run with the same options changes nothing.
requirements:
  - Python 3.10 or later in the bench's environment; nothing of this collection is installed there
"""

    # Of the modules whose options are these and no site's: those of the fragment C(erpops.frappe.site) are in its group.
    ACTION_GROUP = r"""
attributes:
  action_group:
    description: Use C(group/erpops.frappe.bench) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - erpops.frappe.bench
"""
