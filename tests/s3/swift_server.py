# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenStack Swift with its S3 API as one process on loopback: proxy, account, container and object server.

Runs by itself (`python swift_server.py <directory>`, access key and secret key as lines on stdin), since Swift's event
loop replaces parts of the standard library. Prints the port on which it speaks S3.
"""

from __future__ import annotations

import sys
from pathlib import Path

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import constraints, storage_policy, utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402

PIPELINE = "catch_errors gatekeeper listing_formats s3api tempauth copy slo proxy-server"

PROXY = """
[DEFAULT]
swift_dir = {root}
log_name = proxy
[pipeline:main]
pipeline = {pipeline}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""

STORE = """
[DEFAULT]
swift_dir = {root}
devices = {root}/devices
mount_check = false
log_name = {kind}
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


class _Quiet:
    """Where eventlet would log each request."""

    def write(self, text: str) -> None:
        """Not wanted."""

    def flush(self) -> None:
        """Nothing to flush."""


def listen() -> eventlet.greenio.GreenSocket:
    """A socket of a free port on loopback."""
    return eventlet.listen(("127.0.0.1", 0))


def ring(root: Path, kind: str, port: int) -> None:
    """One copy of everything, on the one device."""
    builder = RingBuilder(4, 1, 1)
    where = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1}
    builder.add_dev({"id": 0, **where, "replication_ip": "127.0.0.1", "replication_port": port})
    builder.rebalance()
    builder.get_ring().save(str(root / f"{kind}.ring.gz"))


def serve(root: Path, access_key: str, secret_key: str) -> None:
    """Serve until ended. ``access_key`` is ``account:user``."""
    (root / "devices" / "disk").mkdir(parents=True, exist_ok=True)
    (root / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = a\nswift_hash_path_prefix = b\n")
    utils.SWIFT_CONF_FILE = str(root / "swift.conf")
    utils.HASH_PATH_SUFFIX = utils.HASH_PATH_PREFIX = b""
    utils.validate_configuration()
    constraints.reload_constraints()
    storage_policy.reload_storage_policies()
    quiet = _Quiet()
    for kind in ("account", "container", "object"):
        socket = listen()
        ring(root, kind, socket.getsockname()[1])
        conf = root / f"{kind}.conf"
        conf.write_text(STORE.format(root=root, kind=kind))
        eventlet.spawn(wsgi.server, socket, loadapp(str(conf)), quiet, protocol=SwiftHttpProtocol)
    account, _colon, user = access_key.partition(":")
    conf = root / "proxy.conf"
    conf.touch(mode=0o600)
    text = PROXY.format(root=root, pipeline=PIPELINE, account=account, user=user, secret=secret_key)
    conf.write_text(text)
    socket = listen()
    app = loadapp(str(conf))
    print(socket.getsockname()[1], flush=True)
    wsgi.server(socket, app, quiet, protocol=SwiftHttpProtocol)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), *sys.stdin.read().split())
