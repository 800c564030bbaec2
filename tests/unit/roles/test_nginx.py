# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role nginx: the server blocks it writes, what it refuses, and how it words what nginx said."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.unit.repository import ROOT, read_yaml
from tests.unit.templates import trusted

ROLE = ROOT / "roles/nginx"
LISTENING = ['LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=70,fd=6))']
BENCH = {"name": "one", "web_port": 8000, "socketio_port": 9000, "sites_path": "/srv/one/sites", "group": "frappe"}


def variables(given: dict[str, Any]) -> dict[str, Any]:
    files = [ROLE / "defaults/main.yml", *sorted((ROLE / "vars/main").glob("*.yml"))]
    known = {name: value for path in files for name, value in trusted(read_yaml(path)).items()}
    return {
        **known,
        "ansible_managed": "managed",
        "ansible_check_mode": False,
        "ansible_facts": {
            "distribution": "Debian",
            "distribution_major_version": "12",
            "getent_group": {"frappe": ["x", "1000", ""]},
        },
        "role_path": str(ROLE),
        "ansible_search_path": [str(ROLE)],
        "__nginx_answer": {"stderr": "nginx version: nginx/1.22.1"},
        "__nginx_listening": {"stdout_lines": LISTENING},
        "__nginx_found": {"files": []},
        "__nginx_certificates": {},
        **given,
    }


def template(expression: str, **given: Any) -> Any:
    templar = Templar(loader=DataLoader(), variables=variables(given))
    return templar.template(trust_as_template("{{ " + expression + " }}"))


def rendered(name: str, **given: Any) -> str:
    templar = Templar(loader=DataLoader(), variables=variables(given))
    text = trust_as_template((ROLE / "templates" / f"{name}.j2").read_text())
    return str(templar.template(text, escape_backslashes=False))


def benches(*sites: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{**BENCH, **more, "sites": list(sites)}]


def block(text: str, title: str) -> str:
    """From a comment to the end of the server block that it stands above."""
    return text[text.index(f"# {title}\n") :].split("\n}\n", 1)[0]


def of_bench(*sites: dict[str, Any], **given: Any) -> str:
    return rendered("bench.conf", nginx_benches=benches(*sites), bench=benches(*sites)[0], **given)


def test_a_site_is_served_under_all_its_names_as_itself() -> None:
    text = of_bench({"name": "acme.test", "domains": ["shop.test"], "certificate": "acme"})
    site = block(text, "Site acme.test")
    assert "server_name acme.test shop.test;" in site
    assert "set $erpops_site acme.test;" in site
    assert "ssl_certificate /etc/erpops/tls/acme/fullchain.pem;" in site
    redirect = block(text, "To HTTPS: 2 names")
    assert redirect.split("server_name", 1)[1].split(";", 1)[0].split() == ["acme.test", "shop.test"]
    assert "include erpops/include/acme.conf;" in redirect


def test_a_name_may_stay_inside() -> None:
    text = of_bench({"name": "site1", "name_served": False, "domains": ["acme.test"], "certificate": "acme"})
    assert "server_name acme.test;" in block(text, "Site site1")
    assert "set $erpops_site site1;" in block(text, "Site site1")


def test_without_tls_there_is_no_redirect() -> None:
    text = of_bench({"name": "acme.test", "http_only": True})
    assert "listen 80;" in block(text, "Site acme.test")
    assert "To HTTPS" not in text
    assert "ssl_certificate" not in text


def test_a_moved_site_is_passed_on_with_its_challenges() -> None:
    text = of_bench({"name": "acme.test", "certificate": "acme", "forward": "https://10.0.0.6:8443"})
    assert "proxy_pass https://10.0.0.6:8443;" in block(text, "Site acme.test")
    assert "include erpops/include/site.conf;" not in text
    assert "proxy_pass http://10.0.0.6;" in block(text, "Site acme.test: to HTTPS")


