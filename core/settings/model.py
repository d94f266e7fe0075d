"""
Every setting, its bounds and its unit.

Nothing has a default here: `config/defaults.toml` holds them all, so that a missing
limit is an error and never a surprise. All bounds are inclusive.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from core.domain.enums import Mode
from core.domain.instrument import NANOS
from core.domain.records import BARS_KEPT
from core.settings.city import CitySettings
from core.settings.data import DataSettings
from core.settings.simulation import SimulationSettings
from core.settings.venue import VenueSettings
from core.tables.section import Section

_FUNCTION = r"^([A-Za-z_][\w.]*:[A-Za-z_]\w*)?$"
"""`package.module:function`, or nothing."""


def _live(lower: float, upper: float, unit: str, effect: str) -> Any:
    """Describe a number that may be changed while trading."""
    return Field(ge=lower, le=upper, json_schema_extra={"unit": unit, "effect": effect})


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

    max_order_value_pct: float = _live(
        0.01, 100, "% of equity", "Raising it allows single orders of greater worth."
    )
    """Largest worth of a single order at the mark price. Reductions are free of it."""

    price_collar_pct: float = _live(
        0.01, 50, "% of mid", "Raising it allows orders priced further from the market."
    )
    """Furthest an order may be priced from the mid; one tick is always allowed."""

    max_orders_per_s: int = _live(1, 10_000, "orders/s", "Raising it allows a higher order rate.")
    """New orders within one second; cancels and reductions are free of it."""

    max_requests_per_s: int = _live(
        1,
        100_000,
        "requests/s",
        "Raising it sends more than the venue takes, unless it takes more.",
    )
    """
    What the venue takes from us within one second, cancels included.

    When it runs short, the orders that are worth most go first.
    """

    max_rejects_in_row: int = _live(
        1, 1_000, "rejects", "Raising it tolerates more refusals before trading halts."
    )
    """Refusals by the venue without an acceptance in between that halt trading as runaway."""

    max_repeated_orders: int = _live(
        2, 10_000, "orders", "Raising it tolerates more repetitions before trading halts."
    )
    """The same order again, each within a second of the last and without a fill, that halt."""

    max_idle_fills: int = _live(
        2, 100_000, "fills/min", "Raising it tolerates more trading back and forth before a halt."
    )
    """Fills of one instrument within a minute that halt if they got nowhere and lost money."""

    stale_book_ms: int = _live(
        10, 600_000, "ms", "Raising it trades on older books before calling them stale."
    )
    """Age of a book beyond which nothing new is opened on it."""

    max_clock_skew_ms: int = _live(
        0, 3_600_000, "ms", "Raising it tolerates a clock that differs more from the venue's."
    )
    """Between a book's time at the venue and here, beyond which nothing new is opened; 0: off."""

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
        0, 0.5, "", "Raising it keeps targets larger while volatility is high."
    )
    """Factor on the target in the high-volatility regime: at most a half."""

    slippage_ticks: float = _live(
        0, 1_000, "ticks", "Raising it takes liquidity for larger expected moves only."
    )
    """What taking costs beyond half the spread and the fee."""

    passive_edge: float = _live(
        -10, 1, "half spreads", "Raising it posts more readily before own fills have told."
    )
    """What a passive fill is assumed to gain until its bar closes."""

    max_bar_risk_pct: float = _live(
        0.001, 100, "% of equity", "Raising it allows larger positions in volatile products."
    )
    """Largest typical move of one position's worth within one bar."""

    max_settlement_risk_pct: float = _live(
        0.001, 100, "% of equity", "Raising it allows larger positions in what settles uncertainly."
    )
    """Largest usual miss of one position's settlement, by the error of its fair value."""

    stop_trending: float = _live(
        0, 100, "deviations", "Raising it lets a trending position give back more."
    )
    """Trailing stop from the best price, in deviations of a 20-bar move; 0 for none."""

    stop_mean_reverting: float = _live(
        0, 100, "deviations", "Raising it waits longer for a price to come back."
    )
    """Stop from the entry price while the market is mean-reverting; 0 for none."""

    stop_volatile: float = _live(
        0, 100, "deviations", "Raising it sits out larger swings in a volatile market."
    )
    """Stop from the entry price while volatility is high; 0 for none."""

    change_doubt: float = _live(
        0, 1, "", "Raising it trades less after the market has changed its ways."
    )
    """Share of confidence lost right after a confirmed change point."""

    change_bars: int = _live(0, 10_000, "bars", "Raising it doubts for longer after a change.")
    """Bars until that doubt is gone."""

    bar_ms: int = _live(10, 3_600_000, "ms", "Raising it makes the models look further back.")
    """Length of a bar, the beat of levels, regimes and change points."""

    stale_observation_s: float = _live(
        1, 604_800, "s", "Raising it believes older observations from outside the market."
    )
    """Age beyond which a fair value or a city observation says nothing."""

    kalman_noise_ratio: float = _live(
        1e-6, 10, "", "Raising it lets the estimated price level follow the market faster."
    )
    """Process noise of the Kalman level over its measurement noise, until a fit replaces it."""

    target: Annotated[str, Field(pattern=_FUNCTION)]
    """
    Your own target as `package.module:function`, empty for none. Needs a restart.

    It names the share of the largest position allowed that it wants, -1 to 1, in place of
    signals, thresholds and sizing.
    """

    python: Annotated[str, Field(pattern=r"^(.+:[A-Za-z_]\w*)?$")]
    """
    Your own strategy as `package.module:Class` or `file.py:Class`, empty for none.

    It decides in place of the built-in evaluation. Needs a restart.
    """

    timeout_s: Annotated[float, Field(ge=0.05, le=600)]
    """Longest that one call into your own strategy may take, in s."""

    memory_mb: Annotated[int, Field(ge=64, le=1_000_000)]
    """What your own strategy may allocate, in MB."""

    @model_validator(mode="after")
    def _taking_needs_more_than_trading(self) -> Self:
        if self.take_signal < self.min_signal:
            raise ValueError(
                f"take_signal = {self.take_signal:g} is below min_signal = {self.min_signal:g}: "
                "every order would take liquidity"
            )
        return self


