"""The engine's Unix socket."""

from __future__ import annotations

import asyncio

from core.serve.claim import RunDirClaim
from core.serve.host import EngineHost
from core.serve.hub import Hub
from core.serve.viewer import Viewer

FAREWELL_S = 1.0
"""How long viewers have to take the last words."""


class EngineServer:
    """Serves an engine to viewers until closed. All of it runs on the engine's loop."""

    def __init__(self, host: EngineHost, claim: RunDirClaim) -> None:
        self._hub = Hub(host)
        self._claim = claim
        self._server: asyncio.AbstractServer | None = None

    @property
    def n_viewers(self) -> int:
        """Viewers attached now."""
        return self._hub.n_viewers

    @property
    def dropped_snapshots(self) -> int:
        """Snapshots that slow viewers were not sent."""
        return self._hub.dropped_snapshots

    @property
    def broken_connections(self) -> int:
        """Connections ended because what came over them was not this protocol."""
        return self._hub.broken_connections

    async def start(self) -> None:
        """
        Open the socket.

        Raises:
            AddressInUse: If something else answers on it.
            ConfigurationError: If the file system does not take a socket.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: Viewer(self._hub), sock=self._claim.listen()
        )

    async def close(self) -> None:
        """
        Tell every viewer why the engine ends, and remove the socket.

        The directory stays taken: the journal is still open, and the next engine waits.
        """
        if self._server is not None:
            self._server.close()
            reason = self._hub.host.farewell or "the engine has ended"
            for viewer in self._hub.connections:
                viewer.say_farewell(reason)
            await self._wait_until_empty()
        self._claim.withdraw()

    async def _wait_until_empty(self) -> None:
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._hub.empty.wait()
        except TimeoutError:
            for viewer in self._hub.connections:
                viewer.abort()
