# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent: ERPNext's setup wizard, run unattended, once."""

from __future__ import annotations

from typing import Any

from .._errors import ErpopsError
from ._company_plan import FIXED_FIELDS, decide, fiscal_year, missing_parts, wizard_input
from ._context import Context, connect, plain_text

WIZARD = "frappe.desk.page.setup_wizard.setup_wizard"


def company_facts(frappe: Any, company: str, day: str) -> dict[str, Any]:
    """What the site has of a set-up: ``apps, companies, complete`` (the wizard is done with), ``parts``.

    :param day: a day that a fiscal year must hold, as ISO date; any will do when empty.
    """
    apps = list(frappe.get_installed_apps())
    if "erpnext" not in apps:
        return {"apps": apps, "companies": [], "complete": False, "parts": {}}
    fields = [field for field in FIXED_FIELDS.values() if frappe.get_meta("Company").has_field(field)]
    found = frappe.get_all("Company", fields=["name", *fields], limit=0)
    # Asked of the table: `frappe.is_setup_complete` answers from a cache of the request.
    done = frappe.get_all(
        "Installed Application", filters={"app_name": ["in", ["frappe", "erpnext"]]}, pluck="is_setup_complete"
    )
    receivable = "default_receivable_account"
    has_receivable = frappe.get_meta("Company").has_field(receivable)
    return {
        "apps": apps,
        "companies": [dict(row) for row in found],
        "complete": bool(done) and all(done),
        "parts": {
            "units": frappe.db.count("UOM"),
            "item_groups": frappe.db.count("Item Group"),
            "customer_groups": frappe.db.count("Customer Group"),
            "territories": frappe.db.count("Territory"),
            "buying_price_lists": frappe.db.count("Price List", {"buying": 1}),
            "selling_price_lists": frappe.db.count("Price List", {"selling": 1}),
            "fiscal_year": frappe.db.count(
                "Fiscal Year", {"year_start_date": ["<=", day], "year_end_date": [">=", day]} if day else {}
            ),
            "default_company": str(frappe.db.get_single_value("Global Defaults", "default_company") or ""),
            "stock_unit": str(frappe.db.get_single_value("Stock Settings", "stock_uom") or ""),
            "accounts": frappe.db.count("Account", {"company": company}),
            "receivable_account": str(frappe.db.get_value("Company", company, receivable) or "")
            if has_receivable
            else None,
            "warehouses": frappe.db.count("Warehouse", {"company": company}),
        },
    }