def _weight(what: str) -> Any:
    return _live(-3, 3, "", f"Raising it makes more of {what}.")


class SignalSettings(Section):
    """
    How much of each signal is made: 1 as fitted, 0 nothing, below 0 the contrary.

    A weight multiplies the signal's edge, which `edge` assumes and a fit measures.
    """

    weight_momentum: float = _weight("recent price moves")
    """Weight of the move over the last 20 bars."""

    weight_reversion: float = _weight("the way back to the Kalman level")
    """Weight of the distance from the Kalman level."""

    weight_volatility: float = _weight("rising volatility")
    """Weight of short against long volatility."""

    weight_obi: float = _weight("the resting book")
    """Weight of the order-book imbalance over five levels."""

    weight_ofi: float = _weight("changes of the book")
    """Weight of the order-flow imbalance over five levels."""

    weight_microprice: float = _weight("the size-weighted mid")
    """Weight of the microprice's distance from the mid."""

    weight_depth: float = _weight("the average prices of the whole book")
    """Weight of the distance from the size-weighted middle of five levels."""

    weight_trade_flow: float = _weight("public trades")
    """Weight of the balance of aggressive buyers and sellers."""

    weight_spread: float = _weight("baskets and pairs")
    """Weight of the distance of a basket or pair from its usual spread."""

    weight_fair_value: float = _weight("theoretical prices")
    """Weight of the distance from a theoretical price."""

    weight_weather: float = _weight("the weather")
    """Weight of the weather momentum."""

    weight_air_quality: float = _weight("air quality")
    """Weight of the change of air quality."""

    weight_flights: float = _weight("flights")
    """Weight of the trend of flight volume."""

    weight_mine: float = _weight("your own signal")
    """Weight of your own signal."""

    mine: Annotated[str, Field(pattern=_FUNCTION)]
    """Your own signal as `package.module:function`, empty for none. Needs a restart."""

    @model_validator(mode="after")
    def _something_speaks(self) -> Self:
        if not any(
            getattr(self, name) for name in type(self).model_fields if name.startswith("weight_")
        ):
            raise ValueError("every weight is 0: nothing would ever be traded")
        return self


