# SPDX-License-Identifier: GPL-3.0-or-later
"""Branch and commit of an app's checkout, read from .git without starting git."""

from __future__ import annotations

import os

import frappe


def _git_dir(app: str) -> str | None:
    path = frappe.get_app_source_path(app)
    while path != os.path.dirname(path):
        git = os.path.join(path, ".git")
        if os.path.isfile(git):
            with open(git) as f:
                return os.path.join(path, f.read().split(":", 1)[1].strip())
        if os.path.isdir(git):
            return git
        path = os.path.dirname(path)
        if os.path.basename(path) == "apps":
            return None
    return None


def get_app_branch(app: str) -> str:
    """Name of the checked-out branch; empty when detached or no checkout (as real Frappe)."""
    git = _git_dir(app)
    if not git:
        return ""
    with open(os.path.join(git, "HEAD")) as f:
        head = f.read().strip()
    return head.split("refs/heads/", 1)[1] if "refs/heads/" in head else ""


def get_app_commit(app: str) -> str:
    git = _git_dir(app)
    if not git:
        return ""
    with open(os.path.join(git, "HEAD")) as f:
        head = f.read().strip()
    if not head.startswith("ref:"):
        return head
    ref = head.split(None, 1)[1]
    loose = os.path.join(git, ref)
    if os.path.exists(loose):
        with open(loose) as f:
            return f.read().strip()
    packed = os.path.join(git, "packed-refs")
    if os.path.exists(packed):
        with open(packed) as f:
            for line in f:
                if line.strip().endswith(" " + ref):
                    return line.split(" ", 1)[0]
    return ""
