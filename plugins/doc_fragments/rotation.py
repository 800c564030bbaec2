# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that C(site_secret) and C(site_secret_info) share."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.rotation)."""

    DOCUMENTATION = r"""
options:
  timeout:
    description: Seconds after which the conversation with the bench is ended.
    type: int
    default: 3600
  request:
    description:
      - Name of the request for a rotation, such as a date or the number of a ticket. A secret whose last rotation was of this
        request is not rotated again, so that a second run changes nothing.
    type: str
    required: true
  user:
    description: The integration user, whose API key is rotated, and with whose key a site is tried.
    type: str
  standby_user:
    description: >-
      A second user for the API key, which is made with the roles of the first, so that there is no gap. Without it the
      secret is replaced at once, and consumers are cut off until they have the new one.
    type: str
  active_user:
    description: Whose key the consumers have now, if it is not that of O(user).
    type: str
  grace:
    description: For how many seconds the key of before is let in beside that of O(standby_user).
    type: int
    default: 86400
  database_gap:
    description: >-
      Rotate the database's password also without its administrative user. New connections are then refused for a moment, and
      a run that is killed in that moment leaves a site without its database until the next run.
    type: bool
    default: false
  confirm:
    description: The site's name, to rotate its C(encryption_key).
    type: str
  encrypted_elsewhere:
    description: Rotate the C(encryption_key) although apps of the site call Frappe's C(encrypt) themselves.
    type: bool
    default: false
  backup:
    description: Name of the backup set that was taken before the C(encryption_key) is rotated.
    type: str
  drain_timeout:
    description: How many seconds the site's jobs are waited for, before its C(encryption_key) is rotated.
    type: int
    default: 300
  url:
    description: >-
      Base address of the site's web server as seen from this host, such as C(http://127.0.0.1:8000). The site's name is sent as
      C(Host).
    type: str
    required: true
  validate_certs:
    description: Whether the server's TLS certificate is checked.
    type: bool
    default: true
  ca_path:
    description: File of certificate authorities to check it with.
    type: path
"""
