# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: git, with credentials that reach neither argv nor a stored remote."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from typing import Any

from .._errors import ErpopsError
from ._redact import scrub

_SHA = re.compile(r"[0-9a-f]{40}")


def clean_url(url: str) -> str:
    """A repository address without user name and password (over SSH the name belongs to the address).

    >>> clean_url("https://user:secret@example.com/a.git")
    'https://example.com/a.git'
    """
    if url.startswith("ssh://"):
        return re.sub(r"^(ssh://[^/@:]*):[^/]*@", r"\1@", url)
    return re.sub(r"^(\w+://)[^/]*@", r"\1", url)


class Git:
    """Git for one repository address.

    :param token: sent as an HTTP header that only the child's environment holds (readable by the same
        user alone, for the seconds that git runs), never as a part of the address.
    :param ssh_key: a private key's text; lives in a 0600 file while git runs.
    """

    def __init__(self, repo: str = "", *, token: str = "", ssh_key: str = "", timeout: float = 600.0) -> None:
        self.repo = clean_url(repo)
        self.token = token
        self.ssh_key = ssh_key
        self.timeout = timeout

    def run(self, *arguments: str, cwd: str = "/", check: bool = True, more: dict[str, str] | None = None) -> str:
        """stdout of a git command. :raises ErpopsError: (502) it failed or took too long.

        :param more: environment variables besides, such as the author of a commit.
        """
        environment = {
            **os.environ,
            **(more or {}),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "1",
            # Work trees given as FRAPPE_REPO may belong to another user of this machine.
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        if self.token:
            basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
            environment.update(
                GIT_CONFIG_COUNT="2",
                GIT_CONFIG_KEY_1="http.extraHeader",
                GIT_CONFIG_VALUE_1=f"Authorization: Basic {basic}",
            )
        with tempfile.TemporaryDirectory(prefix="erpops-git-") as folder:
            if self.ssh_key:
                key = os.path.join(folder, "key")
                with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as handle:
                    handle.write(self.ssh_key.rstrip() + "\n")
                environment["GIT_SSH_COMMAND"] = f"ssh -i {key} -o IdentitiesOnly=yes -o BatchMode=yes"
            try:
                done = subprocess.run(
                    ["git", *arguments],
                    cwd=cwd,
                    env=environment,
                    capture_output=True,
                    text=True,
                    timeout=self.timeout,
                    check=False,
                )
            except FileNotFoundError as exc:
                raise ErpopsError("git is not installed", hint="install the package git", status=404) from exc
            except subprocess.TimeoutExpired as exc:
                raise ErpopsError(
                    f"git {arguments[0]} did not end within {self.timeout:g} s", object=self.repo, status=504
                ) from exc
        if check and done.returncode != 0:
            raise ErpopsError(
                f"git {arguments[0]} failed",
                object=self.repo or cwd,
                seen=scrub(_reason(done.stderr), [self.token]),
                hint="check the address and the credentials (app token or key)",
                status=502,
            )
        return done.stdout.strip()

    def resolve(self, ref: str) -> str:
        """The commit that ``ref`` (commit, tag, branch; empty: the default branch) names at the remote.

        :raises ErpopsError: (404) there is none such; lists what there is.
        """
        if _SHA.fullmatch(ref):
            return ref
        listed = self.run("ls-remote", self.repo)
        lines = (line.partition("\t") for line in listed.splitlines())
        refs = {name: commit for commit, _tab, name in lines if name}
        for name in [f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}", f"refs/heads/{ref}"] if ref else ["HEAD"]:
            if name in refs:
                return refs[name]
        names = sorted(
            {
                re.sub(r"^refs/(heads|tags)/", "", name)
                for name in refs
                if name.startswith("refs/") and "^{}" not in name
            }
        )
        raise ErpopsError(
            f"there is no commit, tag or branch {ref!r}", object=self.repo, seen=", ".join(names[:20]), status=404
        )

    def fetch(self, folder: str, commit: str, ref: str) -> None:
        """Bring ``commit`` into the repository in ``folder``, as shallow as the server allows.

        :raises ErpopsError: (404) the remote does not have it; (502) the remote does not answer.
        """
        fetch = ("fetch", "--no-tags", "--quiet")
        self.run(*fetch, "--depth", "1", self._source(), commit, cwd=folder, check=False)
        if self.has(folder, commit):
            return
        # Not every server gives out a commit that is the tip of nothing: then all that it has is fetched.
        self.run(*fetch, self._source(), "+refs/*:refs/remotes/all/*", cwd=folder)
        if self.has(folder, commit):
            return
        raise ErpopsError(
            f"the repository has no commit {commit}",
            object=self.repo,
            hint="check the pinned commit" + (f" (declared as {ref})" if ref != commit else ""),
            status=404,
        )

    def _source(self) -> str:
        """A local path as a file URL: git ignores ``--depth`` for plain paths."""
        return f"file://{os.path.abspath(self.repo)}" if self.repo.startswith(("/", "./", "../")) else self.repo

    def has(self, folder: str, commit: str) -> bool:
        """Whether the commit is in the repository already."""
        return self.run("cat-file", "-t", commit, cwd=folder, check=False) == "commit"


def _reason(stderr: str) -> str:
    """What git says went wrong; the advice that it adds for people at a terminal is left out."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "ERROR:"))]
    return " / ".join((told or lines)[-3:])


def describe(folder: str) -> dict[str, Any]:
    """A checkout: ``{"commit", "branch", "dirty": [paths], "remote"}``; ``{}`` if it is none.

    Untracked files are not dirt (an editable install leaves its egg-info there); changed tracked ones are.
    """
    git = Git()
    commit = git.run("rev-parse", "HEAD", cwd=folder, check=False)
    if not _SHA.fullmatch(commit):
        return {}
    status = git.run("status", "--porcelain", "--untracked-files=no", "--", ".", cwd=folder, check=False)
    return {
        "commit": commit,
        "branch": git.run("symbolic-ref", "--short", "-q", "HEAD", cwd=folder, check=False),
        "dirty": [line.split(maxsplit=1)[-1] for line in status.splitlines()],
        "remote": clean_url(git.run("config", "--get", "remote.origin.url", cwd=folder, check=False)),
    }
