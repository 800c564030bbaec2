# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: which names a site, a host or a subdomain may have.

Pure. A site's name is three things at once: a host name (browsers and proxies route by it), a directory
below ``<bench>/sites``, and an argument of the ``bench`` command. The rules are those of RFC 1123 made
stricter by the other two. Every fault found is one sentence that quotes what was seen and says what is
needed; a fault that only follows from another one is not reported.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Collection

MAX_NAME = 253
MAX_LABEL = 63
# A tenant's own label: shorter ones are for the operator, longer ones leave no room for the domain.
MIN_SUBDOMAIN = 3
MAX_SUBDOMAIN = 40

# What stands, or once stood, in a bench's sites/ directory beside the sites, and what the bench command
# itself gives a meaning to (`bench --site all`). Compared in lower case.
RESERVED_NAMES = frozenset(
    {
        ".",
        "..",
        ".build",
        "all",
        "apps.json",
        "apps.txt",
        "archived",
        "archived_sites",
        "assets",
        "backups",
        "common_site_config.json",
        "config",
        "currentsite.txt",
        "languages",
        "languages.txt",
        "locks",
        "logs",
        "patches.txt",
        "private",
        "public",
    }
)

# First labels that belong to the operator of a domain, never to a tenant.
RESERVED_LABELS = frozenset({"admin", "administrator", "api", "ftp", "localhost", "mail", "root", "www"})

# bool before int, which it is a kind of. Ansible's own subclasses of these are covered by isinstance.
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (dict, "a mapping"),
    (list, "a list"),
    (datetime.date, "a date"),
    (set, "a set"),
    (bytes, "binary data"),
)

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


def kind_of(value: object) -> str:
    """What a value is, in the words of someone who writes YAML."""
    if value is None:
        return "nothing"
    for kind, words in _KINDS:
        if isinstance(value, kind):
            return words
    return f"of type {type(value).__name__}"


def validate_host_name(name: object, what: str = "host name") -> list[str]:
    """The faults of ``name`` as a host name in lower case (RFC 1123); an empty list if it is one."""
    if not isinstance(name, str):
        return [f"{what} {name!r} is {kind_of(name)}, needed is text; quote it in YAML"]
    if not name:
        return [f"{what} '' is empty, needed is a name such as alpha.example.com"]
    if len(name) > MAX_NAME:
        return [f"{what} {_short(name)} has {len(name)} characters, allowed are {MAX_NAME}"]
    if _is_address(name):
        return [f"{what} {name!r} is an IP address, needed is a host name such as alpha.example.com"]
    problems = [f"{what} {_short(name)} {fault}" for fault in _character_faults(name) or _label_faults(name)]
    if not problems and name.rsplit(".", 1)[-1].isdigit():
        problems.append(
            f"{what} {name!r} ends in a label of digits only, which browsers read as an IP address; "
            "needed is a name such as alpha.example.com"
        )
    return problems


def validate_site_name(name: object, reserved_labels: Collection[str] = RESERVED_LABELS) -> list[str]:
    """The faults of ``name`` as the name of a site; an empty list if it may be one.

    :param reserved_labels: first labels that no site may have; pass an empty set to allow them all.
    """
    what = "site name"
    if isinstance(name, str) and name.lower() in RESERVED_NAMES:
        needed = "needed is a host name such as alpha.example.com"
        return [f"{what} {name!r} is reserved for the bench's own sites directory; {needed}"]
    problems = validate_host_name(name, what)
    if problems:
        return problems
    labels = str(name).split(".")
    if labels[0] in reserved_labels:
        return [
            f"{what} {name!r} begins with the reserved label {labels[0]!r}; needed is a first label other than "
            + ", ".join(sorted(reserved_labels))
        ]
    if len(labels) < 2:
        example = f"for example {name}.example.com, or {name}.localhost on one machine"
        return [f"{what} {name!r} is too short: it is a single label, needed are at least two ({example})"]
    return []


def validate_subdomain(
    label: object, max_length: int = MAX_SUBDOMAIN, reserved: Collection[str] = RESERVED_LABELS
) -> list[str]:
    """The faults of ``label`` as a tenant's subdomain: 3 to ``max_length`` of a-z, 0-9 and inner hyphens.

    ``max_length`` may be raised to 63, the limit of DNS; ``reserved`` are those that no tenant gets.
    """
    what = "subdomain"
    if not isinstance(label, str):
        return [f"{what} {label!r} is {kind_of(label)}, needed is text; quote it in YAML"]
    if "." in label:
        return [f"{what} {_short(label)} contains a dot, needed is a single label such as alpha"]
    faults = _character_faults(label) or _label_faults(label)
    if faults:
        return [f"{what} {_short(label)} {fault}" for fault in faults]
    allowed = min(max_length, MAX_LABEL)
    if not MIN_SUBDOMAIN <= len(label) <= allowed:
        size = "short" if len(label) < MIN_SUBDOMAIN else "long"
        needed = f"needed are {MIN_SUBDOMAIN} to {allowed}"
        return [f"{what} {_short(label)} is too {size}: it has {len(label)} characters, {needed}"]
    if label in reserved:
        return [f"{what} {label!r} is reserved; needed is a label other than " + ", ".join(sorted(reserved))]
    return []


def _character_faults(name: str) -> list[str]:
    """Characters that no host name has, each fault as the end of a sentence that began with the name."""
    strange = sorted({char for char in name.lower() if char not in _ALLOWED})
    if strange:
        seen = " ".join(repr(char) for char in strange[:5])
        hint = "" if all(char.isascii() for char in strange) else " (write other scripts in their xn-- form)"
        return [f"contains {seen}; allowed are only a-z, 0-9, hyphen and the dot between labels{hint}"]
    if name != name.lower():
        return [f"has upper-case letters; needed is lower case: {_short(name.lower())}"]
    return []


def _label_faults(name: str) -> list[str]:
    """What is wrong with the labels, likewise; each fault once."""
    faults: dict[str, None] = {}
    for label in name.split("."):
        if not label:
            where = "two dots in a row, or a dot at an end"
            faults[f"has an empty label ({where}); needed is one dot between labels"] = None
            continue
        if not _LABEL.fullmatch(label):
            needed = "needed is a letter or digit at both ends"
            faults[f"has the label {_short(label)} that begins or ends with a hyphen; {needed}"] = None
        if len(label) > MAX_LABEL:
            faults[f"has a label of {len(label)} characters; allowed are {MAX_LABEL}"] = None
    return list(faults)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _short(name: str) -> str:
    """The name quoted, cut in the middle of nowhere if it would fill the screen."""
    return repr(name if len(name) <= 80 else f"{name[:60]}...")
