# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: where in a YAML file a value came from, and which keys stand there twice.

The only place that touches ansible-core's data tagging, which is not a public interface (2.19): if it
moves, positions are lost and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from ._tenants_model import Problem

try:
    from ansible._internal._datatag._tags import Origin
except ImportError:  # an ansible-core that keeps it elsewhere
    Origin = None

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line_of(value: object) -> int | None:
    """The line a value (or a mapping's key) was read from; None where that is not known."""
    origin = Origin.get_tag(value) if Origin is not None else None
    return origin.line_num if origin is not None else None


def repeated_keys(text: str) -> list[Problem]:
    """Keys that stand twice in one mapping: YAML would silently keep the last."""
    root = yaml.compose(text, Loader=_LOADER)
    return list(_repeated(root, set())) if root is not None else []


def _repeated(node: yaml.Node, seen: set[int]) -> Iterator[Problem]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode):
                if key.value in keys:
                    yield Problem(
                        "", f"key {key.value!r} stands here a second time (first in line {keys[key.value]})", line
                    )
                keys.setdefault(key.value, line)
            yield from _repeated(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item, seen)
