"""The rules of the exchange."""

from __future__ import annotations

import msgspec
import pytest

from core.exchange import account as account_module
from core.exchange import exchange as exchange_module
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import encode


def statuses(messages) -> list[str]:
    """Reports as `status/reason/leaves`, executions as `fill/leaves`."""
    return [
        f"fill/{m.leaves}" if isinstance(m, wire.Execution) else f"{m.status}/{m.reason}/{m.leaves}"
        for m in messages
    ]


def test_an_order_that_meets_nobody_rests(alice, exchange) -> None:
    assert statuses(alice.place("buy", "49.5", "7")) == ["open/NONE/7"]
    state = exchange.state(alice.account)
    assert [(o.client_order_id, o.price, o.leaves) for o in state.orders] == [
        ("alice-1", "49.5", "7")
    ]


def test_an_order_trades_at_the_resting_price(alice, bob, exchange) -> None:
    """Bob is willing to pay more, and does not have to."""
    alice.place("sell", "50.1", "4")
    messages = bob.place("buy", "50.4", "4")
    assert statuses(messages) == ["open/NONE/4", "fill/0", "filled/NONE/0"]
    fill = messages[1]
    assert (fill.price, fill.quantity, fill.side, fill.liquidity) == ("50.1", "4", "buy", "taker")
    assert exchange.state(bob.account).positions[1].quantity == "4"


def test_both_sides_hear_of_a_partial_fill(alice, bob, exchange) -> None:
    alice.place("sell", "50.1", "9")
    bob_request = wire.Place("bob-1", "7_ETF", "buy", "50.1", "4")
    exchange.place(bob.account, bob_request)
    outgoing = exchange.take_outgoing()
    to_alice = [out.message for out in outgoing if out.account == "alice"]
    assert statuses(to_alice) == ["fill/5"]
    assert to_alice[0].liquidity == "maker"
    trades = [out.message for out in outgoing if isinstance(out.message, wire.PublicTrade)]
    assert [(t.price, t.quantity, t.aggressor) for t in trades] == [("50.1", "4", "buy")]
    assert trades[0].trade_id == to_alice[0].trade_id


def test_price_goes_before_time_and_time_before_size(alice, bob, trader) -> None:
    carol = trader("carol")
    alice.place("sell", "50.2", "2")
    bob.place("sell", "50.1", "3")
    carol.place("sell", "50.1", "9")
    dave = trader("dave")
    fills = [m for m in dave.place("buy", "50.2", "13") if isinstance(m, wire.Execution)]
    assert [(f.price, f.quantity) for f in fills] == [("50.1", "3"), ("50.1", "9"), ("50.2", "1")]
    assert len({f.trade_id for f in fills}) == 3


def test_what_an_ioc_order_does_not_get_expires(alice, bob, exchange) -> None:
    alice.place("sell", "50.1", "3")
    messages = bob.place("buy", "50.1", "8", tif="IOC")
    assert statuses(messages) == ["open/NONE/8", "fill/5", "expired/NONE/0"]
    assert exchange.state(bob.account).orders == []


def test_a_post_only_order_never_takes(alice, bob) -> None:
    alice.place("sell", "50.1", "3")
    assert statuses(bob.place("buy", "50.1", "1", post_only=True)) == ["rejected/WOULD_CROSS/0"]
    assert statuses(bob.place("buy", "50.0", "1", post_only=True)) == ["open/NONE/1"]


