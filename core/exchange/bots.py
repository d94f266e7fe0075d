"""The market's other participants: makers, the noise, and those who know."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple, Protocol

from core.domain.enums import Side
from core.domain.events import IOC, POST_ONLY
from core.exchange.config import STEP_NS
from core.exchange.fair_value import Episode, FairValue
from core.exchange.market import Market

_STEP_S = STEP_NS / 1e9
_BUY = Side.BUY.value
_SELL = Side.SELL.value


class BotFill(NamedTuple):
    """An execution of a bot's order that rested."""

    order_id: int
    side: int
    lots: int
    leaves_lots: int


class Bot(Protocol):
    """One participant in one product."""

    owner: int

    def act(self, market: Market) -> None:
        """Do something, or not. Called once a step."""
        ...

    def filled(self, fill: BotFill) -> None:
        """Hear of an execution of an own order that rested."""
        ...


class Maker:
    """
    Quotes several levels a side around an estimate that lags behind the fair value.

    It shows more size where it expects to be right, so that the book's imbalance tells
    something, and moves its quotes against its position.
    """

    LEVELS = 5

    def __init__(self, owner: int, fair: FairValue, random: Random) -> None:
        self.owner = owner
        self._fair = fair
        self._random = random
        self._estimate_ticks = fair.ticks
        self._half_spread_ticks = random.uniform(0.6, 1.8)
        self._gap_ticks = random.choice((1.0, 1.0, 2.0))
        self._eagerness = random.uniform(0.4, 0.8)
        self._position_lots = 0
        self._orders: dict[tuple[int, int], tuple[int, int]] = {}
        """(order id, price in ticks) by (side, level)."""

    def act(self, market: Market) -> None:
        """Follow the fair value, and requote now and then."""
        random = self._random
        error_ticks = random.gauss(0.0, 0.4)
        self._estimate_ticks += 0.15 * (self._fair.ticks + error_ticks - self._estimate_ticks)
        if random.random() > self._eagerness:
            return
        half_ticks = self._half_spread_ticks * (2 if self._fair.episode is Episode.VOLATILE else 1)
        skew_ticks = max(-3.0, min(3.0, self._position_lots / 150))
        middle = self._estimate_ticks - skew_ticks
        rising = self._fair.ticks > self._estimate_ticks
        for side in (_SELL, _BUY) if rising else (_BUY, _SELL):
            for level in range(self.LEVELS):
                price = middle - side * (half_ticks + level * self._gap_ticks)
                price_ticks = math.floor(price) if side == _BUY else math.ceil(price)
                self._quote(market, side, level, max(1, price_ticks))

    def filled(self, fill: BotFill) -> None:
        """Remember the position, and that the order is gone."""
        self._position_lots += fill.side * fill.lots
        if fill.leaves_lots == 0:
            for place, (resting_id, _) in self._orders.items():
                if resting_id == fill.order_id:
                    del self._orders[place]
                    return

    def _quote(self, market: Market, side: int, level: int, price_ticks: int) -> None:
        order = self._orders.get((side, level))
        # Sizes are redrawn rarely: a new size costs the place in the queue.
        if order is not None and order[1] == price_ticks and self._random.random() > 0.03:
            return
        lots = self._size_lots(side, level)
        if order is None:
            order_id = market.submit(self.owner, side, price_ticks, lots, POST_ONLY)
            if order_id:
                self._orders[side, level] = (order_id, price_ticks)
        elif market.replace(order[0], price_ticks, lots):
            self._orders[side, level] = (order[0], price_ticks)
        else:
            market.cancel(order[0])
            del self._orders[side, level]

    def _size_lots(self, side: int, level: int) -> int:
        lead = (self._fair.ticks - self._estimate_ticks) / self._half_spread_ticks
        conviction = 1 + 0.6 * side * max(-1.0, min(1.0, lead))
        return max(1, round(conviction * (self._random.randint(3, 12) + 2 * level)))


class NoiseTaker:
    """Crosses the spread for reasons of its own, often several times in a row."""

    RATE_PER_S = 1.5

    def __init__(self, owner: int, random: Random) -> None:
        self.owner = owner
        self._random = random
        self._side = _BUY

    def act(self, market: Market) -> None:
        """Trade now and then."""
        random = self._random
        if random.random() > self.RATE_PER_S * _STEP_S:
            return
        if random.random() < 0.4:
            self._side = -self._side
        best = market.best_ticks(-self._side)
        if best:
            limit = max(1, best + self._side * random.randint(0, 1))
            # Now and then somebody is in a hurry and clears the level, queue and all.
            lots = random.randint(10, 40) if random.random() < 0.2 else random.randint(1, 8)
            market.submit(self.owner, self._side, limit, lots, IOC)

    def filled(self, fill: BotFill) -> None:
        """Nothing of it ever rests."""


class InformedTaker:
    """Knows the fair value, and takes what is offered on the wrong side of it."""

    def __init__(self, owner: int, fair: FairValue, random: Random) -> None:
        self.owner = owner
        self._fair = fair
        self._random = random
        self._edge_ticks = random.uniform(0.5, 1.5)

    def act(self, market: Market) -> None:
        """Look now and then; trade if it pays."""
        random = self._random
        if random.random() > 0.2:
            return
        low_ticks = self._fair.ticks - self._edge_ticks
        high_ticks = self._fair.ticks + self._edge_ticks
        if 0 < market.best_ticks(_SELL) <= low_ticks:
            market.submit(self.owner, _BUY, math.floor(low_ticks), random.randint(2, 10), IOC)
        elif market.best_ticks(_BUY) >= high_ticks:
            market.submit(self.owner, _SELL, math.ceil(high_ticks), random.randint(2, 10), IOC)

    def filled(self, fill: BotFill) -> None:
        """Nothing of it ever rests."""


class NoisePlacer:
    """Leaves small orders behind the best prices, and takes them away again."""

    MAX_ORDERS = 12
    RATE_PER_S = 3.0

    def __init__(self, owner: int, random: Random) -> None:
        self.owner = owner
        self._random = random
        self._orders: list[int] = []

    def act(self, market: Market) -> None:
        """Place or cancel one order now and then."""
        random = self._random
        if random.random() > self.RATE_PER_S * _STEP_S:
            return
        if len(self._orders) >= self.MAX_ORDERS or (self._orders and random.random() < 0.4):
            market.cancel(self._orders.pop(random.randrange(len(self._orders))))
            return
        side = random.choice((_BUY, _SELL))
        best = market.best_ticks(side)
        if best:
            price_ticks = max(1, best - side * random.randint(0, 6))
            order_id = market.submit(self.owner, side, price_ticks, random.randint(1, 9), POST_ONLY)
            if order_id:
                self._orders.append(order_id)

    def filled(self, fill: BotFill) -> None:
        """Forget an order that is gone."""
        if fill.leaves_lots == 0 and fill.order_id in self._orders:
            self._orders.remove(fill.order_id)


def make_bots(fair: FairValue, random: Random) -> list[Bot]:
    """Make one product's participants, owners 1 and up."""
    return [
        Maker(1, fair, random),
        Maker(2, fair, random),
        Maker(3, fair, random),
        NoisePlacer(4, random),
        NoiseTaker(5, random),
        InformedTaker(6, fair, random),
    ]
