"""Compiling the kernel before it is needed: once per version and machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

from core import jit
from core.backtest.warm import warm_loop, warm_loops
from core.domain import events
from core.domain.enums import IntentKind, VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS, PARAMS
from core.kernel.simulation import make_reports, make_simulation, on_book, on_intent, on_trade
from core.kernel.state import make_state
from core.kernel.step import step

_COMPILE = (sys.executable, "-c", "from core.runtime.warm import load_kernel; load_kernel()")
"""A process of its own: the compiler would keep 150 MB of this one for ever."""
_COMPILE_VENUE = (sys.executable, "-c", "from core.runtime.warm import load_venue; load_venue()")
_COMPILE_LOOP = (sys.executable, "-c", "from core.backtest.warm import warm_loop; warm_loop()")

_NEWS = "compiling the kernel, once for this version: up to a minute"


def warm(report: Callable[[str], None]) -> None:
    """
    Load the compiled kernel, or compile it if this version never ran here.

    Args:
        report: Told what is going on when it will take long.
    """
    if not jit.is_warm():
        report(_NEWS)
        subprocess.run(_COMPILE, check=False)
    load_kernel()


def warm_everything(report: Callable[[str], None]) -> None:
    """
    Do what `warm` does, and leave a backtest nothing to compile either.

    Kernel and simulated venue are compiled side by side, each in its process.
    """
    if not jit.is_warm():
        report(_NEWS)
        beside = subprocess.Popen(_COMPILE_VENUE)
        subprocess.run(_COMPILE, check=False)
        beside.wait()
    load_kernel()
    warm_loops()


async def warm_beside(report: Callable[[str], None], *, with_venue: bool = False) -> None:
    """
    Do what `warm` does, but let go of the compiler when canceled.

    Args:
        report: As for `warm`.
        with_venue: Make the simulated venue ready too, for an account on paper: its first
            order must not wait for a compiler.
    """
    if not jit.is_warm():
        report(_NEWS)
        await _compile(_COMPILE)
        if with_venue:
            await _compile(_COMPILE_VENUE)
    load_kernel()
    if with_venue:
        load_venue()


async def _compile(command: tuple[str, ...]) -> None:
    # Out of the terminal's reach: Ctrl-C is for the engine, which then ends it.
    compiler = await asyncio.create_subprocess_exec(*command, start_new_session=True)
    try:
        await compiler.wait()
    finally:
        if compiler.returncode is None:
            compiler.kill()
            await compiler.wait()


async def prepare_comparisons() -> None:
    """Make the loop of a backtest ready without holding up the caller's own loop."""
    compiler = await asyncio.create_subprocess_exec(*_COMPILE_LOOP, start_new_session=True)
    try:
        await compiler.wait()
    finally:
        if compiler.returncode is None:
            compiler.kill()
            await compiler.wait()
    await asyncio.to_thread(warm_loop)


def load_venue() -> None:
    """Make the simulated venue ready in this process, without the kernel."""
    simulation = make_simulation([Instrument(Symbol("WARM"), Decimal(1))])
    rows = events.load([events.book(0, [(9, 1)], [(11, 1)]), events.trade(0, 9, 1, -1)])
    reports = make_reports()
    on_book(simulation, rows, 0, reports, 0)
    on_trade(simulation, rows, 1, reports, 0)
    intents = allocate(INTENT, 1)
    intents[0] = (IntentKind.PLACE, 0, 1, 1, 9, 1, 0, 0)
    on_intent(simulation, rows, intents, 0, reports, 0)


def load_kernel() -> None:
    """Make the kernel ready in this process."""
    state = make_state([Instrument(Symbol("WARM"), Decimal(1))], allocate(PARAMS, 1), 1)
    rows = events.load([events.venue_state(VenueState.DOWN)])
    step(state, rows, 0, allocate(INTENT, MAX_INTENTS))