@pytest.mark.parametrize(
    ("version", "listen", "directive"),
    [("1.18.0", "ssl http2;", False), ("1.24.0", "ssl http2;", False), ("1.26.3", "ssl;", True)],
)
def test_http2_by_version(version: str, listen: str, directive: bool) -> None:
    answer = {"stderr": f"nginx version: nginx/{version} (Ubuntu)"}
    text = of_bench({"name": "acme.test", "certificate": "acme"}, __nginx_answer=answer)
    assert f"listen 443 {listen}" in text
    assert ("http2 on;" in rendered("include/tls.conf", __nginx_answer=answer)) is directive


def test_strangers_are_refused_by_version() -> None:
    assert "ssl_reject_handshake on;" in rendered("http.conf")
    old = rendered("http.conf", __nginx_answer={"stderr": "nginx version: nginx/1.18.0"})
    assert "ssl_reject_handshake" not in old
    assert "ssl_certificate /etc/nginx/erpops-stranger.pem;" in old


def test_ipv6_can_be_left_out() -> None:
    site = {"name": "acme.test", "certificate": "acme"}
    assert "listen [::]:443" in of_bench(site)
    assert "[::]" not in of_bench(site, nginx_ipv6_enabled=False) + rendered("http.conf", nginx_ipv6_enabled=False)


def test_a_header_that_is_sent_replaces_the_site_s() -> None:
    given = {"nginx_headers_custom": {"X-Frame-Options": "", "X-Own": "a"}}
    sent, hidden = rendered("include/headers.conf", **given), rendered("include/proxy_common.conf", **given)
    assert 'add_header X-Own "a" always;' in sent
    assert "proxy_hide_header X-Own;" in hidden
    assert "X-Frame-Options" not in sent + hidden


GOOD = {"name": "acme.test", "http_only": True}
FAULTS = [
    ([GOOD], {}, []),
    ([{"name": "acme.test"}], {}, ["site acme.test has no certificate"]),
    ([GOOD, {"name": "b.test", "domains": ["acme.test"], "http_only": True}], {}, ["acme.test is the name of more"]),
    ([{**GOOD, "domains": ["https://x"]}], {}, ["site acme.test: https://x is no host name"]),
    ([{**GOOD, "domains": ["x; }"]}], {}, ["site acme.test: x; } is no host name"]),
    ([{**GOOD, "domains": ["*.acme.test"]}], {}, []),
    ([{**GOOD, "name_served": False}], {}, ["site acme.test has no name to be served under"]),
    ([{**GOOD, "snippets": ["chat"]}], {}, ["site acme.test: there is no snippet chat"]),
    ([{**GOOD, "forward": "https://a/b"}], {}, ["site acme.test: forward is https://a/b"]),
    ([{**GOOD, "forward": "https://[fd00::6]:8443"}], {}, []),
    ([GOOD], {"group": "nobody-has-it"}, ["bench one: there is no group nobody-has-it"]),
    ([GOOD], {"name": "a b"}, ["bench a b: a name has letters"]),
]


@pytest.mark.parametrize(("sites", "more", "wanted"), FAULTS)
def test_faults(sites: list[dict[str, Any]], more: dict[str, Any], wanted: list[str]) -> None:
    found = template("__nginx_faults", nginx_benches=benches(*sites, **more))
    assert len(found) == len(wanted), found
    assert all(fault.startswith(start) for fault, start in zip(found, wanted, strict=True)), found


def test_a_preview_may_come_before_the_groups() -> None:
    given = {"nginx_benches": benches(GOOD, group="not-yet"), "ansible_check_mode": True}
    assert template("__nginx_faults", **given) == []


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            'LISTEN 0 511 *:80 *:* users:(("apache2",pid=9,fd=4))',
            ["port 80 is held by apache2, pid 9, needed for nginx"],
        ),
        ("LISTEN 0 511 [::]:443 [::]:*", ["port 443 is held by an unknown program, needed for nginx"]),
        ('LISTEN 0 5 0.0.0.0:8080 0.0.0.0:* users:(("apache2",pid=9,fd=4))', []),
        ('LISTEN 0 5 [::]:443 [::]:* users:(("nginx",pid=7,fd=4),("nginx",pid=8,fd=4))', []),
    ],
)
def test_ports_of_others(line: str, wanted: list[str]) -> None:
    found = template("__nginx_faults", nginx_benches=benches(GOOD), __nginx_listening={"stdout_lines": [line]})
    assert [fault.split(":")[0] for fault in found] == wanted


