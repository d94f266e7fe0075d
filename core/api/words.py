"""How each command is written, and how the words that several of them share are read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from core.api.replay_words import REPLAY_USAGE
from core.domain.commands import CommandName
from core.domain.errors import ConfigurationError
from core.domain.snapshot import RunMeta

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
MAX_NUMBER_LENGTH = 32
REARM_WORD = "resume"
"""To be typed to leave safe mode."""

_ORDER = "INSTRUMENT QUANTITY [@ PRICE] [ioc|post-only|market] [stop P] [target P]"

USAGE = {
    CommandName.HALT: "halt",
    CommandName.RESUME: f"resume [--word {REARM_WORD}]",
    CommandName.PAUSE: "pause",
    CommandName.CANCEL_ALL: "cancel-all",
    CommandName.CANCEL_EVERYTHING: "cancel-everything",
    CommandName.FLATTEN: "flatten [INSTRUMENT]",
    CommandName.SET: "set KEY VALUE [--for TIME]",
    CommandName.KEEP: "keep [KEY]",
    CommandName.BUY: f"buy {_ORDER}",
    CommandName.SELL: f"sell {_ORDER}",
    CommandName.PROTECT: "protect INSTRUMENT stop P | target P | stop P target P | off",
    CommandName.OCO: "oco ID ID",
    CommandName.CANCEL: "cancel ID",
    CommandName.AMEND: "amend ID [QUANTITY] [@ PRICE]",
    CommandName.STOP: "stop",
    CommandName.SPEED: "speed X",
    **REPLAY_USAGE,
}
"""How each command is written."""


def expect(name: CommandName, is_well_formed: bool) -> None:
    """
    Insist on a form.

    Raises:
        ConfigurationError: If it is not kept; says how the command is written.
    """
    if not is_well_formed:
        raise ConfigurationError(f"{name} is written: {USAGE[name]}")


def read_instrument(word: str, meta: RunMeta | None) -> str:
    """
    Read an instrument by its symbol, in any case of letters; unchecked without a run.

    Raises:
        ConfigurationError: If the run does not trade it; names those it does.
    """
    if meta is None:
        return word
    symbols = {instrument.symbol.lower(): instrument.symbol for instrument in meta.instruments}
    if word.lower() not in symbols:
        hint = nearest(word, symbols.values())
        raise ConfigurationError(f"instrument {word!r} is not traded here{hint}")
    return symbols[word.lower()]


def read_number(name: CommandName, what: str, text: str) -> str:
    """
    Read a finite number, and leave it as it was written.

    Raises:
        ConfigurationError: If it is none.
    """
    is_number = len(text) <= MAX_NUMBER_LENGTH and NUMBER.fullmatch(text)
    if not is_number or not math.isfinite(float(text)):
        raise ConfigurationError(f"{name}: {what} {text!r} is not a number such as 50.0")
    return text


def nearest(word: str, allowed: Iterable[str]) -> str:
    """End of a sentence: the likeliest word, and all that are allowed."""
    import difflib

    choices = list(allowed)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint or ';'} allowed: {', '.join(choices)}"
