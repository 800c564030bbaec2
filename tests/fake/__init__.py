# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other side of things, imitated: vendors' HTTP APIs, and (in ``frappe``) what the agent imports of the framework.

The vendors' servers are standard library only and listen on loopback. In a test they are context managers; for a
playbook they are programs: ``python -m tests.fake.woocommerce --port 0 --pidfile FILE``.
"""
