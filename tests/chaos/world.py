"""
One machine, one engine, one exchange and the network between them, on one clock.

Real: engine, desk, reporter, journal, recovery, session, the client's handling of frames,
the exchange's rules and its bots. Virtual: time, the lines, the disk's failures and the
death of the process. The client's connecting and its watch over a silent line are told
here again (`_Client`), because in the program a socket library does them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from core.assembly.describe import journal_meta
from core.assembly.trading import Trading, build, fresh_state
from core.domain import events
from core.domain.commands import Command, CommandName
from core.domain.enums import (
    FlattenState,
    RejectReason,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.ids import RunId, client_order_id
from core.domain.instrument import Instrument
from core.domain.layout import layout_hash
from core.domain.memory import Rows
from core.domain.records import INTENT
from core.exchange.account import Account
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import Exchange
from core.exchange.gateway import Client, Gateway
from core.exchange.products import load_products
from core.journal.manifest import JOURNAL, Manifest, new_run_id, write_manifest
from core.journal.writer import JournalWriter
from core.kernel.state import KernelState
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.runtime.clock import AnchoredClock
from core.runtime.recovery import EXCHANGE_SESSION, find_last_run, read_last_run
from core.runtime.verify import read_beginning, verify
from core.settings.loader import load_settings
from core.settings.model import Settings
from core.venues.common.backoff import Backoff
from core.venues.wsx import messages as wire
from core.venues.wsx.client import WsxVenue
from core.venues.wsx.codec import decode_client, encode
from tests.chaos.checks import (
    Violation,
    check_agreement,
    check_cash,
    check_flat,
    check_money,
    check_order,
)
from tests.chaos.crash import Killed, MortalJournal
from tests.chaos.network import Faults, Line
from tests.chaos.script import LENGTH_MS, Script, Step

START_NS = 1_763_800_000_000_000_000
KEY = "practice"
PROFILE = "practice"

_MS = 1_000_000
_TIMER_NS = 250 * _MS
_HEARTBEAT_NS = 1_000 * _MS
_SAVE_NS = 2_000 * _MS
_RESTART_NS = 300 * _MS
_PARTNER_SHARE = 0.15
"""Of the exchange's beats: how often somebody trades with what we have resting."""

_SETTLE_MS = 9_000
"""Longer than an unanswered request stays so, and a silent line is believed in."""

_LIVELY = (
    "strategy.cooldown_ms=40",
    "strategy.min_signal=0.05",
    "strategy.min_confidence=0",
    "strategy.min_regime_probability=0",
    "strategy.min_change_pct=2",
    "strategy.bar_ms=50",
    "strategy.passive_edge=1",
    "risk.max_orders_per_s=200",
    "models.refit=false",
    "venue.dead_man_s=3",
)
"""Settings under which something happens within seconds."""

Planted = Callable[["World"], None]
"""Changes a world or its engine so that it has a bug; for the tests of this harness."""


_LIMITS: tuple[tuple[str, ...], ...] = (
    (),
    ("risk.max_position_pct=1.5",),
    ("risk.max_position_pct=1.9", "risk.max_exposure_pct=2"),
    ("risk.max_order_value_pct=0.5", "risk.price_collar_pct=0.3"),
)
"""One of these is in force, by the seed: each limit is somewhere the first to be met."""


@lru_cache(maxsize=len(_LIMITS))
def _setting(limits: tuple[str, ...]) -> tuple[Settings, tuple[Product, ...]]:
    settings = load_settings(PROFILE, (), (*_LIVELY, *limits)).settings
    return settings, load_products(settings.instruments.file)[5:7]


class _Peer:
    """The exchange's end of a connection."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def send(self, data: bytes) -> None:
        self._line.send(data)


class _Connection:
    """Our end of a connection, as the client writes to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.to_venue = Line(world, world.random, world.to_venue, self._on_request)
        self.to_client = Line(world, world.random, world.to_client, self._on_frames)
        self.peer: Client | None = world.gateway.join(_Peer(self.to_client))

    def write(self, frames: list[bytes]) -> bool:
        """Send frames; the process may die before and after each."""
        for frame in frames:
            self.world.point()
            self.world.note_sent(frame)
            self.to_venue.send(frame)
        self.world.point()
        return True

    def cut(self) -> None:
        """The wire breaks; the exchange notices at once."""
        self.to_venue.is_open = self.to_client.is_open = False
        peer, self.peer = self.peer, None
        if peer is not None:
            self.world.gateway.leave(peer)
            self.world.gateway.flush()

    def _on_request(self, frames: list[bytes]) -> None:
        for frame in frames:
            if self.peer is None:
                return
            if not self.world.serve(self.peer, frame):
                self.world.drop_connection()
            self.world.gateway.flush()

    def _on_frames(self, frames: list[bytes]) -> None:
        self.world.deliver(self, frames)


