# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""bin/provision-tenant without a bench: how calls end, with the runs played by a double."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.erpops.frappe.plugins.plugin_utils import _signup_cli
from ansible_collections.erpops.frappe.plugins.plugin_utils._signup_events import Story
from ansible_collections.erpops.frappe.plugins.plugin_utils._signup_run import Runner

FLEET = """\
plugin: erpops.frappe.tenants
benches: {main: {path: /srv/bench}}
tenants: []
signups: {domain: example.com}
"""
PUBLISHED = {"site_url": "https://x", "admin_url": "https://x/app", "db_name": "_x", "api_user": "u", "key_file": "k"}


class Desk:
    """Calls of the program, with what each playbook does decided by the test."""

    def __init__(self, fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.fleet, self.monkeypatch, self.capsys = fleet, monkeypatch, capsys
        self.played: list[str] = []
        self.works = {"signup.yml": True, "signup_undo.yml": True}
        self.sees_the_name_free = True

    def play(self, runner: Runner, playbook: str, site: str, variables: dict[str, Any]) -> tuple[bool, str, Story]:
        self.played.append(playbook)
        story = Story()
        if playbook == "signup.yml":
            assert Path(variables["signup_owner_password_file"]).read_text() == "Vivid-Otter-47"
            if self.sees_the_name_free:
                Path(variables["signup_mark"]).touch()
        if self.works[playbook]:
            story.published = dict(PUBLISHED)
            return True, "successful", story
        story.failures.append(f"{playbook} went wrong")
        story.refused = not self.sees_the_name_free
        return False, "failed", story

    def call(self, *words: str) -> tuple[int, dict[str, Any]]:
        self.monkeypatch.setattr("sys.stdin", io.StringIO("Vivid-Otter-47\n"))
        code = _signup_cli.main(["--inventory", str(self.fleet), *words])
        return code, json.loads(self.capsys.readouterr().out)

    @property
    def declared(self) -> dict[str, str]:
        files = self.fleet.glob(".signups/*.yml")
        return {path.stem: yaml.safe_load(path.read_text())["signup"]["state"] for path in files}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    (tmp_path / "tenants.yml").write_text(FLEET)
    desk = Desk(tmp_path, monkeypatch, capsys)

    def play(runner: Runner, *given: Any) -> Any:
        return desk.play(runner, *given)

    monkeypatch.setattr(Runner, "play", play)  # a method of the desk would not be given the runner
    pair = {"api_key": "key", "api_secret": "s" * 15}
    monkeypatch.setattr(_signup_cli.Signup, "_key", lambda _self, _path, _user: pair)
    monkeypatch.setattr("signal.signal", lambda *_given: None)
    return desk


def test_made(desk: Desk) -> None:
    code, told = desk.call("acme", "A@acme.example")
    assert (code, told["success"], told["admin_email"]) == (0, True, "a@acme.example")
    assert desk.declared == {"acme.example.com": "active"}


def test_failed_and_removed(desk: Desk) -> None:
    desk.works["signup.yml"] = False
    code, told = desk.call("acme", "a@acme.example")
    assert (code, told["error"], desk.declared) == (1, "signup.yml went wrong", {})
    assert desk.played == ["signup.yml", "signup_undo.yml"]


def test_a_taken_name_is_not_removed(desk: Desk) -> None:
    desk.works["signup.yml"] = desk.sees_the_name_free = False
    code, _told = desk.call("acme", "a@acme.example")
    assert (code, desk.played, desk.declared) == (2, ["signup.yml"], {})


def test_what_cannot_be_removed_is_told_and_finished_by_the_same_call(desk: Desk) -> None:
    desk.works.update({"signup.yml": False, "signup_undo.yml": False})
    code, told = desk.call("acme", "a@acme.example")
    assert (code, desk.declared) == (3, {"acme.example.com": "pending"})
    assert "bin/provision-tenant --discard acme" in told["error"]
    desk.works["signup.yml"] = True
    assert desk.call("acme", "a@acme.example")[0] == 0


def test_discarded(desk: Desk) -> None:
    desk.works.update({"signup.yml": False, "signup_undo.yml": False})
    desk.call("acme", "a@acme.example")
    desk.works["signup_undo.yml"] = True
    assert desk.call("acme", "--discard")[0] == 0
    assert desk.declared == {}
    code, told = desk.call("acme", "--discard")
    assert (code, "nobody asked for it" in told["error"]) == (2, True)


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ((), "subdomain"),
        (("acme",), "is no address"),
        (("Admin", "a@b.example"), "upper-case"),
        (("acme", "a@b.example", "more"), "unrecognized arguments"),
    ],
)
def test_bad_words_are_answered_in_json_and_run_nothing(desk: Desk, words: tuple[str, ...], because: str) -> None:
    code, told = desk.call(*words)
    assert (code, told["success"]) == (2, False)
    assert because in told["error"]
    assert (desk.played, desk.declared) == ([], {})


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (FLEET.replace("signups:", "signpus:"), "unknown key 'signpus'"),
        (FLEET.split("signups", maxsplit=1)[0], "does not say where new tenants go"),
        (FLEET + "plans: 3\n", "plans is a number"),
    ],
)
def test_a_fleet_with_faults_takes_nobody(desk: Desk, text: str, because: str) -> None:
    (desk.fleet / "tenants.yml").write_text(text)
    code, told = desk.call("acme", "a@b.example")
    assert (code, because in told["error"]) == (2, True), told


def test_a_fault_of_ours_is_told_in_json_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise LookupError("Vivid-Otter-47")

    monkeypatch.setattr(_signup_cli, "declaration", broken)
    code, told = desk.call("acme", "a@b.example")
    assert (code, "LookupError" in told["error"], "Otter" in told["error"]) == (1, True, False)
