# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to the site agent, pure: the rules of an overlay, applied to an app's files.

A rule says what is wrong in general; which files it touches follows from the app's own files. What came out is
pinned by its git tree id, so that nobody deploys what nobody has reviewed.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import tokenize
from typing import Any

from .._errors import ErpopsError
from ._app_checks import scrub
from ._app_tree import EXECUTABLE, FILE, LINK, Entry, Tree

RULES = ("rename_doctypes", "doctype_keys", "controllers", "packages", "links", "replace")
_STUB = '''"""Added by the overlay: Frappe loads a controller for each DocType."""

from frappe.model.document import Document


class {name}(Document):
    pass
'''


def apply_rules(tree: Tree, app: str, rules: dict[str, Any]) -> Tree:
    """The app's files with the overlay.

    :raises ErpopsError: (400) a rule is unknown; (409) one does not fit these files.
    """
    unknown = sorted(set(rules) - set(RULES))
    if unknown:
        raise ErpopsError(
            "the overlay has an unknown rule", seen=", ".join(unknown), needed=", ".join(RULES), status=400
        )
    for old, new in (rules.get("rename_doctypes") or {}).items():
        tree = rename_doctype(tree, app, old, new)
    tree = rename_keys(tree, app, rules.get("doctype_keys") or {})
    if rules.get("controllers"):
        tree = add_controllers(tree, app)
    if rules.get("packages"):
        tree = add_packages(tree, app)
    for path, target in (rules.get("links") or {}).items():
        tree = add_link(tree, path, target)
    for item in rules.get("replace") or []:
        tree = replace_text(tree, item["path"], item["old"], item["new"])
    return tree


def changes(before: Tree, after: Tree) -> dict[str, str]:
    """Path -> ``added``, ``changed`` or ``removed``."""
    found = {path: "removed" for path in before.entries if path not in after.entries}
    for path, entry in after.entries.items():
        if path not in before.entries:
            found[path] = "added"
        elif before.entries[path] != entry:
            found[path] = "changed"
    return dict(sorted(found.items()))


def _unfit(rule: str, what: str, seen: str) -> ErpopsError:
    return ErpopsError(
        f"the overlay's rule {rule} does not fit this commit",
        object=what,
        seen=seen,
        hint="the app changed: compare it with the commits that the overlay was reviewed for",
        status=409,
    )


def class_name(doctype: str) -> str:
    """A DocType's controller class (``frappe/model/base_document.py: import_controller``)."""
    return doctype.replace(" ", "").replace("-", "")


def rename_doctype(tree: Tree, app: str, old: str, new: str) -> Tree:
    """Another name for a DocType: its folder, class and definition, links to it, and texts in code that name it."""
    homes = [path for path, data in tree.doctypes(app).items() if data["name"] == old]
    if len(homes) != 1:
        raise _unfit("rename_doctypes", old, f"{len(homes)} definitions of that name")
    if any(data["name"] == new for data in tree.doctypes(app).values()):
        raise _unfit("rename_doctypes", old, f"the app has a DocType {new} already")
    home = posixpath.dirname(homes[0])
    target = posixpath.join(posixpath.dirname(home), scrub(new))
    entries = {}
    for path, entry in tree.entries.items():
        if not path.startswith(f"{home}/"):
            entries[path] = entry
            continue
        # job_card.py, job_card.js, job_card_list.js, test_job_card.py; what is not named after it keeps its name.
        name = re.sub(
            rf"^(test_)?{re.escape(scrub(old))}(?=[._])", lambda m: (m[1] or "") + scrub(new), path[len(home) + 1 :]
        )
        text = entry.text
        if name.endswith(".py"):
            text = re.sub(rf"\bclass {class_name(old)}\b", f"class {class_name(new)}", text)
        entries[f"{target}/{name}"] = entry if text == entry.text else Entry(entry.mode, text.encode())
    definitions = Tree(entries).doctypes(app)
    for path, entry in entries.items():
        if path in definitions:
            entries[path] = _edited(entry, path, lambda data: _renamed(data, old, new), [(old, new)])
        elif path.startswith(f"{app}/") and path.endswith(".py") and entry.mode != LINK:
            entries[path] = Entry(entry.mode, rename_in_python(entry.text, old, new).encode())
    return Tree(entries)


