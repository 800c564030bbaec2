# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that the modules share which ask for copies of backup sets."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.offsite)."""

    DOCUMENTATION = r"""
options:
  offsite:
    description:
      - Bucket of an S3 server in which the copies are, as C(<prefix>/<site>/<set>/<file>). The bucket is never made.
      - C(rclone), a package of the bench's host, gets the keys by its environment, which is its own.
    type: dict
    suboptions:
      endpoint:
        description: Address of the S3 server; that of Amazon's region when omitted.
        type: str
      region:
        description: Region of the bucket. Needed without O(offsite.endpoint).
        type: str
      bucket:
        description: Its name.
        type: str
        required: true
      prefix:
        description: What the names of all objects begin with; two benches with a site of the same name need different ones.
        type: str
      provider:
        description: The kind of server, as C(rclone) calls it. V(AWS) without O(offsite.endpoint), else V(Other).
        type: str
      ca_cert:
        description: File on the bench's host with the certificate of the server's authority.
        type: path
      access_key:
        description: Id of the key.
        type: str
        required: true
      secret_key:
        description: The key itself.
        type: str
        required: true
"""
