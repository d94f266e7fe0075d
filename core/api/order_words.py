"""Words to orders: what is bought, sold, changed and canceled by hand."""

from __future__ import annotations

from core.api.words import MAX_NUMBER_LENGTH, USAGE, expect, nearest, read_instrument, read_number
from core.domain.commands import CommandName
from core.domain.errors import ConfigurationError
from core.domain.snapshot import RunMeta

_ORDER_FLAGS = {"ioc": "ioc", "post-only": "post_only", "market": "market"}
_EXITS = ("stop", "target")
OFF = "off"
"""What takes the brackets of an instrument away."""


def read_order(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    """Read what follows `buy` or `sell`."""
    expect(name, len(rest) >= 2)
    instrument, quantity, *terms = rest
    args = {
        "instrument": read_instrument(instrument, meta),
        "quantity": _read_positive(name, "quantity", quantity, "the side is said by buy or sell"),
    }
    price, terms = _take_price(name, terms)
    exits, terms = _take_exits(name, terms)
    return args | price | _order_flags(name, terms, has_price=bool(price)) | exits


def read_order_number(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    """Read the one order that `cancel` is about."""
    expect(name, len(rest) == 1)
    return {"order_id": _order_id(name, rest[0])}


def read_amend(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    """Read an order with its new quantity, its new price, or both."""
    expect(name, len(rest) >= 2)
    number, *change = rest
    args = {"order_id": _order_id(name, number)}
    if change[0] != "@":
        why = "to take an order back: cancel ID"
        args["quantity"] = _read_positive(name, "quantity", change.pop(0), why)
    price, rest = _take_price(name, change)
    expect(name, not rest)
    return args | price


def read_protect(name: CommandName, rest: list[str], meta: RunMeta | None) -> dict[str, str]:
    """Read an instrument with the stop, the target, or both of what is held in it by hand."""
    expect(name, len(rest) >= 2)
    instrument, *terms = rest
    args = {"instrument": read_instrument(instrument, meta)}
    if [word.lower() for word in terms] == [OFF]:
        return args
    exits, left = _take_exits(name, terms)
    expect(name, bool(exits) and not left)
    return args | exits


def read_oco(name: CommandName, rest: list[str], _: RunMeta | None) -> dict[str, str]:
    """Read two orders of which one is to cancel the other."""
    expect(name, len(rest) == 2)
    first, second = (_order_id(name, word) for word in rest)
    if first == second:
        raise ConfigurationError(f"{name}: {first} is one order; two are needed: {USAGE[name]}")
    return {"order_id": first, "other_id": second}


def _take_exits(name: CommandName, words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Take `stop PRICE` and `target PRICE` out of the words, wherever they stand."""
    exits: dict[str, str] = {}
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word.lower() in _EXITS:
            expect(name, word.lower() not in exits)
            exits[word.lower()] = read_number(name, word.lower(), next(left, ""))
        else:
            rest.append(word)
    return exits, rest


def _take_price(name: CommandName, words: list[str]) -> tuple[dict[str, str], list[str]]:
    if not words or words[0] != "@":
        return {}, words
    expect(name, len(words) >= 2)
    return {"price": read_number(name, "price", words[1])}, words[2:]


def _read_positive(name: CommandName, what: str, text: str, hint: str) -> str:
    number = read_number(name, what, text)
    if float(number) <= 0:
        raise ConfigurationError(f"{name}: {what} {text} is not above 0; {hint}")
    return number


def _order_id(name: CommandName, text: str) -> str:
    # Our order is called 4f1c-7 at the venue and 7 on the screens; a stranger's is -7 there.
    sign, digits = ("-", text[1:]) if text[:1] == "-" else ("", text.rpartition("-")[2])
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_NUMBER_LENGTH):
        raise ConfigurationError(
            f"{name}: order id {text!r} is no number such as 7, as the orders screen shows"
        )
    return sign + digits


def _order_flags(name: CommandName, words: list[str], *, has_price: bool) -> dict[str, str]:
    args: dict[str, str] = {}
    for flag in words:
        if flag.lower() not in _ORDER_FLAGS:
            allowed = (*_ORDER_FLAGS, *_EXITS)
            raise ConfigurationError(f"{name}: {flag!r} is unknown{nearest(flag.lower(), allowed)}")
        args[_ORDER_FLAGS[flag.lower()]] = "true"
    if "market" in args and (has_price or "post_only" in args):
        raise ConfigurationError(
            f"{name}: a market order takes at once and has no price; leave out market, or the rest"
        )
    if "post_only" in args and not has_price:
        raise ConfigurationError(f"{name}: a post-only order needs a price: {USAGE[name]}")
    if "ioc" in args and "post_only" in args:
        raise ConfigurationError(
            f"{name}: ioc takes at once and post-only never takes; choose one of them"
        )
    return args
