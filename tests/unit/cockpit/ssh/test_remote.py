"""What is asked over ssh, and how its answer is read."""

from __future__ import annotations

import json
import subprocess

import pytest

from cockpit.ssh import remote
from cockpit.ssh.remote import Remote, check_destination, find
from core.domain.errors import ConfigurationError, EngineUnavailable

FOUND = {"run_dir": "/srv/run", "socket": "/srv/run/engine.sock", "pid": 7}


@pytest.fixture
def answering(monkeypatch):
    """Answer every question over ssh with a text; keeps what was asked."""
    asked: list[list[str]] = []

    def answer(text: str, code: int = 0, error: str = "") -> list[list[str]]:
        def run(words, **_options):
            asked.append(words)
            return subprocess.CompletedProcess(words, code, text, error)

        monkeypatch.setattr(remote.subprocess, "run", run)
        return asked

    return answer


@pytest.mark.parametrize("text", ["", "-oProxyCommand=sh", "two words", "tab\there", "bell\a"])
def test_what_ssh_would_take_for_something_else_is_no_destination(text) -> None:
    with pytest.raises(ConfigurationError, match="is no destination"):
        check_destination(text)


def test_a_greeting_before_the_answer_does_no_harm(answering) -> None:
    asked = answering(f"Welcome to far!\n{json.dumps(FOUND)}\n")
    assert find("far", None) == Remote("far", "/srv/run", "/srv/run/engine.sock")
    assert asked[0][-3:] == ["--", "far", "imc-cockpit where --json"]


def test_names_reach_the_other_shell_as_they_are(answering) -> None:
    asked = answering(json.dumps(FOUND))
    find("far", "~/my runs; rm x", "/opt/a b/imc-cockpit")
    assert asked[0][-1] == "'/opt/a b/imc-cockpit' --run-dir ~/'my runs; rm x' where --json"


@pytest.mark.parametrize("text", ["", "hello", "{}", "[1]", '{"pid": 1}', '{"run_dir": 3'])
def test_an_answer_that_cannot_be_read_is_said(answering, text) -> None:
    answering(text)
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        find("far", None)


def test_a_folder_without_an_engine_is_named(answering) -> None:
    answering(json.dumps(FOUND | {"pid": 0}))
    with pytest.raises(EngineUnavailable, match="far: no engine runs in /srv/run there"):
        find("far", None)


def test_a_folder_that_ssh_would_cut_in_two_is_refused(answering) -> None:
    answering(json.dumps(FOUND | {"socket": "/srv/a:b/engine.sock"}))
    with pytest.raises(EngineUnavailable, match="without a colon"):
        find("far", None)


def test_silence_is_not_waited_for_for_ever(monkeypatch) -> None:
    def run(words, **options):
        raise subprocess.TimeoutExpired(words, options["timeout"])

    monkeypatch.setattr(remote.subprocess, "run", run)
    with pytest.raises(EngineUnavailable, match="far: no answer in"):
        find("far", None)
