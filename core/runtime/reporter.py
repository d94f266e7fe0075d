"""Turns what happens into lines that a person reads: the trade log and the alarms."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

import numpy as np

from core.api.notice_log import NoticeLog
from core.domain.enums import (
    EventKind,
    IntentKind,
    LiquiditySide,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    RejectReason,
    Side,
    Signal,
    SignalFault,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.events import IOC, EventRow
from core.domain.instrument import NANOS, Instrument
from core.domain.records import ACCOUNT
from core.domain.snapshot import Notice
from core.kernel.state import KernelState
from core.runtime.engine import IntentTuple

_header = struct.Struct("<15q").unpack_from

_QUIET = frozenset({EventKind.BOOK.value, EventKind.TIMER.value})
_MOST_SIGNALS = 4
"""Named in the reason of an order: those that count most."""
_REMEMBERED_REASONS = 1_024
"""Orders whose reason is kept for the notices of their fills."""

_STATE_REASONS = {
    StateReason.NONE: "",
    StateReason.OPERATOR: "by the operator",
    StateReason.DRAWDOWN_HALT: "the drawdown reached its limit",
    StateReason.RUNAWAY: "too many refusals in a row",
    StateReason.JOURNAL_FAILED: "the journal cannot be written",
    StateReason.NUMERIC_FAILURE: "a deciding number is not one",
    StateReason.RESTORED: "carried over from the last run",
    StateReason.STOPPING: "the engine is stopping",
    StateReason.POSITION_MISMATCH: "the venue holds another position",
    StateReason.INTERNAL_ERROR: "an event could not be applied",
}
_FAULTS = {
    SignalFault.NONE: "is well",
    SignalFault.RAISED: "raised an exception",
    SignalFault.NOT_FINITE: "returned no finite number",
    SignalFault.OUT_OF_BOUNDS: "left [-1, 1]",
}
_SHORT = {
    Signal.MOMENTUM: "mom",
    Signal.REVERSION: "rev",
    Signal.VOLATILITY: "vol",
    Signal.OBI: "obi",
    Signal.OFI: "ofi",
    Signal.MICROPRICE: "micro",
    Signal.DEPTH: "depth",
    Signal.TRADE_FLOW: "flow",
    Signal.SPREAD: "spread",
    Signal.FAIR_VALUE: "fair",
    Signal.WEATHER: "weather",
    Signal.AIR_QUALITY: "air",
    Signal.FLIGHTS: "flights",
    Signal.MINE: "mine",
}


def _word(offset: str) -> int:
    """Index of a field of the account among its 8-byte words."""
    assert ACCOUNT.fields is not None
    return int(ACCOUNT.fields[offset][1]) // 8


_STATE = _word("trading_state")
_READINESS = _word("readiness")
_DUPLICATES = _word("duplicate_fills")
_BAD_SIGNALS = _word("outcomes") + Outcome.BAD_SIGNAL.value


class Reporter:
    """
    Watches the engine and writes notices.

    The usual event, a book that changes nothing but numbers, costs four comparisons.
    """

    def __init__(
        self,
        notices: NoticeLog,
        state: KernelState,
        instruments: Sequence[Instrument],
        log: Callable[[Notice], None],
    ) -> None:
        self._notices = notices
        self._log = log
        self._state = state
        self._instruments = instruments
        self._account = state.account.view(np.int64)
        self._trading_state = TradingState.ACTIVE.value
        self._readiness = Readiness.WARMING.value
        self._duplicates = 0
        self._bad_signals = 0
        self._quarantined: set[int] = set()
        self._reasons: dict[int, str] = {}

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Say what an event and its intents mean to a person."""
        kind = row[24]
        if kind not in _QUIET:
            self._on_event(row, kind)
        account = self._account
        if account[_STATE] != self._trading_state:
            self._on_trading_state(int(account[_STATE]))
        if account[_READINESS] != self._readiness:
            self._on_readiness(int(account[_READINESS]))
        if account[_BAD_SIGNALS] != self._bad_signals:
            self._bad_signals = int(account[_BAD_SIGNALS])
            self._on_bad_signal()
        if intents:
            self._on_intents(intents)

    def say(self, kind: str, severity: str, text: str, instrument: str = "") -> None:
        """Add a notice of one's own."""
        self._keep(Notice(0, self._ts_ns(), kind, severity, text, instrument))

    def _keep(self, notice: Notice) -> None:
        self._log(self._notices.append(notice))

    def _ts_ns(self) -> int:
        return int(self._state.account["ts_ns"][0])

    def _on_event(self, row: EventRow, kind: int) -> None:
        if kind == EventKind.FILL:
            self._on_fill(row)
        elif kind == EventKind.ORDER_REPORT:
            self._on_order_report(row)
        elif kind == EventKind.VENUE_STATE:
            self._on_venue_state(row)

    def _on_fill(self, row: EventRow) -> None:
        (_, _, _, _, index, order_id, side, ticks, lots, _, _, liquidity, trade_id, fee, _) = (
            _header(row)
        )
        duplicates = int(self._account[_DUPLICATES])
        if duplicates != self._duplicates:
            self._duplicates = duplicates
            self.say("fill", "warning", f"repeated fill {trade_id} ignored", self._symbol(index))
            return
        instrument = self._instruments[index]
        how = {LiquiditySide.MAKER: ", maker", LiquiditySide.TAKER: ", taker"}.get(liquidity, "")
        cost = f", fee {fee / NANOS:.2f}" if fee else ""
        held = instrument.to_quantity(int(self._state.instruments[index]["position_lots"]))
        self._append(
            "fill", "info", index, side, ticks, lots, order_id,
            f"filled{how}{cost}, position {held:+f}",
            self._reasons.get(order_id, ""),
        )  # fmt: skip

    def _on_order_report(self, row: EventRow) -> None:
        (_, _, _, _, index, order_id, side, ticks, lots, _, status, code, _, _, _) = _header(row)
        if code == RejectReason.NONE:
            return
        reason = RejectReason(code).name
        refused = "refused" if status == OrderStatus.REJECTED else "change refused, order stands"
        if status == OrderStatus.CANCELED:
            refused = "was gone already"
        self._append(
            "reject", "warning", index, side, ticks, lots, order_id, f"{refused}: {reason}", ""
        )

    def _on_venue_state(self, row: EventRow) -> None:
        status = VenueState(_header(row)[10])
        if status is VenueState.SYNCED:
            self.say("venue", "info", "connected; orders and positions agree with the venue")
        elif status is VenueState.DOWN and not self._state.account["stopping"][0]:
            self.say("venue", "alarm", "connection lost; nothing new is opened until it is back")

    def _on_trading_state(self, value: int) -> None:
        self._trading_state = value
        state = TradingState(value)
        reason = _STATE_REASONS[StateReason(int(self._state.account["state_reason"][0]))]
        severity = "info" if state is TradingState.ACTIVE else "alarm"
        advice = {
            TradingState.ACTIVE: "may open and close",
            TradingState.REDUCING: "only shrinks positions",
            TradingState.HALTED: "nothing rests; resume re-arms",
        }[state]
        self.say("state", severity, f"{state.name} {reason}: {advice}".replace("  ", " "))

    def _on_readiness(self, value: int) -> None:
        self._readiness = value
        readiness = Readiness(value)
        if readiness is Readiness.STALE:
            self.say("risk", "alarm", "STALE: no book has come in time; nothing new is opened")
        elif readiness is Readiness.READY:
            self.say("engine", "info", "READY")

    def _on_bad_signal(self) -> None:
        """Name every instrument whose own signal is newly out: a batch may hold several."""
        reported = self._state.instruments["mine_reported"]
        for index in np.flatnonzero(reported).tolist():
            if index in self._quarantined:
                continue
            self._quarantined.add(index)
            fault = SignalFault(int(self._state.instruments["mine_code"][index]))
            self.say(
                "risk",
                "alarm",
                f"your own signal {_FAULTS[fault]}: it is out for the rest of the run",
                self._symbol(index),
            )

    def _on_intents(self, intents: Sequence[IntentTuple]) -> None:
        for kind, index, order_id, side, ticks, lots, terms, origin in intents:
            if kind != IntentKind.PLACE:
                continue
            reason = self._reason(index) if origin == OrderOrigin.STRATEGY else ""
            self._remember(order_id, reason)
            who = "" if origin == OrderOrigin.STRATEGY else f"{OrderOrigin(origin).name.lower()} "
            how = "take" if terms & IOC else "post"
            self._append("order", "info", index, side, ticks, lots, order_id, f"{who}{how}", reason)

    def _reason(self, index: int) -> str:
        """What spoke for an order: signals, their sum, confidence, regime, target."""
        row = self._state.instruments[index]
        terms = row["coefficient"] * row["signals"] * row["reach_ticks"]
        loudest = np.argsort(-np.abs(terms), kind="stable")[:_MOST_SIGNALS]
        parts = [
            f"{_SHORT[Signal(signal)]} {row['signals'][signal]:+.2f}"
            for signal in loudest.tolist()
            if terms[signal] != 0.0
        ]
        regime = Regime(int(row["regime"]))
        probability = row["regime_probability"][regime]
        name = regime.name.lower().replace("_", "-")
        target = self._instruments[index].to_quantity(int(row["target_lots"]))
        return (
            f"{' '.join(parts)} = {row['edge_ticks']:+.2f} ticks, "
            f"strength {row['combined']:+.2f}, confidence {row['confidence']:.2f}, "
            f"{name} {probability:.0%}, target {target:+f}"
        )

    def _remember(self, order_id: int, reason: str) -> None:
        self._reasons[order_id] = reason
        if len(self._reasons) > _REMEMBERED_REASONS:
            del self._reasons[next(iter(self._reasons))]

    def _symbol(self, index: int) -> str:
        return self._instruments[index].symbol if index >= 0 else ""

    def _append(
        self,
        kind: str,
        severity: str,
        index: int,
        side: int,
        ticks: int,
        lots: int,
        order_id: int,
        text: str,
        reason: str,
    ) -> None:
        instrument = self._instruments[index]
        self._keep(
            Notice(
                number=0,
                ts_ns=self._ts_ns(),
                kind=kind,
                severity=severity,
                text=text,
                instrument=instrument.symbol,
                side=Side(side).value if side else 0,
                price=float(instrument.to_price(ticks)),
                quantity=float(instrument.to_quantity(lots)),
                order_id=order_id,
                reason=reason,
            )
        )
