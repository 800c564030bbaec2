# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificates on this machine are good for, as JSON.

    erpops-certificates [DIRECTORY]        each DIRECTORY/*/fullchain.pem and privkey.pem (/etc/erpops/tls)
    erpops-certificates - < list.json      [{"name", "chain", "key", "names"}, ...]

Answers {name: {"found", "link", "days_left", "expires", "covers", "missing", "fault"}}: `expires` in seconds since
1970, `covers` the names in it, `missing` those of `names` that are not, `fault` why a server could not use it ("").
An entry of the list may have "chain_text" and "key_text" instead of files that are there, and "renewal", a file of
certbot, of which "server" and "authenticator" are answered.

The roles nginx and tls send it to the machine as it is, before any package of theirs is there: so it has nothing but
the standard library, whose only reader of a certificate file is the one that its own tests use.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DIRECTORY = "/etc/erpops/tls"


def read(chain: str) -> dict[str, Any]:
    """The first certificate of a file.

    Raises OSError or ssl.SSLError when there is none.
    """
    decoder: Any = ssl
    found: dict[str, Any] = decoder._ssl._test_decode_cert(chain)
    return found


def names_in(certificate: dict[str, Any]) -> list[str]:
    found = certificate.get("subjectAltName", ())
    return [value.lower() for kind, value in found if kind in ("DNS", "IP Address")]


def is_covered(name: str, covers: list[str]) -> bool:
    """Whether a name, or all names of a wildcard, are in the certificate: a wildcard stands for one label."""
    return name in covers or ("." in name and "*." + name.split(".", 1)[1] in covers)


def fault_of(chain: str, key: str) -> str:
    """Why a server could not use the pair; nothing when it can."""
    try:
        # A key that wants a password must not ask for it here.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return f"{key} is not the key of {chain}"
        return f"{chain} and {key} cannot be used ({error.reason or error})"
    except OSError as error:
        return f"{error.filename or chain} or {key}: {error.strerror}"
    return ""


def look(chain: str, key: str, names: list[str], now: float) -> dict[str, Any]:
    """All about one pair of files."""
    directory = os.path.dirname(chain)
    answer: dict[str, Any] = {
        "found": os.path.exists(chain) and os.path.exists(key),
        "link": os.readlink(directory) if os.path.islink(directory) else "",
        "days_left": 0,
        "expires": 0,
        "covers": [],
        "missing": names,
        "fault": "",
    }
    if not answer["found"]:
        return answer
    answer["fault"] = fault_of(chain, key)
    with contextlib.suppress(OSError, ssl.SSLError):
        certificate = read(chain)
        covers = names_in(certificate)
        expires = ssl.cert_time_to_seconds(certificate["notAfter"])
        answer["covers"] = covers
        answer["missing"] = [name for name in names if not is_covered(name.lower(), covers)]
        answer["expires"] = int(expires)
        answer["days_left"] = int((expires - now) // 86400)
    return answer


def look_at_text(one: dict[str, Any], now: float) -> dict[str, Any]:
    """About a pair that is no file yet. The directory is its owner's alone, and gone afterwards."""
    with tempfile.TemporaryDirectory(dir="/run") as directory:
        chain, key = Path(directory, "chain"), Path(directory, "key")
        chain.write_text(one["chain_text"])
        key.write_text(one["key_text"])
        answer = look(str(chain), str(key), one["names"], now)
    answer["fault"] = answer["fault"].replace(str(chain), "the certificate").replace(str(key), "the key")
    return answer


def renewal_of(path: str) -> dict[str, str]:
    """What certbot has written down about a certificate of its own; empty when there is none."""
    found = {"server": "", "authenticator": ""}
    with contextlib.suppress(OSError):
        found.update(re.findall(r"^(server|authenticator) = (.*)$", Path(path).read_text(), re.MULTILINE))
    return found


def answer_to(one: dict[str, Any], now: float) -> dict[str, Any]:
    if "chain_text" in one:
        return look_at_text(one, now)
    answer = look(one["chain"], one["key"], one["names"], now)
    return answer | renewal_of(one["renewal"]) if "renewal" in one else answer


def main() -> None:
    wanted: list[dict[str, Any]]
    if sys.argv[1:] == ["-"]:
        wanted = json.load(sys.stdin)
    else:
        chains = sorted(Path(sys.argv[1] if sys.argv[1:] else DIRECTORY).glob("*/fullchain.pem"))
        wanted = [
            {"name": chain.parent.name, "chain": str(chain), "key": str(chain.with_name("privkey.pem")), "names": []}
            for chain in chains
        ]
    now = time.time()
    print(json.dumps({one["name"]: answer_to(one, now) for one in wanted}))


if __name__ == "__main__":
    main()
