# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: the answers of many checks as one result, or as one message."""

from __future__ import annotations

from typing import Any

from ._errors import ErpopsError


def summary(answer: dict[str, Any]) -> dict[str, Any]:
    """``{"checks", "failed", "passed"}`` of the agent's answer."""
    failed = sum(not check["ok"] for check in answer["checks"])
    return {"checks": answer["checks"], "failed": failed, "passed": len(answer["checks"]) - failed}


def line(check: dict[str, Any]) -> str:
    """One failed check on one line."""
    text = f"{check['title']}: seen {check['seen']}, needed {check['needed'].rstrip('.')}."
    return text + (f" Next: {check['next'].rstrip('.')}." if check["next"] else "")


def failure(site: str, answer: dict[str, Any]) -> ErpopsError:
    """All failed checks in one message, a line for each; ``data`` has the answers of all."""
    lines = [line(check) for check in answer["checks"] if not check["ok"]]
    total = answer["failed"] + answer["passed"]
    text = f"{answer['failed']} of {total} checks failed\n" + "\n".join(lines)
    return ErpopsError(text.removesuffix("."), object=site, status=409, data={"site_checks": answer})
