"""
Every setting, its bounds and its unit.

Nothing has a default here: `config/defaults.toml` holds them all, so that a missing
limit is an error and never a surprise. All bounds are inclusive.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.domain.enums import Mode
from core.domain.instrument import NANOS


def _live(lower: float, upper: float, unit: str, effect: str) -> Any:
    """Describe a number that may be changed while trading."""
    return Field(ge=lower, le=upper, json_schema_extra={"unit": unit, "effect": effect})


class Section(BaseModel):
    """One table of the settings. Unknown keys, guessed types, NaN and infinity are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class AccountSettings(Section):
    """What the account starts with. Changing one needs a restart."""

    capital: Annotated[Decimal, Field(ge=1, le=1_000_000_000)]
    """Equity at the start of a run without history, in units of the currency."""

    currency: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}$")]
    """Name of the currency, shown only: EUR, USDT, XIREC."""

    @property
    def capital_nanos(self) -> int:
        """Capital in billionths of the currency, the unit of money in the kernel."""
        return int(self.capital * NANOS)


class RiskSettings(Section):
    """Limits that every order passes, manual ones included."""

    max_position_pct: float = _live(
        0.1, 100, "% of equity", "Raising it allows a larger position in each instrument."
    )
    """Largest absolute position of one instrument at its mark price."""

    max_exposure_pct: float = _live(
        0.1, 100, "% of equity", "Raising it allows more positions to be open at once."
    )
    """Largest sum of all absolute positions at their mark prices."""

    drawdown_reduce_pct: float = _live(
        0.1, 100, "% of peak", "Raising it keeps targets at full size further into a loss."
    )
    """Fall of equity from its peak that halves every target."""

    drawdown_halt_pct: float = _live(
        0.1, 100, "% of peak", "Raising it lets a loss grow further before trading halts."
    )
    """Fall of equity from its peak that halts trading until somebody re-arms it."""

    max_order_lots: int = _live(1, 1_000_000, "lots", "Raising it allows larger single orders.")
    """Largest single order."""

    price_collar_pct: float = _live(
        0.01, 50, "% of mid", "Raising it allows orders priced further from the market."
    )
    """Furthest an order may be priced from the mid; one tick is always allowed."""

    max_orders_per_s: int = _live(1, 10_000, "orders/s", "Raising it allows a higher order rate.")
    """New orders within one second; cancels and reductions are free of it."""

    max_rejects_in_row: int = _live(
        1, 1_000, "rejects", "Raising it tolerates more refusals before trading halts."
    )
    """Refusals by the venue without an acceptance in between that halt trading as runaway."""

    stale_book_ms: int = _live(
        10, 600_000, "ms", "Raising it trades on older books before calling them stale."
    )
    """Age of a book beyond which nothing new is opened on it."""

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.drawdown_reduce_pct >= self.drawdown_halt_pct:
            raise ValueError(
                f"drawdown_reduce_pct = {self.drawdown_reduce_pct:g} must be below "
                f"drawdown_halt_pct = {self.drawdown_halt_pct:g}: "
                "targets are halved before trading halts"
            )
        if self.max_position_pct > self.max_exposure_pct:
            raise ValueError(
                f"max_position_pct = {self.max_position_pct:g} is above "
                f"max_exposure_pct = {self.max_exposure_pct:g}: "
                "one position would already break the exposure limit"
            )
        return self


class StrategySettings(Section):
    """How a combined signal becomes a target and a target becomes orders."""

    min_signal: float = _live(0, 1, "", "Raising it trades on stronger signals only.")
    """Absolute combined signal below which nothing is opened."""

    take_signal: float = _live(
        0, 1, "", "Raising it posts passively more often instead of crossing the spread."
    )
    """Absolute combined signal from which an order takes liquidity instead of posting."""

    min_confidence: float = _live(0, 1, "", "Raising it trades only when signals agree more.")
    """Agreement of the signals below which nothing is opened."""

    min_regime_probability: float = _live(
        0, 1, "", "Raising it trades only when the regime is clearer."
    )
    """Probability of the likeliest regime below which it counts as uncertain."""

    min_change_pct: float = _live(
        0, 100, "% of position cap", "Raising it trades less often and in larger steps."
    )
    """Change of target that is worth an order, as a share of the largest position allowed."""

    cooldown_ms: int = _live(
        0, 600_000, "ms", "Raising it waits longer between orders of one instrument."
    )
    """Time between two orders of the strategy in one instrument."""

    high_volatility_scale: float = _live(
        0, 1, "", "Raising it keeps targets larger while volatility is high."
    )
    """Factor on the target in the high-volatility regime."""

    kalman_noise_ratio: float = _live(
        1e-6, 10, "", "Raising it lets the estimated price level follow the market faster."
    )
    """Process noise of the Kalman level over its measurement noise."""

    @model_validator(mode="after")
    def _taking_needs_more_than_trading(self) -> Self:
        if self.take_signal < self.min_signal:
            raise ValueError(
                f"take_signal = {self.take_signal:g} is below min_signal = {self.min_signal:g}: "
                "every order would take liquidity"
            )
        return self


