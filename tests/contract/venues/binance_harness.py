"""A Binance account on a loopback server, with its books from a feed beside it."""

from __future__ import annotations

from core.domain.ids import RunId
from core.venues.binance.orders.client import make_orders
from core.venues.live.venue import LiveVenue
from tests.venues.binance_orders_server import KEY, SECRET, BinanceServer
from tests.venues.fake_feed import FakeFeed, MarketSource


class BinanceHarness:
    """All coins of the account are the position: the server tells it."""

    without = {  # noqa: RUF012  never changed
        "test_a_restarted_venue_is_found_again": "an account outlives every server of the venue",
    }

    def __init__(self, instruments) -> None:
        self.instruments = instruments
        self.server = BinanceServer(
            [
                (item.symbol, f"C{index}", str(item.tick_size), "1", 200)
                for index, item in enumerate(instruments)
            ]
        )
        self.source = MarketSource(list(self.server.markets.values()))

    async def start(self) -> None:
        await self.server.start()
        self.source.is_up = True

    async def stop(self) -> None:
        self.source.is_up = False
        self.source.cut()
        self.server.cut()
        await self.server.stop()

    def venue(self, run_id="run-4f1c", **options) -> LiveVenue:
        orders = make_orders(
            RunId(run_id), self.instruments, api_key=KEY, secret=SECRET, network="testnet",
            url=self.server.url, counts_all=True, **options,
        )  # fmt: skip
        return LiveVenue(FakeFeed(self.source, self.instruments), orders)

    def break_connections(self) -> None:
        self.server.cut()
        self.source.cut()

    def counterparty(self, side: str, price: str, quantity: str) -> None:
        self.server.counterparty(self.instruments[1].symbol, side.upper(), price, quantity)
        self.source.publish()
