"""The way to a venue and back."""

from __future__ import annotations

import asyncio

from core.venues.paper.delay import Delay


async def test_without_a_delay_things_arrive_at_once() -> None:
    heard = []
    Delay(0.0, lambda: heard.append("arrived")).send(lambda: heard.append(1))
    assert heard == [1]


async def test_things_arrive_later_in_the_order_in_which_they_left() -> None:
    heard = []
    arrived = asyncio.Event()
    delay = Delay(0.01, arrived.set)
    for number in range(5):
        delay.send(lambda number=number: heard.append(number))
    assert heard == []
    async with asyncio.timeout(5):
        while len(heard) < 5:
            arrived.clear()
            await arrived.wait()
    assert heard == [0, 1, 2, 3, 4]


async def test_hurrying_lets_everything_arrive_now() -> None:
    heard = []
    delay = Delay(100.0, lambda: heard.append("arrived"))
    delay.send(lambda: heard.append(1))
    delay.send(lambda: delay.send(lambda: heard.append(3)))
    delay.hurry()
    assert heard == [1, 3]


async def test_what_is_dropped_never_arrives() -> None:
    heard = []
    delay = Delay(0.001, lambda: heard.append("arrived"))
    delay.send(lambda: heard.append(1))
    delay.drop()
    await asyncio.sleep(0.01)
    delay.send(lambda: heard.append(2))
    delay.hurry()
    assert heard == [2]
