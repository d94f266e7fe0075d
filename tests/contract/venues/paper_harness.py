"""A paper account on a market that a counterparty moves."""

from __future__ import annotations

from decimal import Decimal

from core.venues.paper.venue import PaperVenue
from tests.venues.fake_feed import FakeFeed, MarketSource
from tests.venues.small_market import SmallMarket


class PaperHarness:
    """The book always has a bid far below: an empty one is not traded on."""

    without = {  # noqa: RUF012  never changed
        "test_a_restarted_venue_is_found_again": "a paper account lives here, not at the venue",
        "test_orders_of_another_run_have_negative_numbers_and_can_be_canceled": (
            "orders on paper end with their process"
        ),
        "test_fills_since_a_crash_are_told_at_the_first_login": (
            "orders on paper end with their process"
        ),
    }

    def __init__(self, instruments) -> None:
        self.instruments = instruments
        self.source = MarketSource([SmallMarket() for _ in instruments], floor_bid=True)
        self._orders = 0

    async def start(self) -> None:
        self.source.is_up = True

    async def stop(self) -> None:
        self.source.is_up = False
        self.source.cut()

    def venue(self, **options) -> PaperVenue:
        return PaperVenue(FakeFeed(self.source, self.instruments), self.instruments, **options)

    def break_connections(self) -> None:
        self.source.cut()

    def counterparty(self, side: str, price: str, quantity: str) -> None:
        self._orders += 1
        sign = 1 if side == "buy" else -1
        market = self.source.markets[1]
        market.enter("other", f"other-{self._orders}", sign, Decimal(price), Decimal(quantity))
        self.source.publish()
