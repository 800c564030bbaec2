# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first lines of the agent's process."""

from __future__ import annotations

import json
import subprocess
import sys

from ansible_collections.erpops.frappe.plugins.module_utils.agent._bootstrap import BOOTSTRAP

MAIN = """
def main(stdin):
    from erpops_frappe import told
    print(told.TEXT, stdin.read().decode(), __name__)
"""


def test_what_comes_on_stdin_is_imported_and_the_rest_is_left() -> None:
    sources = {
        "erpops_frappe": [True, ""],
        "erpops_frappe.told": [False, "TEXT = 'told'"],
        "erpops_frappe.agent": [True, ""],
        "erpops_frappe.agent._protocol": [False, MAIN],
    }
    source = json.dumps(sources).encode()
    done = subprocess.run(
        [sys.executable, "-c", BOOTSTRAP],
        input=str(len(source)).encode() + b"\n" + source + b"request",
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split() == ["told", "request", "erpops_frappe.agent._protocol"]
