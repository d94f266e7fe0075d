"""SIGKILL the engine on the practice exchange: how soon the next one may trade again."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass

import uvloop
from websockets.asyncio.client import connect

from core.api.socket_client import SocketClient
from core.assembly.account import PRACTICE_KEY
from core.domain.commands import Command, CommandName
from core.exchange.process import ANNOUNCEMENT
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_server, encode
from tests.perf.row import Row, Target, median
from tests.perf.world import World, is_ready

ROUNDS = 3
WANTED_ORDERS = 100
AWAY_PCT = 4.0
"""Manual orders rest so far below the bid: inside the collar, and nobody trades with them."""

_ACKNOWLEDGED_S = 0.3
_QUIET = (
    "risk.max_orders_per_s=1000",
    # They are to be found again, not tidied away by the venue.
    "venue.cancel_on_disconnect=false",
)


@dataclass(frozen=True, slots=True)
class Crash:
    """One crash and what came after."""

    seconds: float
    open_before: int
    tidying_s: float
    """From READY until no order of the dead engine rested any more."""
    wrong_positions: int
    """Instruments of which engine and exchange hold different ideas afterwards."""


def measure() -> list[Row]:
    """Crash a few engines."""
    crashes = [uvloop.run(_crash()) for _ in range(ROUNDS)]
    open_orders = ", ".join(str(crash.open_before) for crash in crashes)
    tidying_ms = 1e3 * max(crash.tidying_s for crash in crashes)
    note = (
        f"{ROUNDS} crashes with {open_orders} open orders; SIGKILL to a new process that is READY; "
        f"the dead engine's orders are gone {tidying_ms:.0f} ms later"
    )
    seconds = [crash.seconds for crash in crashes]
    wrong = sum(crash.wrong_positions for crash in crashes)
    return [
        Row("recovery", median(seconds), "s", Target(3), note=note),
        Row("recovery, slowest", max(seconds), "s", Target(3)),
        Row("recovery, wrong positions", wrong, "", Target(0)),
    ]


async def _crash() -> Crash:
    with World(_QUIET) as world:
        engine = world.start_engine()
        client = await world.attach(60)
        await world.wait_until(client, is_ready, 60)
        open_before = await _rest_orders(client, world)
        await client.close()
        started_s = time.perf_counter()
        engine.kill()
        engine.wait()
        world.start_engine()
        client = await world.attach()
        await world.wait_until(client, is_ready)
        seconds = time.perf_counter() - started_s
        await world.wait_until(
            client, lambda seen: not any(order.order_id < 0 for order in seen.orders)
        )
        tidying_s = time.perf_counter() - started_s - seconds
        wrong = await _wrong_positions(client, world)
        await client.close()
        return Crash(seconds, open_before, tidying_s, wrong)


async def _rest_orders(client: SocketClient, world: World) -> int:
    """Place manual orders out of reach until as many rest as are wanted, or as may."""
    meta = await client.connect()
    seen = await world.wait_until(client, lambda seen: all(row.bid > 0 for row in seen.instruments))
    rows = sorted(zip(seen.instruments, meta.instruments, strict=True), key=lambda row: row[0].bid)
    for number in range(WANTED_ORDERS - seen.account.open_orders):
        row, instrument = rows[number % len(rows)]
        ticks = int(row.bid * (1 - AWAY_PCT / 100) / instrument.tick_size)
        args = {
            "instrument": row.symbol,
            "quantity": f"{instrument.lot_size:g}",
            "price": f"{ticks * instrument.tick_size:.{instrument.price_decimals}f}",
            "post_only": "1",
        }
        await client.send(Command(CommandName.BUY, "bench", args=args))
    await asyncio.sleep(_ACKNOWLEDGED_S)
    return (await client.look()).account.open_orders


async def _wrong_positions(client: SocketClient, world: World) -> int:
    """Halt, so that nothing moves any more, and ask the exchange what it thinks we hold."""
    await client.send(Command(CommandName.HALT, "bench"))
    ours = await world.wait_until(client, lambda seen: seen.account.open_orders == 0)
    address = json.loads((world.run_dir / ANNOUNCEMENT).read_text())["url"]
    async with connect(address, compression=None, proxy=None) as connection:
        await connection.send(encode(wire.Login(api_key=PRACTICE_KEY)), text=True)
        while True:
            message = decode_server(await connection.recv(decode=False))
            if isinstance(message, wire.AccountState):
                break
    theirs = {entry.symbol: float(entry.quantity) for entry in message.positions}
    return sum(theirs.get(row.symbol, 0.0) != row.position for row in ours.instruments)
