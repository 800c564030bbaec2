# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the stack: saved, verified, put back. The host's Python runs this source, which comes on stdin.

No module streams a database out of a container: output of a module is text that Ansible keeps in memory. Here it goes
from the process into a file and is summed on the way. The call of :func:`respond` with the request follows the source.
Request: ``{"op": "save" | "verify" | "restore" | "list" | "lock" | "unlock", ...}``; answer: one line of JSON behind
MARK.

A backup is a directory: ``manifest.json`` (schema 1: commit, migration leaves, files with size and SHA-256, rows by
table), ``database.dump`` (``pg_dump -Fc``), ``migrations.tar``, and where there is such, ``media.tar`` and ``env``.
It has its name only when it is whole; until then the name ends with ``.part``. Standard library, Python 3.10.

The lock is a file that names the run that holds it. What that run starts here has its name in the environment variable
RUN, so that what goes on after the run itself has died can be seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

MARK = "--- erpops.frappe zoho answer --- "
BLOCK = 1 << 20
RUN = "ERPOPS_ZOHO_RUN"
Json = dict[str, Any]


class Refused(Exception):
    """What was asked for cannot be done; the text says what was seen and needed."""


def table_data(listing: str) -> list[str]:
    """Tables whose rows a dump holds, from the output of ``pg_restore -l``."""
    found = []
    for line in listing.splitlines():
        words = line.split()
        if not line.startswith(";") and words[3:5] == ["TABLE", "DATA"]:
            found.append(words[6])
    return sorted(found)


def copied_rows(lines: Iterable[bytes]) -> dict[str, int]:
    """Rows by table, from the COPY blocks of a plain dump."""
    found: dict[str, int] = {}
    table = ""
    for line in lines:
        if table:
            if line.rstrip(b"\n") == b"\\.":
                table = ""
            else:
                found[table] += 1
        elif line.startswith(b"COPY ") and line.rstrip().endswith(b"FROM stdin;"):
            table = line.split(b" ")[1].decode().replace('"', "")
            found[table] = 0
    return found


def faults_of(manifest: Json, sizes: dict[str, tuple[int, str]], tables: list[str], needed: list[str]) -> list[str]:
    """Why a backup must not be relied on: ``sizes`` and digests are of the files, ``tables`` of the dump."""
    faults = []
    for name, recorded in sorted(manifest["files"].items()):
        size, digest = sizes.get(name, (-1, ""))
        if size < 0:
            faults.append(f"{name} is missing")
        elif (size, digest) != (recorded["bytes"], recorded["sha256"]):
            faults.append(f"{name} has {size} bytes, recorded were {recorded['bytes']}, or another checksum")
    if "database.dump" in manifest["files"]:
        faults += [f"the dump holds no rows of {name}" for name in needed if name not in tables]
        if not tables:
            faults.append("the dump holds no rows at all")
    return faults


def strangers(found: Iterable[str], archived: Iterable[str], tracked: Iterable[str]) -> list[str]:
    """Migration files that were made after the backup: neither in it nor in the application's repository."""
    return sorted(set(found) - set(archived) - set(tracked))


def holds(holder: Json, alive: str, left: list[str], now: float, longest: float, broken: str) -> tuple[str, str]:
    """Why a lock still counts, and what to do; both empty when it was left behind.

    ``alive``: whether the controller that took it still runs it (``yes``, ``no``, or ``unknown`` where that cannot be
    asked); ``left``: what of that run goes on on this host; ``broken``: the run that somebody knows to be dead.
    """
    if alive == "yes":
        return "its playbook runs", "wait for it"
    if left:
        return f"{', '.join(left)} of it on this host", "wait until that has ended"
    age = now - holder["taken"]
    if alive == "no" or broken == holder.get("run") or age >= longest:
        return "", ""
    return (
        f"its controller cannot be asked from here, and it is not older than {longest:g} s",
        f"wait for it; who knows that it is dead adds -e zoho_lock_broken={holder['run']}",
    )


def run(argv: list[str], source: Path | None = None, target: IO[bytes] | None = None) -> bytes:
    """Run a command with a file as its input; its output, unless that goes to a file.

    :raises Refused: with the last line that it said, when it fails.
    """
    with tempfile.TemporaryFile() as said, open(source or os.devnull, "rb") as given:
        done = subprocess.run(argv, stdin=given, stdout=target or subprocess.PIPE, stderr=said, check=False)
        if done.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise Refused(f"{' '.join(argv[-6:])} ended with {done.returncode}: {lines[-1]}")
    return done.stdout or b""


