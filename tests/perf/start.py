"""From the command to the first picture, to the first order, and the very first start."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from tests.perf.cockpit_load import Terminal
from tests.perf.row import Row, Target, Unmeasurable, median
from tests.perf.world import World, is_ready

ROUNDS = 3
COLUMNS, LINES = 160, 48
COLD_TIMEOUT_S = 120.0

_BARE_APP = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    CSS = "Static { border: round white; }"
    def compose(self):
        yield Static("bare")
Bare().run()
"""


def measure() -> list[Row]:
    """Start everything a few times."""
    paints, bare = [], []
    warm = []
    for _ in range(ROUNDS):
        bare.append(_first_paint([sys.executable, "-c", _BARE_APP]))
        with World() as world:
            paints.append(_first_paint([*_cockpit(), *world.arguments()]))
        warm.append(uvloop.run(_trading(World(), 30)))
    cold_ready, cold_order = _cold()
    return [
        Row(
            "start, first paint",
            median(paints),
            "s",
            Target(0.8),
            "bare Textual app",
            median(bare),
            f"`imc-cockpit` with no engine running, {COLUMNS}x{LINES}",
        ),
        Row("start, engine READY", median([ready for ready, _ in warm]), "s", Target(2.5)),
        Row(
            "start, first order",
            median([order for _, order in warm]),
            "s",
            note="not promised: it needs 20 closed bars, five seconds, and a reason",
        ),
        Row(
            "start, very first, READY",
            cold_ready,
            "s",
            Target(30),
            note=f"empty caches, exchange and engine compile; first order after {cold_order:.1f} s",
        ),
    ]


def _cockpit() -> list[str]:
    """The command as it is installed beside this Python."""
    script = Path(sys.executable).with_name("imc-cockpit")
    found = str(script) if script.exists() else shutil.which("imc-cockpit")
    if found is None:
        raise Unmeasurable("the command imc-cockpit is not installed beside this Python")
    return [found]


def _first_paint(command: list[str]) -> float:
    terminal = Terminal(COLUMNS, LINES, command)
    try:
        terminal.wait_for_paint()
        return terminal.first_paint_s
    finally:
        terminal.close()


async def _trading(world: World, timeout_s: float) -> tuple[float, float]:
    """Seconds from the engine's start to READY and to its first order."""
    with world:
        started_s = time.perf_counter()
        world.start_engine()
        client = await world.attach(timeout_s)
        await world.wait_until(client, is_ready, timeout_s)
        ready_s = time.perf_counter() - started_s
        await world.wait_until(client, lambda seen: seen.account.orders > 0, timeout_s)
        order_s = time.perf_counter() - started_s
        await client.close()
        return ready_s, order_s


def _cold() -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="imc-bench-", ignore_cleanup_errors=True) as empty:
        environment = {"XDG_CACHE_HOME": empty, "NUMBA_CACHE_DIR": None}
        return asyncio.run(_trading(World(environment=environment), COLD_TIMEOUT_S))
