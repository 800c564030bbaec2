# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a browser shows a page in a frame of another site."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.plugin_utils._framing import frame_refusal

PAGE, AROUND = "https://chat.example.com/app", "https://acme.example.com"
CSP = "content_security_policy"


@pytest.mark.parametrize(
    ("headers", "page", "around", "refused"),
    [
        ({}, PAGE, AROUND, ""),
        ({"x_frame_options": "DENY"}, PAGE, AROUND, "X-Frame-Options: DENY"),
        ({"X-Frame-Options": "sameorigin"}, PAGE, AROUND, "X-Frame-Options: sameorigin"),
        ({"x_frame_options": "SAMEORIGIN, SAMEORIGIN"}, PAGE, AROUND, "X-Frame-Options: SAMEORIGIN, SAMEORIGIN"),
        ({"x_frame_options": "SAMEORIGIN"}, PAGE, "https://chat.example.com:443/x", ""),
        ({"x_frame_options": "SAMEORIGIN"}, PAGE, "https://chat.example.com:8443", "X-Frame-Options: SAMEORIGIN"),
        ({"x_frame_options": "ALLOWALL"}, PAGE, AROUND, ""),
        ({"x_frame_options": "ALLOW-FROM https://x.example.com"}, PAGE, AROUND, ""),
        ({CSP: "default-src 'none'"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors 'none'"}, PAGE, AROUND, "Content-Security-Policy: frame-ancestors 'none'"),
        ({CSP: "frame-ancestors 'self'"}, PAGE, AROUND, "Content-Security-Policy: frame-ancestors 'self'"),
        ({CSP: "frame-ancestors 'self'"}, PAGE, "https://chat.example.com", ""),
        ({CSP: "frame-ancestors"}, PAGE, AROUND, "Content-Security-Policy: frame-ancestors"),
        ({CSP: "frame-ancestors *"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors https:"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors http:"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors https:"}, "http://c.test", "http://a.test", "Content-Security-Policy: frame-ancestors https:"),
        ({CSP: "default-src x; Frame-Ancestors 'self' https://acme.example.com"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors acme.example.com"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors *.example.com"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors *.a.test"}, PAGE, "https://a.test", "Content-Security-Policy: frame-ancestors *.a.test"),
        ({CSP: "frame-ancestors https://acme.example.com:8443"}, PAGE, AROUND, "Content-Security-Policy: frame-ancestors https://acme.example.com:8443"),
        ({CSP: "frame-ancestors https://acme.example.com:*"}, PAGE, AROUND + ":8443", ""),
        ({CSP: "frame-ancestors https://*"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors https://acme.example.com"}, PAGE, AROUND + ":8443", "Content-Security-Policy: frame-ancestors https://acme.example.com"),
        ({CSP: "frame-ancestors https://acme.example.com", "x_frame_options": "DENY"}, PAGE, AROUND, ""),
        ({CSP: "frame-ancestors *, frame-ancestors 'none'"}, PAGE, AROUND, "Content-Security-Policy: frame-ancestors 'none'"),
        ({CSP: "frame-ancestors 'none'; frame-ancestors *"}, PAGE, AROUND, "Content-Security-Policy: frame-ancestors 'none'"),
        ({}, "http://chat.example.com", AROUND, "a page of https shows no frame of http"),
        ({}, "http://chat.example.com", "http://acme.example.com", ""),
    ],
)  # fmt: skip
def test_what_browsers_do(headers: dict[str, str], page: str, around: str, refused: str) -> None:
    assert frame_refusal(headers, page, around) == refused
