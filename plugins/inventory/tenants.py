# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tenants
short_description: Frappe and ERPNext sites as inventory hosts, from one short file
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Builds hosts for machines, benches and sites from a file that says only what an operator decides.
    Each site is a host of its own, so that C(--limit), C(serial), C(forks), C(host_vars) and vault work on tenants.
  - The file must be called C(tenants.yml) or C(tenants.yaml), or end in C(.tenants.yml) or C(.tenants.yaml).
  - The groups are C(machines), C(benches) and C(sites). Below C(sites) there is one group for each bench, plan, wave,
    status, app and integration, such as C(bench_bench1), C(wave_canary) or C(app_erpnext). The group
    C(machine_<name>) holds a machine with all its benches and sites. Hyphens and dots become underscores.
  - Every fault of the file is reported at once, each with its line and its tenant, and then nothing of it is loaded.
    Set C(any_unparsed_is_failed = true) below C([inventory]) in C(ansible.cfg), otherwise Ansible only warns about
    such a file and goes on without it.
notes:
  - Values may be Jinja templates, and strings marked C(!vault) or C(!unsafe); they are passed on as they are.
  - The variables of a site are those of its machine, its bench, its plan and its own, the later ones winning.
    C(group_vars) and C(host_vars) beside the file work as with any other inventory.
  - A site's C(ansible_host) is the one of its machine, or the machine's name. Variables that C(host_vars) gives a
    machine do not reach its sites; those of the group C(machine_<name>) do.
extends_documentation_fragment:
  - ansible.builtin.constructed
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [erpops.frappe.tenants]
  machines:
    description:
      - Hosts that benches live on, by name. Each may have C(vars), its host variables, which benches and sites inherit.
      - Without this there is one machine, C(localhost), with a local connection and the Python that Ansible runs with.
    type: dict
  benches:
    description:
      - Benches by name.
      - C(machine) is the machine it is on, and may be left out if there is only one.
      - C(path) is the directory of the bench, absolute or a template, and becomes C(bench_path).
      - C(user) is the user who owns it and becomes C(bench_user).
      - C(runtime) is V(host) (the default) or V(docker) and becomes C(bench_runtime).
      - C(vars) are more host variables; the sites of the bench get them too.
    type: dict
    required: true
  plans:
    description:
      - Defaults by name that tenants can choose.
      - C(apps) come before the tenant's own. Each key of C(config) and C(vars) is replaced as a whole by the tenant's.
    type: dict
  tenants:
    description:
      - The sites.
      - C(name) is the site's host name, in lower case and of at least two labels.
      - C(bench) may be left out if there is only one; C(plan) chooses one of O(plans).
      - C(wave) is the roll-out wave; C(status) is V(active) (the default), V(suspended) or V(retired).
      - C(apps), C(integrations) and C(domains) are lists; C(config) holds typed keys of site_config.json.
      - C(vars) are more host variables.
    type: list
    elements: dict
    required: true
  signups:
    description:
      - What tenants get who sign up by C(bin/provision-tenant), each of whom is declared by a file of the directory
        C(directory) (V(.signups)) beside this one.
      - Sites are named C(<subdomain>.<domain>). C(bench), C(plan), C(wave) and C(vars) are those of a tenant; in
        C(vars), templates may use C(signup_subdomain), C(signup_company) and C(signup_email).
      - C(reserved) are more subdomains that nobody gets, C(max_length) (40) how long one may be.
    type: dict
  pending_signup:
    description: Name of a tenant that is being made, and is for this run a part of the fleet already.
    type: str
    env:
      - name: ERPOPS_PENDING_SIGNUP
"""

EXAMPLES = r"""
# tenants.yml: one bench on this machine, two sites
plugin: erpops.frappe.tenants
benches:
  bench1:
    path: /home/frappe/frappe-bench
    user: frappe
tenants:
  - name: alpha.localhost
    apps: [erpnext]
  - name: beta.localhost
    apps: [erpnext]
    status: suspended

---
# A fleet: two machines, plans, waves and a secret
plugin: erpops.frappe.tenants
machines:
  vm1: {vars: {ansible_host: 10.0.0.5, ansible_user: deploy}}
  vm2: {vars: {ansible_host: 10.0.0.6, ansible_user: deploy}}
benches:
  bench1: {machine: vm1, path: /home/frappe/frappe-bench, user: frappe}
  stack1: {machine: vm2, path: "{{ stack_root }}/frappe-bench", runtime: docker}
