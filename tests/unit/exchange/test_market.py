"""One book and its public face."""

from __future__ import annotations

import inspect
import re

import pytest

from core.domain.enums import RejectReason
from core.domain.events import IOC, POST_ONLY
from core.exchange.market import SHOWN_LEVELS, Market, warm_up
from core.kernel import matching


@pytest.fixture
def settled() -> list:
    return []


@pytest.fixture
def market(products, settled) -> Market:
    numbers = iter(range(100, 1000))
    return Market(1, products[1], lambda: next(numbers), lambda _, rows: settled.extend(rows))


def test_a_resting_order_gets_an_id_and_an_executed_one_does_not(market, settled) -> None:
    assert market.submit(1, -1, 503, 4, POST_ONLY) == 100
    assert market.submit(2, 1, 503, 4, IOC) == 0
    (execution,) = settled
    assert (execution.maker_order_id, execution.lots, execution.price_ticks) == (100, 4, 503)
    assert market.submit(2, 1, 505, 0, IOC) == 0


def test_moving_and_canceling_by_id(market) -> None:
    order_id = market.submit(1, -1, 503, 4, POST_ONLY)
    assert market.replace(order_id, 504, 6)
    assert market.best_ticks(-1) == 504
    assert not market.replace(999, 504, 6)
    assert market.cancel(order_id) == 6
    assert market.cancel(order_id) == -1
    assert market.best_ticks(-1) == 0


def test_refusals_have_their_reason(market) -> None:
    market.submit(1, -1, 503, 4, 0)
    assert market.match(7, 2, 1, 503, 4, POST_ONLY) is RejectReason.WOULD_CROSS


def test_only_the_best_levels_are_public_and_hidden_ones_come_up(market) -> None:
    ids = [market.submit(1, 1, 400 - level, level + 1, 0) for level in range(SHOWN_LEVELS + 1)]
    assert len(market.take_delta(1).changes) == SHOWN_LEVELS
    market.cancel(ids[0])
    changes = market.take_delta(2).changes
    assert changes == [("buy", "40.0", "0"), ("buy", "38.0", str(SHOWN_LEVELS + 1))]
    assert len(market.snapshot(3).bids) == SHOWN_LEVELS


def test_no_change_is_no_message(market) -> None:
    market.cancel(market.submit(1, 1, 400, 3, 0))
    assert market.take_delta(1) is None
    assert market.seq == 0


def test_warming_up_calls_everything_a_market_calls(products, monkeypatch) -> None:
    """What it leaves out would be compiled while the first client waits."""
    from core.exchange import market as market_module

    called = set()

    class Recorder:
        def __getattr__(self, name):
            called.add(name)
            return getattr(matching, name)

    monkeypatch.setattr(market_module, "matching", Recorder())
    warm_up(products[0])
    source = inspect.getsource(market_module)
    assert called == set(re.findall(r"matching\.([a-z_]+)\(", source))