def summed(path: Path) -> tuple[int, str]:
    """Bytes and SHA-256 of a file."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
            size += len(block)
    return size, found.hexdigest()


def rows_of(argv: list[str], source: Path | None = None) -> dict[str, int]:
    """Rows by table of what a command prints, which may be larger than the memory."""
    with tempfile.TemporaryFile() as plain:
        run(argv, source, plain)
        plain.seek(0)
        return copied_rows(plain)


def migration_files(checkout: Path) -> list[str]:
    """Migration files below the checkout, whether the repository has them or not."""
    return sorted(
        str(path.relative_to(checkout)) for path in checkout.glob("*/*/migrations/*.py") if path.name != "__init__.py"
    )


def op_save(request: Json) -> Json:
    """Make a backup and verify it; on a fault nothing with its name remains."""
    top, commands = Path(request["backups"]), request["commands"]
    part, whole = top / (request["id"] + ".part"), top / request["id"]
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    before = os.umask(0o077)
    try:
        for name in ("database.dump", "media.tar"):
            if name in commands:
                with (part / name).open("wb") as file:
                    run(commands[name], None, file)
                    os.fsync(file.fileno())
        checkout = Path(request["checkout"])
        with tarfile.open(part / "migrations.tar", "w") as archive:
            for path in migration_files(checkout):
                archive.add(checkout / path, arcname=path)
        for name, path in request["copies"].items():
            if Path(path).exists():
                shutil.copyfile(path, part / name)
        manifest = {**request["manifest"], "schema": 1, "id": request["id"], "files": {}}
        for path in sorted(part.iterdir()):
            size, found = summed(path)
            manifest["files"][path.name] = {"bytes": size, "sha256": found}
        if "database.dump" in commands:
            manifest["rows"] = rows_of(commands["rows_of_dump"], part / "database.dump")
        (part / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        _verify(part, request)
        part.rename(whole)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        os.umask(before)
    return {"id": request["id"], "manifest": manifest}


def _verify(directory: Path, request: Json) -> Json:
    manifest: Json = json.loads((directory / "manifest.json").read_text())
    sizes = {name: summed(directory / name) for name in manifest["files"] if (directory / name).is_file()}
    tables: list[str] = []
    if "database.dump" in sizes:
        try:
            tables = table_data(run(request["commands"]["list_dump"], directory / "database.dump").decode())
        except Refused as error:
            raise Refused(f"{directory.name}: pg_restore cannot read its database.dump: {error}") from error
    faults = faults_of(manifest, sizes, tables, request["needed"])
    if faults:
        raise Refused(f"{directory.name}: " + "; ".join(faults))
    return manifest


def op_verify(request: Json) -> Json:
    """The manifest of a backup of which every file is as it was saved, and whose dump PostgreSQL can read."""
    directory = Path(request["backups"]) / request["id"]
    if not (directory / "manifest.json").is_file():
        raise Refused(f"there is no backup {request['id']} in {request['backups']}")
    return {"id": request["id"], "manifest": _verify(directory, request)}


def op_list(request: Json) -> Json:
    """Names and manifests of the whole backups, oldest first."""
    paths = sorted(Path(request["backups"]).glob("*/manifest.json"))
    whole = [path for path in paths if path.parent.suffix != ".part"]
    return {"backups": [{"id": path.parent.name, "manifest": json.loads(path.read_text())} for path in whole]}


def op_restore(request: Json) -> Json:
    """Put back the named parts of a backup that was verified before: database, media, migrations."""
    directory = Path(request["backups"]) / request["id"]
    manifest = _verify(directory, request)
    done: Json = {}
    if "database" in request["parts"]:
        done["rows"] = _restore_database(directory, manifest, request["commands"])
    if "media" in request["parts"] and "media.tar" in manifest["files"]:
        run(request["commands"]["put_media"], directory / "media.tar")
        done["media"] = True
    if "migrations" in request["parts"]:
        done["removed"] = _restore_migrations(directory, Path(request["checkout"]))
    return done


def _restore_database(directory: Path, manifest: Json, commands: Json) -> int:
    # Tables that the newer code made are not in the dump, and --clean leaves what is not in it. So the schema goes
    # first; all is one transaction, so that a failure leaves the database as it was.
    with tempfile.NamedTemporaryFile(dir=directory, suffix=".sql") as script:
        script.write(b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
        script.flush()
        run(commands["script_of_dump"], directory / "database.dump", script.file)
        script.flush()
        run(commands["run_script"], Path(script.name))
    rows = rows_of(commands["rows_of_database"])
    if rows != manifest["rows"]:
        names = sorted(name for name in {*rows, *manifest["rows"]} if rows.get(name) != manifest["rows"].get(name))
        raise Refused(f"after the restore the rows of {', '.join(names)} are not those of the backup")
    return sum(rows.values())


def _restore_migrations(directory: Path, checkout: Path) -> list[str]:
    with tarfile.open(directory / "migrations.tar") as archive:
        archived = archive.getnames()
        if hasattr(tarfile, "data_filter"):
            archive.extractall(checkout, filter="data")
        else:
            archive.extractall(checkout)  # noqa: S202 -- our own archive, whose checksum was compared
    tracked = run(["git", "-C", str(checkout), "ls-files", "-z"]).decode().split("\0")
    gone = strangers(migration_files(checkout), archived, tracked)
    for name in gone:
        (checkout / name).unlink()
    return gone


@contextlib.contextmanager
def _opened(path: str) -> Iterator[IO[str]]:
    """The lock's file, which nobody else reads or writes meanwhile. Others may write to its directory."""
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "r+") as file:
        if os.fstat(number).st_uid != os.geteuid():
            raise Refused(f"{path} is not ours; look who made it, and remove it")
        fcntl.flock(number, fcntl.LOCK_EX)
        yield file


