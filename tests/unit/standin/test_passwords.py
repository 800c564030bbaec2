# SPDX-License-Identifier: GPL-3.0-or-later
"""Password fields, API keys, the encryption key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def password(frappe: Any) -> Any:
    return frappe.get_module("frappe.utils.password")


@pytest.fixture
def settings(frappe: Any) -> Any:
    doc = frappe.get_single("Shop Settings")
    doc.api_secret, doc.webhook_secret = "top-secret", "hook-secret"
    doc.save()
    return frappe.get_single("Shop Settings")


def test_stars_in_the_table_secret_in_auth(frappe: Any, settings: Any) -> None:
    assert settings.api_secret == "*" * 10
    assert frappe.db.get_singles_dict("Shop Settings").api_secret == "*" * 10
    assert settings.get_password("api_secret") == "top-secret"
    stored = frappe.db.sql("select password from `__Auth` where fieldname='api_secret'", pluck=True)
    assert stored[0].startswith("gAAAA")


def test_saving_stars_keeps_and_saving_nothing_deletes(frappe: Any, settings: Any) -> None:
    settings.save()
    assert settings.get_password("api_secret") == "top-secret"
    settings.api_secret = ""
    settings.save()
    with pytest.raises(frappe.ValidationError, match="Password not found for Shop Settings Shop Settings api_secret"):
        settings.get_password("api_secret")
    assert settings.get_password("webhook_secret") == "hook-secret"


@pytest.mark.parametrize(("ignore", "kept"), [(True, "top-secret"), (["api_secret"], "top-secret"), ([], None)])
def test_ignore_save_passwords(frappe: Any, settings: Any, ignore: Any, kept: str | None) -> None:
    settings.flags.ignore_save_passwords = ignore
    settings.api_secret = ""
    settings.save()
    assert settings.get_password("api_secret", raise_exception=False) == kept


def test_set_single_value_stores_plain_text(frappe: Any) -> None:
    frappe.db.set_single_value("Shop Settings", "api_secret", "in the open")
    assert frappe.db.get_singles_dict("Shop Settings").api_secret == "in the open"
    assert frappe.get_single("Shop Settings").get_password("api_secret") == "in the open"


def test_deleting_a_document_deletes_its_secrets(frappe: Any) -> None:
    user = frappe.get_doc({"doctype": "User", "email": "a@example.com", "first_name": "A"}).insert()
    user.api_secret = "s"
    user.save()
    frappe.delete_doc("User", user.name)
    assert not frappe.db.sql("select 1 from `__Auth` where name='a@example.com'")


def test_generate_keys_kills_the_old_secret_at_once(frappe: Any) -> None:
    from frappe.core.doctype.user.user import generate_keys

    first, second = generate_keys("Administrator"), generate_keys("Administrator")
    assert first["api_key"] == second["api_key"]
    assert first["api_secret"] != second["api_secret"]
    assert len(second["api_key"]) == len(second["api_secret"]) == 15
    user = frappe.get_doc("User", "Administrator")
    assert user.get_password("api_secret") == second["api_secret"]
    frappe.set_user("Guest")
    with pytest.raises(frappe.PermissionError):
        generate_keys("Administrator")


def test_the_key_appears_in_site_config_with_the_first_secret(frappe: Any, site_path: Path, password: Any) -> None:
    config = site_path / "site_config.json"
    assert "encryption_key" not in json.loads(config.read_text())
    password.set_encrypted_password("User", "Administrator", "x", "api_secret")
    key = json.loads(config.read_text())["encryption_key"]
    assert len(key) == 44
    assert frappe.conf.encryption_key == key


def test_another_key_cannot_read(frappe: Any, settings: Any, password: Any) -> None:
    from cryptography.fernet import Fernet

    frappe.local.conf.encryption_key = Fernet.generate_key().decode()
    with pytest.raises(frappe.ValidationError, match="Encryption key is invalid"):
        settings.get_password("api_secret")
    assert settings.get_password("api_secret", raise_exception=False) is None
    frappe.local.conf.encryption_key = "short"
    with pytest.raises(frappe.ValidationError, match="invalid format"):
        password.encrypt("x")


def test_login_passwords_are_hashed(frappe: Any) -> None:
    from frappe.utils.password import check_password, remove_encrypted_password, update_password

    assert check_password("administrator", "admin") == "Administrator"
    update_password("Administrator", "new")
    with pytest.raises(frappe.AuthenticationError):
        check_password("Administrator", "admin")
    assert check_password("Administrator", "new") == "Administrator"
    remove_encrypted_password("User", "Administrator", "password")
    with pytest.raises(frappe.AuthenticationError):
        check_password("Administrator", "new")


def test_new_password_of_a_user_is_not_kept_in_the_table(frappe: Any, password: Any) -> None:
    user = {"doctype": "User", "email": "a@example.com", "first_name": "A", "new_password": "Quite-long-1"}
    frappe.get_doc(user).insert()
    assert not frappe.db.get_value("User", "a@example.com", "new_password")
    assert password.check_password("a@example.com", "Quite-long-1")


@pytest.mark.parametrize("weak", ["123456", "password", "aaaaaaaaaa", "Ada12", "ada1"])
def test_weak_passwords_of_users(frappe: Any, weak: str, password: Any) -> None:
    user = {"doctype": "User", "email": "ada@example.com", "first_name": "Ada", "new_password": weak}
    with pytest.raises(frappe.ValidationError, match="Better add a few more letters"):
        frappe.get_doc(user).insert()
    doc = frappe.get_doc(user)
    doc.flags.ignore_password_policy = True
    doc.insert()
    assert password.check_password("ada@example.com", weak)