def test_an_account_does_not_trade_with_itself(alice, bob) -> None:
    """It gets what others offer first; where its own order is next, the rest is canceled."""
    bob.place("sell", "50.0", "2")
    alice.place("sell", "50.1", "3")
    messages = alice.place("buy", "50.2", "6")
    assert statuses(messages) == ["open/NONE/6", "fill/4", "canceled/SELF_TRADE/0"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"symbol": "9_Nothing"}, "UNKNOWN_INSTRUMENT"),
        ({"price": "50.05"}, "BAD_PRICE"),
        ({"price": "0"}, "BAD_PRICE"),
        ({"price": "NaN"}, "BAD_PRICE"),
        ({"price": "-50"}, "BAD_PRICE"),
        ({"quantity": "0"}, "BAD_SIZE"),
        ({"quantity": "1.5"}, "BAD_SIZE"),
        ({"quantity": "21"}, "POSITION_LIMIT"),
        ({"client_order_id": "alice-0"}, "DUPLICATE_ORDER_ID"),
        ({"tif": "IOC", "post_only": True}, "MALFORMED"),
    ],
    ids=str,
)
def test_an_order_against_the_rules_is_rejected_and_changes_nothing(
    alice, exchange, changes, reason
) -> None:
    alice.place("buy", "49.0", "1", client_order_id="alice-0")
    before = exchange.snapshot("7_ETF")
    fields = {"side": "buy", "price": "50.0", "quantity": "2", **changes}
    (report,) = alice.place(**fields)
    assert (report.status, report.reason, report.order_id) == ("rejected", reason, 0)
    assert exchange.snapshot("7_ETF") == before
    assert len(exchange.state(alice.account).orders) == 1


def test_an_id_stays_used_after_its_order_is_gone(alice) -> None:
    alice.place("buy", "49.0", "1", client_order_id="once")
    alice.place("buy", "49.0", "21")
    alice.exchange.cancel_all(alice.account)
    alice.told()
    assert statuses(alice.place("buy", "49.0", "1", client_order_id="once")) == [
        "rejected/DUPLICATE_ORDER_ID/0"
    ]


def test_two_accounts_may_use_the_same_id(alice, bob) -> None:
    assert statuses(alice.place("buy", "49.0", "1", client_order_id="x")) == ["open/NONE/1"]
    assert statuses(bob.place("buy", "49.0", "1", client_order_id="x")) == ["open/NONE/1"]


def test_the_position_limit_counts_what_rests(alice, bob) -> None:
    """20 are allowed: 8 held and 9 resting leave room for 3."""
    bob.place("sell", "50.0", "8")
    alice.place("buy", "50.0", "8")
    alice.place("buy", "49.0", "9")
    assert statuses(alice.place("buy", "49.1", "4")) == ["rejected/POSITION_LIMIT/0"]
    assert statuses(alice.place("buy", "49.1", "3")) == ["open/NONE/3"]
    assert statuses(alice.place("sell", "51.0", "20")) == ["open/NONE/20"]
    assert statuses(alice.place("sell", "51.0", "9")) == ["rejected/POSITION_LIMIT/0"]


def test_too_many_open_orders_are_refused(make_exchange) -> None:
    exchange = make_exchange(max_orders_per_account=2)
    account = exchange.account("a")
    for number in range(3):
        exchange.place(account, wire.Place(f"a-{number}", "7_ETF", "buy", "49.0", "1"))
    last = [out for out in exchange.take_outgoing() if out.account == "a"][-1].message
    assert (last.status, last.reason) == ("rejected", "TOO_MANY_ORDERS")


def test_too_many_requests_are_refused_until_time_passes(make_exchange) -> None:
    """Cancels go through always."""
    exchange = make_exchange(max_requests_per_s=2)
    account = exchange.account("a")

    def place(number: int) -> str:
        exchange.place(account, wire.Place(f"a-{number}", "7_ETF", "buy", "49.0", "1"))
        return [out for out in exchange.take_outgoing() if out.account == "a"][-1].message.reason

    assert [place(number) for number in range(3)] == ["NONE", "NONE", "RATE_LIMIT"]
    exchange.replace(account, wire.Replace(client_order_id="a-1", price="48.0", quantity="1"))
    exchange.cancel(account, wire.Cancel(client_order_id="a-0"))
    told = [out.message for out in exchange.take_outgoing() if out.account == "a"]
    assert statuses(told) == ["open/RATE_LIMIT/1", "canceled/NONE/0"]
    for _ in range(20):
        exchange.advance()
    exchange.take_outgoing()
    assert place(2) == "NONE"


