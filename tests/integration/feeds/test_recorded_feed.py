"""Recorded streams through the sessions that would have received them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from decimal import Decimal

import numpy as np
import pytest

from core.data.loader import load_data
from core.domain.enums import EventKind, VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.market.recorded import RecordedFeed
from tests import recorded_data
from tests.venues.listener import Listener

pytestmark = pytest.mark.integration

CENT = Decimal("0.01")
SPOT = {
    "spot_btcusdt_20240808.gz": Instrument(Symbol("BTCUSDT"), CENT, Decimal("0.00001")),
    "spot_ethusdt_20240808.gz": Instrument(Symbol("ETHUSDT"), CENT, Decimal("0.0001")),
}
FUTURES = {
    "usdm_btcusdt_20240808.gz": Instrument(Symbol("BTCUSDT"), Decimal("0.1"), Decimal("0.001")),
    "usdm_ethusdt_20240808.gz": Instrument(Symbol("ETHUSDT"), CENT, Decimal("0.001")),
}
ALL = SPOT | FUTURES


async def played(feed: RecordedFeed) -> Listener:
    """Everything that a recording tells."""
    heard = Listener()
    task = asyncio.ensure_future(feed.run(heard))
    try:
        async with asyncio.timeout(120):
            while not feed.is_over and not task.done():
                await asyncio.sleep(0.01)
    finally:
        await feed.close()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return heard


@pytest.mark.parametrize("name", ALL)
async def test_a_recording_has_no_gap_and_its_book_is_never_crossed(name: str) -> None:
    path = recorded_data.find("binance_l2") / name
    feed = RecordedFeed("binance", [ALL[name]], path, speed=0)
    heard = await played(feed)
    counters = feed.counters()
    assert counters.gaps == 0
    assert counters.refused == 0
    assert counters.last_error == "binance: the recording is over"
    books = heard.events(EventKind.BOOK)
    shown = books[books["bid_lots"][:, 0] > 0]
    assert len(shown) > 2_000
    # Only the end of the recording empties the book.
    assert len(books) - len(shown) == 1
    assert (shown["bid_ticks"][:, 0] < shown["ask_ticks"][:, 0]).all()


@pytest.mark.parametrize("name", SPOT)
async def test_its_books_are_those_of_the_loader(name: str, tmp_path) -> None:
    """The loader reads the same depth messages with other code; tickers are left out."""
    path = recorded_data.find("binance_l2") / name
    with gzip.open(path, "rb") as source:
        lines = [line for line in source if b"@bookTicker" not in line]
    depth_only = tmp_path / "depth.gz"
    depth_only.write_bytes(gzip.compress(b"".join(lines), 1))
    loaded = load_data([depth_only])
    expected = loaded.events[loaded.events["kind"] == EventKind.BOOK]
    terms = loaded.instruments[0]
    heard = await played(RecordedFeed("binance", [terms], depth_only, speed=0))
    books = heard.events(EventKind.BOOK)[:-1]
    by_time = {int(row["exch_ts_ns"]): row for row in expected}
    agreed = 0
    for row in books:
        other = by_time.get(int(row["exch_ts_ns"]))
        if other is None:
            continue
        for column in ("bid_ticks", "bid_lots", "ask_ticks", "ask_lots"):
            assert np.array_equal(row[column], other[column])
        agreed += 1
    assert agreed >= len(expected) - 1
    trades = loaded.events[loaded.events["kind"] == EventKind.TRADE]
    told = heard.events(EventKind.TRADE)
    assert told["price_ticks"].tolist() == trades["price_ticks"].tolist()
    assert told["lots"].tolist() == trades["lots"].tolist()
    assert told["side"].tolist() == trades["side"].tolist()


async def test_a_capture_of_times_and_payloads_is_played(tmp_path) -> None:
    path = tmp_path / "hyperliquid.txt"
    message = '{"channel":"l2Book","data":{"coin":"BTC","time":%d,"levels":[[%s],[%s]]}}'
    bid, ask = '{"px":"64210.0","sz":"0.5","n":4}', '{"px":"64211.0","sz":"0.25","n":1}'
    lines = [
        "2026-05-20T10:00:00.5: " + message % (1_779_271_200_000, bid, ask),
        "1779271201.25: " + message % (1_779_271_200_900, bid, ""),
        "what is this",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    btc = Instrument(Symbol("BTC"), Decimal(1), Decimal("0.001"))
    feed = RecordedFeed("hyperliquid", [btc], path, speed=0)
    heard = await played(feed)
    assert heard.books() == [
        ([(64_210, 500)], [(64_211, 250)]),
        ([(64_210, 500)], []),
        ([], []),
    ]
    assert heard.states() == [
        VenueState.CONNECTING,
        VenueState.CONNECTED,
        VenueState.SYNCED,
        VenueState.DOWN,
    ]
    assert "line 3 of hyperliquid.txt holds no message" in feed.counters().last_error
    assert feed.counters().clock_offset_ns == -350_000_000


async def test_a_speed_spreads_the_messages_over_time(tmp_path) -> None:
    path = tmp_path / "spread.txt"
    pong = '{"channel":"pong"}'
    path.write_text(f"1000 {pong}\n1000.5 {pong}\n1002 {pong}\n", encoding="utf-8")
    moments: list[float] = []

    def clock() -> float:
        moments.append(asyncio.get_running_loop().time())
        return moments[-1]

    btc = Instrument(Symbol("BTC"), Decimal(1), Decimal("0.001"))
    feed = RecordedFeed("hyperliquid", [btc], path, speed=20, clock=clock)
    await played(feed)
    assert moments[-1] - moments[0] >= 0.1
    assert feed.counters().messages == 3


async def test_closing_ends_a_recording_that_is_waiting(tmp_path) -> None:
    path = tmp_path / "long.txt"
    path.write_text('1000 {"channel":"pong"}\n9000 {"channel":"pong"}\n', encoding="utf-8")
    btc = Instrument(Symbol("BTC"), Decimal(1), Decimal("0.001"))
    feed = RecordedFeed("hyperliquid", [btc], path)
    heard = Listener()
    task = asyncio.ensure_future(feed.run(heard))
    await heard.until(lambda: VenueState.CONNECTED in heard.states())
    await feed.close()
    await asyncio.wait_for(task, 5)
    assert heard.states()[-1] is VenueState.DOWN
