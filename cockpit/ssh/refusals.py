"""What ssh complains about, said so that one knows what to do next."""

from __future__ import annotations

LONGEST = 200
"""Of what ssh says in words that we do not know."""

OF_SSH = 255
"""The exit code that is ssh's own and not that of the command over there."""
NOT_FOUND = 127
"""What a shell answers to a command that it does not have."""

_WORDS: dict[str, str] = {
    "administratively prohibited": (
        "ssh may not forward the engine's socket; its administrator can allow "
        "AllowStreamLocalForwarding"
    ),
    "open failed": "the engine there does not answer; it has stopped, or stops",
    "Could not resolve hostname": (
        "no host of that name is known; check the name, or name it in ~/.ssh/config"
    ),
    "Host key verification failed": (
        "the key of the host is not the one that is known, or not known yet; "
        "log in once with `ssh {0}` and check it"
    ),
    "Permission denied": (
        "the login is refused; `ssh {0}` has to work without typing a password "
        "(see ssh-add and ssh-copy-id)"
    ),
    "local forwarding": "the socket here cannot be opened: is the folder for temporary files full?",
}
"""Of ssh's words a part that does not change, and what to say; the first that is found counts."""


def sentence(destination: str, said: str) -> str:
    """
    Turn ssh's own words into a sentence.

    Args:
        destination: Where ssh was to go.
        said: What it wrote on its error stream.
    """
    for words, text in _WORDS.items():
        if words in said:
            return f"{destination}: {text.format(destination)}"
    return f"{destination}: ssh says: {last_line(said) or 'nothing'}"


def not_there(destination: str, code: int, said: str, command: str) -> str:
    """
    Say why a command over ssh gave no answer.

    Args:
        destination: Where it was to run.
        code: Its exit code.
        said: What came on the error stream.
        command: The program that was called there.
    """
    if code == OF_SSH:
        return sentence(destination, said)
    if code == NOT_FOUND:
        return (
            f"{destination}: {command} is not found there; name it with --remote-command, "
            "for example imc-cockpit/.venv/bin/imc-cockpit, seen from your home folder there"
        )
    if "No such command" in said:
        return f"{destination}: {command} there is too old for this; install the version from here"
    return f"{destination}: {command} says: {last_line(said) or f'nothing, and ends with {code}'}"


def last_line(said: str) -> str:
    """Take the last line that is no mere warning, fit for a terminal."""
    lines = [line.strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not line.startswith("Warning:")]
    text = lines[-1] if lines else ""
    return "".join(filter(str.isprintable, text))[:LONGEST]
