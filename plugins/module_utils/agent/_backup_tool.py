# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: age, gpg and rclone as children; secrets reach them by stdin or by their own environment."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .._errors import ErpopsError
from ._context import Context
from ._redact import scrub

# Of the agent's own environment; the rest could change what a tool does (AWS_PROFILE, GNUPGHOME, RCLONE_CONFIG).
_KEPT = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

_PACKAGES = {"age": "age", "gpg": "gnupg", "rclone": "rclone"}


@dataclass(frozen=True)
class Ended:
    """A tool that ended: its exit code, the start of what it printed, and the end of its errors without secrets."""

    code: int
    stdout: bytes
    errors: str


def run_tool(
    context: Context,
    argv: list[str],
    *,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    sink: Callable[[bytes], object] | None = None,
    timeout: float = 3600.0,
) -> Ended:
    """Run ``argv`` to its end.

    :param sink: is given what it prints, block by block; without one up to 16 MiB of it are returned.
    :raises ErpopsError: (404) it is not installed; (504) it took longer than ``timeout`` seconds and was ended.
    """
    environment = {key: os.environ[key] for key in (*_KEPT, *_PROXIES) if key in os.environ} | {"LC_ALL": "C.UTF-8"}
    said, over = bytearray(), threading.Event()
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**environment, **(env or {})},
                pass_fds=context.bench.held,
            )
        except FileNotFoundError as exc:
            package = _PACKAGES.get(argv[0], argv[0])
            raise ErpopsError(
                "is not installed",
                object=argv[0],
                needed=f"the package {package} on the machine of the bench",
                hint=f"apt-get install {package}",
                status=404,
            ) from exc

        def end() -> None:
            over.set()
            process.kill()

        timer = threading.Timer(timeout, end)
        timer.start()
        try:
            with process:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(stdin)  # type: ignore[union-attr]
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()  # type: ignore[union-attr]
                for block in iter(lambda: process.stdout.read(1 << 20), b""):  # type: ignore[union-attr]
                    if sink:
                        sink(block)
                    elif len(said) < 16 << 20:
                        said += block
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
        size = errors.seek(0, os.SEEK_END)
        errors.seek(max(0, size - 8000))
        text = scrub(errors.read().decode("utf-8", "replace"), context.secrets)
    if over.is_set():
        raise ErpopsError(
            f"did not end within {timeout:g} s and was ended",
            object=argv[0],
            hint="raise the module's timeout, or find out what it waits for",
            status=504,
        )
    return Ended(process.returncode, bytes(said), text)


def have_tool(name: str) -> bool:
    """Whether a program is on the path that ``run_tool`` gives it."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders if folder)
