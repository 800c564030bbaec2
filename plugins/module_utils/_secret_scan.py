# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: a commit's files brought aside, shown to the secret scanner, and gone afterwards.

What is kept of a scan is its verdict: a file for each commit below ``<state>/verdicts``, with names and line numbers only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from . import _secret_rules as rules
from ._errors import ErpopsError
from ._secret_findings import findings
from .agent._files import MalformedFileError, MissingFileError, make_private_dir, read_json, write_json
from .agent._git import Git

SCHEMA = 1
# What Kingfisher ends with: nothing found, something found. (205, a secret proven valid, cannot be: it asks nobody.)
_ENDED_WELL = (0, 200)
_INSTALL = "let the role erpops.frappe.secret_scan install it, or name another one with secret_scan_command"

Scan = Callable[[str], "tuple[dict[str, Any], str]"]


def verdict_path(state: str, commit: str) -> str:
    return os.path.join(state, "verdicts", f"{commit}.json")


def remembered(state: str, commit: str) -> dict[str, Any] | None:
    """The verdict on a commit, if the rules of today made it."""
    try:
        verdict = read_json(verdict_path(state, commit))
    except (MissingFileError, MalformedFileError):
        return None
    current = verdict.get("schema") == SCHEMA and verdict.get("rules") == rules.rules_version()
    return verdict if current and verdict.get("commit") == commit else None


def remember(state: str, verdict: dict[str, Any]) -> None:
    """:raises ErpopsError: (403, 507) the directory cannot be written."""
    path = verdict_path(state, verdict["commit"])
    make_private_dir(os.path.dirname(path))
    write_json(path, verdict)


def inspect(
    source: dict[str, Any], state: str, scan: Scan | None, *, check: bool = False, git: type[Git] = Git
) -> dict[str, Any]:
    """What one source leaks: ``{"name", "commit", "known", "remembered", "findings", "scanner"}``.

    :param source: ``name``, ``repo``, ``version``, ``token``, ``ssh_key``, and ``checkout``, a clone that may have the
        commit already.
    :param scan: a directory -> (the scanner's answer, its release); None: only what is remembered is told, and a source
        without a verdict is not ``known``.
    :param check: nothing is remembered.
    :raises ErpopsError: (404) no such commit; (502) the repository does not answer, or the scanner failed.
    """
    remote = git(source["repo"], token=source.get("token") or "", ssh_key=source.get("ssh_key") or "")
    commit = remote.resolve(str(source.get("version") or ""))
    verdict = remembered(state, commit)
    told = {"name": source["name"], "commit": commit, "known": True, "remembered": verdict is not None}
    if verdict is None:
        if scan is None:
            return {**told, "known": False, "findings": [], "scanner": ""}
        verdict = _scanned(remote, commit, source, scan)
        if not check:
            remember(state, verdict)
    return {**told, "findings": verdict["findings"], "scanner": verdict["scanner"]}


def _scanned(remote: Git, commit: str, source: dict[str, Any], scan: Scan) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="erpops-scan-") as aside:
        folder = os.path.join(aside, "tree")
        _check_out(remote, commit, source, folder)
        answer, release = scan(folder)
        try:
            found = findings(answer, folder)
        except (KeyError, TypeError, ValueError) as exc:
            raise ErpopsError(
                "the secret scanner's answer is not understood",
                object=str(source["name"]),
                seen=f"{type(exc).__name__} in the answer of {release}",
                needed=f"release {rules.SCANNER_VERSION}",
                hint=_INSTALL,
                status=502,
            ) from None  # the answer itself is shown to nobody
    return {
        "schema": SCHEMA,
        "commit": commit,
        "rules": rules.rules_version(),
        "scanner": release,
        "findings": found,
    }


