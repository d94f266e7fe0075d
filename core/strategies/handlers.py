"""A Python strategy at work: its handlers are called, and what they want is collected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from core.domain.events import EventRow
from core.domain.instrument import NANOS, Instrument
from core.strategies.context import Context, View
from core.strategies.fault import fault_of
from core.strategies.limits import CallLimit
from core.strategies.python_class import LoadedClass

TIMER_MS = 1_000
"""Time between two calls of `on_timer`, unless the class has a `timer_ms` of its own."""


class HandlerSession:
    """One strategy over one run, live or recorded."""

    def __init__(
        self,
        loaded: LoadedClass,
        instruments: Sequence[Instrument],
        view: View,
        limit: CallLimit,
        memory_mb: int,
    ) -> None:
        self.seconds = 0.0
        """Time inside it."""
        self.calls = 0
        self._loaded = loaded
        self._view = view
        self._limit = limit
        self._memory_mb = memory_mb
        self.context = Context(instruments, view)
        made = loaded.make()
        self._handlers = {name: getattr(made, name, None) for name in loaded.handlers}
        self.timer_ns = int(getattr(made, "timer_ms", TIMER_MS)) * 1_000_000

    def has(self, handler: str) -> bool:
        """Whether the strategy wants to be told of such events."""
        return self._handlers.get(handler) is not None

    def start(self) -> list[EventRow]:
        """Call `on_start(context)`."""
        return self._call("on_start", self.context)

    def on_book(self, number: int) -> list[EventRow]:
        """Call `on_book(book)` with the newest book of a product."""
        return self._call("on_book", self.context.book_of(number))

    def on_trade(self, number: int, price_ticks: int, lots: int, side: int) -> list[EventRow]:
        """Call `on_trade(trade)`."""
        return self._call("on_trade", self.context.trade_of(number, price_ticks, lots, side))

    def on_fill(
        self, number: int, order_id: int, side: int, price_ticks: int, lots: int
    ) -> list[EventRow]:
        """Call `on_fill(fill)`."""
        fill = self.context.fill_of(number, order_id, side, price_ticks, lots)
        return self._call("on_fill", fill)

    def on_timer(self, now_ns: int) -> list[EventRow]:
        """Call `on_timer(now_ns)`."""
        return self._call("on_timer", now_ns)

    def _call(self, name: str, argument: Any) -> list[EventRow]:
        """
        Call a handler, if there is one.

        Returns:
            What it wants, as COMMAND events.

        Raises:
            StrategyFault: If it raises or is too slow.
        """
        handler: Callable[[Any], object] | None = self._handlers.get(name)
        if handler is None:
            return []
        limit = self._limit
        limit.calls += 1
        self.calls += 1
        started_s = perf_counter()
        limit.is_inside = True
        try:
            handler(argument)
            limit.is_inside = False
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            limit.is_inside = False
            raise fault_of(
                self._loaded.name, self._loaded.file, error, clock(self._view.ts_ns()),
                self._memory_mb,
            ) from error  # fmt: skip
        self.seconds += perf_counter() - started_s
        return self.context.take_wanted()


def clock(ts_ns: int) -> str:
    """Time of an event for a sentence, UTC."""
    moment = datetime.fromtimestamp(ts_ns // NANOS, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ts_ns % NANOS // 1_000_000:03d}Z"
