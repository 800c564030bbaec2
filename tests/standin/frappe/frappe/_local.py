# SPDX-License-Identifier: GPL-3.0-or-later
"""Per-thread state and proxies to it: the small part of `werkzeug.local` that Frappe builds on.

Real Frappe uses werkzeug's `Local`/`LocalProxy`. Importing werkzeug costs more than the whole start of
this package, so the two classes are written anew: `frappe.local.db` is an attribute of the running
thread, `frappe.db` a proxy that is false while nothing is bound.
"""

from __future__ import annotations

import threading
from typing import Any


class _dict(dict):
    """Dictionary with attribute access; a missing attribute is None (as in real Frappe)."""

    __slots__ = ()
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__
    __setstate__ = dict.update

    def __getstate__(self) -> _dict:
        return self

    def update(self, *args: Any, **kwargs: Any) -> _dict:  # type: ignore[override]
        super().update(*args, **kwargs)
        return self

    def copy(self) -> _dict:
        return _dict(self)


class Local:
    """Attributes of the running thread; calling it with a name makes a proxy."""

    __slots__ = ("_store",)

    def __init__(self) -> None:
        object.__setattr__(self, "_store", threading.local())

    def __getattr__(self, name: str) -> Any:
        try:
            return self._store.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._store.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self._store.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Any:
        return iter(list(self._store.__dict__.items()))

    def __call__(self, name: str) -> LocalProxy:
        return LocalProxy(self, name)

    def release(self) -> None:
        """Forget everything (what `frappe.destroy` does at the end of a request or command)."""
        self._store.__dict__.clear()


class LocalProxy:
    """Stands for one attribute of a `Local`; false and comparable to None while unbound."""

    __slots__ = ("__local", "__name")

    def __init__(self, local: Local, name: str) -> None:
        object.__setattr__(self, "_LocalProxy__local", local)
        object.__setattr__(self, "_LocalProxy__name", name)

    def _get_current_object(self) -> Any:
        try:
            return getattr(self.__local, self.__name)
        except AttributeError:
            raise RuntimeError("object is not bound") from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._get_current_object(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._get_current_object(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._get_current_object(), name)

    def __bool__(self) -> bool:
        try:
            return bool(self._get_current_object())
        except RuntimeError:
            return False

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        try:
            return type(self._get_current_object())
        except RuntimeError:
            return LocalProxy

    def __repr__(self) -> str:
        try:
            return repr(self._get_current_object())
        except RuntimeError:
            return "<LocalProxy unbound>"

    def __str__(self) -> str:
        return str(self._get_current_object())

    def __getitem__(self, key: Any) -> Any:
        return self._get_current_object()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._get_current_object()[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._get_current_object()[key]

    def __contains__(self, key: Any) -> bool:
        return key in self._get_current_object()

    def __iter__(self) -> Any:
        return iter(self._get_current_object())

    def __len__(self) -> int:
        return len(self._get_current_object())

    def __eq__(self, other: Any) -> bool:
        return bool(self._get_current_object() == other)

    def __hash__(self) -> int:
        return hash(self._get_current_object())

    def __or__(self, other: Any) -> Any:
        return self._get_current_object() | other

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._get_current_object()(*args, **kwargs)
