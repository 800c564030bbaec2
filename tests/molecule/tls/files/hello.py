#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Greets sites over TLS, as a browser that trusts one CA would, and prints the serial number of each certificate.

hello.py NAME=CA ...      CA is a file, or "-" for a certificate that nobody trusts
"""

from __future__ import annotations

import json
import socket
import ssl
import sys


def serial(name: str, ca_file: str) -> str:
    context = ssl.create_default_context(cafile=ca_file)
    plain = socket.create_connection(("127.0.0.1", 443), timeout=10)
    with plain, context.wrap_socket(plain, server_hostname=name) as greeted:
        certificate = greeted.getpeercert() or {}
        return str(certificate["serialNumber"])


def main() -> None:
    found, faults = {}, []
    for argument in sys.argv[1:]:
        name, _, ca_file = argument.partition("=")
        try:
            found[name] = serial(name, "/etc/ssl/certs/ca-certificates.crt" if ca_file == "-" else ca_file)
            if ca_file == "-":
                faults.append(f"{name}: is trusted")
        except ssl.SSLCertVerificationError as error:
            if ca_file != "-":
                faults.append(f"{name}: {error.verify_message}")
        except OSError as error:
            faults.append(f"{name}: {error}")
    print(json.dumps(found) if not faults else "\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
