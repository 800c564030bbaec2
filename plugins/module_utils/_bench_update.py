# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: an update of a bench -- its sites side by side, each in a conversation of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ._errors import ErpopsError

if TYPE_CHECKING:
    from .agent import (  # noqa: F401 -- sent to the bench
        _points,
        _release,
        _update,
        _update_back,
        _update_bench,
        _update_open,
    )

# One operation of the agent: name, site, arguments -> its value.
Call = Callable[[str, str, dict[str, Any]], Any]


def each(call: Call, op: str, sites: Iterable[str], args: dict[str, Any], parallel: int) -> dict[str, Any]:
    """``op`` for each of ``sites``, at most ``parallel`` at a time.

    :returns: site -> value, or the :class:`ErpopsError` that it ended with; one that fails keeps none from its turn.
    """

    def one(site: str) -> Any:
        try:
            return call(op, site, args)
        except ErpopsError as error:
            return error

    names = list(sites)
    with ThreadPoolExecutor(max_workers=max(1, parallel)) as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def errors(found: dict[str, Any]) -> dict[str, str]:
    """Site -> sentence of those that failed."""
    return {site: str(value) for site, value in found.items() if isinstance(value, ErpopsError)}


def changed(found: dict[str, Any]) -> list[str]:
    """Sites that were changed."""
    return [site for site, value in found.items() if isinstance(value, dict) and value.get("changed")]


