"""The trade log: what happened, to which order, and what spoke for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from core.api.notice_log import NoticeLog
from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import (
    CommandKind,
    FlattenState,
    LiquiditySide,
    OrderStatus,
    Outcome,
    Readiness,
    RejectReason,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.events import EventRow
from core.domain.records import MAX_VENUES
from core.domain.snapshot import Notice
from core.kernel.state import make_state
from core.runtime.reporter import Reporter
from core.runtime.standing import STATE_REASONS
from tests.unit.kernel.kernel_rig import (
    CAPITAL,
    EISBACH,
    ETF,
    NANOS,
    make_params,
    starting_models,
)
from tests.unit.runtime.engine_rig import EngineRig


def connected() -> EngineRig:
    rig = EngineRig()
    rig.connect()
    rig.book(500, 502, index=1)
    return rig


def test_a_fill_is_told_in_prices_with_the_position_it_makes() -> None:
    rig = connected()
    rig.feed(events.fill(1, 7, 1, -1, 501, 12, liquidity=LiquiditySide.TAKER, fee_nanos=25 * 10**7))
    notice = rig.logged[-1]
    assert (notice.kind, notice.side, notice.price, notice.quantity) == ("fill", -1, 50.1, 12.0)
    assert notice.text == "filled, taker, fee 0.25, position -12"


def test_a_strategys_order_carries_the_signals_that_led_to_it_and_so_does_its_fill() -> None:
    rig = EngineRig(min_signal=0.05, take_signal=1.0)
    rig.feed(*starting_models())
    rig.connect()
    for beat in range(25):
        rig.feed(events.book(0, [(3400 + beat % 2, 60)], [(3402 + beat % 2, 2)]))
    order = next(notice for notice in rig.logged if notice.kind == "order")
    assert "obi +0.94" in order.reason
    assert "confidence" in order.reason
    assert "target" in order.reason
    rig.feed(events.fill(0, order.order_id, 1, 1, 3400, 1))
    assert rig.logged[-1].reason == order.reason


def test_a_refusal_names_the_venues_reason() -> None:
    rig = connected()
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", price="50.0")
    rig.feed(
        events.order_report(
            1, 1, OrderStatus.REJECTED, side=1, price_ticks=500, lots=4,
            reason=RejectReason.WOULD_CROSS,
        )
    )  # fmt: skip
    assert rig.logged[-1].kind == "reject"
    assert "WOULD_CROSS" in rig.logged[-1].text


def test_a_refusal_that_repeats_nothing_is_told_with_what_was_asked_for() -> None:
    rig = connected()
    rig.ask(CommandName.SELL, instrument="7_ETF", quantity="4", price="50.3")
    (order_id,) = [notice.order_id for notice in rig.logged if notice.kind == "order"]
    rig.feed(
        events.order_report(
            1, order_id, OrderStatus.REJECTED, side=1, price_ticks=0, lots=0,
            reason=RejectReason.RATE_LIMIT,
        )
    )  # fmt: skip
    notice = rig.logged[-1]
    assert (notice.side, notice.price, notice.quantity) == (-1, 50.3, 4.0)


def test_a_refusal_of_something_unheard_of_names_no_side() -> None:
    rig = connected()
    rig.feed(
        events.order_report(
            1, 77, OrderStatus.REJECTED, side=1, price_ticks=0, lots=0,
            reason=RejectReason.RATE_LIMIT,
        )
    )  # fmt: skip
    assert (rig.logged[-1].side, rig.logged[-1].quantity) == (0, 0.0)


def test_a_repeated_fill_is_said_to_be_ignored() -> None:
    rig = connected()
    for _ in range(2):
        rig.feed(events.fill(1, 7, 55, -1, 501, 12))
    assert rig.texts()[-1] == "repeated fill 55 ignored"


def test_halting_is_an_alarm_that_says_how_to_go_on() -> None:
    rig = connected()
    rig.ask(CommandName.HALT)
    alarm = next(notice for notice in rig.logged if notice.severity == "alarm")
    assert alarm.text == "HALTED by the operator: nothing rests; resume re-arms"


def test_a_lost_connection_is_an_alarm() -> None:
    rig = connected()
    rig.feed(events.venue_state(VenueState.DOWN))
    assert [n.kind for n in rig.logged if n.severity == "alarm"] == ["venue"]


def test_books_and_timers_alone_are_no_news() -> None:
    rig = connected()
    before = len(rig.logged)
    rig.book(500, 502, index=1)
    rig.feed(events.timer())
    assert len(rig.logged) == before


def at_venues(*counts: int) -> list[int]:
    """What there is at each venue."""
    return [*counts, *(0,) * (MAX_VENUES - len(counts))]


class Watched:
    """A reporter on a state that tests write by hand, as a kernel would."""

    def __init__(self) -> None:
        self.state = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
        self.logged: list[Notice] = []
        self.noted: list[Mapping[str, object]] = []
        self.reporter = Reporter(
            NoticeLog(), self.state, [EISBACH, ETF], self.logged.append, self.noted.append
        )

    def see(self, row: EventRow | None = None, **account: Any) -> list[Notice]:
        """Apply nothing, change the account, and say what is told of it."""
        for name, value in account.items():
            self.state.account[name] = value
        before = len(self.logged)
        self.reporter.on_applied(row if row is not None else events.timer(), ())
        return self.logged[before:]

    def texts(self, row: EventRow | None = None, **account: Any) -> list[str]:
        return [notice.text for notice in self.see(row, **account)]


def test_every_reason_of_a_state_has_words() -> None:
    assert set(STATE_REASONS) == set(StateReason)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (StateReason.LEASE_LOST, "restart this engine to take the account back"),
        (StateReason.INTERNAL_ERROR, "only a restart trades again"),
        (StateReason.IDENTITY_BROKEN, "compare fills and positions with the venue"),
        (StateReason.JOURNAL_FAILED, "only a restart trades again"),
        (StateReason.DRAWDOWN_HALT, "resume re-arms"),
    ],
)
def test_a_halt_says_what_to_do_next(reason, words) -> None:
    watched = Watched()
    watched.see(events.venue_state(VenueState.CONNECTED))
    (notice,) = watched.see(trading_state=TradingState.HALTED, state_reason=reason)
    assert notice.severity == "alarm"
    assert STATE_REASONS[reason] in notice.text
    assert words in notice.text


def test_a_second_reason_to_be_halted_is_said_too() -> None:
    watched = Watched()
    watched.see(trading_state=TradingState.HALTED, state_reason=StateReason.OPERATOR)
    (text,) = watched.texts(state_reason=StateReason.LEASE_LOST)
    assert "has taken the account over" in text
    assert watched.texts() == []


def test_a_state_of_the_last_run_is_said_to_be_one() -> None:
    row = events.restored(trading_state=TradingState.HALTED, state_reason=StateReason.RUNAWAY)
    (text,) = Watched().texts(
        row, trading_state=TradingState.HALTED, state_reason=StateReason.RUNAWAY
    )
    assert "in the last run" in text


@pytest.mark.parametrize("reason", [StateReason.JOURNAL_FAILED, StateReason.LEASE_LOST])
def test_what_only_a_restart_mends_is_mended_by_one(reason) -> None:
    row = events.restored(trading_state=TradingState.HALTED, state_reason=reason)
    (text,) = Watched().texts(row, trading_state=TradingState.HALTED, state_reason=reason)
    assert text.endswith("in the last run: nothing rests; resume re-arms")


def test_a_kill_before_the_start_is_of_the_last_run() -> None:
    row = events.command(CommandKind.HALT, key=StateReason.LEASE_LOST)
    (text,) = Watched().texts(
        row, trading_state=TradingState.HALTED, state_reason=StateReason.LEASE_LOST
    )
    assert text.endswith("in the last run: nothing rests; resume re-arms")


def test_a_runaway_says_of_which_kind_it_was() -> None:
    halted = {"trading_state": TradingState.HALTED, "state_reason": StateReason.RUNAWAY}
    rejects = Watched()
    rejects.state.params["max_rejects_in_row"] = 10
    assert "10 refusals in a row" in rejects.texts(**halted, rejects_in_row=10)[0]
    repeats = Watched()
    repeats.state.instruments["outcome"][1] = Outcome.RUNAWAY
    repeats.state.instruments["repeated_orders"][1] = 20
    said = repeats.texts(events.book(1, [(500, 1)], [(502, 1)]), **halted)
    assert "the same order of 7_ETF 20 times without a fill" in said[0]
    idle = Watched().texts(events.fill(1, 7, 1, -1, 501, 12), **halted)
    assert any("fills of 7_ETF that get nowhere" in text for text in idle)


def test_reconciling_is_said_on_a_reconnect_and_after_a_gap_and_not_at_the_start() -> None:
    watched = Watched()
    synced = events.venue_state(VenueState.SYNCED)
    assert watched.texts(readiness=Readiness.RECONCILING) == []
    watched.see(synced, readiness=Readiness.READY)
    (notice,) = watched.see(readiness=Readiness.RECONCILING)
    assert notice.text.startswith("RECONCILING")
    assert notice.severity == "warning"
    watched.see(synced, readiness=Readiness.READY)
    assert watched.texts(readiness=Readiness.RECONCILING, stopping=1) == []


def test_what_the_account_holds_elsewhere_is_said_once_for_each_change() -> None:
    watched = Watched()
    synced = events.venue_state(VenueState.SYNCED, foreign_orders=2, foreign_positions=1)
    said = watched.texts(synced, foreign_orders=at_venues(1, 1), foreign_positions=at_venues(0, 1))
    assert said[1].startswith("the account also has 2 orders and 1 positions")
    assert len(watched.texts(synced)) == 1


def test_a_flatten_is_followed_step_by_step_to_its_end() -> None:
    watched = Watched()
    watched.state.instruments["position_lots"] = (0, 3)
    assert watched.texts(flatten_state=FlattenState.WORKING, open_orders=2) == [
        "flattening: 2 orders, 7_ETF +3"
    ]
    assert watched.texts(open_orders=1) == []
    watched.state.instruments["position_lots"] = 0
    assert "asking the venue" in watched.texts(flatten_state=FlattenState.VERIFYING)[0]
    (flat,) = watched.see(flatten_state=FlattenState.FLAT)
    assert (flat.severity, flat.text) == (
        "info", "FLAT: the venue shows no order and no position",
    )  # fmt: skip
    assert watched.texts(flatten_state=FlattenState.NONE) == []


def test_not_flat_is_an_alarm_that_names_what_is_left_and_again_when_that_changes() -> None:
    watched = Watched()
    watched.state.instruments["position_lots"] = (-4, 3)
    (notice,) = watched.see(
        flatten_state=FlattenState.NOT_FLAT, open_orders=1, foreign_positions=at_venues(1)
    )
    assert notice.severity == "alarm"
    assert notice.text.startswith("NOT FLAT: 1 order, 1_Eisbach -4, 7_ETF +3; 1 elsewhere")
    assert watched.texts() == []
    assert watched.texts(open_orders=0)[0].startswith("NOT FLAT: 1_Eisbach -4, 7_ETF +3;")


def test_a_flatten_that_was_given_up_says_what_is_left() -> None:
    watched = Watched()
    watched.state.instruments["position_lots"] = (0, 3)
    watched.see(flatten_state=FlattenState.WORKING)
    assert watched.texts(flatten_state=FlattenState.NONE) == ["flattening was ended: 7_ETF +3"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (OrderStatus.OPEN, "it is open"),
        (OrderStatus.FILLED, "it was filled"),
        (OrderStatus.CANCELED, "it does not rest there"),
        (OrderStatus.REJECTED, "it was refused"),
    ],
)
def test_an_order_without_an_answer_and_then_its_answer(status, words) -> None:
    watched = Watched()
    order = watched.state.orders[5]
    order["order_id"], order["instrument"], order["status"] = 17, 1, OrderStatus.UNKNOWN
    (notice,) = watched.see(unknown_orders=1)
    assert (notice.instrument, notice.severity) == ("7_ETF", "warning")
    assert notice.text == "order 17: no answer from the venue; asking it"
    assert watched.texts() == []
    order["status"] = status
    assert watched.texts(unknown_orders=0) == [f"order 17: the venue has answered: {words}"]


def test_a_correction_is_an_alarm_from_what_to_what_and_noted_for_the_journal() -> None:
    watched = Watched()
    etf = watched.state.instruments[1]
    etf["position_lots"], etf["corrected_lots"] = 3, -4
    (notice,) = watched.see(events.position_report(1, 3), corrections=1)
    assert (notice.severity, notice.instrument) == ("alarm", "7_ETF")
    assert "corrected by the venue: +7 -> +3" in notice.text
    (note,) = watched.noted
    assert (note["correction"], note["before"], note["after"]) == ("7_ETF", 7.0, 3.0)
    assert watched.texts(events.position_report(1, 3)) == []
    assert len(watched.noted) == 1


def test_a_broken_identity_names_the_money_and_the_instrument() -> None:
    watched = Watched()
    said = watched.see(events.fill(1, 7, 1, -1, 501, 12), identity_break_nanos=-12_500_000_000)
    alarm = next(notice for notice in said if notice.severity == "alarm")
    assert "differ by -12.5 after an event of 7_ETF" in alarm.text


def test_fees_without_a_rate_are_said_at_the_first_and_then_ever_more_rarely() -> None:
    watched = Watched()
    row = events.fill(1, 7, 1, -1, 501, 12, flags=events.UNPRICED_FEE)
    said = [
        count
        for count in range(1, 120)
        if any("without a rate" in text for text in watched.texts(row, unpriced_fees=count))
    ]
    assert said == [1, 10, 100]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (RejectReason.DEAD_MAN, "canceled by the venue: no sign of life from the engine"),
        (RejectReason.DISCONNECTED, "canceled by the venue: the connection ended"),
    ],
)
def test_what_the_venue_cancels_to_protect_us_is_no_refusal(reason, words) -> None:
    row = events.order_report(
        1, 7, OrderStatus.CANCELED, side=1, price_ticks=500, lots=4, reason=reason
    )
    (notice,) = Watched().see(row)
    assert (notice.kind, notice.text) == ("cancel", words)


def test_a_fenced_order_says_who_stands_in_the_way() -> None:
    row = events.order_report(
        1, 7, OrderStatus.REJECTED, side=1, price_ticks=500, lots=4, reason=RejectReason.FENCED
    )
    (text,) = Watched().texts(row)
    assert text == "refused: FENCED, somebody with a newer lease trades this account"


def test_a_book_alone_says_nothing_of_counts_until_the_next_timer() -> None:
    watched = Watched()
    book = events.book(1, [(500, 1)], [(502, 1)])
    assert watched.texts(book, flatten_state=FlattenState.FLAT) == []
    assert len(watched.texts()) == 1


def test_every_trading_state_is_noted_in_words() -> None:
    """A version that cannot read the state's bytes still hands on the halt."""
    rig = EngineRig()
    notes: list = []
    reporter = Reporter(NoticeLog(), rig.engine.state, [EISBACH, ETF], lambda _: None, notes.append)
    rig.engine._observer = reporter
    rig.ask(CommandName.HALT)
    rig.ask(CommandName.RESUME, word="resume")
    assert [(note["trading_state"], note["reason"]) for note in notes] == [
        ("HALTED", "OPERATOR"), ("ACTIVE", "OPERATOR"),
    ]  # fmt: skip
