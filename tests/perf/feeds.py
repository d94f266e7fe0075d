"""Public market data: one message, many of them, a cut connection, and what is not loaded."""

from __future__ import annotations

import asyncio
import gc
import gzip
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from json import loads
from random import Random

import msgspec
import uvloop

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.runtime.inbox import Inbox
from core.venues.binance.market.codec import decode
from core.venues.market.client import LiveFeed
from core.venues.market.feeds import VENUES, profile_of
from core.venues.market.fetching import Answer, Fetch
from core.venues.market.session import MarketSession
from core.venues.market.tally import Tally
from core.venues.market.timing import ENDLESS
from tests.perf.row import Row, Target, median, percentile
from tests.recorded_data import FOLDER
from tests.venues.binance_server import BinanceServer
from tests.venues.listener import Listener

SYMBOLS = 20
BOOKS_PER_S = 5_000
ROUNDS = 5
CUTS = 9
RECORDING = "binance_l2/spot_btcusdt_20240808.gz"
_NOW_NS = 1_779_271_200_000_000_000
_LEVELS = 16
"""As the median of the recorded messages has."""

_LIST_ADAPTERS = """
import sys
import core.assembly.live
print(*sorted(
    name for name in sys.modules
    if name.startswith(("core.venues.", "aiohttp"))
    and name.split(".")[-2:] != ["venues", "port"]
))
"""


def measure() -> list[Row]:
    """Measure all of them."""
    return [*_one_message(), _many_messages(), _reconnect(), _unused()]


def _one_message() -> list[Row]:
    frames, note = _recorded_frames() or _made_frames()
    decoded = [_timed(decode, frames) for _ in range(ROUNDS)]
    applied = [_apply_all(frames, is_hushed=True) for _ in range(ROUNDS)]
    told = [_apply_all(frames, is_hushed=False) for _ in range(ROUNDS)]
    rows = [
        Row(
            f"feeds, {name} p{percent}",
            median([percentile(taken, percent) for taken in rounds]),
            "us",
            Target(bound) if bound else None,
            "msgspec, typed, decoding alone",
            median([percentile(taken, percent) for taken in decoded]),
            note if name.startswith("decode") and percent == 50 else "",
        )
        for name, rounds, percent, bound in (
            ("decode and apply", applied, 50, 15),
            ("decode and apply", applied, 99, 0),
            ("bytes to event", told, 50, 0),
            ("bytes to event", told, 99, 0),
        )
    ]
    rows += [
        Row(
            f"feeds, decoding alone: {name}",
            None if function is None else percentile(_timed(function, frames), 50),
            "us",
            note="" if function else f"{name} is not installed; it is in the group `bench`",
        )
        for name, function in (
            ("msgspec, untyped", msgspec.json.decode),
            ("orjson", _orjson()),
            ("json", loads),
        )
    ]
    return rows


def _apply_all(frames: list[bytes], *, is_hushed: bool) -> list[float]:
    """Microseconds of each message, from its bytes to the book or, not hushed, to its event."""
    session = _session(["BTCUSDT"])
    session.is_hushed = is_hushed
    taken: list[float] = []
    receive = session.receive
    gc.collect()
    gc.disable()
    try:
        for frame in frames:
            start_ns = time.perf_counter_ns()
            receive(frame, 1.0, _NOW_NS)
            taken.append((time.perf_counter_ns() - start_ns) / 1e3)
    finally:
        gc.enable()
    if session.tally.gaps or not session.markets[0].has_book:
        raise RuntimeError(f"the messages make no book: {session.tally.last_error}")
    return taken


def _timed(function: Callable[[bytes], object], frames: list[bytes]) -> list[float]:
    taken = []
    for frame in frames:
        start_ns = time.perf_counter_ns()
        function(frame)
        taken.append((time.perf_counter_ns() - start_ns) / 1e3)
    return taken


def _recorded_frames() -> tuple[list[bytes], str] | None:
    path = FOLDER / RECORDING
    if not path.is_file():
        return None
    with gzip.open(path, "rb") as lines:
        payloads = [line.partition(b" ")[2].strip() for line in lines]
    frames = [data for data in payloads if b"@depth" in data[:40] or b"lastUpdateId" in data[:20]]
    return frames, f"{len(frames):,} recorded depth messages of BTCUSDT, median 16 levels"


def _made_frames() -> tuple[list[bytes], str]:
    frames = [_snapshot("BTCUSDT"), *_deltas(["BTCUSDT"], 4_000)]
    return frames, f"{len(frames):,} random depth messages of {_LEVELS} levels"


