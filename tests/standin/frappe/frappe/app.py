# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI application for `gunicorn frappe.app:application --preload` (imitates `frappe/app.py`).

The site is chosen by X-Frappe-Site-Name or the Host header. Every request has a context of its own:
config, apps, DocTypes and user are read afresh, so a changed file or secret counts at once.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import ClosingIterator

import frappe
import frappe.api
import frappe.client
import frappe.handler
import frappe.model.document
import frappe.rate_limiter
import frappe.utils.response
from frappe.auth import UNSAFE_HTTP_METHODS, HTTPRequest, validate_auth
from frappe.utils import get_site_name

_sites_path = os.environ.get("SITES_PATH", ".")


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Answer, then count the time (rate limit) and drop the context."""
    answer = Request.application(_respond)(environ, start_response)
    return ClosingIterator(answer, [frappe.rate_limiter.update, frappe.destroy])


def _respond(request: Request) -> Response:
    rollback = True
    response: Any = None
    try:
        init_request(request)
        validate_auth()
        response = _route(request)
    except HTTPException as e:
        return e.get_response(request.environ)
    except frappe.IncorrectSitePath:
        return NotFound().get_response(request.environ)
    except Exception as e:
        response = handle_exception(e)
    else:
        if request.method in UNSAFE_HTTP_METHODS or frappe.flags.commit:
            frappe.db.commit()
        else:
            frappe.db.rollback()
        rollback = False
    finally:
        if rollback and getattr(frappe.local, "db", None):
            with contextlib.suppress(frappe.db.SQLError):  # the database itself may be gone
                frappe.db.rollback()
    process_response(response)
    return response


def _route(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response()
    if frappe.form_dict.cmd:
        frappe.handler.handle()
        return frappe.utils.response.build_response("json")
    if request.path.startswith("/api/"):
        return frappe.api.handle(request)
    if request.method in ("GET", "HEAD", "POST"):
        return website(request)
    raise NotFound


def init_request(request: Request) -> None:
    """Context for the request; 404 without a site, 503 (SessionStopped) in maintenance mode."""
    frappe.local.request = request
    frappe.local.is_ajax = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    site = request.headers.get("X-Frappe-Site-Name") or get_site_name(request.host)
    try:
        frappe.init(site=site, sites_path=_sites_path, force=True)
    except ValueError:
        raise NotFound from None
    if not frappe.local.conf.db_name:
        raise NotFound
    frappe.connect(set_admin_as_user=False)
    if frappe.local.conf.maintenance_mode:
        if not frappe.local.conf.allow_reads_during_maintenance:
            raise frappe.SessionStopped("Session Stopped")
        frappe.flags.read_only = True
        frappe.db.begin(read_only=True)
    make_form_dict(request)
    if request.method != "OPTIONS":
        frappe.local.http_request = HTTPRequest()
    for task in frappe.get_hooks("before_request"):
        frappe.call(task)


def make_form_dict(request: Request) -> None:
    """A JSON body is the WHOLE form dict (arguments of the URL are dropped then), else URL and form."""
    data = request.get_data(as_text=True)
    form = {**request.args.to_dict(), **request.form.to_dict()}
    args = json.loads(data) if data and request.is_json else form
    if isinstance(args, dict):
        frappe.local.form_dict = frappe._dict(args)
        frappe.local.form_dict.pop("_", None)
    elif isinstance(args, list):
        frappe.local.form_dict["data"] = args
    else:
        frappe.throw("Invalid request arguments")


def website(request: Request) -> Response:
    """A minimal site: home and login page; everything else is a 404 page."""
    if request.path in ("/", "/login", "/app", "/desk") or request.path.startswith("/app/"):
        name = frappe.local.site
        return Response(f"<!doctype html><title>{name}</title><h1>Login to {name}</h1>", mimetype="text/html")
    body = "<!doctype html><title>Not Found</title><h1>Page not found</h1>"
    return Response(body, status=404, mimetype="text/html")


def handle_exception(e: Exception) -> Response:
    """JSON for API calls, a short page otherwise; status by the exception's http_status_code."""
    status = getattr(e, "http_status_code", 500)
    accept = frappe.get_request_header("Accept") or ""
    wants_json = (accept and (frappe.local.is_ajax or "application/json" in accept)) or (
        frappe.local.request.path.startswith("/api/") and not accept.startswith("text")
    )
    if isinstance(e, frappe.TooManyRequestsError):
        return frappe.rate_limiter.respond()
    if not frappe.local.session.get("user"):
        frappe.local.session.user = "Guest"
    if wants_json:
        response = frappe.utils.response.report_error(status)
    else:
        title = {401: "Session Expired", 403: "Not Permitted", 404: "Not Found", 503: "Updating"}
        text = f"<!doctype html><title>{title.get(status, 'Server Error')}</title>"
        response = Response(text, status=status, mimetype="text/html")
    if status >= 500 and status != 503 and getattr(frappe.local, "db", None):
        _snapshot(e)
    return response


def _snapshot(e: Exception) -> None:
    """Server errors leave an Error Log, as `log_error_snapshot` does, if the database can take one."""
    with contextlib.suppress(Exception):
        frappe.db.rollback()
        frappe.log_error(title=f"{type(e).__name__}: {e}"[:140])
        frappe.db.commit()


def process_response(response: Response) -> None:
    if hasattr(frappe.local, "cookie_manager"):
        frappe.local.cookie_manager.flush_cookies(response)
    if hasattr(frappe.local, "rate_limiter"):
        response.headers.extend(frappe.local.rate_limiter.headers())
