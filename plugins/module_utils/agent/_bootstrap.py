# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the first lines of its process, which take the rest of it from stdin."""

from __future__ import annotations

# Runs in the bench's interpreter: reads {module name: source} from stdin, imports from it on demand.
BOOTSTRAP = """
import importlib.machinery, json, sys
r = sys.stdin.buffer
S = json.loads(r.read(int(r.readline())))
class F:
    @staticmethod
    def find_spec(n, path=None, target=None):
        if n in S:
            return importlib.machinery.ModuleSpec(n, F, is_package=S[n][0])
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(m):
        exec(compile(S[m.__name__][1], "<" + m.__name__ + ">", "exec"), m.__dict__)
sys.meta_path.insert(0, F)
from erpops_frappe.agent._protocol import main
main(r)
"""
