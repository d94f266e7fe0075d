"""
Tables of an event profile, as `config/events/<name>.toml` writes them.

What one table can say for itself is checked here; what needs the others, in `loader`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from core.events.functions import FUNCTIONS
from core.events.units import UNITS
from core.feeds.port import Quantity
from core.tables.section import Section

_SYMBOL = r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,31}$"
_WORD = r"^[A-Za-z][A-Za-z0-9_]{0,31}$"
_LOCAL = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"
_LARGE = 1_000_000_000.0

_Symbol = Annotated[str, Field(pattern=_SYMBOL)]
_Size = Annotated[Decimal, Field(ge=Decimal("1e-9"), le=1_000_000)]
_Amount = Annotated[float, Field(ge=-_LARGE, le=_LARGE)]
_Error = Annotated[float, Field(ge=0, le=_LARGE)]

MAX_HOURS = 31 * 24


class WindowSettings(Section):
    """The `[window]` that settlement looks at, in local time."""

    start: Annotated[str, Field(pattern=_LOCAL)]
    """Local time without offset, such as 2025-11-22T10:00."""

    end: Annotated[str, Field(pattern=_LOCAL)]
    """Local time without offset, such as 2025-11-23T10:00."""

    time_zone: str
    """IANA name, such as Europe/Berlin."""

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        try:
            ZoneInfo(self.time_zone)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f'time_zone = "{self.time_zone}" is not a time zone; one is Europe/Berlin'
            ) from error
        hours = (self.end_ts_ns - self.start_ts_ns) / 3.6e12
        if not 0 < hours <= MAX_HOURS:
            raise ValueError(
                f"end = {self.end} is {hours:g} h after start = {self.start}; "
                f"allowed: above 0, up to {MAX_HOURS}"
            )
        return self

    @property
    def start_ts_ns(self) -> int:
        """Start, UTC."""
        return _to_ns("start", self.start, self.time_zone)

    @property
    def end_ts_ns(self) -> int:
        """End, UTC: the moment of settlement."""
        return _to_ns("end", self.end, self.time_zone)


def _to_ns(key: str, text: str, time_zone: str) -> int:
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone))
    except ValueError as error:
        raise ValueError(f"{key} = {text} is not a date and time") from error
    seconds, again = local.timestamp(), local.replace(fold=1).timestamp()
    if seconds != again:
        often = "twice" if seconds < again else "never"
        raise ValueError(f"{key} = {text} happens {often} in {time_zone}: the clocks change")
    return int(seconds) * 1_000_000_000


class ObservationSettings(Section):
    """One `[[observation]]`: a series that formulas may name."""

    name: Annotated[str, Field(pattern=_WORD)]
    """Word for the formulas: letters, digits and underscores, a letter first."""

    quantity: Quantity
    """What is measured, as the feeds name it: temperature_c, level_cm, arrivals."""

    place: str = ""
    """Station or airport, as the feed names it; empty takes any."""

    source: str = ""
    """Name of the feed's source, such as open-meteo; empty takes any."""

    unit: str
    """What the formulas count in; temperatures: C, F or K."""

    bin_minutes: Annotated[int, Field(ge=1, le=1_440)]
    """Length of a bin; the window is a whole number of them."""

    bin_value: Literal["last", "mean", "sum", "min", "max"] = "last"
    """What a bin is worth: its last observation, or something over all of them."""

    includes_start: bool = False
    """Whether the moment at which the window starts is a value of its own, before the bins."""

    outlook: Literal["forecast", "persistence", "daily", "tide"] = "forecast"
    """What is expected: a feed's forecast, the present, the days before, or the tide's laws."""

    typical: _Amount
    """Value to expect while nothing is known, in `unit`."""

    error_now: _Error
    """Usual error of the outlook for the next hour, in `unit`, until it has been measured."""

    error_day: _Error
    """The same for a day ahead."""

    lowest: _Amount = -_LARGE
    """Physical bound, in `unit`."""

    highest: _Amount = _LARGE
    """Physical bound, in `unit`."""

    is_whole: bool = False
    """Whether it is counted."""

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.name in FUNCTIONS or self.name == "product":
            raise ValueError(f'name = "{self.name}" is a function of the formulas; take another')
        units = UNITS[self.quantity]
        if self.unit not in units:
            raise ValueError(
                f'unit = "{self.unit}" is not a unit of {self.quantity}; known: {", ".join(units)}'
            )
        if not self.lowest <= self.typical <= self.highest:
            raise ValueError(
                f"typical = {self.typical:g} is not between lowest = {self.lowest:g} "
                f"and highest = {self.highest:g}"
            )
        return self

    @property
    def has_bounds(self) -> bool:
        """Whether it has a bound on any side."""
        return self.lowest > -_LARGE or self.highest < _LARGE

    @property
    def is_bounded(self) -> bool:
        """Whether it has a bound on both sides."""
        return self.lowest > -_LARGE and self.highest < _LARGE


