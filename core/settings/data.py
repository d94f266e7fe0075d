"""Settings of tables of recorded markets: which column is what."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.tables.section import Section

_Column = Annotated[str, Field(max_length=64)]
_Words = tuple[Annotated[str, Field(max_length=32)], ...]
_SYMBOL = r"^([A-Za-z0-9][A-Za-z0-9_.:/-]{0,31})?$"
_PLACE = "{i}"


class DataSettings(Section):
    """
    A table of your own as DATA: columns by name. Only reading such tables asks for them.

    Sides, actions and times are read as the words and the unit below say; rows that do not
    fit are left out and counted.
    """

    kind: Literal["", "book", "orders"]
    """`book` has levels in each row, `orders` one order's change; empty: files tell themselves."""

    profile: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    """Profile whose capital and fees fit tables and bars, unless --profile names one."""

    separator: Annotated[str, Field(pattern=r"^[,;|\t]$")]
    """Between the cells of a CSV table: comma, semicolon, bar or tab."""

    time: _Column
    """Column of the time at which a row was received."""

    time_unit: Literal["ns", "us", "ms", "s", "iso"]
    """Of the times since 1970, or `iso` for text such as 2024-08-08T12:00:00.5Z."""

    exchange_time: _Column
    """Column of the venue's own time, in the same unit; empty for none."""

    symbol: Annotated[str, Field(pattern=_SYMBOL)]
    """Product of every row, where no column tells; bars without it are named by their file."""

    symbol_column: _Column
    """Column of the product; empty for a table of one."""

    tick_size: Annotated[Decimal, Field(ge=0, le=1_000_000)]
    """Smallest step of a price; 0 finds it in the decimals that occur."""

    lot_size: Annotated[Decimal, Field(ge=0, le=1_000_000)]
    """Smallest step of a size; 0 finds it in the decimals that occur."""

    first_level: Annotated[int, Field(ge=0, le=1)]
    """Number of the best level, for {i} in the next four."""

    bid_price: _Column
    """Column of a bid's price, as bid_px_{i}."""

    bid_size: _Column
    """Column of a bid's size."""

    ask_price: _Column
    """Column of an ask's price."""

    ask_size: _Column
    """Column of an ask's size."""

    action: _Column
    """Column of what happened to an order."""

    order_id: _Column
    """Column that names the order."""

    side: _Column
    """Column of the order's side; of a trade without an order, of who attacked."""

    price: _Column
    """Column of its price."""

    size: _Column
    """Column of its size: all of it, or for `cancel` and `execute` what is taken away."""

    add: _Words
    """Actions that place an order."""

    modify: _Words
    """Actions that give an order another price or size."""

    cancel: _Words
    """Actions that take so much of an order away, all of it where no size is told."""

    execute: _Words
    """Actions that trade with an order, which becomes smaller by it."""

    trade: _Words
    """Actions that tell of a trade and leave the book as it is."""

    clear: _Words
    """Actions that empty the book."""

    buy: _Words
    """What a buyer's side is called."""

    sell: _Words
    """What a seller's side is called."""

    @model_validator(mode="after")
    def _kind_has_its_columns(self) -> Self:
        needed = {
            "": (),
            "book": ("time", "bid_price", "bid_size", "ask_price", "ask_size"),
            "orders": ("time", "action", "order_id", "side", "price", "size"),
        }[self.kind]
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f'{name} = "" names no column, but kind = "{self.kind}" needs it')
        if self.kind and not (self.symbol or self.symbol_column):
            raise ValueError("symbol is empty and so is symbol_column: one has to name the product")
        for name in needed[1:] if self.kind == "book" else ():
            if _PLACE not in getattr(self, name):
                raise ValueError(f'{name} = "{getattr(self, name)}" has no {_PLACE} for the level')
        return self
