"""The words of a replay: how many events to step, and where to be."""

from __future__ import annotations

import re

from core.domain.commands import CommandName
from core.domain.errors import ConfigurationError
from core.domain.snapshot import RunMeta

REPLAY_USAGE = {
    CommandName.STEP: "step N, or step -N for back",
    CommandName.SEEK: (
        "seek WHERE: 14:03:27 (UTC), +30s, -30s, start, end, seq N, "
        "or fill, order, alert, note, with a minus for the one before"
    ),
    CommandName.WHATIF: "whatif KEY VALUE [@ WHERE], or whatif cancel",
}
"""How each command of a replay is written."""

_WHOLE = re.compile(r"[+-]?\d{1,12}", re.ASCII)
_PLACE = re.compile(
    r"start|end|-?(fill|order|alert|note)|seq[ =]\d{1,18}"
    r"|[+-]\d{1,9}(\.\d{1,9})?[smh]|\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?",
    re.ASCII,
)
"""A place of a recording; whether there is such a place is the engine's to say."""


def read_step(_: CommandName, rest: list[str], __: RunMeta | None) -> dict[str, str]:
    """
    Read how many events to go; without a number it is one.

    Raises:
        ConfigurationError: If it is no number, or 0.
    """
    text = " ".join(rest) or "1"
    if not _WHOLE.fullmatch(text):
        raise ConfigurationError(f"step: {text!r} is not a number of events such as 1 or -10")
    if int(text) == 0:
        raise ConfigurationError("step: 0 goes nowhere; 1 is the next event, -1 the one before")
    return {"events": str(int(text))}


def read_seek(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    """
    Read where to go.

    Raises:
        ConfigurationError: If it is written like no place.
    """
    return {"where": read_place(name, rest)}


def read_place(name: CommandName, words: list[str]) -> str:
    """
    Read a place of a recording.

    Raises:
        ConfigurationError: If it is written like none; says how places are written.
    """
    where = " ".join(words).lower()
    if not _PLACE.fullmatch(where):
        said = f"{where!r} is no place" if where else "a place is missing"
        raise ConfigurationError(f"{name}: {said}; {REPLAY_USAGE[CommandName.SEEK]}")
    return where
