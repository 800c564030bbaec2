# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that must not be imported by a process that is needed afterwards."""