def apply_company(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The site is set up with ``args["company"]``; nothing is done where it is.

    :raises ErpopsError: (409) it was set up otherwise; (422) a declared name does not exist; (500) the wizard failed.
    """
    site = context.need_site()
    frappe = connect(context.bench, site)
    from frappe.utils import now_datetime  # in the site's own time zone

    with context.locked("company.apply"):
        first, last = fiscal_year(
            args.get("fiscal_year_start") or "", args.get("fiscal_year_end") or "", now_datetime().date()
        )
        wanted = {**args, "fiscal_year_start": first, "fiscal_year_end": last}
        # Without a declared first day any fiscal year will do: ERPNext makes the next ones itself.
        day = first if args.get("fiscal_year_start") else ""
        before = company_facts(frappe, wanted["company"], day)
        action = decide(wanted, before, site)
        if action != "none":
            _check_names(frappe, wanted, site)
        after = before
        if action != "none" and not context.check:
            _run(frappe, wanted, action, before, site)
            after = company_facts(frappe, wanted["company"], day)
            left = missing_parts(after)
            if left or not after["complete"]:
                raise ErpopsError(
                    "the setup wizard ended, and the set-up is not whole",
                    object=f"{site}: company {wanted['company']}",
                    seen="missing: " + ", ".join(left or ["the mark that the wizard is done with"]),
                    hint="restore the site's backup, or drop the site if it is new: accounts that a cut-off wizard left "
                    "out cannot be added afterwards",
                    data={"parts": after["parts"]},
                )
        return _answer(wanted, action, before, after, context.check)


def _answer(
    wanted: dict[str, Any], action: str, before: dict[str, Any], after: dict[str, Any], check: bool
) -> dict[str, Any]:
    missing = missing_parts(before)
    names = [item["name"] for item in before["companies"]]
    declared = {key: wanted[key] for key in ("company", "abbr", "country", "currency", "chart_of_accounts")}
    stored: dict[str, Any] = next((item for item in before["companies"] if item["name"] == wanted["company"]), {})
    had = {"company": stored.get("name", ""), **{key: stored.get(field, "") for key, field in FIXED_FIELDS.items()}}
    return {
        "changed": action != "none",
        "action": action,
        "company": wanted["company"],
        "companies": names if check or action == "none" else [item["name"] for item in after["companies"]],
        "complete": after["complete"],
        "missing_before": missing,
        "parts": after["parts"],
        "fiscal_year": [wanted["fiscal_year_start"], wanted["fiscal_year_end"]],
        "diff": {
            "before": {**had, "missing": missing} if action != "none" else {},
            "after": {**declared, "missing": []} if action != "none" else {},
        },
    }


def _check_names(frappe: Any, wanted: dict[str, Any], site: str) -> None:
    """Before anything is changed: the wizard would fail over these in its middle, with half of it committed.

    :raises ErpopsError: (422) names every one that does not exist.
    """
    wrong = [
        f"{option} {wanted[option]!r} is no {doctype}"
        for option, doctype in (("country", "Country"), ("currency", "Currency"))
        if not frappe.db.exists(doctype, wanted[option])
    ]
    if not frappe.db.get_value("Language", {"language_name": wanted["language"]}):
        wrong.append(f"language {wanted['language']!r} is no Language (its name, as English or Deutsch)")
    charts = _charts(frappe, wanted["country"])
    if charts and wanted["chart_of_accounts"] not in charts:
        wrong.append(f"chart_of_accounts {wanted['chart_of_accounts']!r} is none of {', '.join(charts)}")
    try:
        import zoneinfo

        zoneinfo.ZoneInfo(wanted["timezone"])
    except Exception:  # noqa: BLE001 -- a wrong name is KeyError, ValueError or OSError, depending on what it looks like
        wrong.append(f"timezone {wanted['timezone']!r} is no time zone, as Africa/Cairo is")
    if wrong:
        raise ErpopsError(
            "the declared company names what does not exist",
            object=site,
            seen="; ".join(wrong),
            hint="correct site_company in the inventory; nothing was changed",
            status=422,
        )


def _charts(frappe: Any, country: str) -> list[str]:
    """Charts of accounts that ERPNext has for a country; none where they cannot be asked."""
    try:
        return list(
            frappe.get_attr(
                "erpnext.accounts.doctype.account.chart_of_accounts.chart_of_accounts.get_charts_for_country"
            )(country)
        )
    except (ImportError, AttributeError):
        return []


def _run(frappe: Any, wanted: dict[str, Any], action: str, before: dict[str, Any], site: str) -> None:
    """The wizard itself, or for a cut-off one the stages that it would leave out because a company exists."""
    values = wizard_input(wanted)
    wizard = frappe.get_module(WIZARD)
    enabled = frappe.db.get_single_value("System Settings", "enable_scheduler")
    # In the background it would answer "registered" and go on without us.
    frappe.conf.pop("trigger_site_setup_in_background", None)
    try:
        # An API user that was made before makes Frappe believe that its own slides were answered; the wizard would then
        # overwrite country, currency and time zone with the empty ones of System Settings.
        wizard.update_global_settings(frappe._dict(values))
        frappe.db.commit()
        if action == "finish":
            stages = frappe.get_module("erpnext.setup.setup_wizard.setup_wizard")
            for stage in (stages.stage_fixtures, stages.setup_company, stages.setup_defaults):
                stage(frappe._dict(values))
                frappe.db.commit()
            for app in ("frappe", "erpnext"):
                wizard.enable_setup_wizard_complete(app)
            wizard.run_post_setup_complete(frappe._dict(values))
        else:
            answer = wizard.setup_complete(values)
            if not isinstance(answer, dict) or answer.get("status") != "ok":
                raise ErpopsError(
                    "the setup wizard did not end well", object=site, seen=str(answer), needed="{'status': 'ok'}"
                )
        # The wizard enables the scheduler; whether it runs is declared elsewhere.
        frappe.db.set_single_value("System Settings", "enable_scheduler", enabled)
        frappe.db.commit()
        frappe.clear_cache()
    except ErpopsError:
        raise
    except Exception as exc:
        said = plain_text(exc) or str(
            (getattr(frappe.local, "response", None) or {}).get("setup_wizard_failure_message")
        )
        raise ErpopsError(
            f"the setup wizard failed: {type(exc).__name__}: {said}",
            object=site,
            hint="read the newest Error Log 'Setup failed' of the site, correct the cause and run it again: what is "
            "missing is made then",
        ) from exc


def read_company(context: Context, args: dict[str, Any]) -> dict[str, Any]:
    """The facts alone; ``args``: ``company``, ``day`` that a fiscal year must hold."""
    frappe = connect(context.bench, context.need_site())
    facts = company_facts(frappe, args.get("company") or "", args.get("day") or "")
    return {**facts, "missing": missing_parts(facts) if "erpnext" in facts["apps"] else ["erpnext"]}


OPERATIONS = {"company.apply": apply_company, "company.read": read_company}
