# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that every module which speaks with a vendor's API has."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.vendor), beside C(erpops.frappe.http_client): see module_utils/_vendor_args.py."""

    DOCUMENTATION = r"""
options:
  connect:
    description: The address to connect to instead of that of the URL, such as V(127.0.0.1:8443). Host header and TLS name stay.
    type: str
  timeout:
    description: Seconds after which one attempt is given up.
    type: float
    default: 15
  attempts:
    description: >-
      How often a request is sent at most, within 30 seconds. Only failures that may pass by themselves are tried again, and a
      request that changes something only if it was surely not worked on.
    type: int
    default: 4
notes:
  - Runs where C(httpx) is installed, which is the controller. Use C(delegate_to=localhost) in plays on sites.
  - Credentials travel in headers or bodies only, and only over HTTPS (this machine itself excepted).
"""
