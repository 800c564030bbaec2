# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vaulted_secret
short_description: A secret that is generated once and kept in a vault-encrypted file
version_added: "0.1.0"
author: erpops.frappe contributors (!UNKNOWN)
description:
  - Returns the secret of the name O(key) from a YAML file that ansible-vault has encrypted as a whole. If the file or
    the name is not there yet, a random secret is generated and stored first.
  - The file is encrypted with the vault password of the run (C(--vault-password-file), C(--vault-id) or
    C(vault_identity_list)); without one the lookup fails. An existing file keeps its vault id.
  - Parallel forks agree on the secret. The file is replaced in one step and has the mode 0600; its directory is created
    with the mode 0700. A hidden lock file stays beside it. Comments in the file do not survive a change.
  - In check mode nothing is written. A secret that is missing is then made up for this one evaluation only.
notes:
  - Secrets are letters and digits only, at least one of each of lower case, upper case and digits, so that they need no
    quoting in URLs, shells, SQL and configuration files.
  - Use C(no_log) on tasks that would print the value.
options:
  _terms:
    description:
      - Paths of files on the controller, relative ones from the directory of the playbook.
    type: list
    elements: str
    required: true
  key:
    description: The name of the secret in the file.
    type: str
    required: true
  length:
    description: How many characters a new secret gets; 16 to 1024. A stored one keeps its own length.
    type: int
    default: 32
  generate:
    description:
      - Whether a missing secret is generated.
      - With V(false) a missing secret is an error, for secrets that someone else issues. Such a secret may be as short
        as 8 characters; otherwise one shorter than 16 is refused.
    type: bool
    default: true
"""

EXAMPLES = r"""
# The directory begins with a dot, so that Ansible does not take it for a part of the inventory.
- name: Give the site an administrator password that stays the same from run to run
  erpops.frappe.site:
    site: alpha.localhost
    bench_path: /home/frappe/frappe-bench
    admin_password: "{{ lookup('erpops.frappe.vaulted_secret', secrets_file, key='admin_password') }}"
  vars:
    secrets_file: "{{ inventory_dir }}/.secrets/alpha.localhost.yml"

- name: Use a key that the shop issued, and fail if nobody has put it into the file
  ansible.builtin.set_fact:
    shop_secret: "{{ lookup('erpops.frappe.vaulted_secret', 'shop.yml', key='consumer_secret', generate=false) }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: One secret for each path.
  type: list
  elements: str
  sample: [3kTqWz0vYb8NxR5LmG7cHd2JfPs9Aa1E]
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError
from ansible_collections.erpops.frappe.plugins.module_utils.agent._words import new_word
from ansible_collections.erpops.frappe.plugins.plugin_utils._vault_file import (
    ensure_vault_key,
    read_vault_yaml,
    vault_of,
)

MIN_LENGTH = 16
MAX_LENGTH = 1024
# Ansible hides secrets by their text wherever it occurs; a shorter one would blank out half the output.
MIN_GIVEN_LENGTH = 8


def checked(value: Any, path: str, key: str, generate: bool) -> str:
    """A stored secret as text.

    :raises ErpopsError: if it is no text or number, or too short to be protected.
    """
    least = MIN_LENGTH if generate else MIN_GIVEN_LENGTH
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        seen = f"a {type(value).__name__}"
    elif len(str(value)) < least:
        seen = f"{len(str(value))} characters"
    else:
        return str(value)
    raise ErpopsError(
        f"the stored secret {key!r} cannot be used",
        object=path,
        seen=seen,
        needed=f"text of at least {least} characters",
        hint=f"ansible-vault edit {path}",
        status=400,
    )


class LookupModule(LookupBase):
    """Wiring: options, the vault of this run, one secret for each path."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """The secrets, in the order of ``terms``."""
        self.set_options(var_options=variables, direct=kwargs)
        check_mode = bool((variables or {}).get("ansible_check_mode", False))
        try:
            return [self._secret(str(self._loader.path_dwim(term)), check_mode) for term in terms]
        except ErpopsError as error:
            raise AnsibleLookupError(str(error)) from error

    def _secret(self, path: str, check_mode: bool) -> str:
        key, length, generate = str(self.get_option("key")), self.get_option("length"), self.get_option("generate")
        if not MIN_LENGTH <= length <= MAX_LENGTH:
            needed = f"{MIN_LENGTH} to {MAX_LENGTH}"
            raise ErpopsError("length is out of range", object=key, seen=str(length), needed=needed, status=400)
        vault = vault_of(self._loader)
        value = read_vault_yaml(vault, path).get(key)
        if value is None and not generate:
            raise ErpopsError(
                f"there is no secret {key!r}",
                object=path,
                needed=f"a line '{key}: ...' in this file, since it shall not be generated",
                hint=f"ansible-vault edit {path} (ansible-vault create {path}, if it is not there)",
                status=404,
            )
        if value is None and check_mode:
            return new_word(length)
        if value is None:
            value = ensure_vault_key(vault, path, key, lambda: new_word(length))
        return checked(value, path, key, generate)