def _many_messages() -> Row:
    """CPU time of the books of a busy second, from their bytes into the inbox."""
    symbols = [f"SYM{number}USDT" for number in range(SYMBOLS)]
    frames = _deltas(symbols, BOOKS_PER_S)
    shares = []
    for _ in range(ROUNDS):
        session, inbox = _session(symbols), Inbox()
        for index, symbol in enumerate(symbols):
            session.answered(Fetch(index, ""), Answer(200, _snapshot(symbol)), 1.0)
        start_s = time.process_time()
        for number, frame in enumerate(frames):
            for row in session.receive(frame, 1.0, _NOW_NS):
                inbox.put(row)
            if number % SYMBOLS == 0:
                inbox.take()
        shares.append((time.process_time() - start_s) * 100)
        if session.tally.gaps or session.tally.refused:
            raise RuntimeError(session.tally.last_error)
    note = (
        f"CPU of {BOOKS_PER_S:,} books of {_LEVELS} levels over {SYMBOLS} symbols, session and "
        "inbox; without the socket and the kernel"
    )
    return Row("feeds, 5,000 books/s", median(shares), "% core", Target(50), note=note)


def _reconnect() -> Row:
    taken = uvloop.run(_cuts())
    note = f"{CUTS} cuts on loopback, to the first book; most of it is the pause with jitter"
    return Row("feeds, cut to book", max(taken), "s", Target(1), note=note)


async def _cuts() -> list[float]:
    """Seconds from a lost connection to the next book, the pause of the back-off included."""
    taken = []
    terms = Instrument(Symbol("BTCUSDT"), Decimal("0.01"), Decimal("0.00001"))
    async with BinanceServer() as server:
        for number in range(CUTS):
            feed = LiveFeed(profile_of("binance"), [terms], url=server.url, random=Random(number))
            heard = Listener()
            task = asyncio.ensure_future(feed.run(heard))
            await heard.until(heard.has_book)
            heard.rows.clear()
            start_s = time.perf_counter()
            server.cut()
            await heard.until(heard.has_book)
            taken.append(time.perf_counter() - start_s)
            await feed.close()
            await task
    return taken


def _unused() -> Row:
    """What the engine loads of adapters that nobody asked for."""
    loaded = unused_adapters()
    return Row(
        "feeds, modules loaded unused",
        len(loaded),
        "modules",
        Target(0),
        note=", ".join(loaded) or "importing the engine loads no market data and no HTTP client",
    )


def unused_adapters() -> list[str]:
    """Modules of market data, or that only these need, in a process that imports the engine."""
    command = [sys.executable, "-c", _LIST_ADAPTERS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    ours = ("core.venues.market", *(f"core.venues.{venue}" for venue in VENUES), "aiohttp")
    return [name for name in done.stdout.split() if name.startswith(ours)]


def _session(symbols: list[str]) -> MarketSession:
    """A session of Binance that takes its snapshot from the stream, as in a recording."""
    terms = [Instrument(Symbol(name), Decimal("0.01"), Decimal("0.00001")) for name in symbols]
    session = profile_of("binance").make_session(terms, Tally(), ENDLESS, is_recorded=True)
    session.connected(0.0)
    return session


def _snapshot(symbol: str) -> bytes:
    del symbol
    bids = [[f"{64_000 - step / 100:.8f}", "1.50000000"] for step in range(1_000)]
    asks = [[f"{64_001 + step / 100:.8f}", "1.50000000"] for step in range(1_000)]
    return msgspec.json.encode({"lastUpdateId": 1_000, "bids": bids, "asks": asks})


def _deltas(symbols: list[str], count: int) -> list[bytes]:
    """Messages of every symbol in turn, most of them near the best prices."""
    random = Random(7)
    frames = []
    for number in range(count):
        symbol = symbols[number % len(symbols)]
        update_id = 1_001 + number // len(symbols)
        sides = [
            [
                [f"{start + sign * int(random.expovariate(0.02)) / 100:.8f}", _size(random)]
                for _ in range(_LEVELS // 2)
            ]
            for start, sign in ((64_000, -1), (64_001, 1))
        ]
        data = {"e": "depthUpdate", "E": 1_779_271_200_000, "s": symbol}
        data |= {"U": update_id, "u": update_id, "b": sides[0], "a": sides[1]}
        stream = f"{symbol.lower()}@depth@100ms"
        frames.append(msgspec.json.encode({"stream": stream, "data": data}))
    return frames


def _size(random: Random) -> str:
    return "0.00000000" if random.random() < 0.4 else f"{random.uniform(0.001, 9):.8f}"


def _orjson() -> Callable[[bytes], object] | None:
    try:
        import orjson
    except ImportError:
        return None
    function: Callable[[bytes], object] = orjson.loads
    return function
