# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches (imitates `frappe/modules/patch_handler.py`).

`patches.txt` is INI with two sections, or plain lines (all of them pre-sync). The WHOLE LINE is the key in
Patch Log, so a changed comment makes a new patch.
"""

from __future__ import annotations

import configparser
import time
from enum import Enum

import frappe


class PatchError(Exception):
    pass


class PatchType(Enum):
    pre_model_sync = "pre_model_sync"
    post_model_sync = "post_model_sync"


def run_all(skip_failing: bool = False, patch_type: PatchType | None = None) -> None:
    """Run what Patch Log does not know; with skip_failing a failure is logged `skipped` instead of raised."""
    done = set(frappe.get_all("Patch Log", filters={"skipped": 0}, pluck="patch"))
    frappe.flags.final_patches = []

    def run_patch(patch: str) -> None:
        try:
            if not run_single(patchmodule=patch):
                print(patch + ": failed: STOPPED")
                raise PatchError(patch)
        except Exception:
            if not skip_failing:
                raise
            print("Failed to execute patch")
            update_patch_log(patch, skipped=True)

    for patch in get_all_patches(patch_type):
        if patch and patch not in done:
            run_patch(patch)
    for patch in frappe.flags.final_patches:
        run_patch(patch.replace("finally:", ""))


def get_all_patches(patch_type: PatchType | None = None) -> list[str]:
    patches: list[str] = []
    for app in frappe.get_installed_apps():
        patches.extend(get_patches_from_app(app, patch_type))
    return patches


def get_patches_from_app(app: str, patch_type: PatchType | None = None) -> list[str]:
    path = frappe.get_app_path(app, "patches.txt")
    try:
        return parse_as_configfile(path, patch_type)
    except configparser.MissingSectionHeaderError:
        if not patch_type or patch_type == PatchType.pre_model_sync:
            return frappe.get_file_items(path)
    return []


def parse_as_configfile(patches_file: str, patch_type: PatchType | None = None) -> list[str]:
    parser = configparser.ConfigParser(allow_no_value=True, delimiters="\n")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(patches_file)
    if not parser.sections():
        return []
    if not patch_type:
        return [patch for kind in PatchType for patch in parser[kind.value]]
    if patch_type.value in parser.sections():
        return list(parser[patch_type.value])
    frappe.throw(f"Patch type {patch_type} not found in patches.txt")
    return []


def run_single(patchmodule: str, method: object = None, methodargs: object = None, force: bool = False) -> bool:
    if force or not executed(patchmodule):
        return execute_patch(patchmodule)
    return True


def execute_patch(patchmodule: str) -> bool:
    """Run one line: a module's execute(), `execute:<python>`, or keep a `finally:` line for the end."""
    frappe.local.flags.in_patch = True
    frappe.db.commit()
    run = None
    docstring = ""
    if not patchmodule.startswith(("execute:", "finally:")):
        run = frappe.get_attr(f"{patchmodule.split(maxsplit=1)[0]}.execute")
        docstring = f"\n\t{run.__doc__.strip()}" if run.__doc__ else ""
    print(f"Executing {patchmodule} in {frappe.local.site} ({frappe.db.cur_db_name}){docstring}")
    start = time.monotonic()
    try:
        if patchmodule.startswith("finally:"):
            frappe.flags.final_patches.append(patchmodule)
        else:
            if run:
                run()
            else:
                exec(patchmodule.split("execute:", 1)[1], {"frappe": frappe})
            update_patch_log(patchmodule)
    except Exception:
        frappe.db.rollback()
        raise
    frappe.db.commit()
    frappe.local.flags.in_patch = False
    print(f"Success: Done in {round(time.monotonic() - start, 3)}s")
    return True


def update_patch_log(patchmodule: str, skipped: bool = False) -> None:
    log = frappe.get_doc({"doctype": "Patch Log", "patch": patchmodule})
    if skipped:
        log.skipped = 1
        log.traceback = frappe.get_traceback(with_context=True)
        print(log.traceback, end="\n\n")
    log.insert(ignore_permissions=True)


def executed(patchmodule: str) -> object:
    return frappe.db.get_value("Patch Log", {"patch": patchmodule.replace("finally:", ""), "skipped": 0}, order_by=None)
