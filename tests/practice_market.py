"""The practice exchange and an engine on it, in exchange time and without sockets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.api.notice_log import NoticeLog
from core.domain import events
from core.domain.ids import RunId
from core.domain.memory import Rows
from core.exchange.config import ExchangeConfig
from core.exchange.exchange import Exchange
from core.exchange.gateway import Gateway
from core.exchange.products import load_products
from core.kernel.state import KernelState, make_state
from core.models.model_set import ModelSet, SpreadRows, model_events
from core.models.startup import starting_models
from core.runtime.engine import Engine
from core.runtime.reporter import Reporter
from core.settings.loader import load_settings
from core.settings.parameters import params_row
from core.venues.wsx.session import WsxSession

START_NS = 1_763_800_000_000_000_000
_TIMER_NS = 250_000_000
_HEARTBEAT_NS = 1_000_000_000


class NoJournal:
    """Writes nothing down."""

    rows = bytes = 0
    lag_ms = 0.0

    def append(self, rows: Sequence[Any]) -> None:
        """Forget."""

    def decide(self, seq: int, intents: bytes) -> None:
        """Forget."""

    def note(self, seq: int, ts_ns: int, fields: Any) -> None:
        """Forget."""

    def checkpoint(self, seq: int, ts_ns: int, state: Any) -> None:
        """Forget."""

    def close(self) -> None:
        """Nothing to close."""


class PracticeMarket:
    """
    One engine on one practice exchange, driven by hand: the same seed gives the same end.

    The engine's requests reach the exchange at once, before anything else happens there.
    """

    def __init__(
        self, seed: int, *overrides: str, models: ModelSet | None = None, bars_kept: int = 0
    ) -> None:
        settings = load_settings("practice", (), overrides).settings
        config = ExchangeConfig(products=load_products(settings.instruments.file), seed=seed)
        self.exchange = Exchange(config, START_NS)
        self._gateway = Gateway(self.exchange)
        self._frames: list[bytes] = []
        self._client = self._gateway.join(self)
        self.instruments = tuple(product.instrument for product in config.products)
        self._session = WsxSession(
            api_key="practice", run_id=RunId(f"seed-{seed}"), instruments=self.instruments,
            executions_after=None,
        )  # fmt: skip
        self.state: KernelState = make_state(
            self.instruments,
            params_row(settings),
            settings.account.capital_nanos,
            bars_kept=bars_kept,
            quotes_kept=100 * bars_kept,
        )
        reporter = Reporter(NoticeLog(), self.state, self.instruments, lambda _: None)
        self.engine = Engine(
            self.state, NoJournal(), self._submit, reporter, now_ns=lambda: self.exchange.ts_ns
        )
        rows = SpreadRows()
        for row in starting_models(settings, self.instruments, rows):
            self.engine.put(row)
        if models is not None:
            for row in model_events(models, self.instruments, rows):
                self.engine.put(row)
        self._take(self._session.connected())
        self._write()
        self._read()

    def send(self, data: bytes) -> None:
        """Take a frame of the exchange, as its Peer."""
        self._frames.append(data)

    def run(self, seconds: float) -> None:
        """Let exchange time pass."""
        until_ns = self.exchange.ts_ns + int(seconds * 1e9)
        timer_ns = heartbeat_ns = self.exchange.ts_ns
        while self.exchange.ts_ns < until_ns:
            self.exchange.advance()
            self._gateway.flush()
            if self.exchange.ts_ns >= heartbeat_ns:
                heartbeat_ns += _HEARTBEAT_NS
                self._gateway.heartbeat()
            if self.exchange.ts_ns >= timer_ns:
                timer_ns += _TIMER_NS
                self.engine.put(events.timer())
            self._read()

    @property
    def pnl(self) -> float:
        """Equity less capital, in the currency of the account."""
        account = self.state.account[0]
        return (int(account["equity_nanos"]) - int(account["capital_nanos"])) / 1e9

    def _read(self) -> None:
        while self._frames:
            frames, self._frames = self._frames, []
            for frame in frames:
                self._take(self._session.receive_data(frame))
            self._write()

    def _take(self, rows: Sequence[bytearray]) -> None:
        for row in rows:
            self.engine.put(row)
        self.engine.flush()

    def _submit(self, intents: Rows, count: int) -> None:
        for row in self._session.carry_out(intents[:count].tolist()):
            self.engine.put(row)
        self._write()

    def _write(self) -> None:
        for data in self._session.data_to_send():
            self._gateway.receive(self._client, data)
        self._gateway.flush()