class Life:
    """One process: an engine from its start to its end."""

    def __init__(self, world: World, run_id: RunId) -> None:
        self.world = world
        self.run_id = run_id
        self.folder = world.run_dir / run_id
        self.is_over = False
        self.has_failed_disk = False
        self.journal: MortalJournal | None = None
        self.trading: Trading
        self.venue: WsxVenue
        self.connection: _Connection | None = None
        self._backoff = Backoff(world.random)
        self._flat_said = False

    def start(self) -> None:
        """Come up as the program does: read the last run back, begin, connect."""
        world, settings = self.world, self.world.settings
        folder = find_last_run(world.run_dir, PROFILE)
        last = None
        if folder is not None:
            empty = fresh_state(settings, world.instruments)
            last = read_last_run(folder, empty, layout_hash(), world.symbols)
            if last.damage:
                raise Violation("journal", f"{folder.name}: {last.damage}")
        state = fresh_state(settings, world.instruments)
        meta = journal_meta(settings, self.run_id, "", world.instruments, state, None)
        real = JournalWriter.open(self.folder / JOURNAL, meta, checkpoint_ms=60_000)
        self.journal = MortalJournal(real, world.point)
        write_manifest(self.folder, self._manifest())
        session = world.exchange.session
        self.journal.note(0, world.now_ns, {EXCHANGE_SESSION: session})
        keep = last is not None and last.state is not None and last.exchange_session == session
        venue_settings = settings.venue
        world.lease += 1
        self.venue = WsxVenue(
            "ws://127.0.0.1:1",
            KEY,
            self.run_id,
            world.instruments,
            executions_after=last.last_trade_ids[0] if last is not None and keep else None,
            lease=world.lease,
            cancel_on_disconnect=venue_settings.cancel_on_disconnect,
            dead_man_s=venue_settings.dead_man_s,
            clock=lambda: world.now_ns / 1e9,
        )
        clock = AnchoredClock(lambda: world.now_ns + world.wall_offset_ns, lambda: world.now_ns)
        self.trading = build(
            settings, world.instruments, state, self.journal, self._submit,
            stop=lambda _: None, log=lambda _: None, now_ns=clock,
        )  # fmt: skip
        self.venue._sink = self.trading.engine
        self.trading.tell(starting_models(settings, world.instruments, SpreadRows()))
        if last is not None:
            self.trading.carry_over(last, keep_books=keep)
        self.trading.begin()
        world.check_carried_over(self.trading.state)
        self._every(_TIMER_NS, self._tick)
        self._every(_SAVE_NS, self.trading.engine.checkpoint)
        self._connect()

    @property
    def state(self) -> KernelState:
        """What the engine believes."""
        return self.trading.state

    @property
    def prefix(self) -> str:
        """How its orders' names begin."""
        return client_order_id(self.run_id, 0)[:-1]

    def ask(self, name: CommandName, **args: str) -> None:
        """Somebody gives a command."""
        self.world.guard(lambda: self._ask(name, args))

    def _ask(self, name: CommandName, args: dict[str, str]) -> None:
        self.trading.desk.submit(Command(name, "chaos", 1, args))
        self.venue._write()

    def put(self, row: bytearray) -> None:
        """Something reaches the engine beside the venue."""

        def apply() -> None:
            self.trading.engine.put(row)
            self.trading.engine.flush()

        self.world.guard(apply)

    def end(self) -> None:
        """The process is gone."""
        self.is_over = True
        if self.connection is not None:
            self.connection.cut()
        if self.journal is not None:
            self.journal.abandon()

    def lose_connection(self) -> None:
        """The line is gone: say so, and come back after a while."""
        connection, self.connection = self.connection, None
        if connection is None or self.is_over:
            return
        connection.cut()
        self.world.guard(self.venue._leave)
        self._after(int(self._backoff.next_delay_s() * 1e9), self._connect)

    def hear(self, connection: _Connection, frames: list[bytes]) -> None:
        """Frames have come over a line, if it is still ours."""
        if connection is not self.connection or self.is_over:
            return

        def apply() -> None:
            for frame in frames:
                self.world.point()
                self.venue._on_message(frame)
            self.venue._on_batch_end(0)

        self.world.guard(apply)

    def _manifest(self) -> Manifest:
        return Manifest(self.run_id, PROFILE, "SIM", "", "", self.world.now_ns)

    def _connect(self) -> None:
        if self.is_over or self.connection is not None:
            return
        self.world.guard(lambda: self.venue._report(self.venue._session.connecting()))
        if self.is_over:
            return
        connection = self.connection = _Connection(self.world)
        # It writes, and nothing more is asked of it.
        self.world.guard(lambda: self.venue._join(connection))  # type: ignore[arg-type]
        self._after(_HEARTBEAT_NS, lambda: self._watch(connection))

    def _watch(self, connection: _Connection) -> None:
        """Leave a line that has been silent for too long."""
        if connection is not self.connection or self.is_over:
            return
        if self.venue._complaint():
            self.lose_connection()
        else:
            self._after(_HEARTBEAT_NS, lambda: self._watch(connection))

    def _tick(self) -> None:
        self.trading.engine.put(events.timer())
        self.trading.engine.flush()
        self.venue.keep_alive()

    def _submit(self, intents: Rows, count: int) -> None:
        names = INTENT.names or ()
        for values in intents[:count].tolist():
            self.world.check_intent(self, dict(zip(names, values, strict=True)))
        self.venue.submit(intents, count)

    def _every(self, period_ns: int, action: Callable[[], None]) -> None:
        def again() -> None:
            if self.is_over:
                return
            if self.world.is_stalled:
                self._after(period_ns, again)
                return
            self.world.guard(action)
            self._after(period_ns, again)

        self._after(period_ns, again)

    def _after(self, delay_ns: int, action: Callable[[], None]) -> None:
        self.world.at(self.world.now_ns + delay_ns, action)

    def check(self) -> None:
        """What holds after everything that happens to the engine."""
        state = self.state
        check_money(state)
        said = state.account["flatten_state"][0] == FlattenState.FLAT
        if said and not self._flat_said:
            check_flat(self.world.account)
        self._flat_said = bool(said)


