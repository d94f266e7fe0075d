"""An outside figure: a known rule on a known day, through the matching code."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.loader import load_data
from core.domain.enums import EventKind, IntentKind
from core.domain.events import IOC
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.kernel.simulation import make_reports, make_simulation, on_book, on_intent, on_trade

BASKET = "PICNIC_BASKET1"
WEIGHTS = {"CROISSANTS": 6, "JAMS": 3, "DJEMBES": 1}
PREMIUM = 60
LIMIT_LOTS = 60
PUBLISHED_PNL = -11_326


def mid2(book):
    return int(book["bid_ticks"][0] + book["ask_ticks"][0])


class BasketRule:
    """Sell the basket 60 above its parts, buy it 60 below, as much as the best level has."""

    def __init__(self, data):
        symbols = [str(instrument.symbol) for instrument in data.instruments]
        self.basket = symbols.index(BASKET)
        self.parts = {symbols.index(name): weight for name, weight in WEIGHTS.items()}
        self.venue = make_simulation(data.instruments)
        self.reports = make_reports()
        self.intents = allocate(INTENT, 1)
        self.events = data.events
        self.books = {}
        self.position = self.cash = self.orders = 0

    def decide(self):
        """Return side and price of what the rule wants, with all books of one time known."""
        if any(index not in self.books for index in (self.basket, *self.parts)):
            return None
        book = self.books[self.basket]
        parts = sum(weight * mid2(self.books[index]) for index, weight in self.parts.items())
        premium2 = mid2(book) - parts
        if premium2 > 2 * PREMIUM:
            return -1, int(book["bid_ticks"][0]), int(book["bid_lots"][0])
        if premium2 < -2 * PREMIUM:
            return 1, int(book["ask_ticks"][0]), int(book["ask_lots"][0])
        return None

    def trade(self):
        wanted = self.decide()
        if wanted is None:
            return
        side, ticks, shown = wanted
        lots = min(shown, LIMIT_LOTS - side * self.position)
        if lots <= 0:
            return
        self.orders += 1
        intent = self.intents[0]
        for field, value in {
            "kind": IntentKind.PLACE.value,
            "instrument": self.basket,
            "order_id": self.orders,
            "side": side,
            "price_ticks": ticks,
            "lots": lots,
            "terms": IOC,
        }.items():
            intent[field] = value
        self.book_fills(on_intent(self.venue, self.events, self.intents, 0, self.reports, 0))

    def book_fills(self, count):
        for report in self.reports[:count]:
            if report["kind"] == EventKind.FILL:
                signed = int(report["side"] * report["lots"])
                self.position += signed
                self.cash -= signed * int(report["price_ticks"])

    def run(self):
        times = self.events["ts_ns"]
        for row, event in enumerate(self.events):
            if event["kind"] == EventKind.BOOK:
                self.books[int(event["instrument"])] = event
                count = on_book(self.venue, self.events, row, self.reports, 0)
            else:
                count = on_trade(self.venue, self.events, row, self.reports, 0)
            self.book_fills(count)
            is_last_book = (
                row + 1 == len(times)
                or times[row + 1] != times[row]
                or self.events[row + 1]["kind"] != EventKind.BOOK
            )
            if event["kind"] == EventKind.BOOK and is_last_book:
                self.trade()
        return self.cash + self.position * mid2(self.books[self.basket]) / 2


def test_the_basket_rule_earns_what_the_reference_says(recorded):
    """To the unit: the same rule, matched against visible depth and then the tick's trades."""
    data = load_data([recorded / "prosperity3/round6/prices_round_6_day_3.csv.gz"])
    assert BasketRule(data).run() == PUBLISHED_PNL


@pytest.mark.parametrize("premium", [np.nan])
def test_a_rule_without_a_premium_does_nothing(recorded, premium, monkeypatch):
    """The figure above comes from trading, not from the marks alone."""
    monkeypatch.setitem(globals(), "PREMIUM", premium)
    data = load_data([recorded / "prosperity3/round6/prices_round_6_day_3.csv.gz"])
    assert BasketRule(data).run() == 0
