# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for something while it is imported, in a child of its own as well."""

from __future__ import annotations

import subprocess
import time

subprocess.Popen(["sleep", "600"])
time.sleep(600)
