# SPDX-License-Identifier: GPL-3.0-or-later
"""Values, dates and comparisons (names of `frappe.utils.data`)."""

from __future__ import annotations

import datetime
import re
from typing import Any

import frappe

DATETIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f"
EMAIL = re.compile(r"^[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)*$")
TAGS = re.compile(r"<[^>]+>")


def cstr(s: Any, encoding: str = "utf-8") -> str:
    if s is None:
        return ""
    return s.decode(encoding) if isinstance(s, bytes) else str(s)


def cint(s: Any, default: int = 0) -> int:
    try:
        return int(float(s))
    except (TypeError, ValueError, OverflowError):
        return default


def flt(s: Any, precision: int | None = None) -> float:
    if isinstance(s, str):
        s = s.replace(",", "")
    try:
        num = float(s)
    except (TypeError, ValueError):
        return 0.0
    return round(num, precision) if precision is not None else num


def sbool(x: Any) -> Any:
    text = str(x).lower()
    return {"true": True, "1": True, "false": False, "0": False}.get(text, x)


def strip(val: str, chars: str | None = None) -> str:
    return (val or "").replace("\ufeff", "").replace("\u200b", "").strip(chars)


def strip_html(text: str) -> str:
    return TAGS.sub("", text)


strip_html_tags = strip_html


def encode(obj: Any, encoding: str = "utf-8") -> Any:
    return obj.encode(encoding) if isinstance(obj, str) else obj


def cast(fieldtype: str, value: Any = None) -> Any:
    """Stored text -> value of a field type (the part of `frappe.utils.cast` in use)."""
    if fieldtype in ("Currency", "Float", "Percent"):
        return flt(value)
    if fieldtype in ("Int", "Check"):
        return cint(sbool(value))
    if fieldtype in ("Date", "Datetime", "Time") and not value:
        return None
    if fieldtype == "Date":
        return getdate(value)
    if fieldtype == "Datetime":
        return get_datetime(value)
    if fieldtype in ("Data", "Text", "Small Text", "Long Text", "Select", "Link", "Dynamic Link", "Code"):
        return cstr(value)
    return value


def compare(val1: Any, condition: str, val2: Any) -> bool:
    """Comparison by name of operator: `compare(1, "<=", 2)`."""
    condition = str(condition).lower()
    if condition in ("=", "==", "!="):
        equal = (val1 or None) == (val2 or None) if not (val1 and val2) else val1 == val2
        return equal if condition != "!=" else not equal
    if condition in ("in", "not in"):
        return (val1 in (val2 or [])) is (condition == "in")
    if condition == "is":
        return bool(val1) is (str(val2).lower() == "set")
    if condition in ("like", "not like"):
        pattern = re.escape(cstr(val2)).replace("%", ".*")
        return bool(re.fullmatch(pattern, cstr(val1), re.IGNORECASE)) is (condition == "like")
    if val1 is None or val2 is None:
        return False
    return {">": val1 > val2, "<": val1 < val2, ">=": val1 >= val2, "<=": val1 <= val2}.get(condition, False)


def get_system_timezone() -> str:
    """v15 falls back to Asia/Kolkata until the setup wizard has set one: backup names show that."""
    zone = frappe.get_system_settings("time_zone") if getattr(frappe.local, "db", None) else None
    return zone or "Asia/Kolkata"


def now_datetime() -> datetime.datetime:
    """Naive time in the site's time zone, not in UTC."""
    zone = get_system_timezone()
    tz: datetime.tzinfo = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    if zone != "Asia/Kolkata":
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            tz = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            tz = datetime.timezone.utc  # noqa: UP017 - a bench may run Python 3.10
    return datetime.datetime.now(tz).replace(tzinfo=None)


def now() -> str:
    return now_datetime().strftime(DATETIME_FORMAT)


def nowdate() -> str:
    return now_datetime().strftime("%Y-%m-%d")


today = nowdate


def nowtime() -> str:
    return now_datetime().strftime("%H:%M:%S.%f")


def get_datetime(value: Any = None) -> Any:
    if value is None:
        return now_datetime()
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    return datetime.datetime.fromisoformat(str(value)) if value else None


def getdate(value: Any = None, parse_day_first: bool = False) -> Any:
    if not value:
        return now_datetime().date()
    return get_datetime(value).date()


def add_to_date(date: Any = None, years: int = 0, months: int = 0, as_string: bool = False, **delta: Any) -> Any:
    base = get_datetime(date)
    month = base.month - 1 + months + years * 12
    year, month = base.year + month // 12, month % 12 + 1
    last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
    out = base.replace(year=year, month=month, day=min(base.day, last)) + datetime.timedelta(
        **{k: v for k, v in delta.items() if k in ("days", "hours", "minutes", "seconds", "weeks")}
    )
    if as_string or isinstance(date, str):
        return out.strftime("%Y-%m-%d" if isinstance(date, str) and len(date) == 10 else DATETIME_FORMAT)
    return out


def add_days(date: Any, days: int) -> Any:
    return add_to_date(date, days=cint(days))


def date_diff(a: Any, b: Any) -> int:
    return (getdate(a) - getdate(b)).days


def time_diff_in_seconds(a: Any, b: Any) -> float:
    return (get_datetime(a) - get_datetime(b)).total_seconds()


def to_timedelta(text: str) -> Any:
    try:
        hours, minutes, seconds = text.split(":")
        return datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    except ValueError:
        return text


def validate_email_address(email_str: str, throw: bool = False) -> str:
    if EMAIL.match(email_str or ""):
        return email_str
    if throw:
        frappe.throw(f"{email_str} is not a valid Email Address", frappe.InvalidEmailAddressError, "Invalid Email")
    return ""


def validate_url(txt: str, throw: bool = False, valid_schemes: Any = None) -> bool:
    from urllib.parse import urlparse

    url = urlparse(txt)
    ok = bool(url.netloc) and (not valid_schemes or url.scheme in valid_schemes)
    if not ok and throw:
        frappe.throw(f"'{frappe.bold(txt)}' is not a valid URL")
    return ok
