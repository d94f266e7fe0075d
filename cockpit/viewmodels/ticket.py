"""An order by hand: its fields, what is wrong with it, and what it would do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.numbers import number, sign_tone
from cockpit.viewmodels.view import View
from core.domain.enums import BookState, Side
from core.domain.snapshot import InstrumentMeta, InstrumentView

MAX_CHARACTERS = 14
CURSOR = "▏"


class Field(StrEnum):
    """What can be changed, in the order of the lines."""

    SIZE = "size"
    TERMS = "terms"
    PRICE = "price"
    STOP = "stop"
    TARGET = "target"


class Terms(StrEnum):
    """How an order meets the book."""

    POST = "post-only"
    LIMIT = "limit"
    IOC = "at once"
    BEST = "best price"
    MARKET = "market"


TERMS_WORDS: dict[Terms, str] = {
    Terms.POST: "rests, never takes",
    Terms.LIMIT: "takes what is there, rests with the rest",
    Terms.IOC: "takes up to the price at once, the rest is canceled",
    Terms.BEST: "takes the best price of the other side at once",
    Terms.MARKET: "takes what there is, as far as the price collar allows",
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What has been filled in. Texts stay as typed until they are checked."""

    side: Side
    index: int
    size: str
    price: str
    terms: Terms = Terms.POST
    stop: str = ""
    target: str = ""
    field: Field = Field.SIZE
    is_fresh: bool = True
    """The next digit replaces the text of the field."""
    is_price_chosen: bool = False
    """Somebody has named the price: other terms leave it alone."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those that the terms leave."""
        return tuple(field for field in Field if self.has_price or field is not Field.PRICE)

    @property
    def has_price(self) -> bool:
        """Whether a price is named, and not left to the book."""
        return self.terms not in (Terms.BEST, Terms.MARKET)

    def text(self, field: Field) -> str:
        """What stands in a field."""
        return {
            Field.SIZE: self.size,
            Field.TERMS: self.terms.value,
            Field.PRICE: self.price,
            Field.STOP: self.stop,
            Field.TARGET: self.target,
        }[field]


def new_ticket(view: View, side: Side, presets: tuple[float, ...], price: float = 0.0) -> Ticket:
    """
    Fill in what is likely: the smallest preset, at our side of the book.

    Args:
        view: Names the instrument.
        side: Of the order.
        presets: Sizes, in units of quantity.
        price: To begin with; 0 for the best one that the terms ask for.
    """
    meta = view.describe(view.selected)
    size = max(presets[0] if presets else meta.lot_size, meta.lot_size)
    ticket = Ticket(
        side=side,
        index=view.selected,
        size=_written(size, meta.size_decimals),
        price=_written(price, meta.price_decimals) if price else "",
        is_price_chosen=price > 0,
    )
    return _with_likely_price(ticket, view)


def move(ticket: Ticket, rows: int) -> Ticket:
    """Go to a neighboring field, around the ends."""
    fields = ticket.fields
    place = fields.index(ticket.field) if ticket.field in fields else 0
    return replace(ticket, field=fields[(place + rows) % len(fields)], is_fresh=True)


def step(ticket: Ticket, view: View, presets: tuple[float, ...], direction: int) -> Ticket:
    """Make the field larger or smaller: by a preset, a tick, or the next terms."""
    meta = view.describe(ticket.index)
    if ticket.field is Field.TERMS:
        has_market = view.meta is not None and view.meta.has_market_orders
        terms = [term for term in Terms if has_market or term is not Terms.MARKET]
        place = (terms.index(ticket.terms) + direction) % len(terms)
        return _with_likely_price(replace(ticket, terms=terms[place]), view)
    if ticket.field is Field.SIZE:
        size = _next_size(_value(ticket.size) or 0.0, meta, presets, direction)
        return replace(ticket, size=_written(size, meta.size_decimals), is_fresh=True)
    base = _value(ticket.text(ticket.field)) or _value(ticket.price)
    if base is None:
        return ticket
    ticks = max(1, round(base / meta.tick_size) + direction)
    return _with(ticket, _written(ticks * meta.tick_size, meta.price_decimals), is_fresh=True)


