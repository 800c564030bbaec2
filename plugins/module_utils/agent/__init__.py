# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site agent: what runs inside the bench's own Python, with the standard library and ``frappe``.

``_agent_bundle.py`` (beside this package) sends those of these files that a module needs as source on the agent's standard
input, so they import each other relatively only, and import ``frappe`` only inside functions.
"""

from __future__ import annotations
