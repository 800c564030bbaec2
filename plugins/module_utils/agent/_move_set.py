# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the backup set of a move goes from one bench to another as a sealed file."""

from __future__ import annotations

import os
import shutil
import time
from typing import Any

from .._errors import ErpopsError
from ._backup import sha256
from ._backup_set import read_set, set_path
from ._context import Context
from ._files import make_private_dir, os_error
from ._move import answer, locked_move, write_journal
from ._move_facts import read_journal
from ._seal import seal, unseal


def staged_folder(staging: str, identity: str) -> str:
    """Directory of the sealed file: it may be entered by all, and its name is known to the two benches alone."""
    return os.path.join(staging, f"erpops-move-{identity}")


def pack(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """Seal the set of the move into ``args["staging"]``; returns its path, its SHA-256 and its key.

    The key is new each time and kept nowhere: what a killed run left behind can be opened by nobody.
    """
    journal = read_journal(context)
    folder = set_path(context, journal["set"])
    identity = read_set(folder)["id"]
    staged = staged_folder(str(args["staging"]), journal["id"])
    path = os.path.join(staged, "set.sealed")
    if context.check:
        return answer(
            True, journal["state"], journal["state"], journal, path=path, key="", sha256="", bytes=0, set_id=identity
        )
    with locked_move(context, "move_set.pack"):
        shutil.rmtree(staged, ignore_errors=True)
        try:
            os.mkdir(staged)
            os.chmod(staged, 0o711)  # noqa: S103 -- whoever carries the file is another user than the bench's
            key = seal(folder, path)
        except OSError as exc:
            shutil.rmtree(staged, ignore_errors=True)
            raise os_error(exc, path) from exc
    told = {"path": path, "sha256": sha256(path), "bytes": os.path.getsize(path), "key": key, "set_id": identity}
    return answer(True, journal["state"], journal["state"], journal, **told)


def receive(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The sealed file at ``args["path"]`` is a backup set of this bench.

    :param args: ``path, key, sha256``, and of the move ``id, set, set_id, from``.
    :raises ErpopsError: (422) it is not the file that was sealed; (409) another move of the site is under way here.
    """
    folder = set_path(context, str(args["set"]))
    with locked_move(context, "move_set.receive"):
        journal = read_journal(context)
        before = str(journal.get("state") or "")
        if before in ("receiving", "received", "live") and journal.get("id") != args["id"]:
            raise ErpopsError(
                "another move of the site to this bench is not finished",
                object=context.site,
                seen=f"{before}, from {journal.get('from')}",
                hint="finish or undo that one first",
                status=409,
            )
        if before in ("received", "live") and os.path.exists(os.path.join(folder, "manifest.json")):
            return answer(False, before, before, journal, path=folder)
        if sha256(str(args["path"])) != args["sha256"]:
            raise ErpopsError(
                "the sealed file did not arrive as it was sent",
                object=str(args["path"]),
                seen="another SHA-256",
                hint="run again: it is sealed and sent anew",
                status=422,
            )
        begun = {key: args[key] for key in ("id", "set", "set_id", "from")}
        write_journal(context, {**begun, "state": "receiving", "begun": time.time()})
        shutil.rmtree(folder, ignore_errors=True)
        part = folder + ".part"
        shutil.rmtree(part, ignore_errors=True)
        make_private_dir(part)
        unseal(str(args["path"]), str(args["key"]), part)
        if read_set(part)["id"] != args["set_id"]:
            raise ErpopsError("the sealed file holds another backup set", object=part, status=422)
        os.rename(part, folder)
        journal = {**read_journal(context), "state": "received"}
        write_journal(context, journal)
        return answer(True, before, "received", journal, path=folder)


OPERATIONS = {"move_set.pack": pack, "move_set.receive": receive}
