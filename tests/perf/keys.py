"""From a key to its picture, and to its command at the venue, with everything moving."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time

import pyte
import uvloop

from tests.perf.cancel_all import BOOK_EVERY_S, Desk, _pour
from tests.perf.cockpit_load import DEMO, FULL, WARM_UP_S, Terminal
from tests.perf.driven_venue import OVERRIDES, DrivenVenue
from tests.perf.row import Row, Target, percentile
from tests.perf.world import World, is_ready

SAMPLES = 200
COLUMNS, LINES = 160, 48
PAUSES_S = (0.12, 0.32)
"""Between two keys: of no fixed length, so that they do not keep step with the pictures."""
BOOKS = ("Book  1_Eisbach", "Book  2_Eisbach_Call")
"""What stands above the book after the keys 1 and 2."""
_GIVE_UP_S = 5.0
_CHANCE = random.Random(8)


def measure() -> list[Row]:
    """Press keys in two cockpits: one on prepared snapshots, one on an engine under load."""
    painted_ms = _key_to_paint()
    canceled_ms = uvloop.run(_key_to_venue())
    note = f"{len(painted_ms)} keys at {COLUMNS}x{LINES}, ten pictures a second, all moving"
    venue_note = (
        f"{len(canceled_ms)} keys; cockpit, socket, engine and the venue's socket; "
        f"a book every {BOOK_EVERY_S * 1e3:g} ms, {COLUMNS}x{LINES}, ten pictures a second"
    )
    return [
        Row("key to paint p50", percentile(painted_ms, 50), "ms", note=note),
        Row("key to paint p99", percentile(painted_ms, 99), "ms", Target(60)),
        Row("key to cancel at the venue p50", percentile(canceled_ms, 50), "ms", note=venue_note),
        Row("key to cancel at the venue p99", percentile(canceled_ms, 99), "ms", Target(20)),
    ]


def _key_to_paint() -> list[float]:
    terminal = Terminal(COLUMNS, LINES, [sys.executable, "-m", DEMO, *FULL])
    terminal.recording = []
    pressed_s: list[float] = []
    try:
        terminal.wait_for_paint()
        time.sleep(WARM_UP_S)
        for number in range(SAMPLES):
            # The second first: the cockpit starts on the first.
            pressed_s.append(terminal.press("21"[number % 2]))
            time.sleep(_CHANCE.uniform(*PAUSES_S))
        time.sleep(1.0)
    finally:
        terminal.close()
    return _painted_ms(pressed_s, terminal.recording)


def _painted_ms(pressed_s: list[float], recording: list[tuple[float, bytes]]) -> list[float]:
    """Read what was drawn as a terminal does, after the fact: reading costs time."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    taken_ms: list[float] = []
    for written_s, data in recording:
        stream.feed(data)
        number = len(taken_ms)
        if number == len(pressed_s):
            break
        if written_s < pressed_s[number]:
            continue
        if any(BOOKS[(number + 1) % 2] in line for line in screen.display):
            taken_ms.append((written_s - pressed_s[number]) * 1e3)
    if len(taken_ms) < len(pressed_s):
        raise RuntimeError(f"only {len(taken_ms)} of {len(pressed_s)} keys were painted")
    return taken_ms


async def _key_to_venue() -> list[float]:
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
            command = [sys.executable, "-m", "cockpit", *world.arguments(), "attach"]
            terminal = Terminal(COLUMNS, LINES, command)
            try:
                await asyncio.to_thread(terminal.wait_for_paint)
                await asyncio.sleep(WARM_UP_S)
                return await _press(terminal, desk)
            finally:
                # The engine may be ending while its last orders arrive.
                venue.on_request = lambda _request, _ns: None
                await asyncio.to_thread(terminal.close)
                load.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await load
                await client.close()


async def _press(terminal: Terminal, desk: Desk) -> list[float]:
    taken_ms: list[float] = []
    loop = asyncio.get_running_loop()
    for _ in range(SAMPLES):
        async with asyncio.timeout(_GIVE_UP_S):
            await asyncio.sleep(_CHANCE.uniform(*PAUSES_S))
            while not desk.resting:
                await asyncio.sleep(BOOK_EVERY_S)
            desk.first_cancel_ns = loop.create_future()
            pressed_s = terminal.press("x")
            taken_ms.append(await desk.first_cancel_ns / 1e6 - pressed_s * 1e3)
    return taken_ms
