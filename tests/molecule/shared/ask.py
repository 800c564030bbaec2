#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a web server as a browser would, for a name that no name server knows, and print its answer as JSON.

    python ask.py http|https ADDRESS NAME PATH

{"status", "headers", "body", "names"} (names: those of the certificate), or {"refused": why}. The certificate is not
checked against an authority: in tests it is self-signed.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import sys
from typing import Any


def ask(scheme: str, address: str, name: str, path: str) -> dict[str, Any]:
    try:
        with socket.create_connection((address, 443 if scheme == "https" else 80), timeout=20) as plain:
            if scheme == "http":
                return _request(plain, name, path)
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(plain, server_hostname=name) as encrypted:
                # Before the answer: a server that closes takes the connection's certificate along.
                names = _names(encrypted.getpeercert(binary_form=True) or b"")
                return _request(encrypted, name, path) | {"names": names}
    except (OSError, http.client.HTTPException) as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def _request(connected: socket.socket, name: str, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection(name)
    connection.sock = connected
    connection.request("GET", path)
    answer = connection.getresponse()
    headers = {key.lower(): value for key, value in answer.getheaders()}
    return {"status": answer.status, "headers": headers, "body": answer.read(4000).decode(errors="replace")}


def _names(certificate: bytes) -> list[str]:
    """Host names of a certificate; Python itself reads only those that it has checked."""
    command = ["openssl", "x509", "-inform", "DER", "-noout", "-ext", "subjectAltName"]
    done = subprocess.run(command, input=certificate, capture_output=True, check=False)
    return [part.strip()[4:] for part in done.stdout.decode().replace("\n", ",").split(",") if "DNS:" in part]


def main(arguments: list[str]) -> int:
    if len(arguments) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    print(json.dumps(ask(*arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
