# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/variables.md is what playbooks/group_vars, the role ``bench`` and the inventory plugin read and set."""

from __future__ import annotations

import re

import yaml

from ansible_collections.erpops.frappe.plugins.plugin_utils._tenants_model import COMPUTED_VARIABLES
from tests.unit import docs
from tests.unit.repository import ROOT, known, read_yaml, report

PAGE = ROOT / "docs/variables.md"
REFERENCE = re.compile(r"(?<!\w)((?:machine|bench|site)_[a-z_]+)(?!\w)")
DEFAULT = re.compile(REFERENCE.pattern + r"\s*\|\s*default\((.+?)\)(?=\s*(?:[|}~),=!<>-]|else|if|in\b|$))")
# The role `bench` is alone in having its variables set by an inventory under their own names; these are not for that.
OF_PLAYBOOKS = {"bench_state", "bench_confirm"}
# A default that is made of other values.
COMPUTED = re.compile(r"__|\+|ansible_facts")
EMPTY = {"(empty)": "", "(none)": "none", "(needed)": "?"}


def names(first_column: str = "variable") -> list[str]:
    """The variables of the tables, each once for each time it stands there."""
    return [docs.code(row[first_column])[0] for row in docs.rows(PAGE, first_column)]


def declared() -> dict[str, dict[str, str]]:
    """The rows that say type and default."""
    return {docs.code(row["variable"])[0]: row for row in docs.rows(PAGE, "variable") if "type" in row}


def read_by_the_code() -> set[str]:
    """What an inventory may set: named by playbooks/group_vars and not made there, or an option of the role bench."""
    found = {name for template in docs.wiring().values() for name in REFERENCE.findall(template)}
    options = {name for name, spec in docs.role_options().items() if spec["role"] == "bench"}
    return (found | options) - set(docs.wiring()) - OF_PLAYBOOKS


def test_the_page_names_what_the_code_reads() -> None:
    listed = {name for name in names() if REFERENCE.fullmatch(name)}
    wanted = read_by_the_code() | COMPUTED_VARIABLES
    report(
        [f"docs/variables.md: {name} is missing" for name in sorted(wanted - listed)]
        + [f"docs/variables.md: nothing reads {name}" for name in sorted(listed - wanted)]
    )


def test_each_variable_stands_in_one_place() -> None:
    listed = names()
    report([f"docs/variables.md: {name} stands there twice" for name in sorted(set(listed)) if listed.count(name) > 1])


def test_what_the_inventory_computes_is_told_apart() -> None:
    rows = {docs.code(row["variable"])[0] for row in docs.rows(PAGE, "variable") if "from" in row}
    assert rows == COMPUTED_VARIABLES


def test_defaults_are_those_of_the_code() -> None:
    faults = []
    for name, row in declared().items():
        shown = EMPTY.get(row["default"], row["default"].strip("`"))
        wanted = _default(name)
        if shown.replace("<site_name>", "{{ site_name }}") != wanted:
            faults.append(f"docs/variables.md: {name}: default {shown!r}, in the code {wanted!r}")
    report(faults)


def test_types_are_those_of_the_roles() -> None:
    """A variable has the type of the role's option that is made of it alone."""
    options, types = docs.role_options(), {}
    for name, template in docs.wiring().items():
        made_of = set(REFERENCE.findall(template))
        if name in options and len(made_of) == 1 and template.startswith("{{ " + min(made_of)):
            types[made_of.pop()] = options[name]["type"]
    types.update({name: spec["type"] for name, spec in options.items() if spec["role"] == "bench"})
    report(
        [
            f"docs/variables.md: {name} is {types[name]}, not {row['type']}"
            for name, row in declared().items()
            if name in types and row["type"] != types[name]
        ]
    )


def test_role_variables_exist_with_their_defaults() -> None:
    options, faults = docs.role_options(), []
    for row in docs.rows(PAGE, "variable"):
        name = docs.code(row["variable"])[0].partition("=")[0]
        if set(row) != {"variable", "default", "what it does"}:
            continue
        if name not in options:
            faults.append(f"docs/variables.md: no role has {name}")
        elif EMPTY.get(row["default"], row["default"].strip("`")) != _shown(options[name]["default"]):
            faults.append(f"docs/variables.md: {name}: the default is {_shown(options[name]['default'])}")
    report(faults)


def test_what_is_for_one_run_is_read_by_that_playbook() -> None:
    faults = []
    for row in docs.rows(PAGE, "variable"):
        if "playbook" not in row:
            continue
        name = docs.code(row["variable"])[0].partition("=")[0]
        spec = docs.role_options().get(name)
        for playbook in docs.code(row["playbook"]):
            text = (ROOT / playbook).read_text()
            if name not in text and not (spec and f"erpops.frappe.{spec['role']}" in text):
                faults.append(f"docs/variables.md: {playbook} does not read {name}")
    report(faults)


def test_inventories_use_documented_variables() -> None:
    listed = {name.partition("=")[0] for name in names()}
    faults = []
    for path in known("inventories/*/group_vars/*.yml"):
        used = {name for name in read_yaml(path) if REFERENCE.fullmatch(name)}
        faults += [f"{path.relative_to(ROOT)}: {name} is not in docs/variables.md" for name in sorted(used - listed)]
    report(faults)


def _default(name: str) -> str:
    """The default as the page writes it: that of group_vars, else that of the role bench; what it is made of is not."""
    for template in docs.wiring().values():
        for found, default in DEFAULT.findall(template):
            if found == name and name not in docs.role_options():
                return "(computed)" if COMPUTED.search(default) else _literal(default)
    spec = docs.role_options().get(name)
    return _shown(spec["default"]) if spec else "?"


def _literal(expression: str) -> str:
    """``'https://' ~ site_name`` as ``https://{{ site_name }}``; numbers and lists as they are."""
    if "~" in expression:
        return "".join(
            part.strip("'") if part.startswith("'") else f"{{{{ {part} }}}}" for part in expression.split(" ~ ")
        )
    return expression.strip("'")


def _shown(value: object) -> str:
    """A default in YAML, as people write it."""
    return value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True).split("\n")[0]
