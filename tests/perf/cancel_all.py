"""A command over the engine's socket to the bytes of its cancels at the venue, under load."""

from __future__ import annotations

import asyncio
import contextlib
import time

import uvloop

from core.api.socket_client import SocketClient
from core.domain.commands import Command, CommandName
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import encode
from tests.perf.driven_venue import OVERRIDES, DrivenVenue, Request
from tests.perf.row import Row, Target, percentile
from tests.perf.world import World, child, is_ready

SAMPLES = 200
BOOK_EVERY_S = 0.002
"""The load: a book every 2 ms."""

_WARM_UP_S = 1.0
_GIVE_UP_S = 5.0
_LETTING_ORDERS_REST_S = 0.02


class Desk:
    """The venue's side: orders rest until they are canceled, and canceling is timed."""

    def __init__(self, venue: DrivenVenue) -> None:
        self._venue = venue
        self._resting: dict[str, wire.Place] = {}
        self.first_cancel_ns: asyncio.Future[int] | None = None

    @property
    def resting(self) -> int:
        """Orders that could be canceled."""
        return len(self._resting)

    def __call__(self, request: Request, received_ns: int) -> None:
        """Answer, and note the first cancel's time."""
        venue = self._venue
        if isinstance(request, wire.Place):
            self._resting[request.client_order_id] = request
            venue.engine.write(venue.report(request, "open"))
        elif isinstance(request, wire.Replace):
            self._replace(request)
        else:
            self._cancel(request, received_ns)

    def _replace(self, request: wire.Replace) -> None:
        order = self._resting.get(request.client_order_id)
        if order is None:
            return
        moved = wire.Place(
            order.client_order_id, order.symbol, order.side, request.price, request.quantity
        )
        self._resting[order.client_order_id] = moved
        self._venue.engine.write(self._venue.report(moved, "open"))

    def _cancel(self, request: wire.Cancel, received_ns: int) -> None:
        waiting = self.first_cancel_ns
        if waiting is not None and not waiting.done():
            waiting.set_result(received_ns)
        order = self._resting.pop(request.client_order_id or "", None)
        if order is not None:
            self._venue.engine.write(self._venue.report(order, "canceled"))


def measure() -> list[Row]:
    """Send cancel-all again and again while books pour in."""
    taken, rested = uvloop.run(_measure())
    note = (
        f"{len(taken)} commands over the engine's socket, a book every {BOOK_EVERY_S * 1e3:g} ms, "
        f"a viewer at 10 Hz, {rested:.1f} orders resting on average"
    )
    return [
        Row("cancel_all p50", percentile(taken, 50), "ms", note=note),
        Row("cancel_all p99", percentile(taken, 99), "ms", Target(20)),
    ]


async def _measure() -> tuple[list[float], float]:
    venue = DrivenVenue()
    async with venue.served() as url:
        with World([*OVERRIDES, f"venue.url={url}"]) as world:
            world.start_engine()
            async with asyncio.timeout(60):
                await venue.trading.wait()
            client = await world.attach()
            await world.wait_until(client, is_ready)
            desk = venue.on_request = Desk(venue)
            load = asyncio.create_task(_pour(venue))
            try:
                with child("tests.perf.viewer_peer", str(world.run_dir)):
                    await asyncio.sleep(_WARM_UP_S)
                    return await _command(client, desk)
            finally:
                load.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await load
                await client.close()


async def _pour(venue: DrivenVenue) -> None:
    """Send books at a steady pace, whatever the engine does."""
    while True:
        venue.engine.write(encode(venue.next_book().move()))
        await asyncio.sleep(BOOK_EVERY_S)


async def _command(client: SocketClient, desk: Desk) -> tuple[list[float], float]:
    taken: list[float] = []
    rested = 0
    loop = asyncio.get_running_loop()
    for _ in range(SAMPLES):
        async with asyncio.timeout(_GIVE_UP_S):
            await asyncio.sleep(_LETTING_ORDERS_REST_S)
            while not desk.resting:
                await asyncio.sleep(BOOK_EVERY_S)
            rested += desk.resting
            desk.first_cancel_ns = loop.create_future()
            sent_ns = time.perf_counter_ns()
            result = asyncio.create_task(client.send(Command(CommandName.CANCEL_ALL, "bench")))
            taken.append((await desk.first_cancel_ns - sent_ns) / 1e6)
            await result
    return taken, rested / SAMPLES
