"""What an exchange is made with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.domain.errors import ConfigurationError
from core.domain.instrument import Instrument

HOST = "127.0.0.1"
"""Loopback only: there are no secrets here, and no defences either."""

DEFAULT_PORT = 8765
STEP_NS = 50_000_000
"""Every product's bots act once in this much exchange time."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product and how its hidden value moves."""

    instrument: Instrument
    start_price: Decimal
    volatility: float
    """Usual move of the fair value within a minute, as a fraction of the start price."""

    def __post_init__(self) -> None:
        if self.start_price <= 0 or not 0 <= self.volatility <= 1:
            raise ConfigurationError(
                f"product {self.instrument.symbol}: start_price {self.start_price} must be above 0 "
                f"and volatility {self.volatility} between 0 and 1"
            )


@dataclass(frozen=True, slots=True)
class CityConfig:
    """Which simulated city and event stand behind the market."""

    event: str
    """File in `config/events`."""
    place: str = "munich"
    seed: int = 7
    speed: float = 60.0
    """Seconds of the city per second of the exchange."""

    def __post_init__(self) -> None:
        _check("city speed", self.speed, 1, 10_000)


@dataclass(frozen=True, slots=True)
class ExchangeConfig:
    """Settings of one exchange process."""

    products: tuple[Product, ...]
    port: int = DEFAULT_PORT
    """0 picks a free one."""
    cmi_port: int | None = None
    """Of the same market as a CMI exchange; 0 picks a free one, None serves none."""
    cmi_requests_per_s: float = 0.0
    """Requests of one CMI user beyond so many are refused with 429; 0 lets all pass."""
    seed: int = 7
    speed: float = 1.0
    """Exchange seconds per second."""
    heartbeat_s: float = 1.0
    idle_exit_s: float = 180.0
    """Ends when nobody was connected for so long; 0: never."""
    max_unsent_bytes: int = 4 << 20
    """A client that lets more than this pile up is disconnected."""
    max_orders_per_account: int = 256
    max_requests_per_s: int = 500
    """Places and replaces of one account; cancels are never held back."""
    bots: bool = True
    city: CityConfig | None = None
    """Stands behind the products of an event; None lets every value wander by itself."""
    faults: Path | None = None
    """File of what is to go wrong; looked at again while the exchange runs."""

    def __post_init__(self) -> None:
        _check("port", self.port, 0, 65_535)
        _check("cmi_port", self.cmi_port or 0, 0, 65_535)
        _check("cmi_requests_per_s", self.cmi_requests_per_s, 0, 1_000)
        _check("speed", self.speed, 0.01, 100)
        _check("heartbeat_s", self.heartbeat_s, 0.01, 60)
        _check("idle_exit_s", self.idle_exit_s, 0, 86_400)
        if not self.products:
            raise ConfigurationError("an exchange needs at least one product")


def _check(name: str, value: float, lower: float, upper: float) -> None:
    if not lower <= value <= upper:
        raise ConfigurationError(f"exchange {name} = {value} is not between {lower} and {upper}")
