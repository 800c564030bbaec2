# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret scanner of this environment (dependency group ``scan``)."""

from __future__ import annotations

import sys
from pathlib import Path

KINGFISHER = Path(sys.executable).with_name("kingfisher")
