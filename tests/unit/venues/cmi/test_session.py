"""The session step by step, with a hand on every answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.domain import events
from core.domain.enums import EventKind, OrderStatus, RejectReason, Side, VenueState
from core.domain.errors import VenueError
from core.domain.events import POST_ONLY
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.cmi import codec
from core.venues.cmi.requests import Answer, Kind, Request
from core.venues.cmi.session import CmiSession

INSTRUMENTS = (
    Instrument(Symbol("1_Eisbach"), Decimal(1)),
    Instrument(Symbol("7_ETF"), Decimal("0.5"), taker_fee_bps=5),
)
ETF = 1
BUY, SELL = Side.BUY.value, Side.SELL.value
PRODUCTS = b"""[{"symbol":"1_Eisbach","tickSize":1.0,"startingPrice":1.0,"contractSize":1.0},
 {"symbol":"7_ETF","tickSize":0.5,"startingPrice":50.0,"contractSize":1.0}]"""
STATUS = b'{"acceptingOrders":true,"activeRoundName":"FISH","positionFee":0,"positionLimits":[]}'
LOGIN = Answer(200, b"", "Bearer tok-123456", 1_790_000_000_000_000_000)


class Rig:
    """A session, its time, and answers by kind."""

    def __init__(self, **options) -> None:
        self.session = CmiSession(
            username="me", password="hunter2", instruments=INSTRUMENTS, **options
        )
        self.now_s = 100.0
        self.rows: list[bytes] = []
        self.answers = {
            Kind.LOGIN: LOGIN,
            Kind.STATUS: Answer(200, STATUS),
            Kind.PRODUCTS: Answer(200, PRODUCTS),
            Kind.ORDERS: Answer(200, b"[]"),
            Kind.TRADES: Answer(200, b"[]"),
            Kind.POSITIONS: Answer(200, b"[]"),
        }
        self.asked: list[Kind] = []
        self.session.connecting()

    def take(self) -> Request | None:
        """Take what may be sent by now, a second and a bit later."""
        self.now_s += 1.1
        return self.session.take_request(self.now_s)

    def serve(self, request: Request, answer: Answer | None = None) -> None:
        """Answer a request, as usual for its kind if nothing else is said."""
        self.asked.append(request.kind)
        if request.kind is Kind.STREAM:
            self.session.stream_opened(self.now_s)
        else:
            self.session.on_answer(request, answer or self.answers[request.kind], self.now_s)
        self.rows += [bytes(row) for row in self.session.take_events()]

    def serve_all(self) -> list[Kind]:
        """Serve until nothing waits; returns what was asked."""
        first = len(self.asked)
        while (request := self.take()) is not None:
            self.serve(request)
        return self.asked[first:]

    def next(self, kind: Kind) -> Request:
        request = self.take()
        assert request is not None
        assert request.kind is kind
        return request

    def hear(self, name: str, data: bytes) -> None:
        self.session.on_event(name, data, self.now_s)
        self.rows += [bytes(row) for row in self.session.take_events()]

    def tick(self, seconds: float = 0.0) -> None:
        self.now_s += seconds
        self.session.tick(self.now_s)
        self.rows += [bytes(row) for row in self.session.take_events()]

    def place(self, number: int, side: int = BUY, ticks: int = 98, lots: int = 5, flags: int = 0):
        self.session.desk.place(self.now_s, ETF, number, side, ticks, lots, flags)
        self.rows += [bytes(row) for row in self.session.take_events()]

    def of(self, kind: EventKind):
        rows = events.load(self.rows)
        return rows[[row["kind"] == kind for row in rows]] if len(rows) else rows

    def reports(self, number: int) -> list[tuple[int, int]]:
        rows = self.of(EventKind.ORDER_REPORT)
        return [(int(r["status"]), int(r["code"])) for r in rows if r["order_id"] == number]


def accepted(order_id: str = "77", *, left: str = "5", filled: str = "0") -> Answer:
    body = (
        f'{{"id":"{order_id}","status":"ACTIVE","product":"7_ETF","side":"BUY","price":49.0,'
        f'"volume":{left},"filled":{filled},"user":"me","timestamp":"2025-11-21T10:40:42Z",'
        f'"targetUser":null,"message":null}}'
    )
    return Answer(200, body.encode())


def own_trade(at: str = "10:40:42.438180497", lots: str = "2", price: str = "49.0") -> bytes:
    return (
        f'{{"timestamp":"2026-11-21T{at}Z","sessionId":"FISH","product":"7_ETF","buyer":"me",'
        f'"seller":"","aggressor":"","volume":{lots},"price":{price}}}'
    ).encode()


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.serve_all()
    assert rig.session.state is VenueState.SYNCED
    for symbol in (b"1_Eisbach", b"7_ETF"):
        rig.hear("order", b'{"productsymbol":"%b","buyOrders":{},"sellOrders":{}}' % symbol)
    rig.asked.clear()
    return rig


def test_books_that_the_stream_does_not_tell_are_asked_for() -> None:
    rig = Rig()
    rig.serve_all()
    rig.tick(1.5)
    assert rig.next(Kind.BOOK).path == "/product/1_Eisbach/order-book/current-user"


def test_a_connection_reads_trades_before_and_after_the_rest() -> None:
    rig = Rig()
    assert rig.serve_all() == [
        Kind.LOGIN, Kind.STATUS, Kind.PRODUCTS, Kind.STREAM,
        Kind.TRADES, Kind.ORDERS, Kind.POSITIONS, Kind.TRADES,
    ]  # fmt: skip
    assert rig.session.exchange_session == "FISH"
    assert rig.session.authorization == "Bearer tok-123456"


def test_an_execution_heard_meanwhile_has_the_account_read_again() -> None:
    """The position told may hold it or not: nobody knows."""
    rig = Rig(executions_after=1)
    while True:
        request = rig.take()
        assert request is not None
        rig.serve(request)
        if request.kind is Kind.POSITIONS:
            break
    rig.hear("trade", b"[" + own_trade() + b"]")
    rig.answers[Kind.POSITIONS] = Answer(200, b'[{"product":"7_ETF","volume":2,"netPosition":2}]')
    assert rig.serve_all() == [Kind.TRADES, Kind.ORDERS, Kind.POSITIONS, Kind.TRADES]
    assert len(rig.of(EventKind.FILL)) == 1
    assert rig.of(EventKind.POSITION_REPORT)["lots"].tolist() == [0, 2]


def test_an_execution_alone_and_in_a_list_is_booked_once(rig) -> None:
    rig.hear("trade", own_trade())
    rig.hear("trade", b"[" + own_trade(lots="2.0") + b"]")
    assert rig.of(EventKind.FILL)["lots"].tolist() == [2]
    assert rig.session.duplicates == 1


def test_what_looks_like_a_repetition_is_looked_up_in_the_trades(rig) -> None:
    """There were two of the same: the list of the market says so."""
    rig.hear("trade", own_trade())
    rig.hear("trade", own_trade())
    rig.tick()
    rig.answers[Kind.TRADES] = Answer(200, b"[" + own_trade() + b"," + own_trade() + b"]")
    assert rig.serve_all() == [Kind.TRADES]
    assert rig.of(EventKind.FILL)["lots"].tolist() == [2, 2]


def test_the_fill_before_its_answer_belongs_to_the_order(rig) -> None:
    rig.place(4)
    request = rig.next(Kind.PLACE)
    rig.hear("trade", own_trade())
    rig.serve(request, accepted(left="3", filled="2"))
    (fill,) = rig.of(EventKind.FILL)
    assert (fill["order_id"], fill["lots"], fill["leaves_lots"]) == (4, 2, 3)
    assert rig.reports(4) == [(OrderStatus.OPEN, RejectReason.NONE)]


def test_fills_that_an_answer_told_and_nobody_else_are_asked_for(rig) -> None:
    rig.place(4)
    rig.serve(rig.next(Kind.PLACE), accepted(left="0", filled="5"))
    assert len(rig.of(EventKind.FILL)) == 0
    rig.tick(2.5)
    rig.tick()
    rig.answers[Kind.TRADES] = Answer(200, b"[" + own_trade(lots="5") + b"]")
    assert rig.serve_all() == [Kind.TRADES]
    (fill,) = rig.of(EventKind.FILL)
    assert (fill["order_id"], fill["lots"], fill["leaves_lots"]) == (4, 5, 0)


def test_an_order_that_waits_for_too_long_is_refused(rig) -> None:
    rig.place(4)
    rig.tick(3.5)
    assert rig.reports(4) == [(OrderStatus.REJECTED, RejectReason.RATE_LIMIT)]
    assert rig.take() is None


def test_a_cancel_of_what_waits_costs_no_request(rig) -> None:
    rig.place(4)
    rig.session.desk.cancel(rig.now_s, ETF, 4)
    rig.tick()
    assert rig.reports(4) == [(OrderStatus.CANCELED, RejectReason.NONE)]
    assert rig.take() is None


def test_a_cancel_while_the_answer_is_awaited_follows_it(rig) -> None:
    rig.place(4)
    request = rig.next(Kind.PLACE)
    rig.session.desk.cancel(rig.now_s, ETF, 4)
    rig.serve(request, accepted())
    cancel = rig.next(Kind.CANCEL)
    assert (cancel.method, cancel.path) == ("DELETE", "/order/77")
    rig.serve(cancel, Answer(204, b""))
    assert rig.reports(4)[-1] == (OrderStatus.CANCELED, RejectReason.NONE)


def test_cancels_and_what_makes_a_position_smaller_overtake(rig) -> None:
    rig.place(1)
    rig.serve(rig.next(Kind.PLACE), accepted())
    rig.hear("trade", own_trade())
    rig.place(2)
    rig.place(3, side=SELL, ticks=110, lots=2)
    rig.place(4, side=SELL, ticks=110, lots=3)
    rig.session.desk.cancel(rig.now_s, ETF, 1)
    taken = [rig.take() for _ in range(4)]
    assert [(r.kind, r.order.number) for r in taken] == [
        (Kind.CANCEL, 1),
        (Kind.PLACE, 3),
        (Kind.PLACE, 2),
        (Kind.PLACE, 4),
    ]


def test_an_order_that_is_to_post_only_is_checked_again_when_its_turn_comes(rig) -> None:
    rig.place(4, flags=POST_ONLY)
    rig.hear(
        "order",
        b'{"productsymbol":"7_ETF","tickSize":0.5,"buyOrders":{},'
        b'"sellOrders":{"49.0":{"marketVolume":4,"userVolume":0}}}',
    )
    assert rig.take() is None
    rig.tick()
    assert rig.reports(4) == [(OrderStatus.REJECTED, RejectReason.WOULD_CROSS)]


@pytest.fixture
def level(rig) -> Rig:
    """Orders 4, 5 and 6 rest at one price, 7 at another, 8 on the other side."""
    places = ((4, BUY, 98), (5, BUY, 98), (6, BUY, 98), (7, BUY, 97), (8, SELL, 98))
    for number, side, ticks in places:
        rig.place(number, side=side, ticks=ticks)
        rig.serve(rig.next(Kind.PLACE), accepted(str(70 + number)))
    return rig


def cancel(rig, *numbers) -> None:
    for number in numbers:
        rig.session.desk.cancel(rig.now_s, ETF, number)


def test_a_level_that_is_to_be_empty_is_canceled_by_one_request(level) -> None:
    cancel(level, 4, 7, 5, 6)
    request = level.next(Kind.CANCEL)
    assert request.path == "/order?product=7_ETF&price=49.0&side=BUY"
    assert request.said.endswith("for order 4, 5, 6")
    level.serve(request, Answer(200, b""))
    for number in (4, 5, 6):
        assert level.reports(number)[-1] == (OrderStatus.CANCELED, RejectReason.NONE)
    assert level.next(Kind.CANCEL).path == "/order/77"
    level.tick()
    assert level.next(Kind.TRADES), "one of them may have traded just before"


def test_a_level_where_something_is_to_stay_is_canceled_order_by_order(level) -> None:
    cancel(level, 4, 6)
    assert [level.next(Kind.CANCEL).path for _ in range(2)] == ["/order/74", "/order/76"]


def test_an_exchange_that_cancels_no_levels_is_asked_so_once(level) -> None:
    cancel(level, 4, 5, 6)
    request = level.next(Kind.CANCEL)
    level.serve(request, Answer(405, b"Method Not Allowed"))
    assert [level.next(Kind.CANCEL).path for _ in range(3)] == [
        "/order/74",
        "/order/75",
        "/order/76",
    ]


def test_a_level_whose_answer_is_lost_is_canceled_again(level) -> None:
    cancel(level, 4, 5, 6)
    request = level.next(Kind.CANCEL)
    level.session.on_lost(request, "no answer in time", level.now_s, was_sent=True)
    again = level.next(Kind.CANCEL)
    assert (again.path, again.said) == (request.path, request.said)


@pytest.mark.parametrize("status", [400, 404])
def test_a_cancel_of_what_is_gone_says_so_and_looks_for_its_fill(rig, status: int) -> None:
    rig.place(4)
    rig.serve(rig.next(Kind.PLACE), accepted())
    rig.session.desk.cancel(rig.now_s, ETF, 4)
    rig.serve(rig.next(Kind.CANCEL), Answer(status, b'{"message":"order not found"}'))
    assert rig.reports(4)[-1] == (OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER)
    rig.tick()
    assert rig.serve_all() == [Kind.TRADES]


def test_a_refusal_repeats_what_the_exchange_says(rig) -> None:
    rig.place(4)
    rig.serve(rig.next(Kind.PLACE), Answer(400, b'{"message":"Position limit breached"}'))
    assert rig.reports(4) == [(OrderStatus.REJECTED, RejectReason.POSITION_LIMIT)]
    assert "400 Position limit breached" in rig.session.last_error


def test_500_on_positions_is_not_flat_while_something_is_held(rig) -> None:
    """The connection is given up instead: nothing may be believed."""
    rig.hear("trade", own_trade())
    rig.session.reconcile(rig.now_s)
    for kind in (Kind.TRADES, Kind.ORDERS):
        rig.serve(rig.next(kind))
    rig.serve(rig.next(Kind.POSITIONS), Answer(500, b"Internal Server Error"))
    assert rig.session.is_broken
    assert rig.session.state is VenueState.CONNECTED


def test_positions_that_differ_from_the_fills_have_all_read_again(rig) -> None:
    rig.tick(61.0)
    rig.answers[Kind.POSITIONS] = Answer(200, b'[{"product":"7_ETF","net_position":-4.0}]')
    assert rig.serve_all() == [
        Kind.POSITIONS, Kind.TRADES, Kind.ORDERS, Kind.POSITIONS, Kind.TRADES,
    ]  # fmt: skip
    assert rig.of(EventKind.POSITION_REPORT)["lots"].tolist()[-1] == -4


def test_products_that_are_not_ours_end_it() -> None:
    rig = Rig()
    rig.answers[Kind.PRODUCTS] = Answer(200, PRODUCTS.replace(b'"tickSize":0.5', b'"tickSize":1.0'))
    with pytest.raises(VenueError, match=r"7_ETF has tickSize 1\.0 there and 0\.5"):
        rig.serve_all()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(401, b'{"message":"bad hunter2"}'), "401 bad <redacted>; sign up there"),
        (Answer(200, b""), "no header Authorization"),
        (Answer(404, b"<html>"), "404"),
    ],
)
def test_a_login_that_is_refused_ends_it_with_a_sentence(answer, words: str) -> None:
    rig = Rig()
    with pytest.raises(VenueError) as failure:
        rig.serve(rig.next(Kind.LOGIN), answer)
    assert words in str(failure.value)
    assert "hunter2" not in str(failure.value)


def test_what_goes_wrong_never_repeats_password_or_token(rig) -> None:
    rig.session.refuse("echo of Bearer tok-123456 and hunter2")
    assert rig.session.last_error == "echo of Bearer <redacted> and <redacted>"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("order", b"{"),
        ("order", b'{"productsymbol":"BURGER","buyOrders":{},"sellOrders":{}}'),
        ("trade", b'[{"timestamp":"soon","product":"7_ETF","buyer":"me","volume":1,"price":1}]'),
        ("trade", own_trade(price="49.3")),
        ("trade", own_trade().replace(b"2026", b"2036")),
        ("trade", own_trade().replace(b"2026", b"1999")),
        ("trade", own_trade(lots="0.5")),
    ],
)
def test_nonsense_on_the_stream_is_counted_and_costs_nothing_else(rig, name, data) -> None:
    before = len(rig.rows)
    rig.hear(name, data)
    assert rig.session.refused == 1
    assert rig.session.last_error
    assert len(rig.rows) == before
    assert rig.session.state is VenueState.SYNCED


def test_a_crossed_book_is_replaced_by_an_empty_one(rig) -> None:
    rig.hear(
        "order",
        b'{"productsymbol":"7_ETF","buyOrders":{"50.0":{"marketVolume":4,"userVolume":0}},'
        b'"sellOrders":{"49.0":{"marketVolume":4,"userVolume":0}}}',
    )
    book = rig.of(EventKind.BOOK)[-1]
    assert (book["bid_lots"][0], book["ask_lots"][0]) == (0, 0)
    assert rig.session.refused == 1


def test_events_of_other_names_pass(rig) -> None:
    rig.hear("heartbeat", b"what ever")
    assert rig.session.refused == 0


@pytest.mark.parametrize(
    ("stamp", "offset_ns"), [("2025-11-21T10:40:42Z", -2_500_000_000), ("soon", None)]
)
def test_an_accepted_order_tells_the_clock_of_the_exchange(rig, stamp, offset_ns) -> None:
    """Stamped halfway between asking and hearing; a stamp that is none costs nothing."""
    rig.place(4)
    asked_ns = codec.time_ns("2025-11-21T10:40:44.3Z")
    answer = accepted()
    data = answer.data.replace(b"2025-11-21T10:40:42Z", stamp.encode())
    times = {"sent_ns": asked_ns, "received_ns": asked_ns + 400_000_000}
    rig.serve(rig.next(Kind.PLACE), replace(answer, data=data, **times))
    assert rig.session.clock.offset_ns == offset_ns
    assert rig.reports(4)[-1] == (OrderStatus.OPEN, RejectReason.NONE)
