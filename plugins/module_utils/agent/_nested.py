# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: an agent of its own for a release that is being made, run by that release's interpreter.

While it is made a release is a bench of its own, and what brings an app to a bench brings it to a release.
"""

from __future__ import annotations

import json
import os
import re
import secrets as random_source
import subprocess
import sys
from typing import Any

from .._errors import ErpopsError
from ._bench import Bench
from ._bootstrap import BOOTSTRAP
from ._context import Context
from ._redact import scrub

# Of the bench that runs nothing is to be flushed or announced by a build; a server that is not there is only warned of
# (frappe/esbuild/esbuild.js, frappe/build.py: bundle).
NOWHERE = "redis://127.0.0.1:1"


def converse(context: Context, bench: Bench, python: str, operations: list[dict[str, Any]]) -> list[Any]:
    """Run ``operations`` (``{"op", "args"}``) on ``bench`` by ``python``; their values, in order.

    :raises ErpopsError: an operation failed, with its own error; or the agent was ended.
    """
    nonce = random_source.token_hex(8)
    source = json.dumps(sys.modules["__main__"].__dict__["S"]).encode()
    request = {
        "schema": 1,
        "nonce": nonce,
        "bench_path": bench.path,
        "lock_timeout": context.lock_timeout,
        "secrets": context.secrets,
        "operations": operations,
    }
    environment = {
        name: value for name, value in os.environ.items() if name not in ("FRAPPE_BENCH_ROOT", "VIRTUAL_ENV")
    }
    environment |= {"FRAPPE_REDIS_CACHE": NOWHERE, "FRAPPE_REDIS_QUEUE": NOWHERE}
    with subprocess.Popen(
        [python, "-c", BOOTSTRAP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=bench.path,
        env=environment,
        pass_fds=context.bench.held,
    ) as process:
        out, err = process.communicate(str(len(source)).encode() + b"\n" + source + json.dumps(request).encode())
    found = re.search(rb"\n--- erpops\.frappe answer " + nonce.encode() + rb" (\d+) ---\n", out)
    if not found:
        last = scrub(err.decode("utf-8", "replace"), context.secrets).strip().splitlines()[-3:]
        raise ErpopsError(
            "the release's own interpreter gave no answer",
            object=python,
            seen=f"exit code {process.returncode}; " + " / ".join(last),
            hint="run this again: what was half made is made anew",
        )
    answer = json.loads(out[found.end() : found.end() + int(found.group(1))])
    for result in [{"ok": not answer.get("error"), "error": answer.get("error")}, *answer["results"]]:
        if not result["ok"]:
            error = {key: result["error"].get(key) for key in ("object", "seen", "needed", "hint", "status", "data")}
            raise ErpopsError(str(result["error"]["message"]), **error)
    return [result["value"] for result in answer["results"]]