def test_a_site_of_somebody_is_not_disabled() -> None:
    path = "/etc/nginx/sites-enabled/default"
    for link, count in ((True, 0), (False, 1)):
        files = [{"path": path, "islnk": link, "isreg": not link}]
        assert len(template("__nginx_faults", nginx_benches=[], __nginx_found={"files": files})) == count


def test_own_certificates_are_checked_and_others_are_not() -> None:
    own = {"name": "a.test", "certificate": {"chain": "/a.pem", "key": "/a.key"}}
    given = {"nginx_benches": benches(own, {"name": "b.test", "certificate": "b"})}
    asked = template("__nginx_own_certificates", **given)
    assert asked == [{"name": "a.test", "chain": "/a.pem", "key": "/a.key", "names": ["a.test"]}]
    answer = '{"a.test": {"found": true, "fault": "", "days_left": -1, "missing": []}}'
    found = template("__nginx_faults", __nginx_certificates={"stdout": answer}, **given)
    assert found == ["site a.test: certificate /a.pem has expired: put the right one there, or name another one"]


SAID = [
    (
        'nginx: [emerg] unknown directive "x" in /run/erpops-nginx/erpops/snippets/chat.conf:3',
        "snippet chat, line 3 (of acme.test): ",
    ),
    (
        'nginx: [emerg] "client_max_body_size" directive invalid value in /run/erpops-nginx/erpops/benches/one.conf:3',
        "site acme.test: ",
    ),
    ('nginx: [emerg] cannot load certificate "/etc/erpops/tls/b/fullchain.pem": no such file', "site b.test: "),
    ('nginx: [warn] conflicting server name "b.test" on 0.0.0.0:443, ignored', "site b.test: "),
    ("nginx: [emerg] a duplicate default server for 0.0.0.0:80 in /etc/nginx/sites-enabled/x:2", "[emerg] a duplicate"),
]


@pytest.mark.parametrize(("line", "start"), SAID)
def test_what_nginx_said_names_the_object(line: str, start: str) -> None:
    sites: list[dict[str, Any]] = [{**GOOD, "snippets": ["chat"]}, {"name": "b.test", "certificate": "b"}]
    found = template(
        "__nginx_test_faults",
        nginx_benches=benches(*sites),
        __nginx_files={"benches/one.conf": "# Site acme.test\nserver {\n  x\n}\n# Site b.test\n"},
        __nginx_tested={"rc": 1, "stderr": line, "stderr_lines": [line]},
    )
    assert len(found) == 1
    assert found[0].startswith(start), found
    assert "/run/erpops-nginx" not in found[0]


def test_a_silent_failure_is_one() -> None:
    tested = {"rc": 1, "stderr": "killed", "stderr_lines": ["killed"]}
    assert template("__nginx_test_faults", __nginx_tested=tested, __nginx_files={}) == ["killed"]
    assert template("__nginx_test_faults", __nginx_tested={"rc": 0, "stderr": "", "stderr_lines": []}) == []


def test_only_what_differs_is_written() -> None:
    def file(name: str, text: str) -> dict[str, Any]:
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return {"path": f"/etc/nginx/erpops/{name}", "isreg": True, "checksum": digest}

    given = {
        "__nginx_files": {"http.conf": "new", "benches/one.conf": "same"},
        "__nginx_found": {"files": [file("http.conf", "old"), file("benches/one.conf", "same"), file("benches/x", "")]},
    }
    assert template("__nginx_different", **given) == ["http.conf"]
    assert template("__nginx_left_over", **given) == ["benches/x"]
    assert template("__nginx_stale", **given) is True
    files = [file("benches/one.conf", "same")]
    quiet = {"__nginx_files": {"benches/one.conf": "same"}, "__nginx_found": {"files": files}}
    assert template("__nginx_stale", **quiet) is False
    link = {"path": "/etc/nginx/sites-enabled/default", "isreg": False, "islnk": True}
    assert template("__nginx_stale", **{**quiet, "__nginx_found": {"files": [*files, link]}}) is True