plans:
  starter:
    apps: [erpnext]
    config: {max_file_size: 26214400, mute_emails: true}
tenants:
  - name: acme.example.com
    bench: bench1
    plan: starter
    wave: canary
    apps: [shopsync]
    integrations: [woocommerce]
    domains: [erp.acme.example]
    config: {shopsync_enabled: true}
  - name: globex.example.com
    bench: stack1
    plan: starter
    wave: rest
    vars: {backup_hour: 3}

---
# Groups of one's own, as with ansible.builtin.constructed
plugin: erpops.frappe.tenants
benches:
  bench1: {path: /home/frappe/frappe-bench}
tenants:
  - {name: alpha.localhost, vars: {region: eu}}
keyed_groups:
  - {key: region, prefix: region}
"""

import os
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.template import trust_as_template

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.plugin_utils._signups import DIRECTORY, with_signups
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants import LOCALHOST, build
from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_model import FleetError, Inventory, Machine
from ansible_collections.erpops.frappe.plugins.plugin_utils._yaml_marks import line_of, repeated_keys

_FILE_NAMES = ("tenants.yml", "tenants.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable):
    """Reads the file, lets the pure half decide, and hands the result to Ansible."""

    NAME = "erpops.frappe.tenants"

    def verify_file(self, path: str) -> bool:
        """Whether the file's name is one of ours."""
        name = path.rsplit("/", 1)[-1]
        ours = name in _FILE_NAMES or name.endswith(tuple(f".{known}" for known in _FILE_NAMES))
        return ours and bool(super().verify_file(path))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill ``inventory`` from the file at ``path``, or raise one error that names all its faults."""
        super().parse(inventory, loader, path, cache)
        # "unsafe" means without the deep copy, which takes longer than all the rest: nothing here changes the data.
        data = loader.load_from_file(path, cache="none", unsafe=True, trusted_as_template=True)
        model = self._build(data, loader, path)
        self.set_options(direct=data, var_options=self._vars)
        self._fill(model)

    @staticmethod
    def _signed_up(data: Any, loader: Any, path: str) -> Any:
        """The file's data, with the tenants of the directory of sign-ups."""
        signups = data.get("signups")
        if not isinstance(signups, dict):
            return data
        directory = Path(path).parent / str(signups.get("directory") or DIRECTORY)
        files = sorted(str(found) for found in directory.glob("[!.]*.yml"))
        records = [(found, loader.load_from_file(found, cache="none", unsafe=True)) for found in files]
        try:
            # Not get_option: what it needs of the data is read first.
            return with_signups(data, records, os.environ.get("ERPOPS_PENDING_SIGNUP", ""))
        except ErpopsError as error:
            raise AnsibleParserError(str(error)) from None

    def _build(self, data: Any, loader: Any, path: str) -> Inventory:
        name = data.get("plugin") if isinstance(data, dict) else None
        if name != self.NAME:
            raise AnsibleParserError(f"{path}: it must begin with 'plugin: {self.NAME}', seen is {name!r}.")
        # As Ansible's implicit localhost: the interpreter that runs Ansible has what its modules need.
        python = {"ansible_python_interpreter": trust_as_template("{{ ansible_playbook_python }}")}
        default_machine = Machine(LOCALHOST.name, {**LOCALHOST.variables, **python})
        problems = repeated_keys(str(loader.get_text_file_contents(path)))
        try:
            model = build(self._signed_up(data, loader, path), line_of, default_machine)
        except FleetError as error:
            raise AnsibleParserError(FleetError([*problems, *error.problems]).text(path)) from None
        if problems:
            raise AnsibleParserError(FleetError(problems).text(path))
        return model

    def _fill(self, model: Inventory) -> None:
        inventory: Any = self.inventory
        for group in model.groups:
            inventory.add_group(group)
        for group, children in model.groups.items():
            for child in children:
                inventory.add_child(group, child)
        strict = self.get_option("strict")
        for host in model.hosts:
            inventory.add_host(host.name)
            for group in host.groups:
                inventory.add_host(host.name, group)
            for key, value in host.variables.items():
                inventory.set_variable(host.name, key, value)
            variables = inventory.get_host(host.name).get_vars()  # with inventory_hostname
            self._set_composite_vars(self.get_option("compose"), variables, host.name, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, host.name, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host.name, strict=strict)
