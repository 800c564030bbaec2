# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the collection path before pytest-ansible installs Ansible's collection loader.

``setdefault`` on purpose: ``ansible-test units`` sets its own path, which must win.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("ANSIBLE_COLLECTIONS_PATH", str(Path(__file__).resolve().parent / ".collections"))
