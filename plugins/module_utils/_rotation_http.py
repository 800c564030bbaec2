# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: whether a rotated secret is in force, observed over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._agent_client import SiteAgent
from ._key_http import KeyProbe, site_answers
from ._login_http import LoginProbe, urls_transport
from ._rotation_spec import ADMIN_PASSWORD, API_KEY

if TYPE_CHECKING:
    from .agent import _move  # noqa: F401 -- sent to the bench


def prove_begun(params: dict[str, Any], agent: SiteAgent, told: dict[str, Any], hide: Callable[[str], None]) -> None:
    """The new secret is let in; the old one is refused, unless it has its time of grace.

    :raises ErpopsError: not so.
    """
    secret = params["secret"]
    if secret == API_KEY:
        if told:
            _probe(params, told["new"]).verify(told["new"]["user"])
            old = _probe(params, told["old"])
            old.refused() if told["gap"] else old.verify(told["old"]["user"])
    elif secret == ADMIN_PASSWORD:
        _login(params).prove(str(params["new_password"]), str(params["old_password"] or ""))
    else:
        prove_site(params, agent, hide)


def prove_undone(params: dict[str, Any], agent: SiteAgent, told: dict[str, Any], hide: Callable[[str], None]) -> None:
    """The old secret is let in again. :raises ErpopsError: not so."""
    if params["secret"] == API_KEY:
        if told:
            _probe(params, told["old"]).verify(told["old"]["user"])
    elif params["secret"] == ADMIN_PASSWORD:
        if params["old_password"]:
            _login(params).prove(str(params["old_password"]), "")
    else:
        prove_site(params, agent, hide)


def prove_finished(params: dict[str, Any], told: dict[str, Any]) -> None:
    """What was retired is refused. :raises ErpopsError: not so."""
    if params["secret"] == API_KEY and told:
        _probe(params, told["old"]).refused()


def prove_site(params: dict[str, Any], agent: SiteAgent, hide: Callable[[str], None]) -> None:
    """The web server answers for the site, and decrypts the API secret of ``user``, if that has a key."""
    site_answers(params["url"], params["site"])
    if params["user"]:
        key = agent.one("move.key", params["site"], {"user": params["user"]})
        if key["api_secret"]:
            hide(key["api_secret"])
            _probe(params, key).verify(params["user"])


def _probe(params: dict[str, Any], pair: dict[str, Any]) -> KeyProbe:
    return KeyProbe(params, str(pair["api_key"]), str(pair["api_secret"]))


def _login(params: dict[str, Any]) -> LoginProbe:
    transport = urls_transport(params["validate_certs"], params["ca_path"])
    return LoginProbe(params["site"], params["url"], "Administrator", transport)
