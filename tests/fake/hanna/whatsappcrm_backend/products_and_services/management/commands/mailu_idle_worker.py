# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Reads its mailbox's password from the environment, as no line of settings.py tells."""

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{os.getenv('MAILU_IMAP_HOST')} {bool(os.environ['MAILU_IMAP_PASS'])}")