def test_cancel_ends_an_order(alice, exchange) -> None:
    alice.place("buy", "49.0", "6")
    assert statuses(alice.cancel(1)) == ["canceled/NONE/0"]
    assert exchange.snapshot("7_ETF").bids == []


def test_an_order_can_be_canceled_by_the_exchanges_number(alice, bob, exchange) -> None:
    """By its owner only."""
    (report,) = alice.place("buy", "49.0", "6")
    exchange.cancel(bob.account, wire.Cancel(order_id=report.order_id, symbol="7_ETF"))
    (refused,) = bob.told()
    assert (refused.status, refused.reason, refused.symbol) == (
        "canceled",
        "UNKNOWN_ORDER",
        "7_ETF",
    )
    exchange.cancel(alice.account, wire.Cancel(order_id=report.order_id))
    assert statuses(alice.told()) == ["canceled/NONE/0"]


def test_an_unknown_order_is_reported_as_gone(alice) -> None:
    (cancel,) = alice.cancel(77)
    (replace,) = alice.replace(77, "50.0", "1")
    assert cancel.client_order_id == replace.client_order_id == "alice-77"
    assert statuses([cancel, replace]) == ["canceled/UNKNOWN_ORDER/0"] * 2


def test_cancel_all_cancels_ones_own(alice, bob, exchange) -> None:
    alice.place("buy", "49.0", "6")
    alice.place("sell", "51.0", "2")
    bob.place("buy", "48.9", "3")
    exchange.cancel_all(alice.account)
    assert statuses(alice.told()) == ["canceled/NONE/0"] * 2
    assert exchange.snapshot("7_ETF").bids == [("48.9", "3")]


def test_a_market_order_takes_what_there_is_down_to_its_price(alice, bob, exchange) -> None:
    """Two levels within its price, the third beyond: what is left expires and does not rest."""
    for price in ("50.1", "50.3", "50.6"):
        alice.place("sell", price, "3")
    told = bob.place("buy", "50.4", "9", kind="market")
    assert statuses(told) == ["open/NONE/9", "fill/6", "fill/3", "expired/NONE/0"]
    assert exchange.snapshot("7_ETF").bids == []


def test_a_market_order_cannot_be_post_only(bob) -> None:
    told = bob.place("buy", "50.4", "9", kind="market", post_only=True)
    assert statuses(told) == ["rejected/MALFORMED/0"]


def test_a_smaller_size_keeps_the_place_in_the_queue(alice, bob, trader) -> None:
    alice.place("buy", "49.0", "6")
    bob.place("buy", "49.0", "6")
    assert statuses(alice.replace(1, "49.0", "4")) == ["open/NONE/4"]
    trader("carol").place("sell", "49.0", "4")
    assert alice.account.positions == [0, 4]


@pytest.mark.parametrize(("price", "quantity"), [("49.0", "7"), ("49.1", "6")])
def test_more_size_or_another_price_loses_the_place(alice, bob, trader, price, quantity) -> None:
    alice.place("buy", "49.0", "6")
    bob.place("buy", price, "6")
    alice.replace(1, price, quantity)
    trader("carol").place("sell", price, "6")
    assert (alice.account.positions[1], bob.account.positions[1]) == (0, 6)


def test_a_replace_counts_what_was_executed(alice, bob) -> None:
    """A new size of 10 with 4 executed leaves 6, whatever crossed on the way."""
    alice.place("buy", "49.0", "6")
    bob.place("sell", "49.0", "4")
    assert statuses(alice.replace(1, "49.2", "10")) == ["open/NONE/6"]


def test_a_replace_can_trade(alice, bob) -> None:
    alice.place("buy", "49.0", "6")
    bob.place("sell", "49.5", "4")
    assert statuses(alice.replace(1, "49.5", "5")) == ["open/NONE/5", "fill/1"]
    assert statuses(alice.replace(1, "49.4", "6")) == ["open/NONE/2"]


