#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks nginx on this machine what a browser, an attacker and a sender of webhooks would, and prints what is wrong."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import sys
from dataclasses import dataclass
from typing import Any

FAULTS: list[str] = []
SECURITY = {
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        return ", ".join(self.all(name))

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def connect(host: str, tls: bool, alpn: str = "http/1.1") -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", 443 if tls else 80), timeout=10)
    if not tls:
        return plain
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([alpn])
    return context.wrap_socket(plain, server_hostname=host)


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    connection = http.client.HTTPConnection(host)
    connection.sock = connect(host, scheme == "https")
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, "/" + path, body, {"Host": host} | names)
        answer = connection.getresponse()
        return Answer(answer.status, [(key.lower(), value) for key, value in answer.getheaders()], answer.read())
    finally:
        connection.close()


def expect(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        FAULTS.append(f"{what}: got {got!r}, wanted {wanted!r}")


def expect_secure(what: str, answer: Answer, tls: bool) -> None:
    for name, value in SECURITY.items():
        expect(f"{what}: {name}", answer.all(name), [value])
    expect(f"{what}: strict-transport-security", answer.all("strict-transport-security"), ["max-age=31536000"] * tls)
    expect(f"{what}: server", answer.one("server"), "nginx")


def routing() -> None:
    for host in ("acme.test", "shop.example.test"):
        answer = ask(f"https://{host}/app/home?x=1", Cookie="sid=1")
        expect(f"{host}: status", answer.status, 200)
        headers = answer.seen()["headers"]
        expect(f"{host}: path", answer.seen()["path"], "/app/home?x=1")
        expect(f"{host}: site", headers.get("x-frappe-site-name"), "acme.test")
        expect(f"{host}: host", headers.get("host"), host)
        expect(f"{host}: protocol", headers.get("x-forwarded-proto"), "https")
        expect(f"{host}: accel", headers.get("x-use-x-accel-redirect"), "True")
        expect_secure(host, answer, tls=True)
    forged = ask("https://acme.test/", X_Forwarded_For="1.2.3.4", X_Forwarded_Proto="gopher", X_Frappe_Site_Name="b")
    expect("forged client", forged.seen()["headers"].get("x-forwarded-for"), "127.0.0.1")
    expect("forged site", forged.seen()["headers"].get("x-frappe-site-name"), "acme.test")
    expect("forged protocol", forged.seen()["headers"].get("x-forwarded-proto"), "https")
    plain = ask("http://plain.test/")
    expect("plain.test: site", plain.seen()["headers"].get("x-frappe-site-name"), "plain.test")
    expect_secure("plain.test", plain, tls=False)
    expect_secure("a page that is not there", ask("https://acme.test/nowhere"), tls=True)
    expect_secure("an asset that is not there", ask("https://acme.test/assets/nothing.js"), tls=True)
    redirect = ask("http://shop.example.test/a?b=c")
    expect("redirect", (redirect.status, redirect.one("location")), (301, "https://shop.example.test/a?b=c"))
    slash = ask("https://acme.test/about/?x=1")
    expect("slash", (slash.status, slash.one("location")), (301, "https://acme.test/about?x=1"))
    expect("slash of a POST", ask("https://acme.test/about/", "POST", b"x").status, 200)
    away = ask("https://acme.test/%5cevil.test/").one("location")
    expect("no redirect away", away.startswith("https://acme.test/"), True)
    expect("a line break in a redirect", ask("https://acme.test/a%0d%0aX-Bad:1/").one("x-bad"), "")
    with connect("acme.test", tls=True, alpn="h2") as sock:
        expect("HTTP/2", sock.selected_alpn_protocol(), "h2")  # type: ignore[attr-defined]


def strangers() -> None:
    try:
        answer = ask("http://stranger.test/")
        FAULTS.append(f"unknown host: got {answer.status} over HTTP, wanted a closed connection")
    except (http.client.RemoteDisconnected, ConnectionResetError):
        pass
    refused = sys.argv[1] == "refused"
    try:
        answer = ask("https://stranger.test/")
        FAULTS.append(f"unknown host: got {answer.status} over HTTPS, wanted none")
    except ssl.SSLError as error:
        expect("unknown host: TLS", "UNRECOGNIZED_NAME" in str(error).upper(), True)
    except (http.client.RemoteDisconnected, ConnectionResetError):
        expect("unknown host: handshake", refused, False)


def files() -> None:
    built = ask("https://acme.test/assets/app.bundle.AB12CD34.js", Accept_Encoding="gzip")
    expect("built asset", built.status, 200)
    expect("built asset: cache", built.all("cache-control"), ["public, max-age=31536000, immutable"])
    expect("built asset: gzip", built.one("content-encoding"), "gzip")
    expect_secure("built asset", built, tls=True)
    expect("asset: cache", ask("https://acme.test/assets/logo.png").all("cache-control"), ["public, max-age=3600"])
    evil = ask("https://acme.test/files/evil.svg")
    expect("evil.svg", (evil.status, evil.all("content-disposition")), (200, ["attachment"]))
    expect_secure("evil.svg", evil, tls=True)
    photo = ask("https://acme.test/files/photo.jpg")
    expect("photo.jpg", (photo.status, photo.all("content-disposition")), (200, []))
    expect("file of another site", ask("http://plain.test/files/photo.jpg").body.startswith(b"{"), True)
    private = ask("https://acme.test/private/files/secret.html")
    expect("private file", (private.status, private.body), (200, b"private\n"))
    expect("private file: disposition", private.all("content-disposition"), ["attachment"])
    expect("private file, directly", ask("https://acme.test/protected/private/files/secret.html").status, 404)
    for path in ("acme.test/site_config.json", "assets/../acme.test/site_config.json", "assets/.git/config"):
        expect(path, b"{}" in ask(f"https://acme.test/{path}").body, False)
    expect("a hidden file", ask("https://acme.test/.env").status, 404)


def realtime() -> None:
    address = "https://shop.example.test/socket.io/?EIO=4&transport=websocket"
    answer = ask(address, Upgrade="websocket", Connection="Upgrade")
    expect("websocket", answer.status, 101)
    seen = json.loads(answer.one("x-seen") or "{}")
    headers = seen.get("headers", {})
    expect("websocket: port", seen.get("port"), 9000)
    expect("websocket: site", headers.get("x-frappe-site-name"), "acme.test")
    expect("websocket: origin", headers.get("origin"), "https://shop.example.test")
    polling = ask("https://acme.test/socket.io/?EIO=4", Origin="https://evil.test").seen()
    expect("polling: port", polling["port"], 9000)
    expect("polling: a foreign origin stays one", polling["headers"].get("origin"), "https://evil.test")


def limits() -> None:
    big = b"x" * 1500000
    too_big = ask("https://acme.test/upload", "POST", big)
    expect("body of 1.5 MB", too_big.status, 413)
    expect_secure("body of 1.5 MB", too_big, tls=True)
    expect("the same for a site with its own limit", ask("http://plain.test/upload", "POST", big).status, 200)
    for path in ("login", "api/method/login", "api/v2/method/login"):
        statuses = [ask(f"https://acme.test/{path}", "POST", b"usr=a").status for _ in range(15)]
        expect(f"{path}: statuses", set(statuses) <= {200, 429} and statuses.count(429) > 5, True)
    last = ask("http://plain.test/?cmd=login", "POST", b"usr=a")
    expect("login by ?cmd=, another site", (last.status, last.one("retry-after")), (429, "60"))
    expect("no login", ask("https://acme.test/api/method/ping", "POST", b"x").status, 200)
    hooks = [ask("http://plain.test/api/method/shop.webhook", "POST", b"x").status for _ in range(20)]
    expect("webhook flood", hooks[0] == 200 and hooks.count(429) > 5, True)


def integrations() -> None:
    address = "https://acme.test/api/method/chat.webhook"
    expect("webhook without its token", ask(address, "POST", b"{}").status, 403)
    answer = ask(f"{address}?token=only-for-this-test", "POST", b"{}", X_Chatwoot_Signature="abc")
    expect("webhook with its token", answer.status, 200)
    headers = answer.seen()["headers"]
    expect("webhook: signature", headers.get("x-chatwoot-signature"), None)
    expect("webhook: site", headers.get("x-frappe-site-name"), "acme.test")
    moved = ask("https://moved.test/app?x=1")
    expect("moved site", (moved.status, moved.seen()["port"]), (200, 8100))
    expect("moved site: host", moved.seen()["headers"].get("host"), "moved.test")
    expect_secure("moved site", moved, tls=True)
    expect("moved site: redirect", ask("http://moved.test/app").status, 301)
    down = ask("http://down.test/app")
    expect("bench that is down", (down.status, down.all("retry-after")), (502, ["30"]))
    expect("bench that is down: page", b"not available at the moment" in down.body, True)
    expect_secure("bench that is down", down, tls=False)


def log() -> None:
    with open("/var/log/nginx/erpops_access.log", encoding="utf-8") as file:
        text = file.read()
    expect("log: names the site", "site=acme.test host=shop.example.test" in text, True)
    expect("log: the status of a login", '"POST /api/method/login HTTP/1.1" 429' in text, True)
    expect("log: a secret", "only-for-this-test" in text, False)


def main() -> None:
    for part in (routing, strangers, files, realtime, integrations, limits, log):
        try:
            part()
        except (OSError, ValueError, http.client.HTTPException) as error:
            FAULTS.append(f"{part.__name__}: {type(error).__name__}: {error}")
    print("\n".join(FAULTS))
    sys.exit(1 if FAULTS else 0)


if __name__ == "__main__":
    main()
