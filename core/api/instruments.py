"""From an instrument's row to its view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.api.decision import correlations, deviations, view_change, view_edge
from core.api.units import NAN, Units, money
from core.domain.decision import ModelView
from core.domain.enums import BookState, OrderOrigin, Outcome, Regime, Side, SignalFault
from core.domain.events import DEPTH
from core.domain.memory import IntArray, Rows
from core.domain.snapshot import (
    BookLevel,
    InstrumentMeta,
    InstrumentView,
    OutcomeView,
    PartView,
    Timeline,
)

_OUTCOMES = tuple(Outcome)
_REGIMES = tuple(Regime)
_ORIGINS = tuple(OrderOrigin)

OwnLots = dict[tuple[int, int, int], int]
"""Leaves of our orders by (instrument, side, price in ticks)."""

Examples = dict[Outcome, OutcomeView]
"""The last evaluation that ended in each code, of one instrument."""

_FIELDS = (
    "book_state", "book_ts_ns", "bid_ticks", "bid_lots", "ask_ticks", "ask_lots", "mid2_ticks",
    "half_spread_ticks", "taker_fee_bps", "microprice_ticks", "last_price_ticks", "obi", "ofi",
    "bars", "bar_start_ns", "level_ticks", "innovation_deviation_ticks", "volatility_ticks",
    "change_probability", "change_bar", "changes", "confirmed_bar", "regime", "regime_since_ns",
    "regime_probability", "mine_code", "signals", "reach_ticks", "coefficient", "edge_ticks",
    "timing_ticks", "cost_ticks", "combined", "confidence", "target_lots", "stopped_side", "stops",
    "outcome", "outcome_value", "outcome_limit", "outcome_ts_ns", "outcome_repeats", "outcomes",
    "position_lots", "cost_nanos", "notional_nanos", "realized_nanos", "unrealized_nanos",
    "fees_nanos", "fills", "part_lots", "part_cost_nanos", "part_realized_nanos",
    "part_fees_nanos", "part_fills",
)  # fmt: skip


def view_instruments(
    rows: Rows,
    params: Rows,
    metas: Sequence[InstrumentMeta],
    units: Sequence[Units],
    own_lots: OwnLots,
    equity: float,
    timelines: Sequence[Timeline],
    models: Sequence[ModelView | None],
    examples: Sequence[Examples],
) -> tuple[InstrumentView, ...]:
    """
    Build the views of all instruments.

    Args:
        rows: INSTRUMENT_STATE.
        params: PARAMS, 1 row.
        metas: By instrument, as are `units`, `timelines`, `models` and `examples`.
        units: Scales.
        own_lots: What we have in the books.
        equity: Of the account, in money.
        timelines: Samples.
        models: Edges in force, where the engine has told.
        examples: From `view_examples`.
    """
    columns: dict[str, Any] = {name: rows[name].tolist() for name in _FIELDS}
    parts = rows["coefficient"] * rows["signals"] * rows["reach_ticks"]
    columns["parts_ticks"] = parts.tolist()
    columns["deviations"] = deviations(rows["signal_covariance"]).tolist()
    columns["correlation"] = correlations(rows["signal_covariance"])
    columns["timeline"] = timelines
    columns["model"] = models
    columns["examples"] = examples
    bar_ms = params["bar_ms"].item()
    return tuple(
        _instrument(
            index,
            meta,
            units[index],
            {name: values[index] for name, values in columns.items()},
            own_lots,
            equity,
            bar_ms,
        )
        for index, meta in enumerate(metas)
    )


def _instrument(
    index: int,
    meta: InstrumentMeta,
    unit: Units,
    row: dict[str, Any],
    own_lots: OwnLots,
    equity: float,
    bar_ms: float,
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
        level_deviation=unit.price(row["innovation_deviation_ticks"]),
        last_price=unit.price_or_nan(row["last_price_ticks"]),
        obi=row["obi"],
        ofi=unit.quantity(row["ofi"]),
        volatility=unit.price(row["volatility_ticks"]),
        regime=Regime(row["regime"]),
        regime_since_ns=row["regime_since_ns"],
        regime_probability={
            regime: row["regime_probability"][regime]
            for regime in _REGIMES
            if regime is not Regime.UNKNOWN
        },
        signals=tuple(row["signals"]),
        reach_ticks=tuple(row["reach_ticks"]),
        coefficients=tuple(row["coefficient"]),
        parts_ticks=tuple(row["parts_ticks"]),
        deviations=tuple(row["deviations"]),
        correlation=row["correlation"],
        edge=view_edge(row),
        combined=row["combined"],
        confidence=row["confidence"],
        change=view_change(row, bar_ms),
        model=row["model"],
        mine_fault=SignalFault(row["mine_code"]),
        stopped_side=row["stopped_side"],
        stops=row["stops"],
        target=unit.quantity(row["target_lots"]),
        outcome=OutcomeView(
            Outcome(row["outcome"]),
            row["outcome_value"],
            row["outcome_limit"],
            row["outcome_ts_ns"],
            row["outcome_repeats"],
        ),
        outcomes=view_outcomes(row["outcomes"]),
        position=unit.quantity(row["position_lots"]),
        avg_entry_price=unit.entry_price(row["cost_nanos"], row["position_lots"]),
        realized_pnl=money(row["realized_nanos"]),
        unrealized_pnl=money(row["unrealized_nanos"]),
        fees=money(row["fees_nanos"]),
        exposure=exposure,
        exposure_pct=share_pct(exposure, equity),
        fills=row["fills"],
        timeline=row["timeline"],
        outcome_examples=row["examples"],
        parts=_parts(row, unit),
    )


def _parts(row: dict[str, Any], unit: Units) -> dict[OrderOrigin, PartView]:
    """List the parts of which there is anything to say."""
    columns = (
        row["part_lots"], row["part_cost_nanos"], row["part_realized_nanos"],
        row["part_fees_nanos"], row["part_fills"],
    )  # fmt: skip
    # Half the value of a tick is whole: a mid between two ticks is exact.
    mark_nanos = row["mid2_ticks"] * (unit.tick_value_nanos // 2)
    return {
        origin: PartView(
            position=unit.quantity(lots),
            avg_entry_price=unit.entry_price(cost, lots),
            realized_pnl=money(realized),
            unrealized_pnl=money(lots * mark_nanos - cost) if mark_nanos else 0.0,
            fees=money(fees),
            fills=fills,
        )
        for origin, lots, cost, realized, fees, fills in zip(_ORIGINS, *columns, strict=True)
        if lots or cost or realized or fees or fills
    }


def share_pct(part: float, whole: float) -> float:
    """Give a share in percent; NaN of a whole that is nothing."""
    if not part:
        return 0.0
    return 100 * part / whole if whole > 0 else NAN


def view_outcomes(counts: Iterable[int]) -> dict[Outcome, int]:
    """Counts that are not zero, by code."""
    return {
        code: count
        for code, count in zip(_OUTCOMES, counts, strict=False)
        if count and code is not Outcome.NONE
    }


def view_examples(rows: Rows, counts: IntArray) -> tuple[Examples, ...]:
    """
    List the newest evaluation of each code, by instrument.

    Args:
        rows: OUTCOME_EXAMPLES, one row an instrument.
        counts: int64, shape (instruments, codes): how many ended so.
    """
    columns = (rows["value"], rows["limit"], rows["ts_ns"], counts)
    return tuple(
        {
            code: OutcomeView(code, value, limit, ts_ns, count)
            for code, value, limit, ts_ns, count in zip(_OUTCOMES, *parts, strict=False)
            if ts_ns
        }
        for parts in zip(*(column.tolist() for column in columns), strict=True)
    )


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
