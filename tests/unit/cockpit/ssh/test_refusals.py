"""Sentences about ssh."""

from __future__ import annotations

import pytest

from cockpit.ssh.refusals import LONGEST, NOT_FOUND, OF_SSH, last_line, not_there, sentence


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("channel 2: open failed: connect failed: No such file or directory", "does not answer"),
        ("channel 2: open failed: connect failed: Permission denied", "does not answer"),
        ("channel 2: open failed: administratively prohibited: open failed", "AllowStreamLocal"),
        ("me@far: Permission denied (publickey,password).", "`ssh me@far` has to work"),
        ("unix_listener: cannot bind\nCould not request local forwarding.", "temporary files"),
        ("ssh: connect to host far port 22: No route to host", "ssh says: ssh: connect to"),
        ("", "ssh says: nothing"),
    ],
)
def test_what_ssh_says_is_told_with_what_to_do(said, expected) -> None:
    text = sentence("me@far", said)
    assert text.startswith("me@far: ")
    assert expected in text


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (OF_SSH, "Host key verification failed.", "log in once with `ssh far`"),
        (NOT_FOUND, "sh: 1: imc: not found", "imc is not found there"),
        (2, "imc-cockpit: No such command 'where'.", "too old"),
        (2, "imc-cockpit: bad.toml: no such file", "imc says: imc-cockpit: bad.toml"),
        (9, "", "imc says: nothing, and ends with 9"),
    ],
)
def test_a_command_that_failed_there_says_why(code, said, expected) -> None:
    assert expected in not_there("far", code, said, "imc")


def test_nothing_of_the_other_machine_controls_this_terminal() -> None:
    said = "Warning: Permanently added 'far'.\n\x1b[2Jevil\n" + "  \n"
    assert last_line(said) == "[2Jevil"
    assert len(last_line("x" * 999)) == LONGEST
