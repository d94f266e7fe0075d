"""Targets that read what people type: commands, and what the desk makes of them."""

from __future__ import annotations

import msgspec

from core.api.commands import parse_command
from core.api.words import USAGE
from core.domain.commands import Command, CommandName
from core.domain.enums import TradingState
from tests.fuzz.mutate import (
    JSON_TOKENS,
    ODD_NUMBERS,
    ODD_TEXTS,
    Mutator,
    text_template,
    tree_templates,
)
from tests.fuzz.target import Function, Plain, Target
from tests.unit.runtime.engine_rig import EngineRig
from tests.unit.serve.fake_host import META

_LINES = (
    *USAGE.values(),
    "set risk.max_exposure_pct 50 --for 30s",
    "resume --word resume",
    "buy 7_ETF 3 @ 50.5 post-only",
    "sell 1_Eisbach 2 ioc",
    "cancel 4f1c-7",
    "amend -7 3 @ 50.1",
    "sell 7_ETF 3 @ 50 stop 51 target 48.5",
    "protect 7_ETF stop 48 target 54",
    "flatten BTCUSDT",
    "speed max",
    "keep strategy.min_signal",
)
_TOKENS = tuple(text.encode() for text in (*ODD_NUMBERS, *ODD_TEXTS, "@", "--for", "--word=", "--"))
_ARGS: dict[CommandName, tuple[dict[str, str], ...]] = {
    CommandName.SET: (
        {"key": "risk.price_collar_pct", "value": "3.5"},
        {"key": "strategy.min_signal", "value": "0.3", "revert_s": "30"},
    ),
    CommandName.KEEP: ({"key": "strategy.min_signal"}, {}),
    CommandName.BUY: ({"instrument": "7_ETF", "quantity": "3", "price": "50.1", "ioc": "true"},),
    CommandName.SELL: (
        {"instrument": "1_Eisbach", "quantity": "2", "stop": "3500", "target": "3300"},
    ),
    CommandName.CANCEL: ({"order_id": "1"},),
    CommandName.AMEND: ({"order_id": "1", "quantity": "3", "price": "50.1"},),
    CommandName.PROTECT: ({"instrument": "7_ETF", "stop": "48", "target": "54"},),
    CommandName.OCO: ({"order_id": "1", "other_id": "2"},),
    CommandName.FLATTEN: ({"instrument": "7_ETF"}, {}),
    CommandName.SPEED: ({"value": "2"},),
    CommandName.RESUME: ({"word": "resume"},),
}


class DeskSubject(Plain):
    """The desk of an engine that trades."""

    _commands = msgspec.json.Decoder(Command)

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._rig = EngineRig()
        self._rig.connect()
        self._rig.book()
        self._rig.book(500, 502, index=1)

    def take(self, data: bytes) -> bool:
        try:
            command = self._commands.decode(data)
        except (ValueError, RecursionError):
            return False
        result = self._rig.desk.submit(command)
        assert result.request_id == command.request_id
        assert result.text, "an answer without words"
        assert result.text.isprintable(), "an answer that steers a terminal"
        return result.accepted

    def check(self) -> None:
        halted = self._rig.ask(CommandName.HALT)
        assert halted.accepted, "it cannot be halted any more"
        assert self._rig.account["trading_state"] == TradingState.HALTED
        # A rig keeps all that ever happened to it.
        self._start()


def words() -> Target:
    """A line of `imc-cockpit send`, or of the palette."""
    templates = [text_template(line.encode()) for line in _LINES]

    def parse(data: bytes) -> Command:
        return parse_command(data.decode(errors="surrogateescape"), "cli", META)

    return Target(Mutator(templates, _TOKENS, deep=b"("), lambda: Function(parse))


def desk() -> Target:
    """What a viewer may ask of an engine."""
    commands = [
        Command(name, "v:1", 7, args) for name in CommandName for args in _ARGS.get(name, ({},))
    ]
    trees = [msgspec.to_builtins(command) for command in commands]
    shapes = [list(tree_templates(tree, msgspec.json.encode)) for tree in trees]
    templates = [first for first, *_ in shapes]
    texts = [token for token in JSON_TOKENS if token.startswith(b'"')]
    misshapen = [template for _, *others in shapes for template in others]
    return Target(Mutator(templates, texts, misshapen=misshapen), DeskSubject, per_cent=20)
