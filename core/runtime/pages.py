"""Pages that viewers ask for: what a snapshot is too small, or too frequent, to carry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from core.api.topics import (
    MAX_ROWS,
    About,
    Answer,
    DoneOrders,
    LogLines,
    NoteLine,
    Notes,
    Settlement,
    Statistics,
    Topic,
)
from core.domain.errors import ConfigurationError
from core.runtime.engine import Noted

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes every page of one engine, each from who knows."""

    statistics: Callable[[], Statistics]
    done_orders: Callable[[int], DoneOrders]
    """The newest so many."""
    notes: Callable[[], Iterable[Noted]]
    """Oldest first."""
    log: Callable[[], LogLines]
    about: Callable[[], About]
    settlement: Callable[[], Settlement]

    def answer(self, topic: Topic, args: Mapping[str, str]) -> Answer:
        """
        Make a page.

        Args:
            topic: Of the page.
            args: `limit`: most rows, at most `MAX_ROWS`, which is also the default.

        Raises:
            ConfigurationError: If an argument cannot be used; names it.
        """
        limit = _limit(args)
        match topic:
            case Topic.STATISTICS:
                return self.statistics()
            case Topic.ORDERS_DONE:
                return self.done_orders(limit)
            case Topic.LOG:
                log = self.log()
                return LogLines(_newest(log.lines, limit), log.dropped)
            case Topic.NOTES:
                notes = _newest(tuple(self.notes()), limit)
                return Notes(tuple(_note_line(*noted) for noted in notes))
            case Topic.ABOUT:
                return self.about()
            case Topic.SETTLEMENT:
                return self.settlement()


def _limit(args: Mapping[str, str]) -> int:
    for name in args:
        if name != "limit":
            raise ConfigurationError(f"a page has no {name!r}; allowed: limit")
    text = args.get("limit", str(MAX_ROWS))
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 4 and int(text) <= MAX_ROWS):
        raise ConfigurationError(f"limit = {text!r} is not within 0 to {MAX_ROWS}")
    return int(text)


def _newest(rows: tuple[_Row, ...], limit: int) -> tuple[_Row, ...]:
    return rows[len(rows) - min(limit, len(rows)) :]


def _note_line(seq: int, ts_ns: int, fields: Mapping[str, object]) -> NoteLine:
    text = "  ".join(f"{name}: {_word(value)}" for name, value in fields.items())
    return NoteLine(seq, ts_ns, text)


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