class CorrelationSettings(Section):
    """One `[[correlation]]`: two observations whose forecasts go wrong together."""

    of: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    """Names of the two."""

    value: Annotated[float, Field(ge=-0.99, le=0.99)]
    """Correlation of their errors at the same time."""


class OptionSettings(Section):
    """One option of a product: `{ kind = "put", strike = 6200, units = 2 }`."""

    kind: Literal["call", "put"]
    """What it pays above (call) or below (put) the strike."""

    strike: _Amount
    """Value of the underlying from which it pays."""

    units: _Amount = 1.0
    """How many; negative if they are owed."""


class ProductSettings(Section):
    """One `[[product]]`: what is traded, and what it settles on."""

    symbol: _Symbol
    """Name at the exchange."""

    tick_size: _Size
    """Smallest step of a price."""

    position_limit: Annotated[int, Field(ge=0, le=1_000_000)]
    """Largest absolute position; 0 means none."""

    settlement: str = ""
    """Formula over observations, terms and product("SYMBOL")."""

    parts: dict[str, _Amount] = Field(default={}, max_length=16)
    """Basket: units of each product in one: parts = { BUN = 1, LETTUCE = 1 }."""

    premium: _Amount = 0.0
    """What a basket is usually traded at above its parts."""

    premium_error: _Error = 0.0
    """Usual deviation of that."""

    underlying: str = ""
    """Product that its options are written on."""

    options: Annotated[tuple[OptionSettings, ...], Field(max_length=16)] = ()
    """What it is made of, if it is written on an underlying."""

    is_market: bool = False
    """Worth what the market says: nothing outside tells."""

    certainty: Literal["published", "agreed", "likely", "uncertain"]
    """How far the settlement is to be believed: written by the organizer, or how many agree."""

    note: str = ""
    """Where it is from, and what else it might be."""

    @model_validator(mode="after")
    def _settles_one_way(self) -> Self:
        ways = {
            "settlement": bool(self.settlement.strip()),
            "parts": bool(self.parts),
            "underlying": bool(self.underlying),
            "is_market": self.is_market,
        }
        chosen = [way for way, is_set in ways.items() if is_set]
        if len(chosen) != 1:
            found = " and ".join(chosen) or "none"
            raise ValueError(
                f'symbol = "{self.symbol}" needs one of {", ".join(ways)}; found: {found}'
            )
        if bool(self.underlying) != bool(self.options):
            raise ValueError(f'symbol = "{self.symbol}" needs underlying and options together')
        if (self.premium or self.premium_error) and not self.parts:
            raise ValueError(f"premium = {self.premium:g} is for baskets; there are no parts")
        return self


class GroupSettings(Section):
    """One `[[group]]` of products that are scored together."""

    name: Annotated[str, Field(pattern=_WORD)]
    """Letters, digits and underscores."""

    weight: Annotated[float, Field(gt=0, le=1_000)]
    """What its points are multiplied by."""

    products: Annotated[tuple[str, ...], Field(min_length=1)]
    """Symbols."""


class EventSettings(Section):
    """The keys of a profile outside of its tables."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    """What the event is called."""

    scoring: str = ""
    """How points are made of profit, for people."""