def _holder(file: IO[str]) -> Json:
    file.seek(0)
    text = file.read()
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = {}
    return found if isinstance(found, dict) and found.get("run") else {}


def _write(file: IO[str], holder: Json) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(holder, sort_keys=True) + "\n" if holder else "")
    file.flush()
    os.fsync(file.fileno())


def _left(name: str) -> list[str]:
    """Processes of a run that are still here, as ``process 12 (docker)``."""
    wanted, found = f"{RUN}={name}".encode(), []
    for path in sorted(Path("/proc").glob("[0-9]*/environ"), key=lambda one: int(one.parts[2])):
        try:
            if int(path.parts[2]) != os.getpid() and wanted in path.read_bytes().split(b"\0"):
                found.append(f"process {path.parts[2]} ({(path.parent / 'comm').read_text().strip()})")
        except OSError:  # it ended, or is another user's
            continue
    return found


def op_holder(request: Json) -> Json:
    """Who holds the lock; ``{}`` for nobody."""
    if not Path(request["lock"]).exists():
        return {"holder": {}}
    with _opened(request["lock"]) as file:
        return {"holder": _holder(file)}


def op_lock(request: Json) -> Json:
    """Take the lock for ``me``, or refuse with who holds it. ``seen``: the run whose controller was asked."""
    me, now = request["me"], time.time()
    with _opened(request["lock"]) as file:
        holder = _holder(file)
        if holder and holder["run"] != me["run"]:
            alive = request["alive"] if holder["run"] == request["seen"] else "unknown"
            why, then = holds(holder, alive, _left(holder["run"]), now, request["longest"], request["broken"])
            if why:
                since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(holder["taken"]))
                raise Refused(
                    f"{holder['what']} of {holder['user']} at {holder['controller']}, process {holder['pid']}, since "
                    f"{since}, {now - holder['taken']:.0f} s ago; {why}\n{then}"
                )
        _write(file, {**me, "schema": 1, "taken": now})
    return {"left_behind": holder if holder.get("run") != me["run"] else {}}


def op_unlock(request: Json) -> Json:
    """Give the lock back, if it is this run's."""
    if not Path(request["lock"]).exists():
        return {"released": False}
    with _opened(request["lock"]) as file:
        mine = bool(_holder(file).get("run") == request["me"]["run"])
        if mine:
            _write(file, {})
    return {"released": mine}


OPERATIONS = {"holder": op_holder, "lock": op_lock, "unlock": op_unlock}
OPERATIONS |= {"save": op_save, "verify": op_verify, "list": op_list, "restore": op_restore}


def respond(text: str) -> None:
    """Answer one request."""
    request = json.loads(text)
    try:
        answer: Json = {"ok": True, "value": OPERATIONS[request["op"]](request)}
    except (Refused, OSError, ValueError, tarfile.TarError) as error:
        answer = {"ok": False, "type": type(error).__name__, "message": str(error)}
    print("\n" + MARK + json.dumps(answer, sort_keys=True), flush=True)