class Update:
    """The steps of a run on one bench.

    :param call: runs an operation of the agent.
    :param options: ``sites``, ``apps``, ``commits``, ``release``, ``parallel``, ``failures_allowed``, and what
        ``update.forward`` and ``update_back.leave`` take.
    """

    def __init__(self, call: Call, options: dict[str, Any]) -> None:
        self.call, self.options = call, options

    def _each(self, op: str, sites: Iterable[str], args: dict[str, Any]) -> dict[str, Any]:
        return each(self.call, op, sites, args, int(self.options["parallel"]))

    def switch(self) -> dict[str, Any]:
        """Begin the run, bring every site to where only the new code is missing, and give the bench that code.

        :raises ErpopsError: (409) more sites failed than may; all of them are fully old again and served.
        """
        given = ("sites", "commits", "release", "resume")
        journal = self.call("update_bench.begin", "", {key: self.options[key] for key in given})["journal"]
        if not journal or journal["state"] == "over":
            return {"changed": False, "journal": journal, "verdict": {}}
        args = {**self._site_args(journal), "python": self.options["python"], "apps": self.options["apps"]}
        args["skip_patches"] = self.options["skip_patches"]
        found = self._each("update.forward", journal["sites"], args)
        settle = {"run": journal["run"], "allowed": self.options["failures_allowed"]}
        verdict = self.call("update_bench.settle", "", settle)
        # What an operation says is told in its own words, not in the journal's short ones.
        verdict["failed"] = {site: errors(found).get(site) or why for site, why in verdict["failed"].items()}
        if not verdict["go"]:
            told = self._take_back(journal)
            raise ErpopsError(
                f"{len(verdict['failed'])} of {len(journal['sites'])} sites could not be updated, and everything is as before",
                object=journal["run"],
                seen=" ".join(verdict["failed"].values()),
                needed=f"at most {self.options['failures_allowed']} that fail",
                hint="correct what is said above and run playbooks/update.yml again",
                status=409,
                data={"failed": verdict["failed"], "told": told},
            )
        return {"changed": bool(changed(found)) or verdict["changed"], "journal": journal, "verdict": verdict}

    def _site_args(self, journal: dict[str, Any]) -> dict[str, Any]:
        return {
            "run": journal["run"],
            "point": journal["point"],
            **{key: self.options[key] for key in ("drain_timeout", "pending", "timeout")},
        }

    def _take_back(self, journal: dict[str, Any]) -> list[str]:
        """The run is over, and nothing of it stays; the bench's code was never switched."""
        args = {**self._site_args(journal), "only_begun": True}
        problems: dict[str, str] = {}
        for op in ("update_back.leave", "update_back.return"):
            # A failed site was taken back by its own step: it is over already.
            problems |= errors(self._each(op, [site for site in journal["sites"] if site not in problems], args))
        whole = [site for site in journal["sites"] if site not in problems]
        if whole:
            problems |= self.call("update_open.apply", "", {"sites": whole})["problems"]
        if problems:
            raise ErpopsError(
                "the update failed, and not everything could be taken back",
                object=journal["run"],
                seen=" ".join(problems.values()),
                hint="correct the cause, then finish the way back with playbooks/update.yml -e abort=true",
                data={"problems": problems},
            )
        return list(self._mark(journal, "over", "undone")["told"])

    def _mark(self, journal: dict[str, Any], state: str, outcome: str = "") -> dict[str, Any]:
        args = {"run": journal["run"], "state": state, "outcome": outcome}
        return dict(self.call("update_bench.mark", "", args))

    def _journal(self) -> dict[str, Any]:
        return dict(self.call("update_bench.read", "", {})["journal"])

    def open(self) -> dict[str, Any]:
        """Sites are served again, each in the state that it reached; those that failed stay in maintenance."""
        found = self.call("update_open.apply", "", {})
        self._refuse(found["journal"], found["problems"], "could not be opened, or not be held in quarantine")
        warnings = [
            f"{site} is served, but its search index could not be asked for: {why.rstrip('.')}."
            f" Next: bench --site {site} build-search-index"
            for site, why in found["unindexed"].items()
        ]
        return {**{key: found[key] for key in ("changed", "journal", "told", "served")}, "warnings": warnings}

    def finish(self) -> dict[str, Any]:
        """The run is over: new, or after a way back, old."""
        journal = self._journal()
        if not journal or journal["state"] == "over":
            return {"changed": False, "journal": journal, "told": []}
        outcome = "done" if journal["state"] == "switched" else "undone"
        marked = self._mark(journal, "over", outcome)
        self.call("point.apply", "", {"state": "pruned", "keep": self.options["keep_points"]})
        return marked

    def back(self) -> dict[str, Any]:
        """The way back: sites are in maintenance, what they are now is kept, and code and data are those of the point again.

        :returns: with ``code``: whether the bench's code goes back as well. Not where sites stand: they wait.
        """
        given = ("point", "unfinished_only", "again")
        begun = self.call("update_bench.begin_back", "", {key: self.options[key] for key in given})
        journal = begun["journal"]
        if not begun["changed"]:
            return {"changed": False, "journal": journal, "code": False}
        going_back = journal["run"].startswith("back-")
        args = self._site_args(journal)
        leaving = {**args, "only_begun": not going_back, "safety": self.options["safety"]}
        found = self._each("update_back.leave", journal["sites"], leaving)
        self._refuse(journal, errors(found), "could not be prepared for the way back")
        if not self.options["check"]:
            if begun["code"]:
                release = journal["release"]["to" if going_back else "from"]
                # Of a way back to a point the release was proven while sites were served (update_bench.begin_back).
                self.call("release.switch", "", {"id": release, "accept_older": True, "proven": going_back})
            found = self._each("update_back.return", journal["sites"], args)
            self._refuse(journal, errors(found), "could not be brought back")
        return {"changed": True, "journal": journal, "code": begun["code"]}

    def _refuse(self, journal: dict[str, Any], problems: dict[str, str], what: str) -> None:
        """:raises ErpopsError: a site's step failed; the others' were done."""
        if problems:
            raise ErpopsError(
                f"{len(problems)} of {len(journal['sites'])} sites {what}",
                object=journal["run"],
                seen=" ".join(problems.values()),
                hint="correct the cause; playbooks/update.yml -e resume=true goes on, -e abort=true goes back",
                data={"problems": problems},
            )
