"""Where every command enters, whoever sends it: checked, journaled, applied, answered."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

import numpy as np

from core.api.view import LIVE_STATUSES
from core.domain import events
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.enums import BookState, CommandKind, Outcome, Side, TradingState
from core.domain.errors import ConfigurationError, CoreError
from core.domain.events import IOC, POST_ONLY, EventRow
from core.domain.instrument import Instrument
from core.runtime.engine import Engine
from core.runtime.reporter import Reporter
from core.settings.model import Settings
from core.settings.parameters import parameter_specs, with_parameters


class CommandRefused(CoreError):
    """A command that cannot be done; its text says why, and what would be allowed."""


class CommandDesk:
    """
    Turns commands into events and their effect into an answer.

    Runs on the engine's loop, between two events, so a command never races a decision.
    """

    def __init__(
        self,
        engine: Engine,
        reporter: Reporter,
        instruments: Sequence[Instrument],
        settings: Settings,
        *,
        stop: Callable[[str], None],
        set_speed: Callable[[float], str] | None = None,
    ) -> None:
        self._engine = engine
        self._reporter = reporter
        self._instruments = instruments
        self._indexes = {str(instrument.symbol): i for i, instrument in enumerate(instruments)}
        self._settings = settings
        self._parameters = {spec.key: spec for spec in parameter_specs(settings)}
        self._stop = stop
        self._set_speed = set_speed

    def submit(self, command: Command) -> CommandResult:
        """Do what a command asks, or say why not. Never raises."""
        # Every viewer is shown what was asked: an escape sequence would reach their terminals.
        args = {name: _printable(value) for name, value in command.args.items()}
        command = replace(command, args=args, source=_printable(command.source))
        try:
            text = self._do(command)
        except CommandRefused as refusal:
            self._reporter.say(
                "command",
                "warning",
                f"{self._label(command)} refused: {refusal} ({command.source})",
            )
            return CommandResult(command.request_id, accepted=False, text=str(refusal))
        self._reporter.say("command", "info", f"{text} ({command.source})")
        return CommandResult(command.request_id, accepted=True, text=text)

    @staticmethod
    def _label(command: Command) -> str:
        return " ".join([command.name.value, *command.args.values()])

    def _do(self, command: Command) -> str:
        name = command.name
        if name in _SWITCHES:
            return self._switch(command)
        return {
            CommandName.SET: self._set,
            CommandName.BUY: self._trade,
            CommandName.SELL: self._trade,
            CommandName.CANCEL: self._cancel,
            CommandName.FLATTEN: self._flatten,
            CommandName.SPEED: self._change_speed,
            CommandName.STOP: self._end,
        }[name](command)

    def _end(self, command: Command) -> str:
        self._stop(f"asked by {command.source}")
        return "stopping: orders are being canceled"

    def _apply(self, command: Command, row: EventRow) -> None:
        """Send one event through the loop, and write down who asked for it."""
        self._engine.put(row)
        self._engine.flush()
        self._engine.note(
            {"command": command.name.value, "args": command.args, "source": command.source}
        )

    def _switch(self, command: Command) -> str:
        kind, text = _SWITCHES[command.name]
        account = self._engine.state.account
        state = TradingState(int(account["trading_state"][0]))
        if kind is CommandKind.RESUME:
            if self._engine.journal_failure:
                raise CommandRefused(
                    f"{self._engine.journal_failure}; restart the engine to trade again"
                )
            if state is TradingState.ACTIVE:
                return "already ACTIVE"
        if kind is CommandKind.PAUSE and state is TradingState.HALTED:
            raise CommandRefused("HALTED is stricter than a pause; resume first")
        self._apply(command, events.command(kind))
        return text

    def _flatten(self, command: Command) -> str:
        symbol = command.args.get("instrument", "")
        if not symbol:
            self._apply(command, events.command(CommandKind.FLATTEN))
            return "HALTED and flattening: every position is being closed"
        index = self._index(symbol)
        self._apply(command, events.command(CommandKind.FLATTEN, instrument=index))
        return f"closing the position in {symbol}"

    def _set(self, command: Command) -> str:
        key = command.args.get("key", "")
        spec = self._parameters.get(key)
        if spec is None:
            raise CommandRefused(f"{key} is no live parameter{_nearest(key, self._parameters)}")
        value = _number(command.args.get("value", ""), key)
        values = self._engine.state.params.view(np.float64).tolist()
        before, values[spec.index] = values[spec.index], value
        try:
            with_parameters(self._settings, values)
        except ConfigurationError as error:
            raise CommandRefused(str(error).removeprefix("set: ")) from error
        self._apply(command, events.command(CommandKind.SET_PARAMETER, key=spec.index, value=value))
        return f"{key} {before:g} -> {value:g} {spec.unit}".strip()

    def _cancel(self, command: Command) -> str:
        order_id = int(_number(command.args.get("order_id", ""), "order_id"))
        orders = self._engine.state.orders
        live = orders["order_id"][np.isin(orders["status"], LIVE_STATUSES)]
        if order_id not in live:
            raise CommandRefused(f"no live order has number {order_id}")
        self._apply(command, events.command(CommandKind.CANCEL, order_id=order_id))
        return f"canceling order {order_id}"

    def _trade(self, command: Command) -> str:
        index = self._index(command.args.get("instrument", ""))
        instrument = self._instruments[index]
        side = Side.BUY if command.name is CommandName.BUY else Side.SELL
        lots = self._lots(instrument, command.args.get("quantity", ""))
        terms = IOC if _is_set(command.args, "ioc") else 0
        terms |= POST_ONLY if _is_set(command.args, "post_only") else 0
        if terms == IOC | POST_ONLY:
            raise CommandRefused("an order is either post-only or immediate-or-cancel")
        price = command.args.get("price", "")
        if price:
            ticks = self._ticks(instrument, price)
        else:
            ticks, terms = self._opposite_best(index, side), IOC
        orders_before = int(self._engine.state.account["orders"][0])
        self._apply(
            command,
            events.command(
                CommandKind.PLACE,
                instrument=index,
                side=side,
                price_ticks=ticks,
                lots=lots,
                key=terms,
            ),
        )
        account = self._engine.state.account[0]
        if int(account["orders"]) == orders_before:
            code = Outcome(int(account["denial_code"]))
            raise CommandRefused(
                f"{code.name}: {account['denial_value']:g} against {account['denial_limit']:g}"
            )
        return (
            f"{side.name} {instrument.to_quantity(lots):f} {instrument.symbol} "
            f"at {instrument.to_price(ticks):f} sent"
        )

    def _change_speed(self, command: Command) -> str:
        if self._set_speed is None:
            raise CommandRefused("only a replay has a speed")
        value = _number(command.args.get("value", ""), "speed")
        if not 0 <= value <= MAX_SPEED:
            raise CommandRefused(f"speed {value:g} is outside 0 to {MAX_SPEED:g}")
        return self._set_speed(value)

    def _index(self, symbol: str) -> int:
        if symbol not in self._indexes:
            raise CommandRefused(
                f"{symbol or 'no instrument'} is not traded{_nearest(symbol, self._indexes)}"
            )
        return self._indexes[symbol]

    @staticmethod
    def _lots(instrument: Instrument, text: str) -> int:
        try:
            lots = instrument.to_lots(Decimal(text))
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise CommandRefused(
                f"quantity {text or '(none)'} is not a multiple of {instrument.lot_size}"
            ) from error
        if not 0 < lots < 2**31:
            raise CommandRefused(f"quantity {text} must be positive")
        return lots

    @staticmethod
    def _ticks(instrument: Instrument, text: str) -> int:
        try:
            ticks = instrument.to_ticks(Decimal(text))
        except (InvalidOperation, ValueError, OverflowError) as error:
            raise CommandRefused(
                f"price {text} is not a multiple of {instrument.tick_size}"
            ) from error
        if not 0 < ticks < 2**40:
            raise CommandRefused(f"price {text} must be positive")
        return ticks

    def _opposite_best(self, index: int, side: Side) -> int:
        row = self._engine.state.instruments[index]
        if row["book_state"] != BookState.OK:
            raise CommandRefused("there is no two-sided book to take a price from; name a price")
        best = row["ask_ticks"] if side is Side.BUY else row["bid_ticks"]
        return int(best[0])


MAX_SPEED = 1e6

_SWITCHES = {
    CommandName.HALT: (CommandKind.HALT, "HALTED: every order is being canceled"),
    CommandName.RESUME: (CommandKind.RESUME, "ACTIVE again; the drawdown is measured from here"),
    CommandName.PAUSE: (CommandKind.PAUSE, "REDUCING: only orders that shrink a position"),
    CommandName.CANCEL_ALL: (CommandKind.CANCEL_ALL, "every order is being canceled"),
}


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _is_set(args: dict[str, str], name: str) -> bool:
    return args.get(name, "").lower() in {"1", "true", "yes", name}


def _number(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CommandRefused(f"{name}: {text or '(none)'} is not a number")
    return value


def _nearest(word: str, known: Iterable[str]) -> str:
    known = list(known)
    nearest = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else f"; known: {', '.join(known)}"