class World:
    """Everything, driven by a heap of what happens when."""

    def __init__(self, script: Script, run_dir: Path, planted: Planted | None = None) -> None:
        self.script = script
        self.run_dir = run_dir
        self.random = Random(f"world-{script.seed}")
        self.now_ns = START_NS
        self.wall_offset_ns = 0
        self.settings, self._products = _setting(_LIMITS[script.seed % len(_LIMITS)])
        self.instruments: tuple[Instrument, ...] = tuple(
            product.instrument for product in self._products
        )
        self.symbols = ",".join(item.symbol for item in self.instruments)
        self.to_client, self.to_venue = Faults(), Faults()
        self.lease = 100
        self.is_stalled = False
        self.reject_share = 0.0
        self.holds_acks = False
        self.splits_fills = False
        self.are_books_frozen = False
        self.has_restarted_venue = False
        self.life: Life | None = None
        self._kill_in = -1
        self._lives = 0
        self._halted: tuple[TradingState, StateReason] | None = None
        self._sent: set[str] = set()
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._stalled_frames: list[tuple[_Connection, list[bytes]]] = []
        self._held_acks: list[tuple[Client, bytes]] = []
        self._open_exchange()
        if planted is not None:
            planted(self)

    # -- time

    def at(self, ts_ns: int, action: Callable[[], None]) -> None:
        """Do something at a time."""
        self._count += 1
        heapq.heappush(self._queue, (ts_ns, self._count, action))

    def run(self) -> None:
        """
        Live through the script, settle, and check the end.

        Raises:
            Violation: If an invariant does not hold.
        """
        for step in self.script.steps:
            self.at(START_NS + step.at_ms * _MS, lambda step=step: self._do(step))
        self.at(START_NS + (LENGTH_MS + 4_000) * _MS, self._calm_down)
        self.at(self.now_ns, self._beat)
        self.at(self.now_ns, self.boot)
        self._run_until(START_NS + (LENGTH_MS + 4_000 + _SETTLE_MS) * _MS)
        self._check_end()

    def _run_until(self, end_ns: int) -> None:
        while self._queue and self._queue[0][0] <= end_ns:
            ts_ns, _, action = heapq.heappop(self._queue)
            self.now_ns = max(self.now_ns, ts_ns)
            action()

    # -- the process

    def boot(self) -> None:
        """Start a process; it may die while it starts."""
        if self.life is not None and not self.life.is_over:
            return
        self._lives += 1
        wall = datetime.fromtimestamp((self.now_ns // 1_000_000) / 1e3, UTC)
        run_id = new_run_id(PROFILE, wall, f"{self._lives:04x}")
        self.life = Life(self, run_id)
        self.guard(self.life.start)

    def point(self) -> None:
        """A moment at which the process may die."""
        if self._kill_in >= 0:
            self._kill_in -= 1
            if self._kill_in < 0:
                raise Killed

    def guard(self, action: Callable[[], None]) -> None:
        """Let the process do something, and look at it afterwards; or bury it."""
        life = self.life
        if life is None or life.is_over:
            return
        try:
            action()
            life.check()
            self._remember(life)
        except Killed:
            self._bury(life)

    def _bury(self, life: Life) -> None:
        life.end()
        self.at(self.now_ns + _RESTART_NS, self.boot)

    def _remember(self, life: Life) -> None:
        """What the next process has to come up with."""
        account = life.state.account[0]
        state = TradingState(int(account["trading_state"]))
        reason = StateReason(int(account["state_reason"]))
        is_recorded = not life.trading.engine.journal_failure
        self._halted = (state, reason) if state is TradingState.HALTED and is_recorded else None

    def check_carried_over(self, state: KernelState) -> None:
        """A halt that was known is still there, with its reason."""
        if self._halted is None:
            return
        account = state.account[0]
        found = (
            TradingState(int(account["trading_state"])),
            StateReason(int(account["state_reason"])),
        )
        if found != self._halted:
            raise Violation("halt survives", f"{self._halted} before the crash, {found} after")

    def check_intent(self, life: Life, intent: dict[str, int]) -> None:
        """Look at what is about to be sent."""
        check_order(life.state, intent)

    def note_sent(self, frame: bytes) -> None:
        """Look at a frame that leaves: no order is ever sent twice."""
        message = decode_client(frame)
        if isinstance(message, wire.Place):
            if message.client_order_id in self._sent:
                raise Violation("never resent", message.client_order_id)
            self._sent.add(message.client_order_id)

    # -- the network

    def deliver(self, connection: _Connection, frames: list[bytes]) -> None:
        """Frames arrive at the process; one that is stopped finds them later."""
        if self.is_stalled:
            self._stalled_frames.append((connection, frames))
        elif self.life is not None:
            self.life.hear(connection, frames)

    def drop_connection(self) -> None:
        """The line breaks for both."""
        if self.life is not None:
            self.life.lose_connection()

    # -- the exchange

    @property
    def account(self) -> Account:
        """The truth."""
        account = self.exchange.account(KEY)
        assert account is not None
        return account

    def _open_exchange(self) -> None:
        config = ExchangeConfig(products=self._products, seed=self.script.seed)
        self.exchange = Exchange(config, self.now_ns)
        self.gateway = Gateway(self.exchange)
        self._heartbeat_ns = self.now_ns

    def _beat(self) -> None:
        """The exchange's own time passes."""
        exchange = self.exchange
        if self.are_books_frozen:
            exchange.skip(exchange.tick_ns)
        else:
            exchange.advance()
        self.gateway.flush()
        if self.random.random() < _PARTNER_SHARE:
            self._trade_with_us(self.random.randint(1, 60))
        if self.now_ns >= self._heartbeat_ns:
            self._heartbeat_ns += _HEARTBEAT_NS
            self.gateway.heartbeat()
        self.at(self.now_ns + exchange.tick_ns, self._beat)

    def _trade_with_us(self, lots: int) -> None:
        """Somebody takes lots of one of our resting orders, if there is one."""
        # One of many, so that no position limit of theirs stands in the way.
        partner = self.exchange.account(f"partner-{self._count % 500}")
        orders = list(self.account.orders.values())
        if partner is None or not orders:
            return
        order = self.random.choice(orders)
        market = self.exchange.markets[order.market]
        self._count += 1
        request = wire.Place(
            f"partner-{self._count}",
            market.symbol,
            "sell" if order.side > 0 else "buy",
            market.grid.price(order.price_ticks),
            str(lots),
            tif="IOC",
        )
        self.exchange.place(partner, request)
        self.gateway.flush()

    def serve(self, client: Client, frame: bytes) -> bool:
        """A request reaches the exchange. False if it ends the connection."""
        if self.reject_share and self.random.random() < self.reject_share:
            try:
                message: Any = decode_client(frame)
            except Exception:  # noqa: BLE001  the gateway says what is wrong with it
                message = None
            if isinstance(message, wire.Place) and client.account is not None:
                self.exchange.place(client.account, message, RejectReason.RATE_LIMIT)
                return True
        return self.gateway.receive(client, frame)

    # -- what the script says

    def _do(self, step: Step) -> None:
        getattr(self, f"do_{step.what}")(step)

    def _undo(self, step: Step, action: Callable[[], None]) -> None:
        self.at(self.now_ns + step.for_ms * _MS, action)

    def _set(self, step: Step, faults: Faults, name: str) -> None:
        setattr(faults, name, step.value)
        self._undo(step, lambda: setattr(faults, name, 0.0))

    def do_drop_to_client(self, step: Step) -> None:
        self._set(step, self.to_client, "drop")

    def do_drop_to_venue(self, step: Step) -> None:
        self._set(step, self.to_venue, "drop")

    def do_double_to_client(self, step: Step) -> None:
        self._set(step, self.to_client, "double")

    def do_double_to_venue(self, step: Step) -> None:
        self._set(step, self.to_venue, "double")

    def do_reorder_to_client(self, step: Step) -> None:
        self._set(step, self.to_client, "reorder")

    def do_reorder_to_venue(self, step: Step) -> None:
        self._set(step, self.to_venue, "reorder")

    def do_corrupt_to_client(self, step: Step) -> None:
        self._set(step, self.to_client, "corrupt")

    def do_corrupt_to_venue(self, step: Step) -> None:
        self._set(step, self.to_venue, "corrupt")

    def do_cut_to_client(self, step: Step) -> None:
        self._set(step, self.to_client, "cut")

    def do_delay(self, step: Step) -> None:
        for faults in (self.to_client, self.to_venue):
            faults.delay_ns = int(step.value * _MS)
        self._undo(step, self._end_delay)

    def _end_delay(self) -> None:
        self.to_client.delay_ns = self.to_venue.delay_ns = 0

    def do_silence(self, step: Step) -> None:
        """The socket stays open, and nothing comes out of it."""
        self.to_client.is_silent = True
        self._undo(step, self._end_silence)

    def _end_silence(self) -> None:
        self.to_client.is_silent = False
        if self.life is not None and self.life.connection is not None:
            self.life.connection.to_client.release()

    def do_half_open(self, step: Step) -> None:
        """What we say does not get through, and we still hear."""
        self.to_venue.is_silent = True
        self._undo(step, self._end_half_open)

    def _end_half_open(self) -> None:
        self.to_venue.is_silent = False
        if self.life is not None and self.life.connection is not None:
            self.life.connection.to_venue.release()

    def do_disconnect(self, _step: Step) -> None:
        self.drop_connection()

    def do_stall(self, step: Step) -> None:
        """The process is stopped, and goes on with what has piled up."""
        self.is_stalled = True
        self._undo(step, self._end_stall)

    def _end_stall(self) -> None:
        self.is_stalled = False
        frames, self._stalled_frames = self._stalled_frames, []
        for connection, batch in frames:
            self.deliver(connection, batch)

    def do_freeze_books(self, step: Step) -> None:
        self.are_books_frozen = True
        self._undo(step, self._end_freeze)

    def _end_freeze(self) -> None:
        self.are_books_frozen = False

    def do_reject_storm(self, step: Step) -> None:
        self.reject_share = step.value
        self._undo(step, self._end_storm)

    def _end_storm(self) -> None:
        self.reject_share = 0.0

    def do_hold_acks(self, step: Step) -> None:
        """Every report of the exchange comes after the executions that followed it."""
        self.holds_acks = True
        self._undo(step, self._end_hold)

    def _end_hold(self) -> None:
        self.holds_acks = False

    def do_partial_fills(self, step: Step) -> None:
        """Somebody takes our resting orders lot by lot."""
        end_ns = self.now_ns + step.for_ms * _MS

        def nibble() -> None:
            self._trade_with_us(20)
            if self.now_ns < end_ns:
                self.at(self.now_ns + 40 * _MS, nibble)

        nibble()

    def do_restart_venue(self, _step: Step) -> None:
        """The exchange forgets everything and begins anew, on the same address."""
        self.has_restarted_venue = True
        life = self.life
        if life is not None and life.connection is not None:
            # The old exchange must not be told that we have gone.
            life.connection.peer = None
        self._open_exchange()
        self.drop_connection()

    def do_clock_jump(self, step: Step) -> None:
        """The wall clock is set; the machine's steady clock is not."""
        self.wall_offset_ns = int(step.value * _MS)
        self.at(self.now_ns + 2_000 * _MS, self._set_clock_right)

    def _set_clock_right(self) -> None:
        self.wall_offset_ns = 0

    def do_disk_error(self, step: Step) -> None:
        """The journal cannot be written any more; the operator restarts the engine."""
        life = self.life
        if life is None or life.is_over or life.journal is None:
            return
        life.has_failed_disk = True
        life.journal.fail_after(int(step.value))
        self.at(self.now_ns + 3_000 * _MS, lambda: self._kill_now(life))

    def do_fence(self, _step: Step) -> None:
        """Somebody with a newer lease logs in, as `kill` does; the engine is restarted."""
        self.lease += 1

        class Deaf:
            def send(self, data: bytes) -> None:
                pass

        client = self.gateway.join(Deaf())
        self.gateway.receive(client, encode(wire.Login(api_key=KEY, lease=self.lease)))
        self.gateway.receive(client, encode(wire.CancelAll()))
        self.gateway.leave(client)
        self.gateway.flush()
        life = self.life
        self.at(self.now_ns + 1_500 * _MS, lambda: self._kill_now(life))

    def do_stranger(self, step: Step) -> None:
        """Somebody else trades on our account."""
        market = self.exchange.markets[0]
        side = "buy" if step.value > 0 else "sell"
        best = market.best_ticks(-1 if step.value > 0 else 1)
        if best <= 0:
            return
        self._count += 1
        request = wire.Place(
            f"stranger-{self._count}", market.symbol, side, market.grid.price(best), "2"
        )
        self.exchange.place(self.account, request)
        self.gateway.flush()

    def do_kill(self, step: Step) -> None:
        self._kill_in = int(step.value)

    def _kill_now(self, life: Life | None) -> None:
        if life is not None and life is self.life and not life.is_over:
            self._bury(life)

    def do_halt(self, _step: Step) -> None:
        self._command(CommandName.HALT)

    def do_resume(self, _step: Step) -> None:
        self._halted = None
        self._command(CommandName.RESUME, word="resume")

    def do_pause(self, _step: Step) -> None:
        self._command(CommandName.PAUSE)

    def do_cancel_all(self, _step: Step) -> None:
        self._command(CommandName.CANCEL_ALL)

    def do_cancel_everything(self, _step: Step) -> None:
        self._command(CommandName.CANCEL_EVERYTHING)

    def do_flatten(self, _step: Step) -> None:
        self._command(CommandName.FLATTEN)

    def do_order(self, step: Step) -> None:
        """A person trades, sensibly or not."""
        lots = int(step.value)
        name = CommandName.BUY if lots > 0 else CommandName.SELL
        symbol = self.instruments[0].symbol
        self._command(name, instrument=symbol, quantity=str(abs(lots)))

    def do_set_limit(self, step: Step) -> None:
        self._command(CommandName.SET, key="risk.max_order_lots", value=str(int(step.value)))

    def _command(self, name: CommandName, **args: str) -> None:
        if self.life is not None and not self.life.is_over and not self.is_stalled:
            self.life.ask(name, **args)

    # -- the end

    def _calm_down(self) -> None:
        """Nothing goes wrong any more; somebody halts, so that all comes to rest."""
        self._kill_in = -1
        self._end_stall()
        if self.life is None or self.life.is_over:
            self.boot()
        self._command(CommandName.HALT)

    def _check_end(self) -> None:
        life = self.life
        assert life is not None
        if life.is_over:
            raise Violation("comes back", "no process is there in the end")
        account = life.state.account[0]
        if account["venue_state"] != VenueState.SYNCED:
            raise Violation("comes back", f"venue {VenueState(int(account['venue_state'])).name}")
        if account["unknown_orders"]:
            raise Violation("orders agree", f"{int(account['unknown_orders'])} still unknown")
        check_agreement(life.state, self.account, life.prefix)
        if not self.has_restarted_venue:
            if account["corrections"]:
                raise Violation("fills counted once", "a position was corrected by the venue")
            check_cash(life.state, self.account)
        life.end()
        self._check_journals()

    def _check_journals(self) -> None:
        """Every run, driven again from its journal, decides the same."""
        for folder in sorted(self.run_dir.iterdir()):
            if not (folder / JOURNAL).is_file():
                continue
            result = verify(folder, read_beginning(folder), None)
            if not result.identical:
                what = result.first_difference or result.damage
                raise Violation("replay is identical", f"{folder.name}: {what}")