def type_character(ticket: Ticket, character: str) -> Ticket:
    """Add a digit or a point; other characters change nothing."""
    if ticket.field is Field.TERMS or character not in "0123456789.":
        return ticket
    text = "" if ticket.is_fresh else ticket.text(ticket.field)
    if len(text) >= MAX_CHARACTERS or (character == "." and "." in text):
        return ticket
    return _with(ticket, text + character)


def erase(ticket: Ticket) -> Ticket:
    """Take the last character away."""
    return (
        _with(ticket, ticket.text(ticket.field)[:-1]) if ticket.field is not Field.TERMS else ticket
    )


def trouble(ticket: Ticket, view: View) -> str:
    """Say the first thing that keeps the order from being sent; empty if nothing does."""
    meta = view.describe(ticket.index)
    size = _value(ticket.size)
    if size is None or size <= 0:
        return "size: type how much, or step with ← →"
    if not _is_multiple(size, meta.lot_size):
        return f"size: a multiple of {meta.lot_size:g}"
    price = reference(ticket, view)
    if price is None or price <= 0:
        return "price: type one, or step with ← →"
    if not _is_multiple(price, meta.tick_size):
        return f"price: a multiple of {meta.tick_size:g}"
    return _exit_trouble(ticket, meta, price)


def reference(ticket: Ticket, view: View) -> float | None:
    """The price that the order is measured at: its own, or the best of the other side."""
    if ticket.has_price:
        return _value(ticket.price)
    row = _instrument(ticket, view)
    if row is None or row.book_state is not BookState.OK:
        return None
    return row.ask if ticket.side is Side.BUY else row.bid


def command_args(ticket: Ticket, view: View) -> dict[str, str]:
    """What the command needs to know; the ticket must be without trouble."""
    args = {"instrument": view.describe(ticket.index).symbol, "quantity": ticket.size}
    if ticket.has_price:
        args["price"] = ticket.price
    flags = {Terms.POST: "post_only", Terms.IOC: "ioc", Terms.MARKET: "market"}
    if ticket.terms in flags:
        args[flags[ticket.terms]] = "true"
    return args | {name: text for name, text in _exits(ticket) if text}


def ticket_sentence(ticket: Ticket, view: View) -> str:
    """The order in a line: what a person agrees to."""
    verb = "Buy" if ticket.side is Side.BUY else "Sell"
    price = ticket.price if ticket.has_price else "what the book has"
    exits = "".join(f", {name} {text}" for name, text in _exits(ticket) if text)
    symbol = view.describe(ticket.index).symbol
    return f"{verb} {ticket.size} {symbol} at {price} ({ticket.terms}){exits}?"


def ticket_lines(ticket: Ticket, view: View, *, is_listening: bool) -> list[Line]:
    """The fields, then what the order would do or what is wrong with it."""
    meta = view.describe(ticket.index)
    wrong = trouble(ticket, view)
    verb: Segment = ("BUY", "up") if ticket.side is Side.BUY else ("SELL", "down")
    row = _instrument(ticket, view)
    lines: list[Line] = [
        ((" ", "text"), verb, (f" {meta.symbol}   ", "strong"), *_market(row, meta)),
        (),
        *(_field_line(ticket, field) for field in ticket.fields),
        (),
    ]
    if len(ticket.fields) < len(Field):
        lines.append(())
    lines.append(((f" {wrong}", "warn"),) if wrong else _effect(ticket, view))
    send: Tone = "dim" if wrong or not is_listening else "key"
    lines.append(
        ((" enter", send), (" send   ", "dim"), ("↑↓", "key"), (" field   ", "dim"),
         ("←→", "key"), (" step   ", "dim"), ("s", "key"), (" safe mode   ", "dim"),
         ("esc", "key"), (" nothing is sent", "dim"))
    )  # fmt: skip
    return lines


def _field_line(ticket: Ticket, field: Field) -> Line:
    is_here = field is ticket.field
    text = ticket.text(field)
    note = TERMS_WORDS[ticket.terms] if field is Field.TERMS else ""
    if field in (Field.STOP, Field.TARGET) and not text:
        note = "none" if not is_here else "none; type a price, or step with ← →"
    return (
        (" ▸ " if is_here else "   ", "key"),
        (fit(field.value, 8), "strong" if is_here else "dim"),
        (text, "strong" if is_here else "text"),
        (CURSOR if is_here and field is not Field.TERMS else " ", "accent"),
        (f" {note}", "dim"),
    )


