"""Products as `config/instruments/<name>.toml` describes them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from core.domain.errors import ConfigurationError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.spreads import MAX_LEGS
from core.tables.paths import config_dir, display_path
from core.tables.refusal import refuse, shown, unknown_key
from core.tables.section import Section
from core.tables.toml import Tree, read_toml, to_json

_Size = Annotated[Decimal, Field(ge=Decimal("1e-9"), le=1_000_000)]
_Part = Annotated[float, Field(ge=-1_000_000, le=1_000_000)]
_SYMBOL = r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,31}$"
_Driver = Annotated[float, Field(ge=-1, le=1)]
_Fee = Annotated[float, Field(ge=-1_000, le=1_000)]

_TABLES = "instrument"
_BASKETS = "basket"
_MAX_LEGS = MAX_LEGS - 1
"""The basket itself is a leg too."""


class InstrumentSettings(Section):
    """One `[[instrument]]` table. Decimals are best written as text: tick_size = "0.1"."""

    symbol: Annotated[str, Field(pattern=_SYMBOL)]
    """Name at the venue."""

    tick_size: _Size
    """Smallest step of a price."""

    lot_size: _Size = Decimal(1)
    """Smallest step of a quantity."""

    multiplier: _Size = Decimal(1)
    """Worth of one unit of quantity when the price moves by 1."""

    position_limit: Annotated[Decimal, Field(ge=0, le=1_000_000_000)] = Decimal(0)
    """Largest absolute position the venue allows, in units of quantity; 0 means none."""

    maker_fee_bps: _Fee = 0.0
    """Fee for providing liquidity; negative for a rebate."""

    taker_fee_bps: _Fee = 0.0
    """Fee for taking liquidity."""

    drivers: dict[Literal["weather", "air_quality", "flights"], _Driver] = Field(default={})
    """How the product answers to city observations: drivers = { weather = 0.5 }."""

    start_price: Annotated[Decimal, Field(gt=0, le=1_000_000_000)] | None = None
    """First fair value on the practice exchange, which alone reads it."""

    volatility: Annotated[float, Field(ge=0, le=1_000)] | None = None
    """How far the practice exchange moves this product, as that exchange defines it."""

    def to_instrument(self) -> Instrument:
        """
        Make the instrument that the engine trades.

        Raises:
            ConfigurationError: If a limit is no whole number of lots, or one tick of one
                lot is worth less than money is counted in.
        """
        limit_lots = self.position_limit / self.lot_size
        if limit_lots != limit_lots.to_integral_value():
            raise ConfigurationError(
                f"instrument {self.symbol}: position_limit = {self.position_limit} "
                f"is not a multiple of lot_size = {self.lot_size}"
            )
        return Instrument(
            symbol=Symbol(self.symbol),
            tick_size=self.tick_size,
            lot_size=self.lot_size,
            multiplier=self.multiplier,
            position_limit_lots=int(limit_lots),
            maker_fee_bps=self.maker_fee_bps,
            taker_fee_bps=self.taker_fee_bps,
            drivers=tuple(
                self.drivers.get(name, 0.0) for name in ("weather", "air_quality", "flights")
            ),
        )


_FILES_KEPT = 8
"""A sweep asks for the same file thousands of times."""


class BasketSettings(Section):
    """One `[[basket]]` table: a product that is made of others."""

    symbol: Annotated[str, Field(pattern=_SYMBOL)]
    """The product whose price is compared with its parts."""

    parts: Annotated[dict[str, _Part], Field(min_length=1, max_length=_MAX_LEGS)]
    """Units of each part in one unit of the product: parts = { ROSES = 1 }."""


def load_baskets(name: str, *, folder: Path | None = None) -> tuple[BasketSettings, ...]:
    """
    Read and check the baskets that a file declares. Arguments and errors: `load_instruments`.

    A part that is no instrument of the file is an error too.
    """
    folder = folder or config_dir() / "instruments"
    known = [entry.symbol for entry in load_instruments(name, folder=folder)]
    path = folder / f"{name}.toml"
    return _read_baskets(path, _version(path), tuple(known))


@lru_cache(maxsize=_FILES_KEPT)
def _read_baskets(path: Path, _version: int, known: tuple[str, ...]) -> tuple[BasketSettings, ...]:
    label = display_path(path)
    tables = read_toml(path).get(_BASKETS, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{label}: {_BASKETS} must be written as [[{_BASKETS}]] tables")
    return tuple(
        _basket(label, f"{_BASKETS}[{number}].", table, list(known))
        for number, table in enumerate(tables, start=1)
    )


def _basket(label: str, prefix: str, table: Tree, known: list[str]) -> BasketSettings:
    fields = list(BasketSettings.model_fields)
    for key in table:
        if key not in fields:
            raise unknown_key(label, prefix + key, [prefix + name for name in fields])
    try:
        basket = BasketSettings.model_validate_json(to_json(table))
    except ValidationError as error:
        raise refuse(error, BasketSettings, lambda *_: label, prefix) from error
    for symbol in (basket.symbol, *basket.parts):
        if symbol not in known:
            raise unknown_key(label, f"{prefix}{symbol}", [prefix + name for name in known])
    if basket.symbol in basket.parts:
        raise ConfigurationError(
            f"{label}: {prefix}parts names {shown(basket.symbol)}, the basket itself"
        )
    return basket


def load_instruments(name: str, *, folder: Path | None = None) -> tuple[InstrumentSettings, ...]:
    """
    Read and check the products of one file, in its order.

    Args:
        name: As in `instruments.file`: the file's name without `.toml`.
        folder: Where the files are; None means `config/instruments`.

    Raises:
        ConfigurationError: With one line that names file, table, key and bound.
    """
    folder = folder or config_dir() / "instruments"
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml"))) or "none"
        raise ConfigurationError(
            f"instruments.file: {shown(name)} is not in {display_path(folder)}; known: {known}"
        )
    return _read_instruments(path, _version(path))


def _version(path: Path) -> int:
    """What a file that was read is known by: one that was changed since is read anew."""
    return path.stat().st_mtime_ns


@lru_cache(maxsize=_FILES_KEPT)
def _read_instruments(path: Path, _version: int) -> tuple[InstrumentSettings, ...]:
    label = display_path(path)
    instruments = tuple(
        _instrument(label, number, table)
        for number, table in enumerate(_tables(label, read_toml(path)), start=1)
    )
    _refuse_doubles(label, instruments)
    return instruments


def _tables(label: str, tree: Tree) -> list[Tree]:
    for key in tree:
        if key not in {_TABLES, _BASKETS}:
            raise unknown_key(label, key, [_TABLES, _BASKETS])
    tables = tree.get(_TABLES)
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise ConfigurationError(f"{label}: needs at least one [[{_TABLES}]] table")
    return tables


def _instrument(label: str, number: int, table: Tree) -> InstrumentSettings:
    prefix = f"{_TABLES}[{number}]."
    known = list(InstrumentSettings.model_fields)
    for key in table:
        if key not in known:
            raise unknown_key(label, prefix + key, [prefix + name for name in known])
    try:
        entry = InstrumentSettings.model_validate_json(to_json(table))
        entry.to_instrument()
    except ValidationError as error:
        raise refuse(error, InstrumentSettings, lambda *_: label, prefix) from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{label}: {error}") from error
    return entry


def _refuse_doubles(label: str, instruments: tuple[InstrumentSettings, ...]) -> None:
    first: dict[str, int] = {}
    for number, entry in enumerate(instruments, start=1):
        if entry.symbol in first:
            raise ConfigurationError(
                f"{label}: {_TABLES}[{number}].symbol = {shown(entry.symbol)} "
                f"is the same as in {_TABLES}[{first[entry.symbol]}]"
            )
        first[entry.symbol] = number
