"""A Kraken account on loopback servers, with its books from a feed beside it."""

from __future__ import annotations

from dataclasses import replace

from core.domain.ids import RunId, Symbol
from core.venues.kraken.orders.client import make_orders
from core.venues.live.venue import LiveVenue
from tests.venues.fake_feed import FakeFeed, MarketSource
from tests.venues.kraken_orders_server import KEY, SECRET, KrakenServer


class KrakenHarness:
    """All coins of the account are the position: the server tells it."""

    without = {  # noqa: RUF012  never changed
        "test_a_restarted_venue_is_found_again": "an account outlives every server of the venue",
    }

    def __init__(self, instruments) -> None:
        self.instruments = [
            replace(item, symbol=Symbol(f"{item.symbol}/EUR")) for item in instruments
        ]
        self.server = KrakenServer([(item.symbol, 200) for item in self.instruments])
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
            RunId(run_id), self.instruments, api_key=KEY, secret=SECRET, url=self.server.url,
            rest_url=self.server.rest_url, counts_all=True, **options,
        )  # fmt: skip
        return LiveVenue(FakeFeed(self.source, self.instruments), orders)

    def break_connections(self) -> None:
        self.server.cut()
        self.source.cut()

    def counterparty(self, side: str, price: str, quantity: str) -> None:
        self.server.counterparty(self.instruments[1].symbol, side, price, quantity)
        self.source.publish()
