"""Turns what happens into lines that a person reads: the trade log and the alarms."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

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
    TradingState,
    VenueState,
)
from core.domain.events import IOC, MARKET, EventRow
from core.domain.instrument import NANOS, Instrument
from core.domain.records import ACCOUNT
from core.domain.snapshot import Notice
from core.kernel.state import KernelState
from core.runtime.bracket_watch import BracketWatch
from core.runtime.doubts import Doubts
from core.runtime.engine import IntentTuple
from core.runtime.recovery import switch_of
from core.runtime.standing import Standing

_header = struct.Struct("<15q").unpack_from

_instrument = struct.Struct("<q").unpack_from
_INSTRUMENT = 32
"""Offset of an event's instrument."""

_BOOK = EventKind.BOOK.value
_QUIET = frozenset({EventKind.BOOK.value, EventKind.TIMER.value})
_MOST_SIGNALS = 4
"""Named in the reason of an order: those that count most."""
_REMEMBERED_ORDERS = 1_024
"""Orders of which is kept what was asked for, and why, for the notices of their reports."""

_Asked: TypeAlias = tuple[int, int, int, str]
"""Side, ticks, lots, reason."""
_NOTHING_ASKED: _Asked = (0, 0, 0, "")

_CANCELED_BY_VENUE = {
    RejectReason.DEAD_MAN: "no sign of life from the engine",
    RejectReason.DISCONNECTED: "the connection ended",
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
_REASON = _word("state_reason")
_READINESS = _word("readiness")
_DUPLICATES = _word("duplicate_fills")
_BRACKETS = _word("brackets")
_NEXT_BRACKET = _word("next_bracket_id")
_BAD_SIGNALS = _word("outcomes") + Outcome.BAD_SIGNAL.value
_BAD_TARGETS = _word("outcomes") + Outcome.BAD_TARGET.value


class Reporter:
    """
    Watches the engine and writes notices.

    The usual event, a book that changes nothing but numbers, costs four comparisons.
    """

    MEMORY = (
        "_standing", "_doubts", "_brackets", "_trading_state", "_state_reason", "_readiness",
        "_duplicates", "_bad_signals", "_next_bracket", "_had_brackets", "_quarantined", "_asked",
        "_bad_targets", "_targets_out",
    )  # fmt: skip
    """What changes while it watches."""

    def __init__(
        self,
        notices: NoticeLog,
        state: KernelState,
        instruments: Sequence[Instrument],
        log: Callable[[Notice], None],
        note: Callable[[Mapping[str, object]], None] | None = None,
    ) -> None:
        """
        Watch a state.

        Args:
            notices: What viewers read.
            state: What is watched.
            instruments: In the order of the state.
            log: Told of every notice.
            note: Told of every trading state and every correction by the venue, for the
                journal.
        """
        self._notices = notices
        self._log = log
        self._state = state
        self._instruments = instruments
        self._account = state.account.view(np.int64)
        self._standing = Standing(state, instruments, self.say)
        self._note = note
        self._doubts = Doubts(state, instruments, self.say, note)
        self._brackets = BracketWatch(state, instruments, self.say, note)
        self._trading_state = TradingState.ACTIVE.value
        self._state_reason = 0
        self._readiness = Readiness.WARMING.value
        self._duplicates = 0
        self._bad_signals = 0
        self._bad_targets = 0
        self._next_bracket = 0
        self._had_brackets = False
        self._quarantined: set[int] = set()
        self._targets_out: set[int] = set()
        self._asked: dict[int, _Asked] = {}

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Say what an event and its intents mean to a person."""
        kind = row[24]
        if kind not in _QUIET:
            self._on_event(row, kind)
        account = self._account
        if account[_STATE] != self._trading_state:
            self._on_trading_state(row)
        if account[_READINESS] != self._readiness:
            self._readiness = int(account[_READINESS])
            self._standing.say_readiness()
        if kind != _BOOK:
            self._on_standing(row)
        if account[_BAD_SIGNALS] != self._bad_signals:
            self._bad_signals = int(account[_BAD_SIGNALS])
            self._on_bad_signal()
        if account[_BAD_TARGETS] != self._bad_targets:
            self._bad_targets = int(account[_BAD_TARGETS])
            self._on_bad_target()
        if intents:
            self._on_intents(intents)
        has_brackets = bool(account[_BRACKETS])
        if has_brackets or self._had_brackets or account[_NEXT_BRACKET] != self._next_bracket:
            self._had_brackets = has_brackets
            self._next_bracket = int(account[_NEXT_BRACKET])
            self._brackets.look()

    def reason_of(self, order_id: int) -> str:
        """What spoke for an order of ours; empty where nothing did, or it was long ago."""
        return self._asked.get(order_id, _NOTHING_ASKED)[3]

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
            header = _header(row)
            self._standing.say_venue(VenueState(header[10]), header[11])

    def _on_trading_state(self, row: EventRow) -> None:
        self._trading_state = int(self._account[_STATE])
        self._state_reason = int(self._account[_REASON])
        if self._note is not None:
            # In words, so that another version of the program can read it.
            self._note(switch_of(self._state).note())
        self._standing.say_trading_state(row[24], _instrument(row, _INSTRUMENT)[0])

    def _on_standing(self, row: EventRow) -> None:
        """Say what the timer, at the latest, brings to light."""
        is_halted = self._trading_state == TradingState.HALTED
        if is_halted and self._account[_REASON] != self._state_reason:
            self._on_trading_state(row)
        self._standing.say_flatten()
        self._doubts.look(_instrument(row, _INSTRUMENT)[0])

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
            self.reason_of(order_id),
        )  # fmt: skip

    def _on_order_report(self, row: EventRow) -> None:
        (_, _, _, _, index, order_id, side, ticks, lots, _, status, code, _, _, _) = _header(row)
        if code == RejectReason.NONE:
            return
        if not lots:
            # A refusal need not repeat what was asked for.
            side, ticks, lots, _ = self._asked.get(order_id, _NOTHING_ASKED)
        reason = RejectReason(code)
        if status == OrderStatus.CANCELED and reason in _CANCELED_BY_VENUE:
            kind, text = "cancel", f"canceled by the venue: {_CANCELED_BY_VENUE[reason]}"
        elif status == OrderStatus.CANCELED:
            kind, text = "reject", f"was gone already: {reason.name}"
        else:
            refused = (
                "refused" if status == OrderStatus.REJECTED else "change refused, order stands"
            )
            kind, text = "reject", f"{refused}: {reason.name}"
            if reason is RejectReason.FENCED:
                text += ", somebody with a newer lease trades this account"
        self._append(kind, "warning", index, side, ticks, lots, order_id, text, "")

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

    def _on_bad_target(self) -> None:
        """Name every instrument whose own target is newly out."""
        codes = self._state.instruments["target_code"]
        for index in np.flatnonzero(codes).tolist():
            if index in self._targets_out:
                continue
            self._targets_out.add(index)
            self.say(
                "risk",
                "alarm",
                f"your own target {_FAULTS[SignalFault(int(codes[index]))]}: "
                "it wants nothing for the rest of the run",
                self._symbol(index),
            )

    def _on_intents(self, intents: Sequence[IntentTuple]) -> None:
        for kind, index, order_id, side, ticks, lots, terms, origin in intents:
            if kind == IntentKind.REPLACE and origin == OrderOrigin.MANUAL:
                self._remember(order_id, (side, ticks, lots, ""))
                text = "manual change asked of the venue"
                self._append("order", "info", index, side, ticks, lots, order_id, text, "")
            if kind != IntentKind.PLACE:
                continue
            reason = self._reason(index) if origin == OrderOrigin.STRATEGY else ""
            self._remember(order_id, (side, ticks, lots, reason))
            who = "" if origin == OrderOrigin.STRATEGY else f"{OrderOrigin(origin).name.lower()} "
            how = "take" if terms & IOC else "post"
            how = "market" if terms & MARKET else how
            self._append("order", "info", index, side, ticks, lots, order_id, f"{who}{how}", reason)

    def _reason(self, index: int) -> str:
        """What spoke for an order: signals, their sum, confidence, regime, target."""
        row = self._state.instruments[index]
        if self._state.account["own_strategy"][0]:
            return "your own strategy"
        if row["has_target"]:
            wanted = self._instruments[index].to_quantity(int(row["target_lots"]))
            return f"your own target {row['combined']:+.2f} of the cap, {wanted:+f}"
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

    def _remember(self, order_id: int, asked: _Asked) -> None:
        self._asked[order_id] = asked
        if len(self._asked) > _REMEMBERED_ORDERS:
            del self._asked[next(iter(self._asked))]

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
