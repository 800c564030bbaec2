# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: YAML files encrypted with ansible-vault, read and changed on the controller.

A file is a mapping of keys to values and is encrypted as a whole. Writers take a lock and replace the
file in one step, so parallel forks agree on its content and a killed run leaves the old file or the new
one. Comments in a file do not survive a change. Plaintext exists in memory only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import yaml
from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, is_encrypted, match_encrypt_secret, parse_vaulttext_envelope

from ansible_collections.erpops.frappe.plugins.module_utils._errors import ErpopsError

# path -> (inode, mtime, size), content. Filled once per process and file state: decrypting costs about
# 4 ms, and a play of many keys asks for the same file many times.
_CACHE: dict[str, tuple[tuple[int, int, int], dict[str, Any]]] = {}


class Loader(Protocol):
    """What is needed of ansible's DataLoader: nothing public, see ``vault_of``."""


def vault_of(loader: Loader) -> VaultLib:
    """The vault secrets of this run.

    The only place that knows where ansible-core (2.19) keeps them: in the DataLoader, where the command
    line puts those of ``--vault-password-file``, ``--vault-id`` and ``vault_identity_list``.

    :raises ErpopsError: if the run has none.
    """
    vault = getattr(loader, "_vault", None)
    if vault is None or not vault.secrets:
        raise ErpopsError(
            "this run has no vault password",
            needed="a vault password, to read and write files of secrets",
            hint="give --vault-password-file FILE on the command line, or set vault_password_file "
            "(or vault_identity_list) below [defaults] in ansible.cfg",
            status=400,
        )
    return VaultLib(vault.secrets)


def read_vault_yaml(vault: VaultLib, path: str) -> dict[str, Any]:
    """The mapping in the encrypted file at ``path``; an empty one if there is no such file.

    :raises ErpopsError: if the file is not encrypted, cannot be decrypted, or holds no mapping.
    """
    path = os.path.realpath(path)
    state = _state(path)
    if state is None:
        return {}
    cached = _CACHE.get(path)
    if cached is None or cached[0] != state:
        cached = (state, _decrypted(vault, path))
        _CACHE[path] = cached
    return dict(cached[1])


def update_vault_yaml(vault: VaultLib, path: str, mapping: Mapping[str, Any]) -> bool:
    """Set the keys of ``mapping`` in the encrypted file at ``path``; a value of None removes its key.

    :returns: whether the file changed. If it need not, it is not written again (a new encryption of
        the same content is another file).
    """
    path = os.path.realpath(path)
    with _locked(path):
        before = read_vault_yaml(vault, path)
        after = {**before, **{str(key): plain(value) for key, value in mapping.items()}}
        after = {key: value for key, value in after.items() if value is not None}
        if after == before:
            return False
        _replace(vault, path, after)
        return True


def ensure_vault_key(vault: VaultLib, path: str, key: str, make: Callable[[], str]) -> Any:
    """The value of ``key`` in the encrypted file at ``path``; made and stored first if it is not there."""
    path = os.path.realpath(path)
    found = read_vault_yaml(vault, path).get(key)
    if found is not None:
        return found
    with _locked(path):
        content = read_vault_yaml(vault, path)
        if content.get(key) is None:
            content[key] = make()
            _replace(vault, path, content)
        return content[key]


def plain(value: Any) -> Any:
    """``value`` without the tags that Ansible hangs on strings, numbers, lists and mappings."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def _decrypted(vault: VaultLib, path: str) -> dict[str, Any]:
    content = Path(path).read_bytes()
    if not is_encrypted(content):
        raise ErpopsError(
            "the file of secrets is not encrypted",
            object=path,
            needed="a YAML file encrypted as a whole with ansible-vault",
            hint=f"ansible-vault encrypt {path}",
            status=400,
        )
    try:
        data = yaml.safe_load(vault.decrypt(content).decode())
    except (AnsibleError, UnicodeDecodeError) as error:
        raise ErpopsError(
            "the file of secrets cannot be decrypted with the vault passwords of this run",
            object=path,
            needed=f"the password of vault id {_vault_id(content)!r}",
            hint=f"ansible-vault view {path}, to try a password; then give it with --vault-id",
            status=400,
        ) from error
    except yaml.YAMLError as error:
        # The text of a YAML error quotes the line, which is a secret: only its place is told.
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark is not None else "an unknown line"
        raise _malformed(path, f"no valid YAML in {place}") from None
    if data is None:
        return {}
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise _malformed(path, "no mapping of names to values")
    return data


def _malformed(path: str, seen: str) -> ErpopsError:
    return ErpopsError(
        "the file of secrets has the wrong form",
        object=path,
        seen=seen,
        needed="lines of the form 'name: value'",
        hint=f"ansible-vault edit {path}",
        status=400,
    )


def _vault_id(content: bytes) -> str:
    """The vault id in the file's first line (``default`` if it names none)."""
    vault_id = parse_vaulttext_envelope(content, default_vault_id="default")[3]
    return str(vault_id)


def _encrypted(vault: VaultLib, path: str, content: Mapping[str, Any]) -> bytes:
    """``content`` encrypted under the vault id the file already has, else under the configured one
    (``vault_encrypt_identity``), else under the first one of this run."""
    known = {vault_id for vault_id, _secret in vault.secrets}
    present = _vault_id(Path(path).read_bytes()) if os.path.exists(path) else None
    wanted = present if present in known else constants.DEFAULT_VAULT_ENCRYPT_IDENTITY
    vault_id, secret = match_encrypt_secret(vault.secrets, wanted)
    text = yaml.safe_dump(plain(content), default_flow_style=False, allow_unicode=True)
    # The default id is not written down, as ansible-vault does it, so that a file made with
    # --vault-password-file has the usual first line.
    named = None if vault_id == "default" else vault_id
    return bytes(vault.encrypt(text, secret=secret, vault_id=named))


def _replace(vault: VaultLib, path: str, content: Mapping[str, Any]) -> None:
    """Write temporary file, flush it to the disk, rename: readers see the old file or the new one."""
    data = _encrypted(vault, path, content)
    directory = os.path.dirname(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", suffix=".tmp", dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:  # mkstemp made it 0600
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    directory_handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(directory_handle)
    finally:
        os.close(directory_handle)
    _CACHE.pop(path, None)


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    """Only one process at a time. The lock dies with its holder, so it is never stale.

    The lock is on a hidden file beside ``path`` that stays: ``path`` itself is replaced by each change,
    and removing a lock file would let two processes hold two different ones.
    """
    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        lock = os.path.join(directory, f".{os.path.basename(path)}.lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ErpopsError(
            "the file of secrets cannot be written",
            object=path,
            seen=error.strerror or str(error),
            needed=f"a directory {directory} that you may write to",
            status=400,
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _state(path: str) -> tuple[int, int, int] | None:
    """What changes whenever the file does; None if there is no such file."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise ErpopsError("the file of secrets is no regular file", object=path, status=400)
    return found.st_ino, found.st_mtime_ns, found.st_size
