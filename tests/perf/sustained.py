"""Ten minutes of many books and many orders, bursts among them: what holds, and what grows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass, field

import psutil
import uvloop

from core.api.socket_client import SocketClient
from core.domain.commands import Command, CommandName
from core.domain.snapshot import EngineSnapshot
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import encode
from tests.perf.driven_venue import OVERRIDES, DrivenVenue, Request
from tests.perf.row import Row, Target
from tests.perf.world import World, child, is_ready

DURATION_S = float(os.environ.get("BENCH_SUSTAINED_S", "600"))
BOOKS_PER_S = 2_000
ORDERS_PER_S = 50
BURST_PER_S = 500
BURST_EVERY_S = 30.0
BURST_S = 2.0
_BEAT_S = 0.005
_WARM_UP_SHARE = 5
"""Growth counts after this part of the time: caches and rings have their size then."""
_PER_S = "risk.max_orders_per_s"


@dataclass(slots=True)
class Tally:
    """Orders as the venue saw them, by second."""

    by_second: dict[int, int] = field(default_factory=dict)

    def add(self) -> None:
        """One more now."""
        second = int(time.monotonic())
        self.by_second[second] = self.by_second.get(second, 0) + 1


class Venue:
    """Every order is open and gone again at once, so that the next book asks anew."""

    def __init__(self, venue: DrivenVenue, tally: Tally) -> None:
        self._venue = venue
        self._tally = tally

    def __call__(self, request: Request, received_ns: int) -> None:
        """Count and answer."""
        del received_ns
        if isinstance(request, wire.Place):
            self._tally.add()
            venue = self._venue
            venue.engine.write(venue.report(request, "open"), venue.report(request, "canceled"))


def measure() -> list[Row]:
    """Run one engine under load for as long as it takes."""
    return uvloop.run(_measure())


async def _measure() -> list[Row]:
    venue = DrivenVenue()
    tally = Tally()
    overrides = [*OVERRIDES, f"{_PER_S}={ORDERS_PER_S}"]
    async with venue.served() as url:
        with World([*overrides, f"venue.url={url}"]) as world:
            world.start_engine()
            async with asyncio.timeout(60):
                await venue.trading.wait()
            client = await world.attach()
            await world.wait_until(client, is_ready)
            venue.on_request = Venue(venue, tally)
            load = asyncio.create_task(_pour(venue))
            try:
                with child("tests.perf.viewer_peer", str(world.run_dir)):
                    return await _watch(world, client, tally)
            finally:
                load.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await load
                await client.close()


async def _pour(venue: DrivenVenue) -> None:
    """Send books at a steady pace; what a slow moment missed is made up for."""
    started_s = time.monotonic()
    sent = 0
    while True:
        due = int((time.monotonic() - started_s) * BOOKS_PER_S)
        while sent < due:
            venue.engine.write(encode(venue.next_book().move()))
            sent += 1
        await asyncio.sleep(_BEAT_S)


async def _watch(world: World, client: SocketClient, tally: Tally) -> list[Row]:
    process = psutil.Process(world.engine_pid())
    start_s = time.monotonic()
    first = await client.look()
    start_mb = 0.0
    burst_seconds: set[int] = set()
    while (elapsed_s := time.monotonic() - start_s) < DURATION_S:
        if not start_mb and elapsed_s >= DURATION_S / _WARM_UP_SHARE:
            start_mb = process.memory_info().rss / 1e6
        await asyncio.sleep(BURST_EVERY_S - BURST_S)
        burst_seconds |= await _burst(client)
    end_mb = process.memory_info().rss / 1e6
    last = await client.look()
    return _rows(first, last, tally, burst_seconds, start_mb, end_mb)


async def _burst(client: SocketClient) -> set[int]:
    """Let more orders through for a moment. Returns the seconds that were all burst."""
    begin_s = time.monotonic()
    await _allow(client, BURST_PER_S)
    await asyncio.sleep(BURST_S)
    await _allow(client, ORDERS_PER_S)
    whole = int(begin_s) + 1
    return {second for second in range(whole, int(time.monotonic())) if second >= whole}


async def _allow(client: SocketClient, per_s: int) -> None:
    args = {"key": _PER_S, "value": str(per_s)}
    result = await client.send(Command(CommandName.SET, "bench", args=args))
    if not result.accepted:
        raise RuntimeError(result.text)


def _rows(
    first: EngineSnapshot,
    last: EngineSnapshot,
    tally: Tally,
    bursts: set[int],
    start_mb: float,
    end_mb: float,
) -> list[Row]:
    seconds = (last.ts_ns - first.ts_ns) / 1e9
    events = (last.telemetry.events - first.telemetry.events) / seconds
    calm = sorted(
        count
        for second, count in tally.by_second.items()
        if not {second - 1, second, second + 1} & bursts
    )[1:]
    burst = sorted(tally.by_second.get(second, 0) for second in bursts)
    latency = last.telemetry.wire_to_order_us
    merged = last.telemetry.merged_books - first.telemetry.merged_books
    # A book that a newer one overtook was taken in as well.
    updates = events + merged / seconds
    note = (
        f"{seconds:.0f} s; {sum(tally.by_second.values()):,} orders, {events:,.0f} events/s, "
        f"{merged / seconds:,.0f} books/s overtaken; trading {last.account.trading_state.name} "
        f"{last.account.readiness.name}; resident {start_mb:.1f} to {end_mb:.1f} MB"
    )
    return [
        Row(
            "sustained, orders",
            calm[len(calm) // 2] if calm else None,
            "1/s",
            Target(ORDERS_PER_S, "least"),
            note=note,
        ),
        Row(
            "sustained, burst",
            burst[len(burst) // 2] if burst else None,
            "1/s",
            Target(BURST_PER_S * 0.98, "least"),
            note=f"median of {len(bursts)} seconds that were all burst",
        ),
        Row("sustained, messages", updates, "1/s", Target(BOOKS_PER_S, "least")),
        Row("sustained, growth", max(0.0, end_mb - start_mb), "MB", Target(5)),
        Row("sustained, wire to order p99", latency.p99, "us"),
    ]
