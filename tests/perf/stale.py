"""A source that falls silent with its socket open: how long until nothing new is opened."""

from __future__ import annotations

import asyncio
import time

import uvloop

from core.api.socket_client import SocketClient
from core.domain.commands import Command, CommandName
from core.domain.enums import Readiness
from core.domain.snapshot import EngineSnapshot
from core.runtime.life import TIMER_S
from core.venues.wsx.codec import encode
from tests.perf.driven_venue import OVERRIDES, DrivenVenue
from tests.perf.row import Row, Target, median
from tests.perf.world import World, is_ready

ROUNDS = 20
LIMIT_MS = 500
_BOOKS = 40
_BOOK_EVERY_S = 0.01


def measure() -> list[Row]:
    """Let a venue fall silent again and again."""
    late_ms, opened = uvloop.run(_measure())
    note = (
        f"{ROUNDS} times; from the newest book to STALE by the engine's clock, less the limit of "
        f"{LIMIT_MS} ms; the socket stays open"
    )
    tick_ms = TIMER_S * 1e3
    return [
        Row("stale, beyond its limit", max(late_ms), "ms", Target(tick_ms), note=note),
        Row("stale, beyond its limit, median", median(late_ms), "ms"),
        Row("stale, orders that still opened", opened, "", Target(0)),
    ]


async def _measure() -> tuple[list[float], int]:
    venue = DrivenVenue()
    late_ms: list[float] = []
    opened = 0
    async with venue.served() as url:
        with World([*OVERRIDES, f"risk.stale_book_ms={LIMIT_MS}", f"venue.url={url}"]) as world:
            world.start_engine()
            async with asyncio.timeout(60):
                await venue.trading.wait()
            client = await world.attach()
            for _ in range(ROUNDS):
                await _talk(venue)
                await world.wait_until(client, is_ready)
                seen = await world.wait_until(client, _is_stale)
                late_ms.append(_age_ms(seen) - LIMIT_MS)
                opened += await _try_to_open(client, seen)
            await client.close()
    return late_ms, opened


async def _talk(venue: DrivenVenue) -> None:
    for _ in range(_BOOKS):
        venue.engine.write(encode(venue.next_book().move()))
        await asyncio.sleep(_BOOK_EVERY_S)


def _is_stale(snapshot: EngineSnapshot) -> bool:
    return snapshot.account.readiness is Readiness.STALE


def _age_ms(snapshot: EngineSnapshot) -> float:
    newest_ns = max(row.book_ts_ns for row in snapshot.instruments)
    return (snapshot.ts_ns - newest_ns) / 1e6


async def _try_to_open(client: SocketClient, seen: EngineSnapshot) -> int:
    row = seen.instruments[int(time.monotonic()) % len(seen.instruments)]
    args = {"instrument": row.symbol, "quantity": "1", "price": f"{row.ask:g}"}
    result = await client.send(Command(CommandName.BUY, "bench", args=args))
    return int(result.accepted)
