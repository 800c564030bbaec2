# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site_config.json: typed values that Frappe reads as such, under Frappe's own lock."""

from __future__ import annotations

import threading
import time

from tests.contract.benches import SITE, ContractBench

HOLD = """
import sys
from frappe.utils.synchronization import filelock
with filelock("site_config"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_typed_values_are_what_frappe_reads(restored: ContractBench) -> None:
    values = {
        "mute_emails": True,
        "keep_backups_for_hours": 48,
        "kit_ratio": 0.5,
        "kit_text": "1",
        "kit_none": None,
        "kit_dict": {"a": [1, "2", False]},
        "kit_list": [1, 2],
    }
    done = restored.one("config.apply", SITE, {"set": values, "secrets": {"kit_token": "kit-token-value"}})
    assert done["changed"] is True
    assert "kit-token-value" not in str(done)
    read = restored.query("answer = {key: frappe.conf.get(key) for key in args['keys']}", keys=[*values, "kit_token"])
    assert read == {**values, "kit_token": "kit-token-value"}
    assert [type(read[key]) for key in values] == [type(value) for value in values.values()]
    again = restored.one("config.apply", SITE, {"set": values, "secrets": {"kit_token": "kit-token-value"}})
    assert (again["changed"], again["changed_keys"]) == (False, {})


def test_a_plain_set_config_stores_strings(restored: ContractBench) -> None:
    """Why the typed module exists: `bench set-config` makes a number of "1" alone, and knows no types."""
    for key, value in (("kit_one", "1"), ("kit_many", "25"), ("kit_true", "true"), ("kit_word", "yes")):
        assert restored.cli("set-config", key, value, site=SITE).returncode == 0
    assert restored.cli("set-config", "-p", "kit_parsed", "{'a': 25}", site=SITE).returncode == 0
    config = restored.site_config()
    assert (config["kit_one"], config["kit_many"], config["kit_true"], config["kit_word"]) == (1, "25", True, "yes")
    assert config["kit_parsed"] == {"a": 25}
    done = restored.one("config.apply", SITE, {"set": {"kit_many": 25}})
    assert done["changed_keys"] == {"kit_many": "changed"}
    assert restored.cli("set-config", "kit_many", "None", site=SITE).returncode == 0
    assert "kit_many" not in restored.site_config()


def test_keys_go_and_identity_stays(restored: ContractBench) -> None:
    restored.one("config.apply", SITE, {"set": {"kit_gone": 1}})
    done = restored.one("config.apply", SITE, {"absent": ["kit_gone", "kit_never_there"]})
    assert done["changed_keys"] == {"kit_gone": "removed"}
    assert "kit_gone" not in restored.site_config()
    error = restored.refused("config.apply", SITE, {"secrets": {"encryption_key": "another-key"}})
    assert (error["status"], "refuses to change encryption_key" in error["message"]) == (409, True)


def test_the_two_writers_wait_for_each_other(restored: ContractBench) -> None:
    holder = restored.start_query(HOLD, site=SITE)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        error = restored.refused("config.apply", SITE, {"set": {"kit_locked": 1}}, lock_timeout=0.3)
        assert (error["status"], "is locked by another run" in error["message"]) == (423, True)
        assert "kit_locked" not in restored.site_config()
        begun = time.monotonic()
        assert holder.stdin
        threading.Timer(0.7, lambda: holder.stdin and holder.stdin.write("\n") and holder.stdin.flush()).start()
        done = restored.one("config.apply", SITE, {"set": {"kit_locked": 1}}, lock_timeout=30)
        assert done["changed"] is True
        assert time.monotonic() - begun > 0.6
    finally:
        holder.communicate("\n", timeout=60)


def test_a_malformed_file_is_refused(restored: ContractBench) -> None:
    path = restored.sites / SITE / "site_config.json"
    path.write_text('{"db_name": ')
    error = restored.refused("config.apply", SITE, {"set": {"kit_more": 1}})
    assert (error["status"], "is not valid JSON" in error["message"]) == (422, True)
    assert path.read_text() == '{"db_name": '


def test_the_common_configuration_reaches_every_site(main_site: ContractBench) -> None:
    try:
        done = main_site.one("config.apply", args={"scope": "common", "set": {"contract_common": {"a": 1}}})
        assert done["changed_keys"] == {"contract_common": "added"}
        assert main_site.query("answer = frappe.conf.get('contract_common')") == {"a": 1}
    finally:
        main_site.one("config.apply", args={"scope": "common", "absent": ["contract_common"]})
