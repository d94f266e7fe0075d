"""What all connections of one engine share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.serve.host import EngineHost

if TYPE_CHECKING:
    from core.serve.viewer import Viewer

MAX_VIEWERS = 32


class Hub:
    """The viewers of one engine, and what was lost on the way to them."""

    def __init__(self, host: EngineHost) -> None:
        self.host = host
        self.dropped_snapshots = 0
        """Snapshots not sent because a viewer had not read the one before."""
        self.broken_connections = 0
        """Connections ended because of garbage, oversize or truncated frames."""
        self.empty = asyncio.Event()
        self.empty.set()
        self._connections: set[Viewer] = set()
        self._last_number = 0

    @property
    def connections(self) -> tuple[Viewer, ...]:
        """Everybody connected, also those who have not introduced themselves."""
        return tuple(self._connections)

    @property
    def n_viewers(self) -> int:
        """Viewers that are sent snapshots."""
        return sum(viewer.is_watching for viewer in self._connections)

    @property
    def is_full(self) -> bool:
        """No further viewer is taken."""
        return sum(viewer.is_welcome for viewer in self._connections) >= MAX_VIEWERS

    def add(self, viewer: Viewer) -> int:
        """Count a connection in; its number is unique for this engine."""
        self._connections.add(viewer)
        self.empty.clear()
        self._last_number += 1
        return self._last_number

    def discard(self, viewer: Viewer) -> None:
        """Count a connection out."""
        self._connections.discard(viewer)
        if not self._connections:
            self.empty.set()
