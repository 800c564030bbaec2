# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new site starts with (imitates `frappe/utils/install.py`)."""

from __future__ import annotations

import getpass
from typing import Any

import frappe
from frappe.utils.password import update_password

ROLES = "Administrator,System Manager,Guest,All,Desk User,Report Manager,Website Manager,Translator,Script Manager"
CURRENCIES = {"USD": "$", "EUR": "€", "INR": "₹", "GBP": "£", "CHF": "Fr", "AED": "د.إ", "ZAR": "R", "EGP": "£"}
CURRENCIES |= {"JPY": "¥", "CAD": "$", "AUD": "$", "SAR": "﷼", "SEK": "kr", "PLN": "zł", "BRL": "R$", "ZWL": "Z$"}
COUNTRIES = (
    "ae=United Arab Emirates,at=Austria,au=Australia,be=Belgium,br=Brazil,ca=Canada,ch=Switzerland,de=Germany,"
    "eg=Egypt,es=Spain,fr=France,gb=United Kingdom,in=India,it=Italy,jp=Japan,ke=Kenya,ng=Nigeria,nl=Netherlands,"
    "pl=Poland,pt=Portugal,sa=Saudi Arabia,se=Sweden,sg=Singapore,us=United States,za=South Africa,zm=Zambia,"
    "zw=Zimbabwe"
)


def after_install() -> None:
    """Users, roles, a few countries and currencies, and the Administrator's password."""
    _insert_many()
    frappe.get_doc("User", "Administrator").add_roles(*frappe.get_all("Role", pluck="name"))
    update_password("Administrator", get_admin_password())
    if not frappe.conf.skip_setup_wizard and not frappe.db.get_default("desktop:home_page"):
        frappe.db.set_default("desktop:home_page", "setup-wizard")
    frappe.db.commit()


def _insert_many() -> None:
    docs: list[dict[str, Any]] = [{"doctype": "Role", "role_name": name} for name in ROLES.split(",")]
    docs += [{"doctype": "User Type", "name": n, "is_standard": 1} for n in ("System User", "Website User")]
    docs += [{"doctype": "Language", "language_code": "en", "language_name": "English"}]
    for name, email in (("Administrator", "admin@example.com"), ("Guest", "guest@example.com")):
        user = {"doctype": "User", "name": name, "first_name": name, "email": email, "enabled": 1}
        docs.append({**user, "roles": [{"role": name}], "send_welcome_email": 0})
    docs += [
        {"doctype": "Currency", "currency_name": name, "enabled": 1, "symbol": symbol, "fraction_units": 100}
        for name, symbol in CURRENCIES.items()
    ]
    pairs = [pair.split("=") for pair in COUNTRIES.split(",")]
    docs += [{"doctype": "Country", "country_name": name, "code": code} for code, name in pairs]
    for doc in docs:
        if not frappe.db.exists(doc["doctype"], next(v for k, v in doc.items() if k != "doctype")):
            frappe.get_doc(doc).insert(ignore_if_duplicate=True, ignore_links=True)


def get_admin_password() -> str:
    """From the command line or config; else asked twice on the terminal (a hang without one)."""
    password = frappe.conf.get("admin_password")
    if password:
        return str(password)
    password = getpass.getpass("Set Administrator password: ")
    if password != getpass.getpass("Re-enter Administrator password: "):
        print("\nPasswords do not match")
        return get_admin_password()
    return password
