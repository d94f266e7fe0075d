"""
From the bytes of the engine's state to the snapshot that viewers read.

The engine copies its memory and does no more; all work per field is done here, in the
viewer's process.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.api.brackets import view_brackets
from core.api.decision import view_models, view_spreads
from core.api.instruments import (
    Examples,
    OwnLots,
    share_pct,
    view_examples,
    view_instruments,
    view_outcomes,
)
from core.api.samples import SampleView, view_samples
from core.api.units import Units, money
from core.domain.decision import ModelView
from core.domain.enums import (
    FlattenState,
    OrderOrigin,
    OrderStatus,
    Readiness,
    Side,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.errors import DecodeError
from core.domain.layout import N_LIVE_SECTIONS, N_SHOWN_SECTIONS, Section, layout
from core.domain.memory import Rows
from core.domain.snapshot import (
    AccountView,
    EngineSnapshot,
    InstrumentView,
    OrderView,
    RunMeta,
    Telemetry,
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


class SnapshotDecoder:
    """Turns the states of one run into snapshots; remembers the samples between them."""

    def __init__(self, meta: RunMeta) -> None:
        self._meta = meta
        self._units = tuple(Units(instrument) for instrument in meta.instruments)
        sections = layout(len(meta.instruments))
        self._live = sections[:N_LIVE_SECTIONS]
        self._sampled = sections[N_LIVE_SECTIONS:N_SHOWN_SECTIONS]
        self._samples = SampleView.empty(len(meta.instruments))
        self._models: tuple[ModelView | None, ...] = (None,) * len(meta.instruments)
        self._examples: tuple[Examples, ...] = ({},) * len(meta.instruments)

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
        live = _split(state, self._live)
        try:
            # A number gone wrong is shown as it is; a warning would be printed over the screen.
            with np.errstate(all="ignore"):
                self._take_samples(samples, live)
                return self._snapshot(live, telemetry)
        except (ValueError, IndexError) as error:
            raise DecodeError("engine state", f"holds what it cannot hold: {error}") from error

    def _take_samples(self, samples: bytes, live: dict[str, Rows]) -> None:
        if samples:
            rows = _split(samples, self._sampled)
            head = int(live["account"][0]["history_head"])
            self._samples = view_samples(rows["history"], rows["timeline"], head, self._units)
            self._models = view_models(rows["edges"])
            self._examples = view_examples(rows["examples"], live["instruments"]["outcomes"])

    def _snapshot(self, live: dict[str, Rows], telemetry: Telemetry | None) -> EngineSnapshot:
        head = live["account"][0]
        orders, own_lots = self._orders(live["orders"])
        values = live["params"].view(np.float64)
        instruments = view_instruments(
            live["instruments"],
            live["params"],
            self._meta.instruments,
            self._units,
            own_lots,
            money(int(head["equity_nanos"])),
            self._samples.timelines,
            self._models,
            self._examples,
        )
        return EngineSnapshot(
            seq=int(head["seq"]),
            ts_ns=int(head["ts_ns"]),
            account=_account(head, instruments),
            instruments=instruments,
            orders=orders,
            equity_ts_ns=self._samples.equity_ts_ns,
            equity=self._samples.equity,
            parameters=tuple(float(values[spec.index]) for spec in self._meta.parameters),
            telemetry=telemetry or Telemetry(),
            spreads=view_spreads(live["spreads"], len(self._units)),
            brackets=view_brackets(live["brackets"], self._meta.instruments, self._units),
        )

    def _orders(self, rows: Rows) -> tuple[tuple[OrderView, ...], OwnLots]:
        live = rows[np.isin(rows["status"], LIVE_STATUSES)]
        names = (
            "order_id", "instrument", "side", "price_ticks", "lots", "cum_lots", "status",
            "origin", "created_ts_ns", "bracket", "partner",
        )  # fmt: skip
        views: list[OrderView] = []
        own: OwnLots = {}
        for order_id, index, side, ticks, lots, cum, status, origin, *rest in zip(
            *(live[name].tolist() for name in names), strict=True
        ):
            unit = self._units[index]
            place = (index, side, ticks)
            own[place] = own.get(place, 0) + lots - cum
            views.append(
                OrderView(
                    order_id, index, self._meta.instruments[index].symbol, Side(side),
                    unit.price(ticks), unit.quantity(lots), unit.quantity(cum),
                    OrderStatus(status), OrderOrigin(origin), *rest,
                )
            )  # fmt: skip
        views.sort(key=lambda order: order.order_id)
        return tuple(views), own


def decode(
    meta: RunMeta, state: bytes, samples: bytes = b"", telemetry: Telemetry | None = None
) -> EngineSnapshot:
    """
    Build one snapshot, for who needs only one.

    Raises:
        DecodeError: If a size is not that of this run's layout.
    """
    return SnapshotDecoder(meta).decode(state, samples, telemetry)


def _split(data: bytes, sections: Sequence[Section]) -> dict[str, Rows]:
    expected = sum(section.nbytes for section in sections)
    if len(data) != expected:
        names = ", ".join(section.name for section in sections)
        raise DecodeError("engine state", f"{names}: {len(data)} bytes instead of {expected}")
    arrays: dict[str, Rows] = {}
    start = 0
    for section in sections:
        arrays[section.name] = np.frombuffer(data, section.dtype, section.rows, start)
        start += section.nbytes
    return arrays


def _account(row: Rows, instruments: Sequence[InstrumentView]) -> AccountView:
    values = dict(zip(row.dtype.names, row.item(), strict=True))
    equity = money(values["equity_nanos"])
    exposure = money(values["gross_exposure_nanos"])
    return AccountView(
        trading_state=TradingState(values["trading_state"]),
        state_reason=StateReason(values["state_reason"]),
        state_since_ns=values["state_since_ns"],
        readiness=Readiness(values["readiness"]),
        venue_state=VenueState(values["venue_state"]),
        venue_states=tuple(map(VenueState, row["venue_states"].tolist())),
        equity=equity,
        peak_equity=money(values["peak_equity_nanos"]),
        cash=money(values["cash_nanos"]),
        realized_pnl=money(values["realized_nanos"]),
        unrealized_pnl=money(values["unrealized_nanos"]),
        fees=money(values["fees_nanos"]),
        drawdown_pct=values["drawdown_pct"],
        max_drawdown_pct=values["max_drawdown_pct"],
        exposure=exposure,
        exposure_pct=share_pct(exposure, equity),
        orders=values["orders"],
        fills=values["fills"],
        rejects=values["rejects"],
        open_orders=values["open_orders"],
        evaluations=values["evaluations"],
        outcomes=view_outcomes(row["outcomes"].tolist()),
        flatten_state=FlattenState(values["flatten_state"]),
        flatten_since_ns=values["flatten_since_ns"],
        order_budget=values["order_tokens"],
        request_budget=values["request_tokens"],
        unknown_orders=values["unknown_orders"],
        corrections=values["corrections"],
        unpriced_fees=values["unpriced_fees"],
        foreign_orders=int(row["foreign_orders"].sum()),
        foreign_positions=int(row["foreign_positions"].sum()),
        identity_break=money(values["identity_break_nanos"]),
        models=values["models"],
        models_refused=values["models_refused"],
        manual_realized_pnl=sum(view.manual_realized_pnl for view in instruments),
        manual_unrealized_pnl=sum(view.manual_unrealized_pnl for view in instruments),
        manual_fees=sum(view.manual_fees for view in instruments),
    )
