# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""roles/redis: what stands in the settings of an instance, and what is refused before anything is made."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT

ROLE = ROOT / "roles/redis"


def templar(**variables: Any) -> Templar:
    """Ansible's engine with the role's own variables, under those given."""
    loader = DataLoader()
    own = loader.load_from_file(str(ROLE / "vars/main.yml"), trusted_as_template=True)
    defaults = loader.load_from_file(str(ROLE / "defaults/main.yml"), trusted_as_template=True)
    facts = {"ansible_facts": {"distribution_version": "12"}, "ansible_managed": "managed", "__redis_ports": {}}
    return Templar(loader=loader, variables={**defaults, **own, **facts, **variables})


def settings(item: dict[str, Any], **variables: Any) -> list[str]:
    text = (ROLE / "templates/redis.conf.j2").read_text()
    found = templar(item=item, **variables).template(trust_as_template(text))
    return [line for line in str(found).splitlines() if line and not line.startswith("#")]


def test_a_cache_forgets_and_a_queue_keeps() -> None:
    cache = settings({"name": "c", "port": 13000, "maxmemory_mb": 50})
    queue = settings({"name": "q", "port": 11000, "maxmemory_mb": 50, "policy": "noeviction", "persistence": True})
    assert {"appendonly no", "maxmemory-policy allkeys-lru", "bind 127.0.0.1"} <= set(cache)
    assert {"appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"} <= set(queue)


def test_a_password_is_not_in_the_settings() -> None:
    lines = settings({"name": "c", "port": 1, "maxmemory_mb": 50, "password": "of the cache"})
    digest = hashlib.sha256(b"of the cache").hexdigest()
    assert "user default off" in lines
    assert any(line.startswith(f"user frappe on #{digest} ~* &* +@all -@admin") for line in lines)
    assert "of the cache" not in "\n".join(lines)


def test_redis_6_knows_no_rules_for_channels() -> None:
    lines = settings({"name": "c", "port": 1, "maxmemory_mb": 50}, ansible_facts={"distribution_version": "22.04"})
    assert not [line for line in lines if "&*" in line]
    assert [line for line in lines if line.startswith("user default on nopass ~* +@all -@admin -@dangerous")]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"name": "No Name"}, "use small letters"),
        ({"policy": "none"}, "has the policy none"),
        ({"bind": "0.0.0.0"}, "without a password"),
        ({"bind": "0.0.0.0", "password": "long enough"}, ""),
        ({"password": "short"}, "shorter than 8"),
        ({"port": 11000}, "a port twice"),
        ({"name": "q"}, "a name twice"),
    ],
)
def test_faults(changes: dict[str, Any], fault: str) -> None:
    instances = [{"name": "c", "port": 13000, "maxmemory_mb": 50, **changes}, {"name": "q", "port": 11000}]
    found = templar(redis_instances=instances).template(trust_as_template("{{ __redis_faults }}"))
    assert len(found) == (1 if fault else 0), found
    assert fault in "".join(found)
