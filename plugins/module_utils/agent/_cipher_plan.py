# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: what an encrypted file must look like, and whom it may be encrypted for.

Formats: age (C2SP, age-encryption.org/v1), OpenPGP (RFC 4880, section 4.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._errors import ErpopsError

SUFFIXES = {"age": ".age", "gpg": ".gpg"}

_AGE = b"age-encryption.org/v1\n"
_AGE_END = re.compile(rb"\n--- [A-Za-z0-9+/]{43}\n")
_AGE_NONCE, _AGE_CHUNK, _AGE_TAG = 16, 1 << 16, 16
# An OpenPGP message that is encrypted begins with a session key: for a public key (1), or for a passphrase (3).
_PGP_TAGS = (1, 3)

HEAD = 1 << 16  # bytes that are looked at; a header of age with two hundred recipients is shorter

_AGE_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}|ssh-ed25519 [A-Za-z0-9+/=]+.*|ssh-rsa [A-Za-z0-9+/=]+.*")
_PUBLIC, _PRIVATE = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----"


def cipher_fault(tool: str, head: bytes, size: int, plain: int) -> str:
    """Why a file is not what ``tool`` writes; ``""`` if it is.

    :param head: its first ``HEAD`` bytes.
    :param size: its size, and ``plain`` that of what was encrypted; -1 when not known.
    """
    if tool == "age":
        return _age_fault(head, size, plain)
    if not head or not head[0] & 0x80:
        return "it does not begin with an OpenPGP packet"
    tag = head[0] & 0x3F if head[0] & 0x40 else (head[0] & 0x3C) >> 2
    if tag not in _PGP_TAGS:
        return f"it begins with an OpenPGP packet {tag}, which is no encrypted session key"
    # Neither compressed nor padded: it holds at least as much as went into it.
    return f"it has {size} bytes for {plain}" if size < plain else ""


def _age_fault(head: bytes, size: int, plain: int) -> str:
    if not head.startswith(_AGE):
        return f"it does not begin with {_AGE.decode().strip()}"
    end = _AGE_END.search(head)
    if not end:
        return "its header has no end"
    if plain < 0:
        return ""
    chunks = max(1, -(-plain // _AGE_CHUNK))
    wanted = end.end() + _AGE_NONCE + plain + chunks * _AGE_TAG
    return "" if size == wanted else f"it has {size} bytes where {wanted} hold what was encrypted"


def check_encryption(wanted: Mapping[str, Any], passphrase: str) -> tuple[str, list[str]]:
    """The tool and the recipients (none: by passphrase) of ``{"tool", "recipients"}``; ``""`` without encryption.

    :raises ErpopsError: (400) it cannot be followed; names every fault, and shows no key that may be secret.
    """
    tool = str(wanted.get("tool") or "")
    recipients = [str(one).strip() for one in wanted.get("recipients") or []]
    if not tool:
        if recipients or passphrase:
            raise ErpopsError("somebody to encrypt for is given, but no tool", needed="tool: age or gpg", status=400)
        return "", []
    if tool not in SUFFIXES:
        raise ErpopsError("is no tool to encrypt with", object=tool, needed=", ".join(SUFFIXES), status=400)
    faults = [f"recipient {number} {fault}" for number, one in enumerate(recipients, 1) if (fault := _fault(tool, one))]
    if recipients and passphrase:
        faults.append("both recipients and a passphrase are given")
    if not recipients and not (passphrase and tool == "gpg"):
        faults.append("there is nobody to encrypt for" + ("; age takes no passphrase" if passphrase else ""))
    if faults:
        raise ErpopsError(
            f"{tool} cannot encrypt so",
            object="encryption",
            seen="; ".join(faults),
            needed="recipients: public keys (age1..., ssh-ed25519 ..., or with gpg armored public keys)"
            + ("; or a passphrase" if tool == "gpg" else ""),
            status=400,
        )
    return tool, recipients


def _fault(tool: str, recipient: str) -> str:
    if "AGE-SECRET-KEY-" in recipient.upper() or "PRIVATE KEY" in recipient:
        return "is a secret key: it must never be on the machine that makes backups; replace it, and that key as well"
    if tool == "age":
        return "" if _AGE_RECIPIENT.fullmatch(recipient) else "is no public key of age or SSH"
    return "" if recipient.startswith(_PUBLIC) and _PRIVATE not in recipient else "is no armored OpenPGP public key"


def plain_name(tool: str, name: str) -> str:
    """The name without what the encryption added. :raises ErpopsError: (422) it has no such ending."""
    suffix = SUFFIXES[tool]
    if not name.endswith(suffix) or name == suffix:
        raise ErpopsError("is no file of an encrypted set", object=name, needed=f"an ending {suffix}", status=422)
    return name[: -len(suffix)]