def _market(row: InstrumentView | None, meta: InstrumentMeta) -> list[Segment]:
    if row is None or row.book_state is not BookState.OK:
        return [("no two-sided book", "warn")]
    return [
        ("bid ", "dim"), (number(row.bid, meta.price_decimals), "text"),
        ("  ask ", "dim"), (number(row.ask, meta.price_decimals), "text"),
        ("  held ", "dim"), (number(row.position, meta.size_decimals, signed=True), "text"),
    ]  # fmt: skip


def _effect(ticket: Ticket, view: View) -> Line:
    """Worth, and the position that it would make."""
    meta = view.describe(ticket.index)
    size, price = _value(ticket.size) or 0.0, reference(ticket, view) or 0.0
    worth = size * price / meta.tick_size * meta.tick_value / meta.lot_size
    row = _instrument(ticket, view)
    held = (row.position if row else 0.0) + ticket.side * size
    account = view.snapshot.account if view.snapshot else None
    share = f", {100 * worth / account.equity:.1f} % of equity" if account else ""
    return (
        (f" worth {number(worth)}{share}, makes the position ", "dim"),
        (number(held, meta.size_decimals, signed=True), sign_tone(held)),
    )


def _exit_trouble(ticket: Ticket, meta: InstrumentMeta, price: float) -> str:
    """A stop stands on the losing side of the price, a target on the winning one."""
    for name, text in _exits(ticket):
        if not text:
            continue
        value = _value(text)
        if value is None or value <= 0 or not _is_multiple(value, meta.tick_size):
            return f"{name}: a multiple of {meta.tick_size:g}, or nothing"
        is_above = value > price
        wants_above = (ticket.side is Side.BUY) == (name == Field.TARGET.value)
        if value == price or is_above != wants_above:
            where = "above" if wants_above else "below"
            return f"{name}: {where} {number(price, meta.price_decimals)}, or nothing"
    return ""


def _exits(ticket: Ticket) -> tuple[tuple[str, str], ...]:
    return ((Field.STOP.value, ticket.stop), (Field.TARGET.value, ticket.target))


def _with_likely_price(ticket: Ticket, view: View) -> Ticket:
    """Name the price that the terms ask for, unless a person has: ours to rest, theirs to take."""
    row = _instrument(ticket, view)
    if ticket.is_price_chosen or row is None:
        return ticket
    takes = ticket.terms is Terms.IOC
    price = row.bid if (ticket.side is Side.BUY) is not takes else row.ask
    text = _written(price, view.describe(ticket.index).price_decimals)
    return replace(ticket, price=text if math.isfinite(price) else "")


def _with(ticket: Ticket, text: str, *, is_fresh: bool = False) -> Ticket:
    match ticket.field:
        case Field.SIZE:
            return replace(ticket, size=text, is_fresh=is_fresh)
        case Field.PRICE:
            return replace(ticket, price=text, is_fresh=is_fresh, is_price_chosen=True)
        case Field.STOP:
            return replace(ticket, stop=text, is_fresh=is_fresh)
        case _:
            return replace(ticket, target=text, is_fresh=is_fresh)


def _next_size(
    size: float, meta: InstrumentMeta, presets: tuple[float, ...], direction: int
) -> float:
    steps = sorted({meta.lot_size, *(preset for preset in presets if preset >= meta.lot_size)})
    if direction > 0:
        larger = [step for step in steps if step > size]
        return larger[0] if larger else size + steps[-1]
    smaller = [step for step in steps if step < size]
    # Beyond the largest preset every step is that large again.
    return (
        max(size - steps[-1], steps[-1])
        if size > steps[-1]
        else (smaller or steps)[-1 if smaller else 0]
    )


def _instrument(ticket: Ticket, view: View) -> InstrumentView | None:
    rows = view.snapshot.instruments if view.snapshot else ()
    return rows[ticket.index] if ticket.index < len(rows) else None


def _value(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_multiple(value: float, unit: float) -> bool:
    times = value / unit
    return abs(times - round(times)) < 1e-6 * max(1.0, abs(times))


def _written(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"
