"""Whatever is lost on the way, the account that is told is the account there is."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.enums import EventKind, OrderStatus
from core.domain.events import IOC
from core.venues.cmi.own_orders import Stage
from tests.cmi_world import ETF, World


def live_through(world: World, random: Random, steps: int) -> None:
    """Trade, be traded with, lose answers and streams."""
    number = 0
    for _ in range(steps):
        action = random.random()
        known = list(world.session.desk.table)
        if action < 0.35:
            number += 1
            side = random.choice((1, -1))
            price = 500 - side * random.randint(-3, 8)
            flags = IOC if random.random() < 0.3 else 0
            world.session.desk.place(
                world.now_s, ETF, number, side, price, random.randint(1, 9), flags
            )
        elif action < 0.5 and known:
            world.session.desk.cancel(world.now_s, ETF, random.choice(known).number)
        elif action < 0.6 and known:
            order = random.choice(known)
            price = 500 - order.side * random.randint(1, 8)
            world.session.desk.replace(world.now_s, ETF, order.number, price, random.randint(1, 12))
        elif action < 0.8:
            side, price = random.choice((("buy", "50.4"), ("sell", "49.6")))
            world.trade(side, price, str(random.randint(1, 6)))
        elif action < 0.85:
            side, price = random.choice((("buy", "49.8"), ("sell", "50.2")))
            world.rest(side, price, str(random.randint(1, 4)))
        elif action < 0.88:
            world.cut_stream()
        elif action < 0.9:
            world.front.expire_tokens()
        world.run(random.uniform(0.0, 1.5))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.3]))
def test_fills_add_up_to_the_position_and_orders_are_those_there(seed: int, loss: float) -> None:
    """Nothing twice, nothing lost, nothing sent again, and never more than asked for."""
    random = Random(seed)
    world = World(random, loss=loss)
    world.until_synced()
    live_through(world, random, 25)
    world.loss = 0.0
    world.run(10.0)
    world.until_synced()
    world.session.reconcile(world.now_s)
    world.run(15.0)
    world.until_synced()

    assert len(set(world.fill_ids)) == len(world.fill_ids)
    assert world.fill_lots == world.held()
    positions = world.events(EventKind.POSITION_REPORT)
    assert positions[positions["instrument"] == ETF]["lots"][-1] == world.held()
    ours = sorted(
        (order.side, order.price_ticks, order.leaves_lots)
        for order in world.session.desk.table
        if order.stage in {Stage.RESTING, Stage.CANCELING}
    )
    assert ours == world.resting()
    told = {
        number
        for number, seen in world.orders.items()
        if seen.status == OrderStatus.OPEN and seen.filled_lots < seen.lots
    }
    assert {o.number for o in world.session.desk.table.live()} <= told
    assert all(told == counted for told, counted in world.positions_told)
    assert all(order.number > 0 for order in world.session.desk.table), "an order was sent twice"
    assert not [o for o in world.session.desk.table if o.stage is Stage.RESTING and o.is_ioc]
    assert world.shortest_gap_s() >= 1.0


@pytest.mark.parametrize("seed", range(5))
def test_without_faults_no_order_is_in_doubt(seed: int) -> None:
    random = Random(seed)
    world = World(random)
    world.until_synced()
    live_through(world, random, 40)
    assert not [order for order in world.session.desk.table if order.stage is Stage.LOST]
