"""A client that was written for an event trades at the practice exchange as it is."""

from __future__ import annotations

import asyncio
import json
import urllib.request

import pytest

from core.venues.wsx import messages as wsx
from tests.integration.cmi.student_client import Exchange, OrderBook, RequestError, Trade

pytestmark = pytest.mark.integration


@pytest.fixture
async def student(practice) -> Exchange:
    exchange = Exchange(practice.url, "team-7", "hunter2")
    await asyncio.to_thread(exchange.login)
    return exchange


async def test_it_signs_up_and_its_token_comes_in_the_header(practice, student) -> None:
    assert student.headers["Authorization"].startswith("Bearer ")
    assert practice.front.usernames() == [{"username": "team-7"}]


async def test_rows_have_no_field_too_many(student) -> None:
    products = await asyncio.to_thread(student.products)
    assert [(item.symbol, item.tickSize) for item in products] == [
        ("1_Eisbach", 1.0),
        ("7_ETF", 0.1),
    ]


async def test_the_answer_to_an_order_says_what_is_left_and_what_traded(practice, student) -> None:
    practice.counterparty("sell", "50.2", "3")
    taken = await asyncio.to_thread(student.place, "7_ETF", 50.3, "BUY", 7)
    assert (taken.volume, taken.filled, taken.status) == (4, 3, "PART_FILLED")
    rested = await asyncio.to_thread(student.place, "7_ETF", 49.0, "BUY", 2)
    assert (rested.volume, rested.filled, rested.status) == (2, 0, "ACTIVE")
    assert [order.id for order in await asyncio.to_thread(student.orders)] == [taken.id, rested.id]
    await asyncio.to_thread(student.cancel, taken.id)
    await asyncio.to_thread(student.cancel_level, "7_ETF", 49.0, "BUY")
    assert await asyncio.to_thread(student.orders, "7_ETF") == []
    assert await asyncio.to_thread(student.positions) == {"7_ETF": 3}


async def test_a_polled_book_tells_its_own_volume(practice, student) -> None:
    practice.counterparty("buy", "49.7", "6")
    await asyncio.to_thread(student.place, "7_ETF", 49.7, "BUY", 2)
    book = await asyncio.to_thread(student.book, "7_ETF")
    assert [(row.price, row.volume, row.own_volume) for row in book.buy_orders] == [(49.7, 8, 2)]
    assert book.sell_orders == []


async def test_a_refusal_is_400_with_a_message(student) -> None:
    with pytest.raises(RequestError) as refusal:
        await asyncio.to_thread(student.place, "7_ETF", 50.0, "BUY", 21)
    assert refusal.value.status == 400
    assert "position limit" in refusal.value.message
    with pytest.raises(RequestError, match=r"400: .*tick size"):
        await asyncio.to_thread(student.place, "7_ETF", 50.05, "BUY", 1)
    with pytest.raises(RequestError, match="400: order 77 not found"):
        await asyncio.to_thread(student.cancel, "77")


async def test_the_stream_tells_whole_books_and_own_fills_as_a_list(practice, student) -> None:
    """Every change fires, our own included; the other side of a fill has no name."""
    response, events = await asyncio.to_thread(student.stream)
    with response:
        first = [await asyncio.to_thread(next, events) for _ in range(2)]
        assert [(name, book.product) for name, book in first] == [
            ("order", "1_Eisbach"),
            ("order", "7_ETF"),
        ]
        await asyncio.to_thread(student.place, "7_ETF", 49.7, "BUY", 5)
        _, book = await asyncio.to_thread(next, events)
        assert [(row.price, row.volume, row.own_volume) for row in book.buy_orders] == [
            (49.7, 5, 5)
        ]
        practice.counterparty("sell", "49.7", "2")
        name, fills = await asyncio.to_thread(next, events)
        assert name == "trade"
        (fill,) = fills
        assert isinstance(fill, Trade)
        assert (fill.buyer, fill.seller, fill.aggressor) == ("team-7", "", "")
        assert (fill.volume, fill.price) == (2, 49.7)
        assert len(fill.timestamp) == len("2025-11-21T10:40:42.438180497Z")
        _, book = await asyncio.to_thread(next, events)
        assert isinstance(book, OrderBook)
        assert [(row.volume, row.own_volume) for row in book.buy_orders] == [(3, 3)]


async def test_nobody_hears_of_the_fills_of_others(practice, student) -> None:
    response, events = await asyncio.to_thread(student.stream)
    with response:
        for _ in range(2):
            await asyncio.to_thread(next, events)
        practice.counterparty("buy", "49.7", "2")
        other = Exchange(practice.url, "team-8", "x")
        await asyncio.to_thread(other.login)
        await asyncio.to_thread(other.place, "7_ETF", 49.7, "SELL", 2)
        names = [(await asyncio.to_thread(next, events))[0] for _ in range(2)]
    assert names == ["order", "order"]
    (trade,) = await asyncio.to_thread(student.trades)
    assert (trade.seller, trade.volume) == ("team-8", 2)


