"""
Words to commands: one grammar for `imc-cockpit send` and the palette.

    halt | resume [--word resume] | pause | stop | flatten [INSTRUMENT] | cancel ID
    cancel-all | cancel-everything | set KEY VALUE [--for TIME] | keep [KEY] | speed X
    buy|sell INSTRUMENT QUANTITY [@ PRICE] [ioc] [post-only]
    step N | seek 14:03:27|+30s|-30s|start|end|seq N|[-]fill|[-]order|[-]alert|[-]note
    whatif KEY VALUE [@ WHERE] | whatif cancel

Without a price an order takes the best one of the other side, at once or not at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

from core.api.replay_words import REPLAY_USAGE, read_place, read_seek, read_step
from core.domain.commands import Command, CommandName
from core.domain.errors import ConfigurationError
from core.domain.parameters import ParameterSpec
from core.domain.snapshot import RunMeta

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_MAX_NUMBER_LENGTH = 32
FULL_SPEED = "1000000"
"""What `speed max` means: more recorded seconds per second than can be read."""
REARM_WORD = "resume"
"""To be typed to leave safe mode."""
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_ORDER_FLAGS = {"ioc": "ioc", "post-only": "post_only"}

USAGE = {
    CommandName.HALT: "halt",
    CommandName.RESUME: f"resume [--word {REARM_WORD}]",
    CommandName.PAUSE: "pause",
    CommandName.CANCEL_ALL: "cancel-all",
    CommandName.CANCEL_EVERYTHING: "cancel-everything",
    CommandName.FLATTEN: "flatten [INSTRUMENT]",
    CommandName.SET: "set KEY VALUE [--for TIME]",
    CommandName.KEEP: "keep [KEY]",
    CommandName.BUY: "buy INSTRUMENT QUANTITY [@ PRICE] [ioc] [post-only]",
    CommandName.SELL: "sell INSTRUMENT QUANTITY [@ PRICE] [ioc] [post-only]",
    CommandName.CANCEL: "cancel ID",
    CommandName.STOP: "stop",
    CommandName.SPEED: "speed X",
    **REPLAY_USAGE,
}
"""How each command is written."""


def parse_command(
    words: str | Sequence[str], source: str = "cli", meta: RunMeta | None = None
) -> Command:
    """
    Read a command.

    Args:
        words: A line, or the words of one.
        source: Who asks.
        meta: Of the run, when known: then instruments and keys are checked here, with
            bounds. The engine checks them in any case.

    Raises:
        ConfigurationError: If it cannot be understood; the sentence says what is allowed.
    """
    line = words if isinstance(words, str) else " ".join(words)
    first, *rest = line.replace("@", " @ ").split() or [""]
    name = _command_name(first)
    args = _READERS[name](name, rest, meta)
    return Command(name, source, args=args)


_Reader = Callable[[CommandName, list[str], RunMeta | None], dict[str, str]]


def _command_name(word: str) -> CommandName:
    allowed = [name.value for name in CommandName]
    if word.lower() not in allowed:
        said = f"command {word!r} is unknown" if word else "a command is missing"
        raise ConfigurationError(f"{said}{_nearest(word.lower(), allowed)}")
    return CommandName(word.lower())


def _read_nothing(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    _expect(name, not rest)
    return {}


def _read_flatten(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    _expect(name, len(rest) <= 1)
    return {"instrument": _instrument(rest[0], meta)} if rest else {}


def _read_cancel(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    _expect(name, len(rest) == 1)
    # Our order is called 4f1c-7 at the venue and 7 on the screens.
    number = rest[0].rpartition("-")[2]
    if not (number.isascii() and number.isdigit() and len(number) <= _MAX_NUMBER_LENGTH):
        raise ConfigurationError(
            f"cancel: order id {rest[0]!r} is no number such as 7, as the orders screen shows"
        )
    return {"order_id": number}


def _read_speed(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    _expect(name, len(rest) == 1)
    # `max` is the word of `replay --speed` too.
    if rest[0].lower() == "max":
        return {"value": FULL_SPEED}
    value = _number(name, "speed", rest[0])
    if float(value) < 0:
        raise ConfigurationError(f"speed: {value} is negative; 0 pauses, 1 is as it was, or max")
    return {"value": value}


def _read_whatif(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    if [word.lower() for word in rest] == ["cancel"]:
        return {"cancel": "true"}
    _expect(name, len(rest) == 2 or (len(rest) > 3 and rest[2] == "@"))
    args = _read_change(name, rest[0], rest[1], meta)
    return args | ({"where": read_place(name, rest[3:])} if len(rest) > 3 else {})


def _read_resume(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    rest, word = _take_option(name, "--word", rest)
    _expect(name, not rest)
    if word is None:
        return {}
    if word.lower() != REARM_WORD:
        raise ConfigurationError(f"resume: the word to type is {REARM_WORD}, not {word!r}")
    return {"word": REARM_WORD}


def _read_set(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    rest, length = _take_option(name, "--for", rest)
    _expect(name, len(rest) == 2)
    change = _read_change(name, rest[0], rest[1], meta)
    return change | ({} if length is None else {"revert_s": _seconds(length)})


def _read_change(name: CommandName, key: str, text: str, meta: RunMeta | None) -> dict[str, str]:
    value = _number(name, key, text)
    if meta is not None:
        spec = _parameter(name, key, meta)
        if not spec.lower <= float(value) <= spec.upper:
            unit = f" {spec.unit}".rstrip()
            raise ConfigurationError(
                f"{name}: {key} = {value} is not within {spec.lower:g} to {spec.upper:g}{unit}"
            )
    return {"key": key, "value": value}


def _read_keep(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    _expect(name, len(rest) <= 1)
    if rest and meta is not None:
        _parameter(name, rest[0], meta)
    return {"key": rest[0]} if rest else {}


def _parameter(name: CommandName, key: str, meta: RunMeta) -> ParameterSpec:
    specs = {spec.key: spec for spec in meta.parameters}
    if key not in specs:
        raise ConfigurationError(f"{name}: parameter {key!r} is unknown{_nearest(key, specs)}")
    return specs[key]


def _seconds(text: str) -> str:
    """Read a length of time such as 30s, 5m or 1h; without a unit it is seconds."""
    number, factor = text, 1.0
    if text[-1:].lower() in _SECONDS:
        number, factor = text[:-1], _SECONDS[text[-1].lower()]
    is_number = len(number) <= _MAX_NUMBER_LENGTH and _NUMBER.fullmatch(number)
    seconds = float(number) * factor if is_number else 0.0
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ConfigurationError(f"set: --for {text!r} is no length of time such as 30s or 5m")
    return f"{seconds:.12g}"


def _take_option(name: CommandName, option: str, words: list[str]) -> tuple[list[str], str | None]:
    """Take `--option VALUE` or `--option=VALUE` out of the words; other options are refused."""
    rest: list[str] = []
    value: str | None = None
    left = iter(words)
    for word in left:
        flag, has_value, text = word.partition("=")
        if not flag.startswith("--"):
            rest.append(word)
        elif flag.lower() != option:
            raise ConfigurationError(f"{name}: {flag!r} is unknown{_nearest(flag, [option])}")
        else:
            _expect(name, value is None)
            value = text if has_value else next(left, "")
            _expect(name, bool(value))
    return rest, value


def _read_order(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    _expect(name, len(rest) >= 2 and rest[-1] != "@")
    instrument, quantity, *terms = rest
    args = {
        "instrument": _instrument(instrument, meta),
        "quantity": _number(name, "quantity", quantity),
    }
    if float(args["quantity"]) <= 0:
        raise ConfigurationError(
            f"{name}: quantity {quantity} is not above 0; the side is said by buy or sell"
        )
    if terms and terms[0] == "@":
        args["price"] = _number(name, "price", terms[1])
        terms = terms[2:]
    return args | _order_flags(name, terms, has_price="price" in args)


def _order_flags(name: CommandName, words: list[str], *, has_price: bool) -> dict[str, str]:
    args: dict[str, str] = {}
    for flag in words:
        if flag.lower() not in _ORDER_FLAGS:
            raise ConfigurationError(
                f"{name}: {flag!r} is unknown{_nearest(flag.lower(), _ORDER_FLAGS)}"
            )
        args[_ORDER_FLAGS[flag.lower()]] = "true"
    if "post_only" in args and not has_price:
        raise ConfigurationError(f"{name}: a post-only order needs a price: {USAGE[name]}")
    if "ioc" in args and "post_only" in args:
        raise ConfigurationError(
            f"{name}: ioc takes at once and post-only never takes; choose one of them"
        )
    return args


_READERS: dict[CommandName, _Reader] = {
    **dict.fromkeys(CommandName, _read_nothing),
    CommandName.FLATTEN: _read_flatten,
    CommandName.CANCEL: _read_cancel,
    CommandName.SPEED: _read_speed,
    CommandName.STEP: read_step,
    CommandName.SEEK: read_seek,
    CommandName.WHATIF: _read_whatif,
    CommandName.RESUME: _read_resume,
    CommandName.SET: _read_set,
    CommandName.KEEP: _read_keep,
    CommandName.BUY: _read_order,
    CommandName.SELL: _read_order,
}


def _expect(name: CommandName, is_well_formed: bool) -> None:
    if not is_well_formed:
        raise ConfigurationError(f"{name} is written: {USAGE[name]}")


def _instrument(word: str, meta: RunMeta | None) -> str:
    if meta is None:
        return word
    symbols = {instrument.symbol.lower(): instrument.symbol for instrument in meta.instruments}
    if word.lower() not in symbols:
        nearest = _nearest(word, symbols.values())
        raise ConfigurationError(f"instrument {word!r} is not traded here{nearest}")
    return symbols[word.lower()]


def _number(name: CommandName, what: str, text: str) -> str:
    is_number = len(text) <= _MAX_NUMBER_LENGTH and _NUMBER.fullmatch(text)
    if not is_number or not math.isfinite(float(text)):
        raise ConfigurationError(f"{name}: {what} {text!r} is not a number such as 50.0")
    return text


def _nearest(word: str, allowed: Iterable[str]) -> str:
    import difflib

    choices = list(allowed)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint or ';'} allowed: {', '.join(choices)}"
