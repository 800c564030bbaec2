#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two benches with sites, and programs that look like theirs to a process list; Redis with passwords; a certificate.

The bench alpha logs in to its Redis as a user of its ACL; a site of it is in maintenance, another has no backup.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

HOME = Path("/home/frappe")
WAIT = "#!/usr/bin/python3\nimport signal\nsignal.pause()\n"
QUEUE_URL = "redis://frappe:frappe-password-3@127.0.0.1:11000"
WATCHER = "~* -@all +@read +ping +info +config|get +slowlog +latency +client +auth"
REDIS = {
    "cache": [
        "port 13000",
        'save ""',
        "user default on >cache-password-1 ~* +@all",
        f"user watcher on >cache-password-5 {WATCHER}",
    ],
    "queue": [
        "port 11000",
        'save ""',
        "appendonly yes",
        "dir /var/lib/redis",
        "user default off",
        "user frappe on >frappe-password-3 ~* +@all",
        f"user watcher on >queue-password-2 {WATCHER}",
    ],
}
COMMANDS = {
    "alpha-web": "{bench}/env/bin/gunicorn --bind 127.0.0.1:8000 frappe.app:application",
    "alpha-schedule": "{bench}/env/bin/python -m frappe.utils.bench_helper frappe schedule",
    "alpha-worker": "{bench}/env/bin/python -m frappe.utils.bench_helper frappe worker --queue short,default",
    "beta-web": "{bench}/env/bin/gunicorn --bind 127.0.0.1:8001 frappe.app:application",
}


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def make_bench(name: str, sites: dict[str, dict[str, object]], redis_queue: str) -> None:
    bench = HOME / name
    write(bench / "env/bin/gunicorn", WAIT, 0o755)
    (bench / "env/bin/python").symlink_to("/usr/bin/python3")
    write(bench / "apps/frappe/frappe/utils/bench_helper.py", WAIT)
    write(bench / "sites/common_site_config.json", json.dumps({"redis_queue": redis_queue}), 0o640)
    for site, config in sites.items():
        secret = {"db_password": "site-password-4", **config}
        write(bench / "sites" / site / "site_config.json", json.dumps(secret), 0o600)
        (bench / "sites" / site / "private/backups").mkdir(parents=True, mode=0o700)
        (bench / "sites" / site / "private").chmod(0o700)


def make_backup(directory: Path, age: int) -> None:
    path = directory / "20260101_010203-a_test-database.sql.gz"
    write(path, "x" * 1000, 0o600)
    os.utime(path, (time.time() - age,) * 2)


def main() -> None:
    make_bench("alpha", {"a.test": {}, "b.test": {"maintenance_mode": 1}}, QUEUE_URL)
    make_bench("beta", {"c.test": {"pause_scheduler": 1}}, "redis://:cache-password-1@127.0.0.1:13000/1")
    make_backup(HOME / "alpha/sites/a.test/private/backups", age=3600)
    subprocess.run(["chown", "-R", "frappe:frappe", str(HOME)], check=True)
    HOME.chmod(0o755)

    for name, lines in REDIS.items():
        write(Path(f"/etc/redis/test-{name}.conf"), "\n".join(["bind 127.0.0.1", *lines]) + "\n", 0o640)
        shutil.chown(f"/etc/redis/test-{name}.conf", "redis", "redis")
        unit = f"[Service]\nUser=redis\nExecStart=/usr/bin/redis-server /etc/redis/test-{name}.conf\n"
        write(Path(f"/etc/systemd/system/test-redis-{name}.service"), unit + "[Install]\nWantedBy=multi-user.target\n")
    for name, command in COMMANDS.items():
        bench = HOME / name.partition("-")[0]
        unit = f"[Service]\nUser=frappe\nEnvironment=PYTHONPATH={bench}/apps/frappe\nExecStart={command.format(bench=bench)}\n"
        write(Path(f"/etc/systemd/system/erpops-{name}.service"), unit + "[Install]\nWantedBy=multi-user.target\n")

    status = "server { listen 127.0.0.1:8088; location = /stub_status { stub_status; } }\n"
    write(Path("/etc/nginx/conf.d/status.conf"), status)
    tls = Path("/etc/erpops/tls/a.test")
    tls.mkdir(parents=True)
    tls.chmod(0o700)
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=a.test"]
    subprocess.run(
        [*argv, "-keyout", f"{tls}/key.pem", "-out", f"{tls}/fullchain.pem"], check=True, capture_output=True
    )


if __name__ == "__main__":
    main()
