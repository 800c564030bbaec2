# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench says about a site that is to be moved."""

from __future__ import annotations

import json
import socket

from tests.unit.plugins.module_utils.agent.twins import Twins


def test_the_source(twins: Twins) -> None:
    site = twins.site()
    found = twins.facts(site)
    assert (found["name"], found["site"]["state"], found["site"]["owned"]) == ("one", "present", True)
    assert [app["name"] for app in found["apps"]] == ["frappe", "erpnext"]
    assert (found["maintenance"], found["scheduler"], found["encrypted_backup"]) == ("off", "enabled", False)
    assert found["size"]["files"] == len("public") + len("private")
    assert found["space"]["bench"]["free"] > 0
    assert found["journal"] == {}
    config = twins.source.config(site)
    shown = json.dumps(found)
    assert not [key for key in ("encryption_key", "db_password", "shop_token") if config[key] in shown]


def test_what_is_in_the_way_at_the_target(twins: Twins) -> None:
    site = twins.site()
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        plan = twins.plan(site, url=url, root={"user": "root", "password": "not-the-password"})
    assert plan["facts"]["web"].startswith(url.removeprefix("http://"))
    assert "root" in plan["facts"]["database_server"]
    assert len(plan["faults"]) == 2


def test_a_server_that_listens(twins: Twins) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        plan = twins.plan(twins.site(), url=f"http://127.0.0.1:{server.getsockname()[1]}")
    assert (plan["facts"]["web"], plan["faults"]) == ("", [])


def test_a_staging_directory_that_is_still_to_be_made(twins: Twins) -> None:
    found = twins.source.one("move.read", twins.site(), name="one", staging=str(twins.staging / "not" / "yet"))
    assert found["space"]["staging"]["path"] == str(twins.staging)
