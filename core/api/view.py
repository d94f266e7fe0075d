"""
From the bytes of the engine's state to the snapshot that viewers read.

The engine copies its memory and does no more; all work per field is done here, in the
viewer's process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from core.api.samples import SampleView, view_samples
from core.api.units import NAN, Units, money
from core.domain.enums import (
    BookState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Side,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.errors import DecodeError
from core.domain.events import DEPTH
from core.domain.layout import N_LIVE_SECTIONS, N_SHOWN_SECTIONS, layout
from core.domain.memory import FloatArray, Rows
from core.domain.snapshot import (
    AccountView,
    BookLevel,
    EngineSnapshot,
    InstrumentMeta,
    InstrumentView,
    OrderView,
    OutcomeView,
    RunMeta,
    Telemetry,
    Timeline,
)

LIVE_STATUSES = (
    OrderStatus.PENDING_NEW,
    OrderStatus.OPEN,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.PENDING_CANCEL,
    OrderStatus.PENDING_REPLACE,
    OrderStatus.UNKNOWN,
)
"""An order in one of these may still be filled."""

_OUTCOMES = tuple(Outcome)
_REGIMES = tuple(Regime)

OwnLots = dict[tuple[int, int, int], int]
"""Leaves of our orders by (instrument, side, price in ticks)."""


class SnapshotDecoder:
    """Turns the states of one run into snapshots; remembers the samples between them."""

    def __init__(self, meta: RunMeta) -> None:
        self._meta = meta
        self._units = tuple(Units(instrument) for instrument in meta.instruments)
        sections = layout(len(meta.instruments))
        self._live = sections[:N_LIVE_SECTIONS]
        self._sampled = sections[N_LIVE_SECTIONS:N_SHOWN_SECTIONS]
        self._samples = SampleView.empty(len(meta.instruments))

    def decode(
        self, state: bytes, samples: bytes = b"", telemetry: Telemetry | None = None
    ) -> EngineSnapshot:
        """
        Build the snapshot of one state.

        Args:
            state: Live sections.
            samples: The other sections; empty when they are those of the call before.
            telemetry: What the engine measured of itself beside it.

        Raises:
            DecodeError: If a size is not that of this run's layout, or a field says what
                it cannot say.
        """
        account, params, instruments, orders, _spreads = _split(state, self._live)
        try:
            # A number gone wrong is shown as it is; a warning would be printed over the screen.
            with np.errstate(all="ignore"):
                self._take_samples(samples, int(account[0]["history_head"]))
                return self._snapshot(account[0], params, instruments, orders, telemetry)
        except (ValueError, IndexError) as error:
            raise DecodeError("engine state", f"holds what it cannot hold: {error}") from error

    def _take_samples(self, samples: bytes, history_head: int) -> None:
        if samples:
            history, timeline = _split(samples, self._sampled)
            self._samples = view_samples(history, timeline, history_head, self._units)

    def _snapshot(
        self, head: Rows, params: Rows, instruments: Rows, orders: Rows, telemetry: Telemetry | None
    ) -> EngineSnapshot:
        order_views, own_lots = self._orders(orders)
        values = params.view(np.float64)
        return EngineSnapshot(
            seq=int(head["seq"]),
            ts_ns=int(head["ts_ns"]),
            account=_account(head),
            instruments=self._instruments(instruments, own_lots, money(int(head["equity_nanos"]))),
            orders=order_views,
            equity_ts_ns=self._samples.equity_ts_ns,
            equity=self._samples.equity,
            parameters=tuple(float(values[spec.index]) for spec in self._meta.parameters),
            telemetry=telemetry or Telemetry(),
        )

    def _orders(self, rows: Rows) -> tuple[tuple[OrderView, ...], OwnLots]:
        live = rows[np.isin(rows["status"], LIVE_STATUSES)]
        names = (
            "order_id", "instrument", "side", "price_ticks", "lots", "cum_lots", "status",
            "origin", "created_ts_ns",
        )  # fmt: skip
        views: list[OrderView] = []
        own: OwnLots = {}
        for order_id, index, side, ticks, lots, cum, status, origin, created in zip(
            *(live[name].tolist() for name in names), strict=True
        ):
            unit = self._units[index]
            place = (index, side, ticks)
            own[place] = own.get(place, 0) + lots - cum
            views.append(
                OrderView(
                    order_id, index, self._meta.instruments[index].symbol, Side(side),
                    unit.price(ticks), unit.quantity(lots), unit.quantity(cum),
                    OrderStatus(status), OrderOrigin(origin), created,
                )
            )  # fmt: skip
        views.sort(key=lambda order: order.order_id)
        return tuple(views), own

    def _instruments(
        self, rows: Rows, own_lots: OwnLots, equity: float
    ) -> tuple[InstrumentView, ...]:
        columns = {name: rows[name].tolist() for name in _FIELDS}
        correlation = correlations(rows["signal_covariance"])
        return tuple(
            _instrument(
                index,
                meta,
                self._units[index],
                {name: values[index] for name, values in columns.items()},
                own_lots,
                correlation[index],
                equity,
                self._samples.timelines[index],
            )
            for index, meta in enumerate(self._meta.instruments)
        )


def decode(
    meta: RunMeta, state: bytes, samples: bytes = b"", telemetry: Telemetry | None = None
) -> EngineSnapshot:
    """
    Build one snapshot, for who needs only one.

    Raises:
        DecodeError: If a size is not that of this run's layout.
    """
    return SnapshotDecoder(meta).decode(state, samples, telemetry)


_FIELDS = (
    "book_state", "book_ts_ns", "bid_ticks", "bid_lots", "ask_ticks", "ask_lots", "mid2_ticks",
    "microprice_ticks", "last_price_ticks", "obi", "ofi", "level_ticks", "momentum_ticks",
    "volatility_ticks", "regime", "regime_since_ns", "regime_probability", "signals", "combined",
    "confidence", "target_lots", "outcome", "outcome_value", "outcome_limit", "outcome_ts_ns",
    "outcome_repeats", "outcomes", "position_lots", "cost_nanos", "notional_nanos",
    "realized_nanos", "unrealized_nanos", "fees_nanos", "fills",
)  # fmt: skip


def _split(data: bytes, sections: Sequence[Any]) -> list[Rows]:
    expected = sum(section.nbytes for section in sections)
    if len(data) != expected:
        names = ", ".join(section.name for section in sections)
        raise DecodeError("engine state", f"{names}: {len(data)} bytes instead of {expected}")
    arrays = []
    start = 0
    for section in sections:
        arrays.append(np.frombuffer(data, section.dtype, section.rows, start))
        start += section.nbytes
    return arrays


def _account(row: Rows) -> AccountView:
    values = dict(zip(row.dtype.names, row.item(), strict=True))
    equity = money(values["equity_nanos"])
    exposure = money(values["gross_exposure_nanos"])
    return AccountView(
        trading_state=TradingState(values["trading_state"]),
        state_reason=StateReason(values["state_reason"]),
        state_since_ns=values["state_since_ns"],
        readiness=Readiness(values["readiness"]),
        venue_state=VenueState(values["venue_state"]),
        equity=equity,
        peak_equity=money(values["peak_equity_nanos"]),
        cash=money(values["cash_nanos"]),
        realized_pnl=money(values["realized_nanos"]),
        unrealized_pnl=money(values["unrealized_nanos"]),
        fees=money(values["fees_nanos"]),
        drawdown_pct=values["drawdown_pct"],
        max_drawdown_pct=values["max_drawdown_pct"],
        exposure=exposure,
        exposure_pct=_share_pct(exposure, equity),
        orders=values["orders"],
        fills=values["fills"],
        rejects=values["rejects"],
        open_orders=values["open_orders"],
        evaluations=values["evaluations"],
        outcomes=_outcomes(row["outcomes"].tolist()),
        flattening=bool(values["flattening"]),
        order_budget=values["order_tokens"],
    )


def _instrument(
    index: int,
    meta: InstrumentMeta,
    unit: Units,
    row: dict[str, Any],
    own_lots: OwnLots,
    correlation: tuple[tuple[float, ...], ...],
    equity: float,
    timeline: Timeline,
) -> InstrumentView:
    bids = _levels(row["bid_ticks"], row["bid_lots"], _own(own_lots, index, Side.BUY), unit, -1)
    asks = _levels(row["ask_ticks"], row["ask_lots"], _own(own_lots, index, Side.SELL), unit, 1)
    has_bid, has_ask = row["bid_lots"][0] > 0, row["ask_lots"][0] > 0
    two_sided = has_bid and has_ask
    exposure = money(abs(row["notional_nanos"]))
    return InstrumentView(
        index=index,
        symbol=meta.symbol,
        book_state=BookState(row["book_state"]),
        book_ts_ns=row["book_ts_ns"],
        bids=bids,
        asks=asks,
        bid=unit.price(row["bid_ticks"][0]) if has_bid else NAN,
        ask=unit.price(row["ask_ticks"][0]) if has_ask else NAN,
        mid=unit.price_or_nan(row["mid2_ticks"] / 2) if two_sided else NAN,
        microprice=unit.price_or_nan(row["microprice_ticks"]) if two_sided else NAN,
        level=unit.price_or_nan(row["level_ticks"]),
        last_price=unit.price_or_nan(row["last_price_ticks"]),
        obi=row["obi"],
        ofi=unit.quantity(row["ofi"]),
        momentum=unit.price(row["momentum_ticks"]),
        volatility=unit.price(row["volatility_ticks"]),
        regime=Regime(row["regime"]),
        regime_since_ns=row["regime_since_ns"],
        regime_probability={
            regime: row["regime_probability"][regime]
            for regime in _REGIMES
            if regime is not Regime.UNKNOWN
        },
        signals=tuple(row["signals"]),
        correlation=correlation,
        combined=row["combined"],
        confidence=row["confidence"],
        target=unit.quantity(row["target_lots"]),
        outcome=OutcomeView(
            Outcome(row["outcome"]),
            row["outcome_value"],
            row["outcome_limit"],
            row["outcome_ts_ns"],
            row["outcome_repeats"],
        ),
        outcomes=_outcomes(row["outcomes"]),
        position=unit.quantity(row["position_lots"]),
        avg_entry_price=unit.entry_price(row["cost_nanos"], row["position_lots"]),
        realized_pnl=money(row["realized_nanos"]),
        unrealized_pnl=money(row["unrealized_nanos"]),
        fees=money(row["fees_nanos"]),
        exposure=exposure,
        exposure_pct=_share_pct(exposure, equity),
        fills=row["fills"],
        timeline=timeline,
    )


def _share_pct(part: float, whole: float) -> float:
    if not part:
        return 0.0
    return 100 * part / whole if whole > 0 else NAN


def _outcomes(counts: Iterable[int]) -> dict[Outcome, int]:
    return {
        code: count
        for code, count in zip(_OUTCOMES, counts, strict=False)
        if count and code is not Outcome.NONE
    }


def _own(own_lots: OwnLots, index: int, side: Side) -> dict[int, int]:
    return {ticks: lots for (i, s, ticks), lots in own_lots.items() if i == index and s == side}


def _levels(
    ticks: list[int], lots: list[int], own: dict[int, int], unit: Units, direction: int
) -> tuple[BookLevel, ...]:
    """
    Merge the venue's levels with ours, best first.

    A price where only we quote has quantity 0: the venue has not shown it (yet).
    """
    levels = [(price, size) for price, size in zip(ticks, lots, strict=True) if size > 0]
    unseen = own.keys() - {price for price, _ in levels}
    if unseen:
        levels += [(price, 0) for price in unseen]
        levels.sort(key=lambda level: direction * level[0])
    return tuple(
        BookLevel(unit.price(price), unit.quantity(size), unit.quantity(own.get(price, 0)))
        for price, size in levels[:DEPTH]
    )


def correlations(covariance: FloatArray) -> tuple[tuple[tuple[float, ...], ...], ...]:
    """Correlate the signals of each instrument; 0 for one that never moved or is not finite."""
    deviation = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0))
    scale = deviation[:, :, None] * deviation[:, None, :]
    safe = np.where(scale > 0, scale, 1.0)
    correlation = np.where(scale > 0, np.clip(covariance / safe, -1.0, 1.0), 0.0)
    correlation[~np.isfinite(correlation)] = 0.0
    return tuple(tuple(map(tuple, matrix)) for matrix in correlation.tolist())
