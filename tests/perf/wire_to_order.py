"""Book bytes at the socket to order bytes out, beside a bare echo and under viewers."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
from collections.abc import Awaitable, Callable

import uvloop

from core.domain.snapshot import Telemetry
from core.venues.wsx import messages as wire
from tests.perf.driven_venue import OVERRIDES, DrivenVenue, Request
from tests.perf.row import Row, Target, median, percentile
from tests.perf.world import World, child, is_ready

ROUNDS = 5
SAMPLES = 400
"""A round."""
PAUSE_S = 0.001
"""Between two samples: the engine has then digested what became of the last order."""
WARM_UP = 400
VIEWERS = ("none", "attached", "stopped", "killed", "slow")
SLOW_READER_S = 2.0
"""Between two reads of the slow viewer."""
LOOPS = ("uvloop", "asyncio")

Samples = dict[str, list[list[float]]]
"""Microseconds by what was measured, a list a round."""


def measure() -> list[Row]:
    """Measure engine, echoes and viewers in turn."""
    return uvloop.run(_measure())


async def _measure() -> list[Row]:
    venue = DrivenVenue()
    async with venue.served() as url:
        with (
            World([*OVERRIDES, f"venue.url={url}"]) as world,
            child("tests.perf.echo_peer", f"{url}/echo/uvloop", "uvloop"),
            child("tests.perf.echo_peer", f"{url}/echo/asyncio", "asyncio"),
        ):
            world.start_engine()
            await _get_ready(venue, world)
            samples = await _take_turns(venue, world)
            client = await world.attach()
            telemetry = (await client.look()).telemetry
            await client.close()
    return [
        *_against_echo(samples),
        *_as_the_engine_sees_it(telemetry),
        *_under_viewers(samples),
    ]


async def _get_ready(venue: DrivenVenue, world: World) -> None:
    async with asyncio.timeout(60):
        await venue.trading.wait()
        while len(venue.echoes) < len(LOOPS):
            await venue.echo_joined.wait()
            await asyncio.sleep(PAUSE_S)
    client = await world.attach()
    await world.wait_until(client, is_ready)
    await client.close()
    venue.on_request = Expiry(venue)
    await _sample(venue.provoke, WARM_UP)
    for name in LOOPS:
        await _sample(lambda name=name: venue.echo(name), WARM_UP)


class Expiry:
    """Answer every order at once: it is open, and gone again, so the next book asks anew."""

    def __init__(self, venue: DrivenVenue) -> None:
        self._venue = venue

    def __call__(self, request: Request, received_ns: int) -> None:
        """Tell the engine."""
        if isinstance(request, wire.Place):
            venue = self._venue
            venue.engine.write(venue.report(request, "open"), venue.report(request, "canceled"))


async def _take_turns(venue: DrivenVenue, world: World) -> Samples:
    """Each round: both echoes, then the engine with every kind of viewer."""
    samples: Samples = {name: [] for name in (*LOOPS, *VIEWERS)}
    for _ in range(ROUNDS):
        for name in LOOPS:
            samples[name].append(await _sample(lambda name=name: venue.echo(name), SAMPLES))
        samples["none"].append(await _sample(venue.provoke, SAMPLES))
        with child("tests.perf.viewer_peer", str(world.run_dir)) as viewer:
            await _wait_for_viewers(world, 1)
            samples["attached"].append(await _sample(venue.provoke, SAMPLES))
            viewer.send_signal(signal.SIGSTOP)
            samples["stopped"].append(await _sample(venue.provoke, SAMPLES))
            kill(viewer)
            samples["killed"].append(await _sample(venue.provoke, SAMPLES))
        with child("tests.perf.viewer_peer", str(world.run_dir), str(SLOW_READER_S)):
            await _wait_for_viewers(world, 1)
            samples["slow"].append(await _sample(venue.provoke, SAMPLES))
    return samples


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a child without a word, as a crash would."""
    process.kill()


async def _wait_for_viewers(world: World, count: int) -> None:
    client = await world.attach()
    await world.wait_until(client, lambda snapshot: snapshot.telemetry.viewers >= count)
    await client.close()


async def _sample(take: Callable[[], Awaitable[int | None]], count: int) -> list[float]:
    """Take samples in us with the collector off: its pauses here are not the engine's."""
    taken: list[float] = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(count):
            duration_ns = await take()
            if duration_ns is not None:
                taken.append(duration_ns / 1e3)
            await asyncio.sleep(PAUSE_S)
    finally:
        gc.enable()
    if len(taken) < count // 2:
        raise RuntimeError(f"only {len(taken)} of {count} messages were answered")
    return taken


def _against_echo(samples: Samples) -> list[Row]:
    rows = []
    for percent in (50, 99):
        value = _median(samples, "attached", percent)
        for loop in LOOPS:
            is_like = loop == LOOPS[0]
            target = None
            if is_like:
                target = Target(2, of="ratio") if percent == 50 else Target(1000)
            rows.append(
                Row(
                    f"wire_to_order p{percent}" + ("" if is_like else f" ({loop} echo)"),
                    value,
                    "us",
                    target,
                    f"echo p{percent}, {loop}",
                    _median(samples, loop, percent),
                    _answered(samples) if percent == 50 and is_like else "",
                )
            )
    return rows


def _answered(samples: Samples) -> str:
    taken = sum(len(taken) for taken in samples["attached"])
    return (
        f"{ROUNDS} rounds of {SAMPLES} books, {taken} led to an order; journaled and "
        "risk-checked, a viewer at 10 Hz, every process on uvloop but the second echo"
    )


def _under_viewers(samples: Samples) -> list[Row]:
    """Viewers must not matter: no more than rounds without one differ from each other."""
    rows = []
    for percent, least in ((50, 1.1), (99, 1.25)):
        alone = [percentile(taken, percent) for taken in samples["none"]]
        noise = max(alone) / median(alone)
        rows += [
            Row(
                f"wire_to_order p{percent}, viewer {name}",
                _median(samples, name, percent),
                "us",
                Target(max(least, noise), of="ratio"),
                f"p{percent}, no viewer",
                median(alone),
                _noise_note(percent, noise) if name == VIEWERS[1] else "",
            )
            for name in VIEWERS[1:]
        ]
    return rows


def _noise_note(percent: int, noise: float) -> str:
    return f"the worst of the rounds without a viewer has {noise:.2f} times their median p{percent}"


def _as_the_engine_sees_it(telemetry: Telemetry) -> list[Row]:
    """From its socket to the order's write, without the way through the system."""
    wire_us, step_us = telemetry.wire_to_order_us, telemetry.step_us
    return [
        Row("wire_to_order p50, within the engine", wire_us.p50, "us"),
        Row("wire_to_order p99, within the engine", wire_us.p99, "us"),
        Row("step p50, in the live engine", step_us.p50, "us", Target(10)),
        Row("step p99, in the live engine", step_us.p99, "us", Target(30)),
    ]


def _median(samples: Samples, name: str, percent: float) -> float:
    return median([percentile(taken, percent) for taken in samples[name]])
