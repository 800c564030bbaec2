# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site agent that a module's parameters point at."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.erpops.frappe.plugins.module_utils._args import site_spec
from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils._module import agent_for

ARGS: dict[str, Any] = {"site": "a.localhost", "bench_path": "/srv/bench", "timeout": 7, "lock_timeout": 3}


@contextlib.contextmanager
def module(check: bool = False, **args: Any) -> Iterator[AnsibleModule]:
    with patch_module_args({**ARGS, **args, "_ansible_check_mode": check}):
        yield AnsibleModule(argument_spec=site_spec(), supports_check_mode=True)


@pytest.mark.parametrize("check", [False, True])
def test_the_agent_of_a_module(check: bool) -> None:
    with module(check) as given:
        agent = agent_for(given)
    assert (agent.check, agent.timeout, agent.lock_timeout) == (check, 7.0, 3.0)
    assert agent.runtime.bench_path == "/srv/bench"


def test_a_wrong_site_name_is_refused_before_anything_is_run() -> None:
    with module(site="a;id") as given, pytest.raises(ErpopsError, match="is not a site name"):
        agent_for(given)
