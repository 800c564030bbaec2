# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: what the interpreter of a release that is being made does itself (``_nested``)."""

from __future__ import annotations

from typing import Any

from .._errors import ErpopsError
from ._app_checks import import_problems
from ._app_install import build_assets, pip_add, place
from ._context import Context
from ._release_env import packages_digest


def furnish(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The packages of the present environment, and then the operator's."""
    if args["pins"]:
        pip_add(context.bench, ["--no-deps", *args["pins"]], "the packages of the present environment", exact=True)
    if args["requirements"]:
        pip_add(context.bench, list(args["requirements"]), "requirements of the bench")
    return {}


def make_assets(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Node packages and assets of ``apps`` (``name``, ``subdirectory``), in order."""
    for app in args["apps"]:
        build_assets(context.bench, place(context.bench, app["name"], app["subdirectory"]))
    return {}


def prove(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Every app of ``apps.txt`` is imported, now that all are there.

    :raises ErpopsError: (409) one cannot be.
    """
    bench = context.bench
    broken = [f"{app}: {problem}" for app in bench.listed_apps() for problem in import_problems(app, bench.sites)]
    if broken:
        raise ErpopsError(
            "its apps cannot be imported together",
            object=bench.path,
            seen="; ".join(broken[:8]),
            hint="nothing was switched; repair the app, or pin another commit",
            status=409,
        )
    return {"packages": packages_digest()}