async def test_a_second_stream_ends_the_first_in_order(practice, student) -> None:
    first, events = await asyncio.to_thread(student.stream)
    second, _ = await asyncio.to_thread(student.stream)
    with first, second:
        rest = await asyncio.to_thread(list, events)
        assert [name for name, _ in rest] == ["order", "order"]
        assert practice.front.streams == 1


async def test_past_fills_come_again_as_one_list_on_a_new_stream(practice, student) -> None:
    for lots in ("2", "3"):
        practice.counterparty("sell", "50.2", lots)
    await asyncio.to_thread(student.place, "7_ETF", 50.2, "BUY", 5)
    response, events = await asyncio.to_thread(student.stream)
    with response:
        name, fills = await asyncio.to_thread(next, events)
    assert name == "trade"
    assert [fill.volume for fill in fills] == [2, 3]
    assert len({fill.timestamp for fill in fills}) == 2


async def test_trades_can_be_read_from_a_time_on(practice, student) -> None:
    for lots in ("2", "3"):
        practice.counterparty("sell", "50.2", lots)
        await asyncio.to_thread(student.place, "7_ETF", 50.2, "BUY", int(lots))
    older, newer = await asyncio.to_thread(student.trades)
    assert (older.volume, newer.volume) == (2, 3)
    assert await asyncio.to_thread(student.trades, newer.timestamp) == [newer]


async def test_status_profit_and_news_answer(practice, student) -> None:
    practice.counterparty("sell", "50.2", "2")
    practice.counterparty("buy", "49.8", "9")
    await asyncio.to_thread(student.place, "7_ETF", 50.2, "BUY", 2)
    status = await asyncio.to_thread(student.call, "GET", "/status")
    assert status["acceptingOrders"] is True
    assert {row["product"]: row["longLimit"] for row in status["positionLimits"]}["7_ETF"] == 20
    profit = await asyncio.to_thread(student.call, "GET", "/profit/current-user")
    fee = 2 * 50.2 * 5 / 10_000
    assert profit["totalProfit"] == pytest.approx(2 * (49.8 - 50.2) - fee)
    assert await asyncio.to_thread(student.call, "GET", "/news") == []


async def test_too_many_requests_are_refused_where_that_is_switched_on(make_practice) -> None:
    practice = await make_practice(cmi_requests_per_s=1)
    student = Exchange(practice.url, "team-7", "hunter2")
    await asyncio.to_thread(student.login)
    await asyncio.to_thread(student.products)
    with pytest.raises(RequestError, match="429"):
        await asyncio.to_thread(student.products)


async def test_a_wrong_password_an_unknown_token_and_a_taken_name_are_refused(
    practice, student
) -> None:
    with pytest.raises(RequestError, match="401"):
        await asyncio.to_thread(Exchange(practice.url, "team-7", "guess").login)
    with pytest.raises(RequestError, match="400: username team-7 is taken"):
        await asyncio.to_thread(
            student.call, "POST", "/user", {"username": "team-7", "password": "guess"}
        )
    student.headers["Authorization"] = "Bearer of-somebody"
    with pytest.raises(RequestError, match="401"):
        await asyncio.to_thread(student.products)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"product":"7_ETF"}',
        b'{"product":"7_ETF","price":"x","side":"BUY","volume":1}',
        b'{"product":"7_ETF","price":1e400,"side":"BUY","volume":1}',
        b'{"product":"7_ETF","price":50,"side":"HOLD","volume":1}',
    ],
)
async def test_nonsense_is_refused_with_a_sentence(student, body) -> None:
    def send() -> tuple[int, str]:
        request = urllib.request.Request(
            f"{student.base}/order", data=body, headers=student.headers, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())["message"]
        return 200, ""

    status, message = await asyncio.to_thread(send)
    assert status == 400
    assert message


async def test_a_web_page_is_turned_away(student) -> None:
    student.headers["Origin"] = "https://example.org"
    with pytest.raises(RequestError, match="403"):
        await asyncio.to_thread(student.products)


async def test_what_happens_over_the_other_protocol_is_told_here(practice, student) -> None:
    """One market, two protocols: the account is the same."""
    practice.counterparty("sell", "50.2", "2")
    account = practice.server.exchange.account("team-7")
    practice.server.exchange.place(account, wsx.Place("w-1", "7_ETF", "buy", "50.2", "2"))
    practice.server.gateway.flush()
    assert await asyncio.to_thread(student.positions) == {"7_ETF": 2}