def _renamed(data: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """A definition in which DocType ``old`` is ``new``."""
    renamed = dict(data)
    if data["name"] == old:
        renamed["name"] = new
    renamed["fields"] = [
        {**field, "options": new}
        if field.get("options") == old and field.get("fieldtype") in ("Link", "Table", "Table MultiSelect")
        else field
        for field in data.get("fields") or []
    ]
    return renamed


def _edited(entry: Entry, path: str, change: Any, pairs: list[tuple[str, str]]) -> Entry:
    """A definition changed line by line, so that the diff shows what changed; written anew where lines do not do."""
    wanted = change(json.loads(entry.text))
    if wanted == json.loads(entry.text):
        return entry
    text = entry.text
    for old, new in pairs:
        text = re.sub(rf'("(?:name|options)"\s*:\s*){re.escape(json.dumps(old))}', _put(new), text)
        text = re.sub(rf"{re.escape(json.dumps(old))}(?=\s*:)", json.dumps(new), text)
    if json.loads(text) != wanted:
        text = json.dumps(wanted, indent=1, ensure_ascii=False) + "\n"
    return Entry(entry.mode, text.encode())


def _put(new: str) -> Any:
    return lambda found: found[1] + json.dumps(new)


def rename_in_python(source: str, old: str, new: str) -> str:
    """Texts in code that are exactly ``old``.

    >>> rename_in_python("get_doc('Job Card', x)  # Job Card", "Job Card", "Work Card")
    "get_doc('Work Card', x)  # Job Card"
    """
    lines = io.StringIO(source).readlines()
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return source
    for token in reversed(tokens):
        if token.type == tokenize.STRING and token.string in (f'"{old}"', f"'{old}'"):
            row, start = token.start
            line = lines[row - 1]
            lines[row - 1] = line[: start + 1] + new + line[token.end[1] - 1 :]
    return "".join(lines)


def rename_keys(tree: Tree, app: str, keys: dict[str, str]) -> Tree:
    """Keys of DocType definitions by the spelling that Frappe reads."""
    entries = dict(tree.entries)
    for path, data in tree.doctypes(app).items():
        wrong = {old: new for old, new in keys.items() if old in data and new not in data}
        if wrong:
            entries[path] = _edited(
                entries[path], path, lambda d, w=wrong: {w.get(k, k): v for k, v in d.items()}, list(wrong.items())
            )
    return Tree(entries)


def add_controllers(tree: Tree, app: str) -> Tree:
    """An empty controller for each DocType that has none."""
    entries = dict(tree.entries)
    for path, data in tree.doctypes(app).items():
        controller = f"{path[:-5]}.py"
        if not data.get("custom") and controller not in entries:
            entries[controller] = Entry(FILE, _STUB.format(name=class_name(data["name"])).encode())
    return Tree(entries)


def add_packages(tree: Tree, app: str) -> Tree:
    """``__init__.py`` for each directory of the app's package that has Python below it."""
    entries = dict(tree.entries)
    for path, entry in tree.entries.items():
        folder = posixpath.dirname(path)
        while path.endswith(".py") and entry.mode in (FILE, EXECUTABLE) and folder.startswith(f"{app}/"):
            entries.setdefault(f"{folder}/__init__.py", Entry(FILE, b""))
            folder = posixpath.dirname(folder)
    return Tree(entries)


def add_link(tree: Tree, path: str, target: str) -> Tree:
    """A relative link at ``path`` to what ``target`` (seen from the link's directory) is."""
    if path in tree:
        raise _unfit("links", path, "is there already")
    added = Tree({**tree.entries, path: Entry(LINK, target.encode())})
    if added.real(path) is None:
        raise _unfit("links", path, f"{target} is not there, or outside the app")
    return added


def replace_text(tree: Tree, path: str, old: str, new: str) -> Tree:
    """One text of a file by another; it must be there exactly once."""
    entry = tree.entries.get(path)
    if entry is None or entry.text.count(old) != 1:
        seen = "is not there" if entry is None else f"has the text {entry.text.count(old)} times"
        raise _unfit("replace", path, seen)
    return Tree({**tree.entries, path: Entry(entry.mode, entry.text.replace(old, new).encode())})
