"""A check that cannot fail is none: for each invariant a bug is planted, and has to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import pytest

from core.domain import events
from core.domain.enums import EventKind, FlattenState, IntentKind, TradingState
from core.exchange.exchange import Exchange
from core.runtime import engine as engine_module
from core.runtime import recovery
from core.venues.wsx import session as session_module
from core.venues.wsx.ledger import Ledger, News
from core.venues.wsx.session import WsxSession
from tests.chaos.crash import MortalJournal
from tests.chaos.runner import Failure, run
from tests.chaos.script import Script, Step, make_script

_KIND = 24
_TRADE_ID = 96
_SEEDS = 40

Plant = Callable[[pytest.MonkeyPatch], None]


def quiet(*steps: Step) -> list[Script]:
    """Nothing but these steps, in a few markets."""
    return [Script(seed, steps) for seed in range(4)]


def seeds() -> Iterable[Script]:
    """Scripts as they are drawn."""
    return (make_script(seed) for seed in range(_SEEDS))


def change_rows(patch: pytest.MonkeyPatch, change: Callable[[list], list]) -> None:
    """Let what the session hears come out otherwise."""
    receive = WsxSession.receive_data
    patch.setattr(WsxSession, "receive_data", lambda session, data: change(receive(session, data)))


def instead_of_step(patch: pytest.MonkeyPatch, make: Callable[[Callable], Callable]) -> None:
    """Let the engine call something else, made of the step that it would have called."""
    entry_of = engine_module.entry_of
    patch.setattr(
        engine_module, "entry_of", lambda function, *arguments: make(entry_of(function, *arguments))
    )


def after_step(patch: pytest.MonkeyPatch, change: Callable) -> None:
    """Let something happen to the state after each event, behind the journal's back."""

    def make(step: Callable) -> Callable:
        def changed(state, rows, index, intents) -> int:
            count = step(state, rows, index, intents)
            return change(state, rows[index], intents, count)

        return changed

    instead_of_step(patch, make)


def is_fill(row: bytearray) -> bool:
    return row[_KIND] == EventKind.FILL


def count_fills_twice(patch) -> None:
    def double(rows: list) -> list:
        copies = []
        for row in filter(is_fill, rows):
            copy = bytearray(row)
            copy[_TRADE_ID + 5] ^= 0x55
            copies.append(copy)
        return rows + copies

    change_rows(patch, double)


def lose_fills(patch) -> None:
    heard = 0

    def lose(rows: list) -> list:
        nonlocal heard
        kept = []
        for row in rows:
            heard += is_fill(row)
            if not (is_fill(row) and heard % 7 == 0):
                kept.append(row)
        return kept

    change_rows(patch, lose)


def send_too_much(patch) -> None:
    def change(_state, _row, intents, count) -> int:
        for index in range(count):
            if intents[index]["kind"] == IntentKind.PLACE:
                intents[index]["lots"] += 500
        return count

    after_step(patch, change)


def trade_while_halted(patch) -> None:
    def make(step: Callable) -> Callable:
        def changed(state, rows, index, intents) -> int:
            account = state.account
            is_halted = account["trading_state"][0] == TradingState.HALTED
            is_book = rows[index]["kind"] == EventKind.BOOK
            if is_halted and is_book:
                account["trading_state"] = TradingState.ACTIVE
            count = step(state, rows, index, intents)
            if is_halted and is_book:
                account["trading_state"] = TradingState.HALTED
            return count

        return changed

    instead_of_step(patch, make)


def trade_while_cut_off(patch) -> None:
    """READY as soon as there is a connection, before the account has been told."""

    def make(step: Callable) -> Callable:
        def changed(state, rows, index, intents) -> int:
            venue_state = int(state.account["venue_state"][0])
            if rows[index]["kind"] == EventKind.BOOK and venue_state == 2:
                state.account["venue_state"] = state.account["venue_states"][0, 0] = 3
                count = step(state, rows, index, intents)
                state.account["venue_state"] = state.account["venue_states"][0, 0] = venue_state
                state.account["readiness"] = 1
                return count
            return step(state, rows, index, intents)

        return changed

    instead_of_step(patch, make)


def forget_the_halt(patch) -> None:
    patch.setattr(
        recovery.LastRun,
        "events",
        lambda _last, *, keep_books: [events.restored(trading_state=TradingState.ACTIVE)],
    )


def send_again_instead_of_asking(patch) -> None:
    query = WsxSession.query

    def resend(session, instrument, order_id) -> None:
        session.place(instrument, order_id, 1, 500, 1, 0)
        query(session, instrument, order_id)

    patch.setattr(WsxSession, "query", resend)


