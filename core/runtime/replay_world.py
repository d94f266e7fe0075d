"""Everything that a replay of recorded data goes on from: engine, venue, and who watches."""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.kernel.state import KernelState, from_bytes, to_bytes
from core.runtime.engine import Engine
from core.runtime.replay_memory import Memory, Mindful, recall, remember
from core.runtime.replay_rows import RecordedRows

_LEVEL = 2
"""Of compression: as quick as the quickest, and better at queues."""


_SHARE = 4
"""So many moments share a base: most of a state is what it was a few thousand rows before."""

_WORD = 8
"""Bytes of every number in a venue."""


class StoredVenue(Protocol):
    """A venue that can be taken back."""

    def to_bytes(self) -> bytes:
        """Copy all that it needs to go on from here."""
        ...

    def from_bytes(self, stored: bytes) -> None:
        """Go back to where that copy was made."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """All of it after a row."""

    now_ns: int
    state: bytes
    """The kernel's, compressed: as it was, or its difference from `base`."""
    base: bytes
    """An earlier state, compressed, that several moments share; empty for none."""
    venue: bytes
    """Compressed."""
    minds: tuple[Memory, ...]

    @property
    def n_bytes(self) -> int:
        """About so much memory it takes."""
        return (
            sys.getsizeof(self.state)
            + len(self.base) // _SHARE
            + sys.getsizeof(self.venue)
            + sum(mind.n_bytes for mind in self.minds)
        )


class World:
    """
    Engine, venue and observers of a replay, which can be put back to an earlier moment.

    Args:
        engine: Decides; its state is overwritten in place.
        venue: Trades with it.
        rows: Which feed both.
        shown: Another state of the same instruments, for viewers while it is on its way.
        observers: Who else has something in mind.
    """

    def __init__(
        self,
        engine: Engine,
        venue: StoredVenue,
        rows: RecordedRows,
        shown: KernelState,
        *observers: Mindful,
    ) -> None:
        self._engine = engine
        self._venue = venue
        self._rows = rows
        self._shown = shown
        self._minds: tuple[Mindful, ...] = (engine, rows, *observers)
        self._is_hidden = False
        self._base = b""
        self._base_state = np.zeros(0, np.uint8)
        self._n_shared = _SHARE

    @property
    def state(self) -> KernelState:
        """What viewers see: the engine's, or while that is on its way what it was before."""
        return self._shown if self._is_hidden else self._engine.state

    def hide(self) -> None:
        """Go on showing the present state, whatever happens to it."""
        if not self._is_hidden:
            from_bytes(self._shown, to_bytes(self._engine.state))
            self._is_hidden = True

    def show(self) -> None:
        """Show the engine's own state again."""
        self._is_hidden = False

    def save(self) -> Moment:
        """Copy all of it."""
        return Moment(
            self._rows.clock.now_ns,
            *self._packed(to_bytes(self._engine.state)),
            zlib.compress(_by_digit(self._venue.to_bytes()), _LEVEL),
            tuple(map(remember, self._minds)),
        )

    def _packed(self, state: bytes) -> tuple[bytes, bytes]:
        """State and base of a moment."""
        now = np.frombuffer(state, np.uint8)
        if self._n_shared < _SHARE:
            self._n_shared += 1
            return zlib.compress((now ^ self._base_state).tobytes(), _LEVEL), self._base
        self._base, self._base_state = zlib.compress(state, _LEVEL), now
        self._n_shared = 1
        return self._base, b""

    def load(self, moment: Moment) -> None:
        """Put all of it back; where it is in the rows is the caller's."""
        self._rows.clock.now_ns = moment.now_ns
        from_bytes(self._engine.state, _unpacked(moment))
        self._venue.from_bytes(_by_word(zlib.decompress(moment.venue)))
        for holder, mind in zip(self._minds, moment.minds, strict=True):
            recall(holder, mind)


def _unpacked(moment: Moment) -> bytes:
    state = zlib.decompress(moment.state)
    if not moment.base:
        return state
    base = np.frombuffer(zlib.decompress(moment.base), np.uint8)
    return (np.frombuffer(state, np.uint8) ^ base).tobytes()


def _by_digit(words: bytes) -> bytes:
    """First bytes of all 8-byte words, then all second ones, and so on: a third when compressed."""
    return np.frombuffer(words, np.uint8).reshape(-1, _WORD).T.tobytes()


def _by_word(digits: bytes) -> bytes:
    """The opposite of `_by_digit`."""
    return np.frombuffer(digits, np.uint8).reshape(_WORD, -1).T.tobytes()


def size_of(moment: Moment) -> int:
    """Bytes of a moment, for `Frames`."""
    return moment.n_bytes