def _check_out(remote: Git, commit: str, source: dict[str, Any], folder: str) -> None:
    """The commit's tracked files as plain files.

    Without ``.git``, since the scanner would leave out what ``.gitignore`` names, which is where the committed ``.env``
    stands; and links as text files, so that none leads out of the tree. Not ``git archive``: a repository may withhold
    files from it (``export-ignore``).
    """
    plain = Git()
    plain.run("init", "--quiet", "--initial-branch=scan", folder)
    for name, value in (("core.symlinks", "false"), ("core.autocrlf", "false"), ("core.hooksPath", "/dev/null")):
        plain.run("config", name, value, cwd=folder)
    kept = str(source.get("checkout") or "")
    there = os.path.isdir(kept) and remote.has(kept, commit)
    try:
        (Git(kept) if there else remote).fetch(folder, commit, str(source.get("version") or ""))
    except ErpopsError:
        if not there:
            raise
        remote.fetch(folder, commit, str(source.get("version") or ""))  # a clone that lacks files
    # Where git-lfs is set up, a checkout would fetch what it keeps elsewhere.
    plain.run("checkout", "--quiet", "--detach", commit, cwd=folder, more={"GIT_LFS_SKIP_SMUDGE": "1"})
    shutil.rmtree(os.path.join(folder, ".git"))


def release_of(command: str) -> str:
    """The scanner's release, such as ``2.14.0``.

    :raises ErpopsError: (404) it is not there; (409) it is another generation, whose answers mean something else.
    """
    done = _run([command, "--version"], command, timeout=60)
    words = done.stdout.split()
    release = words[-1] if done.returncode == 0 and words else ""
    if release.partition(".")[0] != rules.SCANNER_VERSION.partition(".")[0]:
        raise ErpopsError(
            "is not the secret scanner that the rules are made for",
            object=command,
            seen=release or f"exit code {done.returncode}",
            needed=f"Kingfisher {rules.SCANNER_VERSION}, or another 2.x",
            hint=_INSTALL,
            status=409,
        )
    return release


@contextlib.contextmanager
def scanner(command: str, state: str, timeout: float, *, check: bool = False) -> Iterator[Scan]:
    """The scanner as a function of a directory. It asks nobody whether a secret is valid, and looks for no update.

    Its compiled rules, which take it ten seconds, stay in ``state``; in check mode they are gone with the last scan.
    """
    with tempfile.TemporaryDirectory(prefix="erpops-rules-") as aside:
        own, cache = os.path.join(aside, "rules.yml"), os.path.join(aside if check else state, "rule-cache")
        with open(own, "w", encoding="utf-8") as handle:
            handle.write(rules.scanner_rules())

        def scan(folder: str) -> tuple[dict[str, Any], str]:
            release = release_of(command)
            make_private_dir(cache)
            done = _run(scan_argv(command, folder, own, cache), command, timeout)
            if done.returncode not in _ENDED_WELL:
                raise _failed(command, f"exit code {done.returncode}")
            try:
                return json.loads(done.stdout), release
            except ValueError:
                raise _failed(command, f"exit code {done.returncode}, and no JSON") from None

        yield scan


def scan_argv(command: str, folder: str, own_rules: str, cache: str) -> list[str]:
    """Offline, the values redacted, and nothing that the scanned repository says (ignore comments) is obeyed."""
    return [
        *(command, "--quiet", "--no-update-check", "scan", folder),
        *("--rules-path", own_rules, "--rule-cache-dir", cache),
        *("--git-history", "none", "--no-validate", "--redact", "--no-ignore", "--no-dedup", "--no-extract-archives"),
        *(word for form in rules.PLACEHOLDER_FORMS for word in ("--skip-regex", form)),
        *("--format", "json", "--jobs", "2"),
    ]


def _run(argv: list[str], command: str, timeout: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False, cwd="/")
    except OSError as exc:
        raise ErpopsError(
            "the secret scanner cannot be run", object=command, seen=exc.strerror or "", hint=_INSTALL, status=404
        ) from exc
    except subprocess.TimeoutExpired:
        raise ErpopsError(
            f"the secret scanner did not end within {timeout:g} s",
            object=command,
            hint="give it more time: secret_scan_timeout",
            status=504,
        ) from None


def _failed(command: str, seen: str) -> ErpopsError:
    """Without what the scanner printed: it had the repository's secrets before it."""
    return ErpopsError("the secret scanner failed", object=command, seen=seen, hint=_INSTALL, status=502)
