# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for the other side of the integrations in a playbook, against imitated vendors: preview, run, run again."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import read_vault_yaml
from tests.fake import chatwoot, woocommerce, zoho
from tests.fake.receivers import SECRET, TOKEN, Receiver
from tests.integration.fleet import environment, run_playbook

PASSWORD = "the vault password"
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Ensure the shop's webhook
      erpops.frappe.woocommerce_webhook:
        base_url: "{{ shop }}"
        consumer_key: "{{ consumer_key }}"
        consumer_secret: "{{ consumer_secret }}"
        webhooks:
          - {topic: order.created, delivery_url: "{{ site }}/hook", secret: "{{ webhook_secret }}"}
    - name: Ensure Chatwoot's webhook
      erpops.frappe.chatwoot_webhook:
        base_url: "{{ chat }}"
        api_access_token: "{{ access_token }}"
        webhooks:
          - {url: "{{ site }}/chat", token: "{{ door_token }}", subscriptions: [conversation_created]}
    - name: Ensure a refresh token
      erpops.frappe.zoho_token:
        client_id: "{{ client_id }}"
        client_secret: "{{ client_secret }}"
        code: "{{ grant_code }}"
        redirect_uri: https://backend.example.com/oauth/callback
        organization_id: "60001234567"
        accounts_url: "{{ accounts }}"
        vault_file: "{{ playbook_dir }}/secrets/zoho.yml"
    - name: Prove the endpoint
      erpops.frappe.webhook_delivery:
        url: "{{ site }}/hook"
        secret: "{{ webhook_secret }}"
        matrix: woocommerce
        harmless_body: true
"""


@dataclass
class World:
    """The vendors, a site's endpoint, and a playbook that is run against them."""

    folder: Path
    shop: woocommerce.WooCommerce
    chat: chatwoot.Chatwoot
    accounts: zoho.Zoho
    site: Receiver
    runs: int = 0

    def play(self, *options: str) -> tuple[dict[str, int], str]:
        """How many tasks changed and failed, and all that was printed."""
        self.runs += 1
        done = run_playbook(
            self.folder / f"run{self.runs}",
            playbook=str(self.folder / "play.yml"),
            inventory="localhost ansible_connection=local ansible_python_interpreter=" + sys.executable,
            cmdline=" ".join(
                [f"--vault-password-file {self.folder}/password", f"-e @{self.folder}/vars.json", *options]
            ),
            envvars=environment(self.folder),
            verbosity=3,
        )
        assert done.rc == 0, done.stdout[-4000:]
        return {name: sum(done.stats[name].values()) for name in ("changed", "failures", "ok")}, done.stdout


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        servers: list[Any] = [woocommerce.WooCommerce(), chatwoot.Chatwoot(), zoho.Zoho(), Receiver(repaired=True)]
        for server in servers:
            stack.enter_context(server.start())
        world = World(tmp_path, *servers)
        (tmp_path / "play.yml").write_text(PLAY)
        (tmp_path / "password").write_text(PASSWORD)
        addresses = {
            "shop": world.shop.url,
            "chat": world.chat.url,
            "accounts": world.accounts.url,
            "site": world.site.url,
        }
        known = {**addresses, "client_id": zoho.CLIENT_ID, **secrets_of()}
        handle = os.open(tmp_path / "vars.json", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(known, file)
        yield world


def secrets_of() -> dict[str, str]:
    """The playbook's secrets."""
    return {
        "consumer_key": woocommerce.KEY,
        "consumer_secret": woocommerce.SECRET,
        "webhook_secret": SECRET,
        "access_token": chatwoot.TOKEN,
        "door_token": TOKEN,
        "client_secret": zoho.CLIENT_SECRET,
        "grant_code": zoho.CODE,
    }


def test_previewed_run_and_run_again(world: World) -> None:
    preview, seen = world.play("--check", "--diff")
    assert preview == {"changed": 3, "failures": 0, "ok": 4}
    assert (world.shop.changes, world.chat.changes, world.accounts.lines, world.site.lines) == ([], [], [], [])

    first, output = world.play("--diff")
    assert first == {"changed": 3, "failures": 0, "ok": 4}
    assert [one["delivery_url"] for one in world.shop.webhooks.values()] == [f"{world.site.url}/hook"]
    assert [one["url"] for one in world.chat.webhooks.values()] == [f"{world.site.url}/chat?token={TOKEN}"]
    (token,) = world.accounts.refresh_tokens
    vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    assert read_vault_yaml(vault, str(world.folder / "secrets/zoho.yml"))["zoho"]["refresh_token"] == token

    # What the module set up is what the shop signs with, and the endpoint lets in.
    (number,) = world.shop.webhooks
    assert world.shop.deliver(number, {"id": 4242})[0] == 200

    second, again = world.play("--diff")
    assert second == {"changed": 0, "failures": 0, "ok": 4}
    printed = seen + output + again
    secrets = {**secrets_of(), "refresh_token": token, "chatwoot's": world.chat.secrets[1]}
    assert [name for name, secret in secrets.items() if secret in printed] == []
