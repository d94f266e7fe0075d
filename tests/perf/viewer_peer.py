"""
What a cockpit does to an engine, without a screen: `python -m tests.perf.viewer_peer DIR [S]`.

S are seconds in which it reads nothing after each snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from pathlib import Path

from core.api.socket_client import SocketClient
from core.domain.errors import EngineUnavailable


async def main(run_dir: Path, pause_s: float) -> None:
    """Take and decode ten snapshots a second, as the cockpit's link does."""
    client = SocketClient(run_dir, "bench-viewer", snapshots_per_second=10)
    with contextlib.suppress(EngineUnavailable):
        await client.connect()
        async for _ in client.messages():
            # Without giving up control: so nothing is taken from the socket either.
            time.sleep(pause_s)  # noqa: ASYNC251  that is what a slow reader is


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
