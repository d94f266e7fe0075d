"""Our client against our CMI side, while things go wrong there."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from core.domain.enums import EventKind, IntentKind, OrderStatus, RejectReason, Side, VenueState
from core.domain.errors import VenueError
from core.domain.events import IOC
from core.exchange.cmi.front import CmiFront, Refusal
from core.venues.cmi.client import CmiVenue
from tests.contract.venues.conftest import Listener, make_intents
from tests.integration.cmi.conftest import INSTRUMENTS, WAIT_S

pytestmark = pytest.mark.integration

ETF = 1
PLACE, CANCEL, REPLACE, EVERYTHING, RECONCILE, QUERY = (
    kind.value
    for kind in (
        IntentKind.PLACE,
        IntentKind.CANCEL,
        IntentKind.REPLACE,
        IntentKind.CANCEL_EVERYTHING,
        IntentKind.RECONCILE,
        IntentKind.QUERY,
    )
)


class Rig:
    """A venue that runs, and what it has told."""

    def __init__(self, venue: CmiVenue, sink: Listener, task: asyncio.Task[None]) -> None:
        self.venue, self.sink, self.task = venue, sink, task

    def submit(self, *wanted) -> None:
        self.venue.submit(*make_intents(*wanted))

    def reports(self, number: int):
        return self.sink.events(EventKind.ORDER_REPORT, order_id=number)

    def statuses(self, number: int) -> list[int]:
        return self.reports(number)["status"].tolist()

    def held(self) -> int:
        """Position in the ETF: what was told, and the fills since."""
        lots = 0
        for row in self.sink.events(instrument=ETF):
            if row["kind"] == EventKind.POSITION_REPORT:
                lots = int(row["lots"])
            elif row["kind"] == EventKind.FILL:
                lots += int(row["side"] * row["lots"])
        return lots

    async def synced(self, connections: int = 1) -> None:
        await self.until(
            lambda: (
                self.counters.state is VenueState.SYNCED
                and self.counters.reconnects >= connections - 1
            )
        )

    @property
    def counters(self):
        return self.venue.counters()

    async def until(self, condition) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
async def connect(practice):
    running = []

    async def connect(at=None, **options) -> Rig:
        fields = {"requests_per_s": 500, **options}
        venue = CmiVenue((at or practice).url, "team-7", "hunter2-x", INSTRUMENTS, **fields)
        sink = Listener()
        rig = Rig(venue, sink, asyncio.ensure_future(venue.run(sink)))
        running.append(rig)
        await rig.synced()
        return rig

    yield connect
    for rig in running:
        await rig.venue.close()
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(rig.task, return_exceptions=True)


def lose_answers(
    practice, monkeypatch, *, name: str = "place", is_served: bool = True
) -> list[str]:
    """Cut the connection of the next such request, served or not; returns what was cut."""
    lost: list[str] = []
    serve = getattr(CmiFront, name)

    def lose(self, *arguments):
        if lost:
            return serve(self, *arguments)
        lost.append(name)
        if is_served:
            serve(self, *arguments)
        practice.cut_requests()
        return {}

    monkeypatch.setattr(CmiFront, name, lose)
    return lost


async def test_a_login_that_has_expired_is_made_again_and_nothing_is_lost(
    practice, connect
) -> None:
    """401 on an order: it was not taken, and goes out again with the new token."""
    rig = await connect()
    practice.front.expire_tokens()
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    assert rig.statuses(3) == [OrderStatus.OPEN]
    assert practice.orders("team-7") == [("7_ETF", "BUY", 4)]
    assert rig.counters.reconnects == 0


async def test_a_429_pauses_everything_and_the_order_goes_out_once(
    practice, connect, monkeypatch
) -> None:
    rig = await connect()
    refusals = []
    serve = CmiFront.place

    def refuse(self, user, wanted):
        if not refusals:
            refusals.append(time.monotonic())
            raise Refusal(429, "too many requests")
        refusals.append(time.monotonic())
        return serve(self, user, wanted)

    monkeypatch.setattr(CmiFront, "place", refuse)
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    assert rig.statuses(3) == [OrderStatus.OPEN]
    assert len(refusals) == 2
    assert refusals[1] - refusals[0] >= 1.0
    assert practice.orders("team-7") == [("7_ETF", "BUY", 4)]


async def test_500_on_an_empty_portfolio_means_flat(practice, connect) -> None:
    practice.front.faults.fails_on_no_positions = True
    rig = await connect()
    assert rig.sink.events(EventKind.POSITION_REPORT)["lots"].tolist() == [0, 0]


async def test_an_order_whose_answer_is_lost_is_found_and_not_sent_again(
    practice, connect, monkeypatch
) -> None:
    rig = await connect()
    served = lose_answers(practice, monkeypatch)
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    assert served == ["place"]
    assert rig.statuses(3) == [OrderStatus.OPEN]
    assert practice.orders("team-7") == [("7_ETF", "BUY", 4)]
    rig.submit((CANCEL, ETF, 3, Side.BUY.value, 0, 0, 0))
    await rig.until(lambda: len(rig.statuses(3)) == 2)
    assert practice.orders("team-7") == []


async def test_an_order_that_never_arrived_is_said_to_be_gone(
    practice, connect, monkeypatch
) -> None:
    """Neither among the open orders nor among the trades."""
    rig = await connect()
    lose_answers(practice, monkeypatch, is_served=False)
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    assert rig.statuses(3) == [OrderStatus.REJECTED]
    assert practice.orders("team-7") == []


async def test_an_order_that_traded_while_its_answer_was_lost_is_not_rejected(
    practice, connect, monkeypatch
) -> None:
    rig = await connect()
    practice.counterparty("sell", "50.2", "4")
    lose_answers(practice, monkeypatch)
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 502, 4, 0))
    await rig.until(lambda: len(rig.sink.events(EventKind.FILL)) == 1)
    rig.submit((QUERY, ETF, 3, Side.BUY.value, 0, 0, 0))
    await rig.until(lambda: rig.statuses(3))
    (fill,) = rig.sink.events(EventKind.FILL)
    assert (fill["order_id"], fill["lots"]) == (3, 4)
    assert rig.statuses(3) == [OrderStatus.FILLED]


async def test_a_lost_answer_to_a_cancel_is_asked_for_again(practice, connect, monkeypatch) -> None:
    rig = await connect()
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    lose_answers(practice, monkeypatch, name="cancel")
    rig.submit((CANCEL, ETF, 3, Side.BUY.value, 0, 0, 0))
    await rig.until(lambda: len(rig.statuses(3)) == 2)
    assert rig.statuses(3)[-1] == OrderStatus.CANCELED
    assert practice.orders("team-7") == []


async def test_a_login_that_is_used_elsewhere_is_not_fought_over(practice, connect) -> None:
    """Two ends of the stream within a minute: then the books are polled, and it says why."""
    rig = await connect()
    for number in (1, 2):
        await rig.until(lambda: practice.front.streams == 1)
        user = practice.front._users["team-7"]
        thief = practice.front.open_stream(user)
        await rig.synced(number + 1)
        if number == 2:
            break
    assert practice.front._users["team-7"].stream is thief
    assert "used elsewhere" in rig.counters.last_error
    practice.counterparty("buy", "49.7", "6")
    await rig.until(lambda: rig.sink.events(EventKind.BOOK, instrument=ETF)[-1]["bid_lots"][0] == 6)
    rig.submit((PLACE, ETF, 3, Side.SELL.value, 497, 2, 0))
    await rig.until(lambda: len(rig.sink.events(EventKind.FILL)) == 1)
    assert rig.held() == -2
    assert practice.front._users["team-7"].stream is thief


async def test_a_stream_that_was_refused_three_times_gives_way_to_polls(
    practice, connect, monkeypatch
) -> None:
    def refuse(self, user):
        raise Refusal(503, "no streams today")

    monkeypatch.setattr(CmiFront, "open_stream", refuse)
    rig = await connect()
    practice.counterparty("buy", "49.7", "6")
    await rig.until(
        lambda: (
            len(rig.sink.events(EventKind.BOOK, instrument=ETF)) > 0
            and rig.sink.events(EventKind.BOOK, instrument=ETF)[-1]["bid_lots"][0] == 6
        )
    )
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 498, 2, 0))
    await rig.until(lambda: rig.statuses(3))
    practice.counterparty("sell", "49.8", "9")
    await rig.until(lambda: len(rig.sink.events(EventKind.FILL)) == 1)
    assert rig.held() == practice.positions("team-7")["7_ETF"] == 2


async def test_a_stream_that_goes_deaf_is_noticed_and_opened_again(
    practice, connect, monkeypatch
) -> None:
    from core.venues.cmi import watch as module

    practice.counterparty("buy", "49.7", "6")
    monkeypatch.setattr(module, "SILENCE_S", 0.2)
    rig = await connect()
    practice.front._users["team-7"].stream.is_silent = True
    practice.counterparty("buy", "49.8", "2")
    await rig.synced(2)
    await rig.until(lambda: rig.sink.events(EventKind.BOOK, instrument=ETF)[-1]["bid_lots"][0] == 2)
    assert practice.front.streams == 1


async def test_silence_while_trading_is_closed_is_said_to_be_that(
    practice, connect, monkeypatch
) -> None:
    from core.venues.cmi import watch as module

    monkeypatch.setattr(module, "SILENCE_S", 0.2)
    rig = await connect()
    practice.front.faults.is_closed = True
    await rig.until(lambda: "trading is closed" in rig.counters.last_error)
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    assert rig.reports(3)["code"].tolist() == [RejectReason.MARKET_CLOSED]
    assert rig.counters.state is VenueState.SYNCED


async def test_an_exchange_that_was_reset_is_found_empty(practice, connect) -> None:
    rig = await connect()
    before = rig.counters.exchange_session
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    practice.begin_new_life()
    await rig.synced(2)
    assert rig.counters.exchange_session != before
    assert practice.orders("team-7") == []


async def test_a_reset_that_forgot_the_login_ends_with_a_sentence(
    practice, connect, monkeypatch
) -> None:
    """The password is not in it."""
    rig = await connect()

    def refuse(self, given):
        raise Refusal(403, f"unknown user with {given.password}")

    monkeypatch.setattr(CmiFront, "log_in", refuse)
    practice.front.expire_tokens()
    rig.submit((RECONCILE, -1, 0, 0, 0, 0, 0))
    with pytest.raises(VenueError, match=r"was reset: sign up again") as failure:
        await asyncio.wait_for(rig.task, WAIT_S)
    assert "hunter2-x" not in str(failure.value)


async def test_a_move_is_a_cancel_and_a_new_order_of_what_is_left(practice, connect) -> None:
    rig = await connect()
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 9, 0))
    await rig.until(lambda: rig.statuses(3))
    practice.counterparty("sell", "49.5", "2")
    await rig.until(lambda: len(rig.sink.events(EventKind.FILL)) == 1)
    before = practice.front.requests
    rig.submit((REPLACE, ETF, 3, Side.BUY.value, 498, 7, 0))
    await rig.until(lambda: len(rig.statuses(3)) == 2)
    assert practice.front.requests - before == 2
    assert practice.orders("team-7") == [("7_ETF", "BUY", 5)]
    last = rig.reports(3)[-1]
    assert (last["price_ticks"], last["lots"], last["leaves_lots"]) == (498, 7, 5)


async def test_an_order_that_takes_at_once_is_two_requests(practice, connect) -> None:
    rig = await connect()
    practice.counterparty("sell", "50.2", "4")
    before = practice.front.requests
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 502, 6, IOC))
    await rig.until(lambda: len(rig.statuses(3)) == 2)
    assert practice.front.requests - before == 2
    assert practice.orders("team-7") == []


async def test_what_rests_at_one_price_is_canceled_by_one_request(make_practice, connect) -> None:
    """At one request a second the last of ten would stand for ten seconds more."""
    practice = await make_practice()
    rig = await connect(practice, requests_per_s=20)
    for number in range(3, 9):
        rig.submit((PLACE, ETF, number, Side.BUY.value, 495, 2, 0))
    await rig.until(lambda: all(rig.statuses(number) for number in range(3, 9)))
    before = practice.front.requests
    rig.submit(*((CANCEL, ETF, number, 0, 0, 0, 0) for number in range(3, 9)))
    await rig.until(lambda: all(len(rig.statuses(number)) == 2 for number in range(3, 9)))
    assert practice.orders("team-7") == []
    assert practice.front.requests - before <= 3


async def test_everything_of_the_account_is_canceled_foreign_orders_too(practice, connect) -> None:
    rig = await connect()
    rig.submit((PLACE, ETF, 3, Side.BUY.value, 495, 4, 0))
    await rig.until(lambda: rig.statuses(3))
    account = practice.server.exchange.account("team-7")
    practice.place_for(account, "buy", "49.0", "1")
    rig.submit((EVERYTHING, -1, 0, 0, 0, 0, 0))
    await rig.until(lambda: practice.orders("team-7") == [])


async def test_one_request_a_second_holds_for_everything_together(make_practice, connect) -> None:
    """Counted at the exchange, which refuses more with 429; cancels overtake new orders."""
    practice = await make_practice(cmi_requests_per_s=20)
    times: list[float] = []
    ask = practice.front.user

    def counting(token: str, now_s: float):
        times.append(now_s)
        return ask(token, now_s)

    practice.front.user = counting
    rig = await connect(practice, requests_per_s=20)
    for number in range(5, 15):
        rig.submit((PLACE, ETF, number, Side.BUY.value, 480 + number, 1, 0))
    rig.submit((CANCEL, ETF, 14, Side.BUY.value, 0, 0, 0))
    await rig.until(lambda: all(rig.statuses(number) for number in range(5, 15)))
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) >= 14
    assert min(gaps) > 0.5 / 20
    assert sum(gaps) / len(gaps) >= 1 / 20
    assert rig.statuses(14) == [OrderStatus.CANCELED]
    assert "429" not in rig.counters.last_error
    assert rig.counters.requests == len(times) + 1


async def test_an_orderly_end_waits_for_the_cancels_that_the_budget_holds_back(
    practice, connect
) -> None:
    rig = await connect(requests_per_s=20)
    for number in range(1, 9):
        rig.submit((PLACE, ETF, number, Side.BUY.value, 480 + number, 1, 0))
    await rig.until(lambda: all(rig.statuses(number) for number in range(1, 9)))
    assert len(practice.orders("team-7")) == 8
    rig.submit(*((CANCEL, ETF, number, Side.BUY.value, 0, 0, 0) for number in range(1, 9)))
    await rig.venue.close()
    await rig.task
    assert practice.orders("team-7") == []
