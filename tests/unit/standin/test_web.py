# SPDX-License-Identifier: GPL-3.0-or-later
"""The WSGI application: sites, authentication, REST, status codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("werkzeug", reason="pip install werkzeug: the web part of the stand-in needs it")

Ask = Callable[..., Any]


@pytest.fixture
def key(frappe: Any, site: str) -> str:
    """`key:secret` of a System Manager."""
    frappe.init(site)
    frappe.connect()
    from frappe.core.doctype.user.user import generate_keys

    user = frappe.get_doc({"doctype": "User", "email": "api@example.com", "first_name": "API"}).insert()
    user.add_roles("System Manager")
    made = generate_keys("api@example.com")
    frappe.db.commit()
    frappe.destroy()
    return f"{made['api_key']}:{made['api_secret']}"


@pytest.fixture
def ask(frappe: Any, site: str) -> Ask:
    """A request to the site; `auth` becomes a token header, `json` a body."""
    from frappe.app import application
    from werkzeug.test import Client

    frappe.destroy()
    client = Client(application)

    def request(method: str, path: str, auth: str | None = None, host: str = site, **kwargs: Any) -> Any:
        headers = {"Host": host, **kwargs.pop("headers", {})}
        if auth:
            headers["Authorization"] = f"token {auth}"
        return client.open(path, method=method, headers=headers, buffered=True, **kwargs)

    return request


def configure(site_path: Path, **values: Any) -> None:
    path = site_path / "site_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_the_host_header_chooses_the_site(ask: Ask, site: str) -> None:
    assert ask("GET", "/api/method/ping").json == {"message": "pong"}
    assert ask("GET", "/api/method/ping", host=f"{site}:8000").status_code == 200
    assert ask("GET", "/api/method/ping", host="nobody.test").status_code == 404
    assert ask("GET", "/api/method/ping", host="a b").status_code in (400, 404)
    header = {"X-Frappe-Site-Name": site}
    assert ask("GET", "/api/method/ping", host="nobody.test", headers=header).status_code == 200
    assert b"Login" in ask("GET", "/").data
    assert ask("GET", "/nowhere").status_code == 404


def test_key_and_secret(ask: Ask, key: str) -> None:
    whoami = "/api/method/frappe.auth.get_logged_user"
    assert ask("GET", whoami, auth=key).json == {"message": "api@example.com"}
    basic = base64.b64encode(key.encode()).decode()
    assert ask("GET", whoami, headers={"Authorization": f"Basic {basic}"}).status_code == 200
    for wrong in (key + "x", "nobody:secret", "no-colon", ":", "a:b:c"):
        refused = ask("GET", whoami, auth=wrong)
        assert (refused.status_code, refused.json["exc_type"]) == (401, "AuthenticationError"), wrong
    assert ask("GET", whoami, headers={"Authorization": "Bearer x"}).status_code == 401
    assert ask("GET", whoami).status_code == 403
    assert ask("GET", "/api/method/ping", auth="nobody:secret").status_code == 401


def test_an_old_secret_dies_with_the_new_one(ask: Ask, key: str) -> None:
    call = "/api/method/frappe.core.doctype.user.user.generate_keys"
    made = ask("POST", call, auth=key, data={"user": "api@example.com"}).json["message"]
    assert ask("GET", "/api/method/ping", auth=key).status_code == 401
    assert ask("GET", "/api/method/ping", auth=f"{made['api_key']}:{made['api_secret']}").status_code == 200


def test_a_disabled_user_is_out(ask: Ask, key: str) -> None:
    ask("PUT", "/api/resource/User/api@example.com", auth=key, json={"enabled": 0})
    assert ask("GET", "/api/method/ping", auth=key).status_code == 401


def test_another_encryption_key_means_401_and_417(ask: Ask, key: str, site_path: Path) -> None:
    from cryptography.fernet import Fernet

    secret = {"api_secret": "a-secret-of-the-shop", "base_url": "http://127.0.0.1:9"}
    assert ask("PUT", "/api/resource/Shop Settings/Shop Settings", auth=key, json=secret).status_code == 200
    configure(site_path, encryption_key=Fernet.generate_key().decode())
    assert ask("GET", "/api/method/ping", auth=key).status_code == 401
    configure(site_path, encryption_key="short")
    assert ask("GET", "/api/method/ping", auth=key).status_code == 401
    ask("POST", "/api/method/login", data={"usr": "Administrator", "pwd": "admin"})
    refused = ask("PUT", "/api/resource/Shop Settings/Shop Settings", json=secret)
    assert (refused.status_code, refused.json["exc_type"]) == (417, "ValidationError")
    assert "Encryption key is in invalid format!" in refused.json["exception"]


def test_login_and_logout(ask: Ask) -> None:
    bad = ask("POST", "/api/method/login", data={"usr": "Administrator", "pwd": "wrong"})
    assert (bad.status_code, bad.json["message"]) == (401, "Invalid login credentials")
    good = ask("POST", "/api/method/login", data={"usr": "Administrator", "pwd": "admin"})
    assert good.json == {"message": "Logged In", "home_page": "/app", "full_name": "Administrator"}
    whoami = "/api/method/frappe.auth.get_logged_user"
    assert ask("GET", whoami).json == {"message": "Administrator"}
    assert ask("POST", "/api/method/logout").status_code == 200
    assert ask("GET", whoami).status_code == 403


def test_login_manager_outside_a_request(frappe: Any) -> None:
    from frappe.auth import LoginManager

    with pytest.raises(AttributeError):
        LoginManager()


def test_documents_over_rest(ask: Ask, key: str) -> None:
    made = ask("POST", "/api/resource/ToDo", auth=key, json={"description": "x"})
    assert made.status_code == 200
    name = made.json["data"]["name"]
    assert made.json["data"]["owner"] == "api@example.com"
    assert ask("GET", f"/api/resource/ToDo/{name}", auth=key).json["data"]["description"] == "x"
    changed = ask("PUT", f"/api/resource/ToDo/{name}", auth=key, json={"status": "Closed"})
    assert changed.json["data"]["status"] == "Closed"
    assert ask("PUT", f"/api/resource/ToDo/{name}", auth=key, data={"data": '{"status": "Open"}'}).status_code == 200
    gone = ask("DELETE", f"/api/resource/ToDo/{name}", auth=key)
    assert (gone.status_code, gone.json) == (202, {"data": "ok"})
    missing = ask("GET", f"/api/resource/ToDo/{name}", auth=key)
    assert (missing.status_code, missing.json["exc_type"]) == (404, "DoesNotExistError")
    assert ask("DELETE", f"/api/resource/ToDo/{name}", auth=key).status_code == 404


def test_lists_over_rest(ask: Ask, key: str) -> None:
    def rows(**query: Any) -> Any:
        query = {k: v if isinstance(v, (str, int)) else json.dumps(v) for k, v in query.items()}
        return ask("GET", "/api/resource/DocType", auth=key, query_string=query).json["data"]

    assert len(rows()) == 20
    assert list(rows()[0]) == ["name"]
    assert len(rows(limit_page_length=3)) == 3
    assert len(rows(limit=2)) == 2
    assert len(rows(limit_page_length=0)) > 30
    both = rows(order_by="name asc", limit_page_length=2)
    assert rows(order_by="name asc", limit_page_length=1, limit_start=1) == [both[1]]
    assert rows(filters={"name": "Item"}, fields=["name", "module"]) == [{"name": "Item", "module": "Stock"}]
    assert rows(filters=[["name", "=", "Item"]]) == [{"name": "Item"}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "exc_type"),
    [
        ("POST", "/api/resource/Role", {"role_name": "Guest"}, 409, "DuplicateEntryError"),
        ("POST", "/api/resource/ToDo", {}, 417, "MandatoryError"),
        ("POST", "/api/resource/Warehouse", {"warehouse_name": "W", "company": "N"}, 417, "LinkValidationError"),
        ("GET", "/api/resource/No Such", None, 404, "DoesNotExistError"),
        ("GET", "/api/foo", None, 404, "DoesNotExistError"),
        ("GET", "/api/method/no.such.method", None, 417, "ValidationError"),
        ("GET", "/api/method/frappe.utils.now", None, 403, "PermissionError"),
        ("GET", "/api/method/frappe.client.insert", None, 403, "PermissionError"),
        ("GET", "/api/method/frappe.client.get", None, 500, "TypeError"),
        ("GET", "/api/method/shopsync.sync.pull_orders", None, 417, "ValidationError"),
    ],
)
def test_errors(ask: Ask, key: str, method: str, path: str, body: Any, status: int, exc_type: str) -> None:
    answer = ask(method, path, auth=key, json=body) if body is not None else ask(method, path, auth=key)
    assert (answer.status_code, answer.json["exc_type"]) == (status, exc_type)
    if status == 417:
        assert exc_type in answer.json["exception"]
        assert exc_type in json.loads(answer.json["exc"])[0]


def test_messages_of_an_error(ask: Ask, key: str) -> None:
    body = {"warehouse_name": "W", "company": "N"}
    answer = ask("POST", "/api/resource/Warehouse", auth=key, json=body).json
    assert json.loads(json.loads(answer["_server_messages"])[0])["message"] == "Could not find Company: N"
    # nothing was written
    assert ask("GET", "/api/resource/Warehouse", auth=key).json["data"] == []


def test_roles_decide(ask: Ask, key: str) -> None:
    assert ask("PUT", "/api/resource/User/api@example.com", auth=key, json={"roles": []}).status_code == 200
    assert ask("GET", "/api/resource/User", auth=key).status_code == 403
    assert ask("GET", "/api/resource/Item", auth=key).status_code == 200


def test_a_json_body_replaces_the_query(ask: Ask, key: str) -> None:
    path = "/api/method/frappe.client.get_count?doctype=Role"
    assert ask("GET", path, auth=key).json["message"] > 10
    assert ask("POST", path, auth=key, json={"filters": {}}).status_code == 500, "doctype is gone"


def test_client_methods(ask: Ask, key: str) -> None:
    def call(method: str, **args: Any) -> Any:
        return ask("POST", f"/api/method/frappe.client.{method}", auth=key, json=args).json.get("message")

    assert call("insert", doc={"doctype": "Role", "role_name": "R"})["name"] == "R"
    assert call("get", doctype="Role", name="R")["role_name"] == "R"
    assert call("get_value", doctype="Role", fieldname="desk_access", filters={"name": "R"}) == {"desk_access": 1}
    assert call("set_value", doctype="Role", name="R", fieldname="disabled", value=1)["disabled"] == 1
    assert call("get_list", doctype="Role", filters={"disabled": 1}) == [{"name": "R"}]
    assert call("get_count", doctype="Role", filters={"disabled": 1}) == 1


def test_maintenance(ask: Ask, key: str, site_path: Path) -> None:
    configure(site_path, maintenance_mode=1)
    stopped = ask("GET", "/api/method/ping")
    assert (stopped.status_code, stopped.json["exc_type"]) == (503, "SessionStopped")
    configure(site_path, allow_reads_during_maintenance=1)
    assert ask("GET", "/api/resource/Role", auth=key).status_code == 200
    assert ask("POST", "/api/resource/Role", auth=key, json={"role_name": "R"}).status_code >= 400
    configure(site_path, maintenance_mode=0)
    assert ask("GET", "/api/method/ping").status_code == 200


def test_rate_limit(ask: Ask, site_path: Path) -> None:
    configure(site_path, rate_limit={"limit": 0.000001, "window": 3600})
    first, second = ask("GET", "/api/method/ping"), ask("GET", "/api/method/ping")
    assert (first.status_code, second.status_code) == (200, 429)
    assert int(first.headers["X-RateLimit-Used"]) > 0
    assert second.data == b"Too Many Requests"
    assert 0 < int(second.headers["Retry-After"]) <= 3600
    assert second.headers["X-RateLimit-Remaining"] == "0"


def test_malformed_config_and_gone_database(ask: Ask, site_path: Path, shared: Any) -> None:
    good = (site_path / "site_config.json").read_text()
    (site_path / "site_config.json").write_text("{")
    assert ask("GET", "/api/method/ping").status_code == 404
    (site_path / "site_config.json").write_text(good)
    (shared.path / ".standin-db" / f"{json.loads(good)['db_name']}.sqlite3").unlink()
    assert ask("GET", "/api/method/ping").status_code == 500


def test_apps_that_cannot_be_imported(ask: Ask, key: str, site: str, shared: Any) -> None:
    """apps.txt stops commands; a running web process asks only for what the site has installed."""
    listed = shared.sites / "apps.txt"
    text = listed.read_text()
    try:
        listed.write_text(text + "nometa\n")
        assert shared.run("--site", site, "list-apps").returncode == 1
        assert ask("GET", "/api/resource/Role", auth=key).status_code == 200
        done = shared.call("-c", _INSTALLED.format(site=site), env={"APPS": '["frappe", "nometa"]'})
        assert done.returncode == 0, done.stderr
        broken = ask("GET", "/api/method/ping")
        assert (broken.status_code, broken.json["exc_type"]) == (500, "ModuleNotFoundError")
    finally:
        listed.write_text(text)


_INSTALLED = """
import os, sqlite3, json
config = json.load(open("{site}/site_config.json"))
conn = sqlite3.connect("../.standin-db/" + config["db_name"] + ".sqlite3")
conn.execute("update tabDefaultValue set defvalue=? where defkey='installed_apps'", (os.environ["APPS"],))
conn.commit()
"""


def test_a_signed_webhook(ask: Ask, key: str) -> None:
    secret = {"webhook_secret": "shared-with-the-shop"}
    assert ask("PUT", "/api/resource/Shop Settings/Shop Settings", auth=key, json=secret).status_code == 200
    body = json.dumps({"order_id": "W-1", "total": 5}).encode()
    sign = hmac.new(b"shared-with-the-shop", body, hashlib.sha256).hexdigest()

    def send(signature: str) -> Any:
        headers = {"X-Shop-Signature": signature, "Content-Type": "application/json"}
        return ask("POST", "/api/method/shopsync.webhook.receive", data=body, headers=headers)

    assert send("0" * 64).status_code == 401
    assert send(sign).json == {"message": {"outcome": "created"}}
    assert send(sign).json == {"message": {"outcome": "skipped"}}
    assert ask("GET", "/api/method/shopsync.webhook.receive").status_code == 403