class SignalSettings(Section):
    """Weight of each signal in the combination. A negative weight trades against the signal."""

    weight_momentum: float = _live(-1, 1, "", "Raising it follows recent price moves more.")
    """Weight of the move over the last 20 book events."""

    weight_reversion: float = _live(
        -1, 1, "", "Raising it bets more on a return to the Kalman level."
    )
    """Weight of the distance from the Kalman level."""

    weight_obi: float = _live(-1, 1, "", "Raising it follows the resting book more.")
    """Weight of the order-book imbalance over five levels."""

    weight_ofi: float = _live(-1, 1, "", "Raising it follows changes of the best prices more.")
    """Weight of the order-flow imbalance."""

    weight_microprice: float = _live(-1, 1, "", "Raising it follows the size-weighted mid more.")
    """Weight of the microprice's distance from the mid."""

    @model_validator(mode="after")
    def _something_speaks(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError(
                "weight_momentum to weight_microprice are all 0: nothing would ever be traded"
            )
        return self


class VenueSettings(Section):
    """Where orders go. Changing one needs a restart."""

    kind: Literal["practice", "recorded"]
    """`practice` is the exchange that ships with the program; `recorded` is a data set."""

    url: Annotated[str, Field(pattern=r"^(wss?://[^\s/@]+(/\S*)?)?$")]
    """WebSocket address without user and password; empty for recorded data."""

    api_key_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
    """Name of the environment variable that holds the API key. Never the key itself."""

    start_exchange: bool
    """Start the practice exchange where none answers at the address."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Seed of the practice market: the same seed and orders give the same market."""

    speed: Annotated[float, Field(ge=0.1, le=100)]
    """Market seconds of the practice exchange per second."""

    @model_validator(mode="after")
    def _practice_has_an_address(self) -> Self:
        if self.kind == "practice" and not self.url:
            raise ValueError('url = "" is empty: kind = "practice" needs the address to connect to')
        if self.kind == "recorded" and self.start_exchange:
            raise ValueError('start_exchange = true needs kind = "practice"')
        return self


class InstrumentFile(Section):
    """What is traded."""

    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    """Name of a file in `config/instruments`, without its ending."""


class JournalSettings(Section):
    """The write-ahead journal. Changing one needs a restart."""

    checkpoint_ms: Annotated[int, Field(ge=50, le=60_000)]
    """How often written events are moved from the write-ahead log into the database."""

    max_wal_mb: Annotated[int, Field(ge=4, le=4_096)]
    """Size of the write-ahead log beyond which the writer waits for it to be moved."""

    state_every_s: Annotated[int, Field(ge=1, le=3_600)]
    """How often the engine's whole state is saved, to make recovery short."""

    keep_states: Annotated[int, Field(ge=1, le=100)]
    """Saved states that are kept; the oldest go first."""


class LogSettings(Section):
    """The log beside the journal. Changing one needs a restart."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    """Least severe line that is kept."""

    rotation_mb: Annotated[int, Field(ge=1, le=1_024)]
    """Size at which a new file is begun."""

    retention_files: Annotated[int, Field(ge=1, le=100)]
    """Older files that are kept."""

    queue_lines: Annotated[int, Field(ge=16, le=1_000_000)]
    """Lines that may wait for the disk; further ones are dropped and counted."""


class PublishSettings(Section):
    """What viewers get. Changing one needs a restart."""

    snapshots_per_s: Annotated[float, Field(ge=0.1, le=60)]
    """Snapshots that a viewer gets unless it asks for another pace."""

    notices_kept: Annotated[int, Field(ge=10, le=100_000)]
    """Orders, fills and alarms remembered for viewers that attach later."""


class Settings(Section):
    """Everything that can be set, frozen for the length of a run."""

    profile: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    """Name of the profile these settings were built on; chosen by `--profile`."""

    mode: Mode
    """What is at stake; stamped on every screen."""

    account: AccountSettings
    risk: RiskSettings
    strategy: StrategySettings
    signals: SignalSettings
    venue: VenueSettings
    instruments: InstrumentFile
    journal: JournalSettings
    log: LogSettings
    publish: PublishSettings

    @model_validator(mode="after")
    def _mode_fits_the_venue(self) -> Self:
        if self.mode is Mode.LIVE:
            raise ValueError(
                f'mode = "{self.mode}" needs a real venue; '
                f'venue.kind = "{self.venue.kind}" allows SIM, PAPER and REPLAY'
            )
        return self
