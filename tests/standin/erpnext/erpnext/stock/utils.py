# SPDX-License-Identifier: GPL-3.0-or-later
"""Names for scheduled jobs."""


def check_reorder() -> None:
    pass


def update_valuation() -> None:
    pass
