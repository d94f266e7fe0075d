"""Where two lives of a run part, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

import numpy as np

from core.domain.enums import EventKind, IntentKind, OrderOrigin, Side
from core.domain.instrument import Instrument
from core.domain.layout import layout
from core.domain.memory import Rows
from core.domain.records import INTENT

_SHOWN = 3
"""Intents of one event that are told."""
_NANOS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that is not as it was."""

    seq: int
    """Number of the event."""
    ts: str
    """When the engine received it, UTC; empty if there is no such event."""
    kind: str
    """Its EventKind by name; empty if there is no such event."""
    what: str
    """`decision` or `state`; between two loops over recorded data `fill`, too."""
    recorded: str
    replayed: str


def difference_of_decisions(
    event: Rows | None,
    recorded: bytes | None,
    replayed: bytes | None,
    instruments: Sequence[Instrument],
    *,
    seq: int = 0,
) -> Difference:
    """
    Tell what was wanted at an event then and now.

    Args:
        event: EVENT row; None if a decision stands without its event.
        recorded: INTENT rows of the journal; None for nothing.
        replayed: The same of now.
        instruments: By index.
        seq: Of the event that is not there.
    """
    first = _first_different(recorded or b"", replayed or b"")
    return Difference(
        *(_of_event(event) if event is not None else (seq, "", "")),
        "decision",
        _wanted(recorded, first, instruments),
        _wanted(replayed, first, instruments),
    )


def difference_of_event(event: Rows, what: str, recorded: str, replayed: str) -> Difference:
    """Tell what differs at an event, in words that are made already."""
    return Difference(*_of_event(event), what, recorded, replayed)


def difference_of_states(
    event: Rows, recorded: bytes, replayed: bytes, instruments: Sequence[Instrument]
) -> Difference:
    """Tell which field of the state is the first that differs, and by what."""
    if len(recorded) != len(replayed):
        told = (f"{len(recorded)} bytes", f"{len(replayed)} bytes")
    else:
        told = _different_field(recorded, replayed, len(instruments))
    return Difference(*_of_event(event), "state", *told)


def _of_event(event: Rows) -> tuple[int, str, str]:
    ts_ns = int(event["ts_ns"])
    return int(event["seq"]), _time(ts_ns), _name(EventKind, int(event["kind"]))


def _time(ts_ns: int) -> str:
    try:
        whole = datetime.fromtimestamp(ts_ns // _NANOS, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{ts_ns} ns"
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ts_ns % _NANOS:09d}Z"


def _name(words: type[IntEnum], value: int) -> str:
    try:
        return words(value).name
    except ValueError:
        return str(value)


def _first_different(recorded: bytes, replayed: bytes) -> int:
    """Index of the first intent that differs."""
    size = INTENT.itemsize
    for start in range(0, max(len(recorded), len(replayed)), size):
        if recorded[start : start + size] != replayed[start : start + size]:
            return start // size
    return 0


def _wanted(payload: bytes | None, first: int, instruments: Sequence[Instrument]) -> str:
    if payload is None:
        return "nothing"
    if len(payload) % INTENT.itemsize:
        return f"{len(payload)} bytes, which are no decision"
    intents = np.frombuffer(payload, INTENT)
    told = [
        f"{index + 1} of {len(intents)}: {_intent(intents[index], instruments)}"
        for index in range(first, min(first + _SHOWN, len(intents)))
    ]
    return "; ".join(told) or f"only {len(intents)} intents"


def _intent(intent: Rows, instruments: Sequence[Instrument]) -> str:
    index = int(intent["instrument"])
    symbol = instruments[index].symbol if 0 <= index < len(instruments) else f"instrument {index}"
    return (
        f"{_name(IntentKind, int(intent['kind']))} order {int(intent['order_id'])} "
        f"{_name(Side, int(intent['side']))} {int(intent['lots'])} lots of {symbol} "
        f"at {int(intent['price_ticks'])} ticks, terms {int(intent['terms'])}, "
        f"origin {_name(OrderOrigin, int(intent['origin']))}"
    )


def _different_field(recorded: bytes, replayed: bytes, n_instruments: int) -> tuple[str, str]:
    start = 0
    for section in layout(n_instruments):
        end = start + section.nbytes
        if recorded[start:end] != replayed[start:end]:
            then, now = (
                np.frombuffer(state[start:end], section.dtype) for state in (recorded, replayed)
            )
            return _different_cell(section.name, then, now)
        start = end
    return "the same", "the same"


def _different_cell(section: str, then: Rows, now: Rows) -> tuple[str, str]:
    for row in range(len(then)):
        for name in then.dtype.names or ():
            old, new = np.atleast_1d(then[row][name]).ravel(), np.atleast_1d(now[row][name]).ravel()
            words = (old.view(np.int64), new.view(np.int64))
            # As bits: NaN differs from NaN, and 0.0 does not from -0.0.
            places = np.flatnonzero(words[0] != words[1])
            if len(places):
                place = int(places[0])
                label = f"{section}[{row}].{name}" + (f"[{place}]" if len(old) > 1 else "")
                return f"{label} = {old[place]}", f"{label} = {new[place]}"
    return section, section