def believe_what_is_left_out_to_be_flat(patch) -> None:
    state = Exchange.state
    told = 0

    def forgetful(exchange, account, repeated=0, nonce=0):
        nonlocal told
        told += 1
        whole = state(exchange, account, repeated, nonce)
        return msgspec.structs.replace(whole, positions=[]) if told > 1 else whole

    patch.setattr(Exchange, "state", forgetful)
    patch.setattr(
        session_module,
        "_held",
        lambda message: (
            dict.fromkeys(("6_Airport", "7_ETF"), "0")
            | {entry.symbol: entry.quantity for entry in message.positions}
        ),
    )


def write_the_journal_too_late(patch) -> None:
    append = MortalJournal.append
    waiting: list = []

    def late(journal, rows) -> None:
        batch, waiting[:] = list(waiting), rows
        if batch:
            append(journal, batch)

    patch.setattr(MortalJournal, "append", late)


def say_flat_without_asking(patch) -> None:
    def change(state, _row, _intents, count) -> int:
        if state.account["flatten_state"][0] == FlattenState.WORKING:
            state.account["flatten_state"] = FlattenState.FLAT
        return count

    after_step(patch, change)


def lose_a_nano(patch) -> None:
    def change(state, row, _intents, count) -> int:
        if row["kind"] == EventKind.FILL:
            state.account["cash_nanos"] -= 1
        return count

    after_step(patch, change)


def decide_by_chance(patch) -> None:
    applied = 0

    def change(state, _row, _intents, count) -> int:
        nonlocal applied
        applied += 1
        if applied % 200 == 0:
            state.params["min_signal"] = 0.5 - state.params["min_signal"]
        return count

    after_step(patch, change)


def raise_now_and_then(patch) -> None:
    def make(step: Callable) -> Callable:
        def failing(state, rows, index, intents) -> int:
            if rows[index]["seq"] == 300:
                raise ZeroDivisionError
            return step(state, rows, index, intents)

        return failing

    instead_of_step(patch, make)


def notice_no_gap(patch) -> None:
    patch.setattr(Ledger, "place", lambda _ledger, _seq: News.NEXT)
    patch.setattr(Ledger, "is_behind", lambda _ledger, _seq: False)


HALT_AND_CRASH = (Step(2_510, "halt"), Step(2_511, "kill", 0))

PLANTED: dict[str, tuple[Plant, list[Script] | None, set[str]]] = {
    "a fill counted twice": (
        count_fills_twice, quiet(), {"fills counted once", "positions agree"},
    ),
    "a fill lost": (lose_fills, quiet(), {"fills counted once", "positions agree"}),
    "an order past the gate": (send_too_much, quiet(), {"limits"}),
    "trading while halted": (
        trade_while_halted, quiet(Step(2_500, "halt")), {"no new risk"},
    ),
    "trading before the account is known": (
        trade_while_cut_off,
        quiet(Step(2_000, "delay", 300, 3_500), Step(2_100, "drop_to_client", 0.2, 3_500)),
        {"no new risk"},
    ),
    "a halt forgotten over a crash": (forget_the_halt, quiet(*HALT_AND_CRASH), {"halt survives"}),
    "an unanswered order sent again": (
        send_again_instead_of_asking, quiet(Step(2_000, "half_open", 0, 7_000)),
        {"never resent"},
    ),
    "a position left out taken for flat": (
        believe_what_is_left_out_to_be_flat, quiet(Step(4_000, "disconnect")),
        {"fills counted once", "positions agree"},
    ),
    "a journal written after the fact": (
        write_the_journal_too_late, quiet(*HALT_AND_CRASH), {"halt survives"},
    ),
    "flat without the venue's word": (
        say_flat_without_asking, quiet(Step(4_000, "flatten")), {"flat"},
    ),
    "a nano lost": (lose_a_nano, quiet(), {"identity"}),
    "a decision that is not in the journal": (decide_by_chance, quiet(), {"replay is identical"}),
    "an exception in the kernel": (raise_now_and_then, quiet(), {"no exception comes out"}),
    "a gap that nobody notices": (
        notice_no_gap, None, {"positions agree", "orders agree", "fills counted once"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("plant", "scripts", "invariants"), PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_is_found(plant, scripts, invariants, monkeypatch) -> None:
    found: list[Failure] = []
    for script in scripts if scripts is not None else seeds():
        with monkeypatch.context() as patch:
            plant(patch)
            failure = run(script)
        if failure is not None:
            found.append(failure)
            break
    assert found, "no seed has found it"
    assert found[0].invariant in invariants, found[0].text


@pytest.mark.parametrize(
    "script", [scripts[0] for _, scripts, _ in PLANTED.values() if scripts], ids=str
)
def test_without_the_bug_the_same_script_holds(script) -> None:
    assert run(script) is None