_Edge = Annotated[float, Field(ge=-10, le=10)]


class EdgeSettings(Section):
    """
    What a signal is assumed to be worth until a fit has measured it. Needs a restart.

    Ticks of expected move per tick of the signal's reach: 0 is none, 1 all of it.
    """

    momentum: _Edge
    """Edge of the move over the last 20 bars."""

    reversion: _Edge
    """Edge of the distance from the Kalman level."""

    volatility: _Edge
    """Edge of short against long volatility."""

    obi: _Edge
    """Edge of the order-book imbalance over five levels."""

    ofi: _Edge
    """Edge of the order-flow imbalance over five levels."""

    microprice: _Edge
    """Edge of the microprice's distance from the mid."""

    depth: _Edge
    """Edge of the distance from the size-weighted middle of five levels."""

    trade_flow: _Edge
    """Edge of the balance of aggressive buyers and sellers."""

    spread: _Edge
    """Edge of the distance of a basket or pair from its usual spread."""

    fair_value: _Edge
    """Edge of the distance from a theoretical price."""

    weather: _Edge
    """Edge of the weather momentum."""

    air_quality: _Edge
    """Edge of the change of air quality."""

    flights: _Edge
    """Edge of the trend of flight volume."""

    mine: _Edge
    """Edge of your own signal."""


_Triple = Annotated[tuple[_Edge, _Edge, _Edge], Field(min_length=3, max_length=3)]
_Spreads = Annotated[
    tuple[
        Annotated[float, Field(ge=0.01, le=100)],
        Annotated[float, Field(ge=0.01, le=100)],
        Annotated[float, Field(ge=0.01, le=100)],
    ],
    Field(min_length=3, max_length=3),
]


class RegimeSettings(Section):
    """
    The regimes that are assumed until a fit has found others. Needs a restart.

    Each is told by three features: the bar's return in deviations, the logarithm of fast
    over slow volatility, and the autocorrelation of returns.
    """

    stay_probability: Annotated[float, Field(ge=0.4, le=0.9999)]
    """Probability that a regime lasts for another bar."""

    trending: _Triple
    """Means of the three features in a trending market."""

    trending_deviation: _Spreads
    """Their standard deviations."""

    mean_reverting: _Triple
    """Means of the three features in a mean-reverting market."""

    mean_reverting_deviation: _Spreads
    """Their standard deviations."""

    high_volatility: _Triple
    """Means of the three features in a volatile market."""

    high_volatility_deviation: _Spreads
    """Their standard deviations."""


class ModelSettings(Section):
    """What the engine knows when it starts, and how it learns more. Needs a restart."""

    file: str
    """Model file of `imc-cockpit fit` to start with; empty for the assumptions above."""

    refit: bool
    """Fit the models again while trading, in a process of their own."""

    refit_every_s: Annotated[int, Field(ge=5, le=86_400)]
    """Time between two fits; a change point brings the next one forward."""

    refit_bars: Annotated[int, Field(ge=100, le=BARS_KEPT)]
    """Most bars of each instrument that a fit looks at."""

    fit_timeout_s: Annotated[float, Field(ge=0.1, le=3_600)]
    """A fit that takes longer is killed, and the models stay as they are."""


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
    edge: EdgeSettings
    regimes: RegimeSettings
    models: ModelSettings
    venue: VenueSettings
    simulation: SimulationSettings
    city: CitySettings
    instruments: InstrumentFile
    data: DataSettings
    journal: JournalSettings
    log: LogSettings
    publish: PublishSettings

    @model_validator(mode="after")
    def _mode_fits_the_venue(self) -> Self:
        at_stake = self.venue.mode
        if at_stake is not None and self.mode is not at_stake:
            raise ValueError(
                f'mode = "{self.mode}" is not what venue.kind = "{self.venue.kind}" with '
                f'venue.network = "{self.venue.network}" puts at stake: mode = "{at_stake}"'
            )
        if at_stake is None and self.mode in (Mode.LIVE, Mode.TESTNET):
            raise ValueError(
                f'mode = "{self.mode}" needs a real venue; '
                f'venue.kind = "{self.venue.kind}" allows SIM, PAPER and REPLAY'
            )
        return self