def test_a_replace_to_what_was_executed_ends_the_order(alice, bob) -> None:
    alice.place("buy", "49.0", "6")
    bob.place("sell", "49.0", "4")
    assert statuses(alice.replace(1, "49.0", "4")) == ["canceled/NONE/0"]


@pytest.mark.parametrize(
    ("price", "quantity", "reason"),
    [("49.05", "6", "BAD_PRICE"), ("49.0", "0", "BAD_SIZE"), ("49.0", "21", "POSITION_LIMIT")],
)
def test_a_refused_replace_leaves_the_order_as_it_was(alice, price, quantity, reason) -> None:
    alice.place("buy", "49.0", "6")
    (report,) = alice.replace(1, price, quantity)
    assert (report.status, report.reason) == ("open", reason)
    assert (report.price, report.quantity, report.leaves) == ("49.0", "6", "6")


def test_a_post_only_order_stays_post_only_when_replaced(alice, bob) -> None:
    alice.place("buy", "49.0", "6", post_only=True)
    bob.place("sell", "49.5", "4")
    assert statuses(alice.replace(1, "49.5", "6")) == ["open/WOULD_CROSS/6"]


def test_a_replace_into_ones_own_order_cancels_what_is_left(alice) -> None:
    alice.place("sell", "49.5", "4")
    alice.place("buy", "49.0", "6")
    assert statuses(alice.replace(2, "49.5", "6")) == ["open/NONE/6", "canceled/SELF_TRADE/0"]


def test_cash_is_what_was_paid_and_the_fees(alice, bob, exchange) -> None:
    """4 at 50.1 are 200.4; the taker pays 5 bps of it, the maker gets 1 bps."""
    alice.place("sell", "50.1", "4")
    bob.place("buy", "50.1", "4")
    assert exchange.state(alice.account).cash == "200.42004"
    assert exchange.state(bob.account).cash == "-200.5002"
    assert alice.account.executions[-1].fee == "-0.02004"


def test_missed_executions_can_be_had_again(alice, bob, exchange) -> None:
    alice.place("sell", "50.1", "4")
    fills = [m for _ in range(3) for m in bob.place("buy", "50.1", "1") if hasattr(m, "fee")]
    missed = list(exchange.executions_after(bob.account, fills[0].trade_id))
    # What is repeated carries no number: it was told under its own before.
    assert missed == [msgspec.structs.replace(fill, account_seq=0) for fill in fills[1:]]
    assert exchange.state(bob.account).last_trade_id == fills[-1].trade_id


def test_ids_of_a_later_life_are_greater(products) -> None:
    """An engine that has seen a trade id before takes the fill for a repeated one."""
    config = exchange_module.ExchangeConfig(products=products, bots=False)
    lives = [exchange_module.Exchange(config, seconds * 10**9) for seconds in (1000, 1001)]
    first, second = (life._new_order_id() for life in lives)
    assert second - first == 1 << 20
    assert lives[0].session != lives[1].session


def test_a_stranger_cannot_open_accounts_without_end(exchange, monkeypatch) -> None:
    monkeypatch.setattr(exchange_module, "MAX_ACCOUNTS", 1)
    assert exchange.account("a") is exchange.account("a")
    assert exchange.account("b") is None


