"""What a cockpit does to an engine, without a screen: `python -m tests.perf.viewer_peer DIR`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from core.api.socket_client import SocketClient
from core.domain.errors import EngineUnavailable


async def main(run_dir: Path) -> None:
    """Take and decode ten snapshots a second, as the cockpit's link does."""
    client = SocketClient(run_dir, "bench-viewer", snapshots_per_second=10)
    with contextlib.suppress(EngineUnavailable):
        await client.connect()
        async for _ in client.messages():
            pass


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
