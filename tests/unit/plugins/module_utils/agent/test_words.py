# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are made."""

from __future__ import annotations

import re

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._words import ALPHABET, new_word


@pytest.mark.parametrize("length", [16, 32, 200])
def test_new_words(length: int) -> None:
    words = {new_word(length) for _number in range(50)}
    assert len(words) == 50
    for word in words:
        assert len(word) == length
        assert set(word) <= set(ALPHABET)
        assert re.search("[a-z]", word)
        assert re.search("[A-Z]", word)
        assert re.search("[0-9]", word)
    assert re.fullmatch("[A-Za-z0-9]+", ALPHABET)
