"""An engine's client that brings its own tunnel."""

from __future__ import annotations

from cockpit.cockpit_name import cockpit_name
from cockpit.ssh.tunnel import Tunnel
from core.api.socket_client import EngineUnresponsive, SocketClient
from core.domain.errors import EngineUnavailable
from core.domain.snapshot import RunMeta


class TunnelClient(SocketClient):
    """
    A `SocketClient` through a tunnel, which is opened again with each connection.

    So the patience of whoever connects again and again is the tunnel's, too.

    Args:
        tunnel: Shared with the clients before and after this one.
        read_only: Commands will be refused, by the engine.
    """

    def __init__(self, tunnel: Tunnel, *, read_only: bool = False) -> None:
        super().__init__(tunnel.run_dir, cockpit_name(), read_only=read_only)
        self._tunnel = tunnel

    async def connect(self) -> RunMeta:
        """
        Attach, and learn what is running.

        Raises:
            EngineUnavailable: If there is no way, or nothing at its end.
        """
        is_new = await self._tunnel.open()
        try:
            return await super().connect()
        except EngineUnavailable as error:
            complaint = self._tunnel.complaint
            # Whatever it is that ssh still holds, a new one knows better.
            self._tunnel.close()
            if not is_new:
                return await self.connect()
            where = self._tunnel.remote.destination
            if isinstance(error, EngineUnresponsive):
                raise EngineUnavailable(
                    f"{where}: nothing answers at the end of the line"
                ) from None
            raise EngineUnavailable(complaint or f"{where}: {error}") from None
