"""
Words to commands: one grammar for `imc-cockpit send` and the palette.

    halt | resume [--word resume] | pause | stop | flatten [INSTRUMENT] | cancel ID
    amend ID [QUANTITY] [@ PRICE]
    cancel-all | cancel-everything | set KEY VALUE [--for TIME] | keep [KEY] | speed X
    buy|sell INSTRUMENT QUANTITY [@ PRICE] [ioc|post-only|market] [stop P] [target P]
    protect INSTRUMENT [stop P] [target P] | protect INSTRUMENT off | oco ID ID
    step N | seek 14:03:27|+30s|-30s|start|end|seq N|[-]fill|[-]order|[-]alert|[-]note
    whatif KEY VALUE [@ WHERE] | whatif cancel

Without a price an order takes the best one of the other side, at once or not at all; a
market order goes through the other side as far as the price collar allows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from core.api.order_words import (
    read_amend,
    read_oco,
    read_order,
    read_order_number,
    read_protect,
)
from core.api.replay_words import read_place, read_seek, read_step
from core.api.words import (
    MAX_NUMBER_LENGTH,
    NUMBER,
    REARM_WORD,
    expect,
    nearest,
    read_instrument,
    read_number,
)
from core.domain.commands import Command, CommandName
from core.domain.errors import ConfigurationError
from core.domain.parameters import ParameterSpec
from core.domain.snapshot import RunMeta

FULL_SPEED = "1000000"
"""What `speed max` means: more recorded seconds per second than can be read."""
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


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
        raise ConfigurationError(f"{said}{nearest(word.lower(), allowed)}")
    return CommandName(word.lower())


def _read_nothing(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    expect(name, not rest)
    return {}


def _read_flatten(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    expect(name, len(rest) <= 1)
    return {"instrument": read_instrument(rest[0], meta)} if rest else {}


def _read_speed(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    expect(name, len(rest) == 1)
    # `max` is the word of `replay --speed` too.
    if rest[0].lower() == "max":
        return {"value": FULL_SPEED}
    value = read_number(name, "speed", rest[0])
    if float(value) < 0:
        raise ConfigurationError(f"speed: {value} is negative; 0 pauses, 1 is as it was, or max")
    return {"value": value}


def _read_whatif(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    if [word.lower() for word in rest] == ["cancel"]:
        return {"cancel": "true"}
    expect(name, len(rest) == 2 or (len(rest) > 3 and rest[2] == "@"))
    args = _read_change(name, rest[0], rest[1], meta)
    return args | ({"where": read_place(name, rest[3:])} if len(rest) > 3 else {})


def _read_resume(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    rest, word = _take_option(name, "--word", rest)
    expect(name, not rest)
    if word is None:
        return {}
    if word.lower() != REARM_WORD:
        raise ConfigurationError(f"resume: the word to type is {REARM_WORD}, not {word!r}")
    return {"word": REARM_WORD}


def _read_set(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    rest, length = _take_option(name, "--for", rest)
    expect(name, len(rest) == 2)
    change = _read_change(name, rest[0], rest[1], meta)
    return change | ({} if length is None else {"revert_s": _seconds(length)})


def _read_change(name: CommandName, key: str, text: str, meta: RunMeta | None) -> dict[str, str]:
    value = read_number(name, key, text)
    if meta is not None:
        spec = _parameter(name, key, meta)
        if not spec.lower <= float(value) <= spec.upper:
            unit = f" {spec.unit}".rstrip()
            raise ConfigurationError(
                f"{name}: {key} = {value} is not within {spec.lower:g} to {spec.upper:g}{unit}"
            )
    return {"key": key, "value": value}


def _read_keep(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    expect(name, len(rest) <= 1)
    if rest and meta is not None:
        _parameter(name, rest[0], meta)
    return {"key": rest[0]} if rest else {}


def _parameter(name: CommandName, key: str, meta: RunMeta) -> ParameterSpec:
    specs = {spec.key: spec for spec in meta.parameters}
    if key not in specs:
        raise ConfigurationError(f"{name}: parameter {key!r} is unknown{nearest(key, specs)}")
    return specs[key]


def _seconds(text: str) -> str:
    """Read a length of time such as 30s, 5m or 1h; without a unit it is seconds."""
    number, factor = text, 1.0
    if text[-1:].lower() in _SECONDS:
        number, factor = text[:-1], _SECONDS[text[-1].lower()]
    is_number = len(number) <= MAX_NUMBER_LENGTH and NUMBER.fullmatch(number)
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
            raise ConfigurationError(f"{name}: {flag!r} is unknown{nearest(flag, [option])}")
        else:
            expect(name, value is None)
            value = text if has_value else next(left, "")
            expect(name, bool(value))
    return rest, value


_READERS: dict[CommandName, _Reader] = {
    **dict.fromkeys(CommandName, _read_nothing),
    CommandName.FLATTEN: _read_flatten,
    CommandName.CANCEL: read_order_number,
    CommandName.AMEND: read_amend,
    CommandName.PROTECT: read_protect,
    CommandName.OCO: read_oco,
    CommandName.SPEED: _read_speed,
    CommandName.STEP: read_step,
    CommandName.SEEK: read_seek,
    CommandName.WHATIF: _read_whatif,
    CommandName.RESUME: _read_resume,
    CommandName.SET: _read_set,
    CommandName.KEEP: _read_keep,
    CommandName.BUY: read_order,
    CommandName.SELL: read_order,
}