def test_book_messages_are_numbered_and_add_up_to_the_snapshot(alice, bob, exchange) -> None:
    before = exchange.snapshot("7_ETF")
    for price, quantity in (("49.0", "3"), ("49.1", "5"), ("48.7", "2")):
        exchange.place(alice.account, wire.Place(price, "7_ETF", "buy", price, quantity))
    exchange.place(bob.account, wire.Place("b", "7_ETF", "sell", "49.1", "6"))
    messages = [out.message for out in exchange.take_outgoing()]
    deltas = [m for m in messages if isinstance(m, wire.Delta)]
    assert [m.seq for m in deltas] == [before.seq + 1 + n for n in range(len(deltas))]
    book = {"buy": {}, "sell": {}}
    for change in (change for m in deltas for change in m.changes):
        book[change[0]][change[1]] = change[2]
    shown = {side: {p: q for p, q in levels.items() if q != "0"} for side, levels in book.items()}
    after = exchange.snapshot("7_ETF")
    assert shown == {"buy": dict(after.bids), "sell": dict(after.asks)}
    assert after.seq == deltas[-1].seq
    assert exchange.heartbeat(alice.account).seq["7_ETF"] == after.seq


def run_market(make_exchange, *, seed: int, price: str = "48.0") -> list[bytes]:
    exchange = make_exchange(bots=True, seed=seed)
    account = exchange.account("me")
    told = []
    for step in range(400):
        exchange.advance()
        if step % 50 == 0:
            exchange.place(account, wire.Place(f"me-{step}", "7_ETF", "buy", price, "1"))
        told += [encode(out.message) for out in exchange.take_outgoing()]
    return told


def test_the_same_seed_and_the_same_requests_give_the_same_market(make_exchange) -> None:
    first = run_market(make_exchange, seed=11)
    assert len(first) > 200
    assert run_market(make_exchange, seed=11) == first


def test_another_seed_or_another_request_gives_another_market(make_exchange) -> None:
    """The test above is worth nothing if this one fails."""
    first = run_market(make_exchange, seed=11)
    assert run_market(make_exchange, seed=12) != first
    assert run_market(make_exchange, seed=11, price="52.0") != first


def numbers(messages) -> list[int]:
    return [message.account_seq for message in messages]


def test_each_accounts_messages_are_numbered_by_themselves(alice, bob, exchange) -> None:
    alice.place("sell", "50.1", "4")
    exchange.place(bob.account, wire.Place("b-1", "7_ETF", "buy", "50.1", "1"))
    outgoing = exchange.take_outgoing()
    told = {
        key: [out.message for out in outgoing if out.account == key] for key in ("alice", "bob")
    }
    assert numbers(told["alice"]) == [2]
    assert numbers(told["bob"]) == [1, 2, 3]
    assert exchange.state(bob.account).account_seq == 3
    assert exchange.heartbeat(alice.account).account_seq == 2


def ask(trader, number: int) -> wire.OrderReport:
    name = f"{trader.account.key}-{number}"
    request = wire.OrderRequest(client_order_id=name, symbol="7_ETF")
    return trader.exchange.status(trader.account, request)


def test_an_order_can_be_asked_about_while_it_stands_and_after(alice, bob) -> None:
    alice.place("sell", "50.1", "4")
    bob.place("buy", "50.1", "1")
    standing = ask(alice, 1)
    assert (standing.status, standing.quantity, standing.leaves) == ("open", "4", "3")
    assert standing.account_seq == 0
    alice.cancel(1)
    assert (ask(alice, 1).status, ask(alice, 1).reason) == ("canceled", "NONE")
    assert ask(bob, 1).status == "filled"


def test_an_order_that_was_asked_about_in_vain_cannot_come_to_be(alice) -> None:
    """The request may still be on its way: it finds its id used."""
    assert (ask(alice, 1).status, ask(alice, 1).reason) == ("canceled", "UNKNOWN_ORDER")
    assert statuses(alice.place("sell", "50.1", "4")) == ["rejected/DUPLICATE_ORDER_ID/0"]


