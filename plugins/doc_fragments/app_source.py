# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of what every module that looks into an app's repository has."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(erpops.frappe.app_source): which files of which commit.

    Its part C(overlay): what to make of them; C(targets): several apps that go to other commits.
    """

    DOCUMENTATION = r"""
options:
  name:
    description: The app's name, which is that of its Python package.
    type: str
    required: true
  version:
    description: A full commit, a tag or a branch; the default branch when omitted.
    type: str
    default: ""
  subdirectory:
    description: Where in the repository the app is, if not at its root.
    type: str
    default: ""
  token:
    description: Access token for a private repository over HTTPS. It is stored nowhere and is no part of the remote's address.
    type: str
  ssh_key:
    description: Text of a private key for a private repository over SSH. It lives in a file only while git runs.
    type: str
"""

    OVERLAY = r"""
options:
  rules:
    description:
      - What the overlay does. C(rename_doctypes) gives DocTypes other names, with their folders, classes, links and the texts in
        the app's Python that name them. C(doctype_keys) spells keys of DocType definitions as Frappe reads them.
        C(controllers) adds an empty controller to each DocType without one, C(packages) an C(__init__.py) to each directory
        with Python below it. C(links) maps a path to what it shall lead to, seen from the link's directory. C(replace) is a
        list of C(path), C(old) and C(new), each C(old) being there exactly once.
      - Paths begin at the app's own folder.
    type: dict
    default: {}
  requirements:
    description: Python packages that the app imports and does not declare, import name to what pip is to install.
    type: dict
    default: {}
"""

    TARGETS = r"""
options:
  apps:
    description: Apps that are to go to another commit. Those that are not named are taken as they are.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the app.
        type: str
        required: true
      repo:
        description: Where the commit is fetched from.
        type: str
        required: true
      version:
        description: Commit, tag or branch; the default branch when omitted.
        type: str
        default: ""
      subdirectory:
        description: Where in the repository the app is.
        type: str
        default: ""
      token:
        description: Token for a private repository over HTTPS.
        type: str
      ssh_key:
        description: Private key for a repository over SSH.
        type: str
"""
