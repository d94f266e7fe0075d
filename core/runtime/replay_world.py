"""Everything that a replay of recorded data goes on from: engine, venue, and who watches."""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from typing import Protocol

from core.kernel.state import KernelState, from_bytes, to_bytes
from core.runtime.engine import Engine
from core.runtime.replay_memory import Memory, Mindful, recall, remember
from core.runtime.replay_rows import RecordedRows

_LEVEL = 1
"""Of compression: most of a state are zeros, and the quickest way finds them."""


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
    """The kernel's, compressed, as is the venue's."""
    venue: bytes
    minds: tuple[Memory, ...]

    @property
    def n_bytes(self) -> int:
        """About so much memory it takes."""
        return (
            sys.getsizeof(self.state)
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
            zlib.compress(to_bytes(self._engine.state), _LEVEL),
            zlib.compress(self._venue.to_bytes(), _LEVEL),
            tuple(map(remember, self._minds)),
        )

    def load(self, moment: Moment) -> None:
        """Put all of it back; where it is in the rows is the caller's."""
        self._rows.clock.now_ns = moment.now_ns
        from_bytes(self._engine.state, zlib.decompress(moment.state))
        self._venue.from_bytes(zlib.decompress(moment.venue))
        for holder, mind in zip(self._minds, moment.minds, strict=True):
            recall(holder, mind)


def size_of(moment: Moment) -> int:
    """Bytes of a moment, for `Frames`."""
    return moment.n_bytes