def test_the_dead_man_timer_cancels_unless_it_is_fed(make_exchange, trader) -> None:
    exchange = make_exchange(speed=3.0)
    account = exchange.account("alice")

    def place(number: int) -> None:
        exchange.place(account, wire.Place(f"a-{number}", "7_ETF", "buy", "49.0", "1"))

    def pass_wall_ms(duration_ms: float) -> list[str]:
        exchange.skip(round(duration_ms * 1e6 * 3.0))
        told = [out.message for out in exchange.take_outgoing() if out.account == "alice"]
        return statuses(told)

    place(1)
    exchange.cancel_all_after(account, 1000)
    pass_wall_ms(900)
    exchange.cancel_all_after(account, 1000)
    assert pass_wall_ms(999) == []
    assert pass_wall_ms(1) == ["canceled/DEAD_MAN/0"]
    place(2)
    assert pass_wall_ms(5000) == ["open/NONE/1"]


@pytest.mark.parametrize("offset_ns", [60 * 10**9, -60 * 10**9])
def test_a_clock_that_is_turned_is_no_silence_and_no_grace(exchange, alice, offset_ns) -> None:
    alice.place("buy", "49.0", "1")
    exchange.cancel_all_after(alice.account, 1000)
    exchange.turn_clock(offset_ns)
    exchange.skip(999 * 10**6)
    assert alice.told() == []
    exchange.skip(10**6)
    assert statuses(alice.told()) == ["canceled/DEAD_MAN/0"]


def test_the_dead_man_timer_can_be_taken_away(exchange, alice) -> None:
    alice.place("buy", "49.0", "1")
    exchange.cancel_all_after(alice.account, 1000)
    exchange.cancel_all_after(alice.account, 0)
    exchange.skip(10**10)
    assert alice.told() == []


def test_an_order_can_be_asked_about_by_the_exchanges_number_after_its_end(alice, bob) -> None:
    """An order of another run has no other name here."""
    (opened,) = alice.place("sell", "50.1", "4")
    bob.place("buy", "50.1", "4")
    request = wire.OrderRequest(order_id=opened.order_id)
    answer = alice.exchange.status(alice.account, request)
    assert (answer.status, answer.quantity, answer.leaves) == ("filled", "4", "0")
    assert answer.client_order_id == "alice-1"
    foreign = bob.exchange.status(bob.account, request)
    assert (foreign.status, foreign.reason) == ("canceled", "UNKNOWN_ORDER")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"price": "50.0", "quantity": "9", "tif": "IOC"}, "expired"),
        ({"price": "50.05", "quantity": "9"}, "canceled"),
    ],
)
def test_how_an_order_ended_is_remembered_and_a_refused_one_never_was(
    alice, bob, fields, status
) -> None:
    bob.place("sell", "50.0", "4")
    alice.place("buy", **fields)
    answer = ask(alice, 1)
    assert answer.status == status
    assert (answer.reason == "UNKNOWN_ORDER") == (status == "canceled")


def test_endings_are_forgotten_from_the_oldest_on(alice, monkeypatch) -> None:
    monkeypatch.setattr(account_module, "REMEMBERED_IDS", 2)
    opened = []
    for number in (1, 2, 3):
        opened += alice.place("buy", "49.0", "1")
        alice.cancel(number)
    assert [ask(alice, number).reason for number in (2, 3)] == ["NONE", "NONE"]
    by_number = [
        alice.exchange.status(alice.account, wire.OrderRequest(order_id=order.order_id)).reason
        for order in opened
    ]
    assert by_number == ["UNKNOWN_ORDER", "NONE", "NONE"]


def test_an_answer_to_a_question_takes_no_number(alice, exchange) -> None:
    alice.place("buy", "49.0", "1")
    alice.cancel(1)
    ask(alice, 1)
    assert ask(alice, 1).account_seq == 0
    assert exchange.heartbeat(alice.account).account_seq == 2


def test_a_dead_man_cancels_the_orders_of_one_account_only(exchange, alice, bob) -> None:
    alice.place("buy", "49.0", "6")
    bob.place("buy", "48.9", "3")
    exchange.cancel_all_after(alice.account, 1000)
    for _ in range(60):
        exchange.advance()
    assert statuses(alice.told()) == ["canceled/DEAD_MAN/0"]
    assert [order.price for order in exchange.state(bob.account).orders] == ["48.9"]
