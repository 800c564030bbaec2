# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the collection path before pytest-ansible installs Ansible's collection loader, and keep tests apart.

``setdefault`` on purpose: ``ansible-test units`` sets its own path, which must win.
"""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("ANSIBLE_COLLECTIONS_PATH", str(Path(__file__).resolve().parent / ".collections"))


@pytest.fixture(autouse=True)
def _no_cookies_of_another_test() -> Iterator[None]:
    """Ansible's ``open_url`` leaves its opener, which keeps cookies, to every ``urlopen`` of the process.

    A test that logged in was then logged in where a later one asked with an API key.
    """
    yield
    urllib.request.install_opener(urllib.request.build_opener())
