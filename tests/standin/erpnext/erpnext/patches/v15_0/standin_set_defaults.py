# SPDX-License-Identifier: GPL-3.0-or-later
"""A patch that changes nothing."""


def execute() -> None:
    """Nothing to set."""
