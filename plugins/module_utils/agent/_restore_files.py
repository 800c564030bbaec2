# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: the uploaded files of a backup set, unpacked into a site's directory and nowhere else."""

from __future__ import annotations

import glob
import os
import shutil
import tarfile

from .._errors import ErpopsError


def unpack_files(folder: str, site_path: str) -> int:
    """Unpack both archives of the set in ``folder``; returns the number of files.

    Their names are ``./<site>/public/files/...`` (frappe/utils/backups.py: backup_files); the site may have another
    name now.

    :raises ErpopsError: (422) an archive is missing, or has an entry that belongs elsewhere; what was unpacked stays.
    """
    total = 0
    for kind, pattern in (("private", "*-private-files*.t*"), ("public", "*-files*.t*")):
        found = [
            path
            for path in glob.glob(os.path.join(folder, pattern))
            if kind == "private" or "-private-files" not in os.path.basename(path)
        ]
        if len(found) != 1:
            raise ErpopsError(
                f"the set has {len(found) or 'no'} archive{'s' if len(found) > 1 else ''} of {kind} files",
                object=folder,
                needed="one, as backup --with-files writes it",
                status=422,
            )
        with tarfile.open(found[0], "r:*") as archive:
            for member in archive:
                total += _unpack(archive, member, site_path, kind)
    return total


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, site_path: str, kind: str) -> int:
    parts = [part for part in member.name.split("/") if part not in ("", ".")][1:]
    allowed = parts[:2] == [kind, "files"] and ".." not in parts
    if not parts or (parts == [kind] and member.isdir()):
        return 0
    target = os.path.join(site_path, *parts)
    if not allowed or not (member.isfile() or member.isdir() or member.issym()):
        raise _foreign(archive, member)
    inside = os.path.realpath(os.path.join(site_path, kind, "files"))
    if not os.path.join(os.path.realpath(os.path.dirname(target)), "").startswith(os.path.join(inside, "")) and (
        os.path.realpath(target) != inside
    ):
        raise _foreign(archive, member)
    if member.isdir():
        os.makedirs(target, exist_ok=True)
        return 0
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if member.issym():
        pointed = os.path.realpath(os.path.join(os.path.dirname(target), member.linkname))
        if not pointed.startswith(os.path.join(inside, "")):
            raise _foreign(archive, member)
        if not os.path.lexists(target):
            os.symlink(member.linkname, target)
        return 1
    source = archive.extractfile(member)
    if source is None:
        raise _foreign(archive, member)
    with source, open(target, "wb") as handle:
        shutil.copyfileobj(source, handle, 1 << 20)
    os.chmod(target, member.mode & 0o755)
    os.utime(target, (member.mtime, member.mtime))
    return 1


def _foreign(archive: tarfile.TarFile, member: tarfile.TarInfo) -> ErpopsError:
    return ErpopsError(
        "the archive has an entry that does not belong into a site's files",
        object=str(archive.name),
        seen=member.name + (f" -> {member.linkname}" if member.linkname else ""),
        hint="look at the archive by hand (tar tvf); it was not made by backup as it is",
        status=422,
    )
