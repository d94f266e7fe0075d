"""Where an engine is on another machine, asked over ssh."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass

from cockpit.ssh.refusals import not_there
from core.domain.errors import ConfigurationError, EngineUnavailable

SSH = "ssh"
QUIET = (
    # Nobody is asked for a password, here or later behind the screen.
    "-o", "BatchMode=yes",
    "-o", "ConnectTimeout=10",
    "-T",
)  # fmt: skip
ASK_TIMEOUT_S = 40.0
"""A slow machine loads a Python first."""
NO_SSH = "ssh is not installed here, or not on the PATH: attach --ssh needs it"


@dataclass(frozen=True, slots=True)
class Remote:
    """An engine's place on another machine."""

    destination: str
    """As ssh takes it: a host of ~/.ssh/config, or user@host."""
    run_dir: str
    socket: str


def check_destination(text: str) -> str:
    """
    Pass on where ssh is to go.

    Raises:
        ConfigurationError: If ssh would take it for an option, or for several words.
    """
    if not text or text.startswith("-") or any(c.isspace() or not c.isprintable() for c in text):
        raise ConfigurationError(
            f"--ssh {text!r} is no destination; write user@host, or a host of ~/.ssh/config"
        )
    return text


def find(destination: str, run_dir: str | None, command: str = "imc-cockpit") -> Remote:
    """
    Ask the installation on the other machine where its engine's socket is.

    Args:
        destination: As ssh takes it.
        run_dir: There; None for its default.
        command: The program there.

    Raises:
        ConfigurationError: If ssh is missing here, or the destination is none.
        EngineUnavailable: If nothing answers, or no engine runs there.
    """
    check_destination(destination)
    words = [command] if run_dir is None else [command, "--run-dir", run_dir]
    asked = " ".join(map(_quoted, [*words, "where", "--json"]))
    try:
        done = subprocess.run(
            [SSH, *QUIET, "--", destination, asked],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASK_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise ConfigurationError(NO_SSH) from None
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"{destination}: no answer in {ASK_TIMEOUT_S:g} s") from None
    if done.returncode:
        raise EngineUnavailable(not_there(destination, done.returncode, done.stderr, command))
    return _read(destination, done.stdout)


def _read(destination: str, answer: str) -> Remote:
    # A login script may have greeted us first.
    text = answer[max(0, answer.find("{")) :]
    try:
        found = json.loads(text)
        remote = Remote(destination, str(found["run_dir"]), str(found["socket"]))
        pid = int(found["pid"])
    except (ValueError, KeyError, TypeError):
        raise EngineUnavailable(
            f"{destination}: what `imc-cockpit where` answers there cannot be read; "
            "does a login script print something?"
        ) from None
    if ":" in remote.socket:
        raise EngineUnavailable(
            f"{destination}: ssh cannot forward {remote.socket}: "
            "give the engine a --run-dir without a colon"
        )
    if not pid:
        raise EngineUnavailable(f"{destination}: no engine runs in {remote.run_dir} there")
    return remote


def _quoted(word: str) -> str:
    """For the shell over there, which knows its own home."""
    return "~/" + shlex.quote(word[2:]) if word[:2] == "~/" and word[2:] else shlex.quote(word)
