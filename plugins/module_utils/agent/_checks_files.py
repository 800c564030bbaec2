# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: checks of files -- the configuration, and secrets in logs."""

from __future__ import annotations

import glob
import json
import os
import stat
import urllib.parse
from typing import Any

from ._checks_outcome import Outcome, cut, judged, listed
from ._config import paths, read_config
from ._redact import shown


def config_faults(found: dict[str, Any], args: dict[str, Any]) -> list[str]:
    """Where a configuration differs from ``types``, ``equal``, ``set``, ``absent`` and ``https``.

    ``bench set-config`` leaves text where a number or a boolean is meant, so that types are compared exactly.
    """
    faults = []
    for key, kind in args.get("types", {}).items():
        if key not in found:
            faults.append(f"{key} is missing")
        elif type(found[key]).__name__ != kind:
            faults.append(f"{key} is {type(found[key]).__name__}")
    for key, wanted in args.get("equal", {}).items():
        if key not in found:
            faults.append(f"{key} is missing")
        elif type(found[key]) is not type(wanted) or found[key] != wanted:
            faults.append(f"{key} is {cut(json.dumps(shown(key, found[key])), 60)}")
    empty = [key for key in args.get("set", []) if found.get(key) in (None, "", [], {})]
    faults += [f"{listed(empty)} not set"] if empty else []
    there = [key for key in args.get("absent", []) if key in found]
    faults += [f"{listed(there)} there"] if there else []
    return faults + [f"{key} is no https address" for key in args.get("https", []) if not is_https(found.get(key))]


def is_https(value: Any) -> bool:
    """Whether this is an address with https and a host."""
    try:
        parts = urllib.parse.urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)


def config(look: Any, args: dict[str, Any]) -> Outcome:
    """Keys of a configuration file; values of secrets are looked at for being there only."""
    scope = args.get("scope", "site")
    faults = config_faults(read_config(look.context, scope), args)
    if "mode" in args:
        mode = stat.S_IMODE(os.stat(paths(look.context, scope)[0]).st_mode)
        faults += [f"mode {mode:04o}"] if mode != int(args["mode"], 8) else []
    words = [f"{key} of type {kind}" for key, kind in args.get("types", {}).items()]
    words += [f"{key} {json.dumps(value)}" for key, value in args.get("equal", {}).items()]
    words += [f"{listed(args['set'])} set"] if "set" in args else []
    words += [f"{listed(args['absent'])} absent"] if "absent" in args else []
    words += [f"{listed(args['https'])} an https address"] if "https" in args else []
    words += [f"mode {args['mode']}"] if "mode" in args else []
    return judged(faults, "as needed", ", ".join(words))


def spellings(value: str) -> set[bytes]:
    """A secret as it may stand in a log: plain, inside JSON, inside a URL."""
    return {
        value.encode(),
        json.dumps(value)[1:-1].encode(),
        urllib.parse.quote(value, safe="").encode(),
        urllib.parse.quote_plus(value).encode(),
    }


def secrets_in(path: str, secrets: dict[str, set[bytes]], most: int) -> list[str]:
    """Names of the secrets in the last ``most`` bytes of a file. :raises OSError: it cannot be read."""
    with open(path, "rb") as handle:
        handle.seek(max(os.fstat(handle.fileno()).st_size - most, 0))
        text = handle.read(most)
    return [name for name, forms in secrets.items() if any(form in text for form in forms)]


def leak(look: Any, args: dict[str, Any]) -> Outcome:
    """None of the secrets stands in a log of the bench or of the site; answers with names of secrets and files only."""
    bench, site = look.context.bench, look.context.need_site()
    secrets = {name: spellings(look.secrets[name]) for name in args.get("names") or look.secrets}
    patterns = ["logs/*.log*", f"sites/{site}/logs/*.log*", *args.get("files", [])]
    files = sorted({path for pattern in patterns for path in glob.glob(os.path.join(bench.path, pattern))})
    faults, read = [], 0
    for path in files:
        if path.endswith((".gz", ".zst", ".xz")) or not os.path.isfile(path):
            continue
        try:
            found = secrets_in(path, secrets, args.get("megabytes", 16) * 1_000_000)
        except OSError as exc:
            faults.append(f"{os.path.relpath(path, bench.path)} cannot be read ({exc.strerror})")
            continue
        read += 1
        faults += [f"{listed(found)} in {os.path.relpath(path, bench.path)}"] if found else []
    return judged(faults, f"none in {read} files", f"none of {listed(secrets)} in a log", value=read)


CHECKS = {"config": config, "leak": leak}
