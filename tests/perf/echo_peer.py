"""The yardstick: `python -m tests.perf.echo_peer URL {asyncio,uvloop}` sends back what comes."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.client import connect


async def main(url: str) -> None:
    """Echo until the server closes the connection."""
    async with connect(url, compression=None, proxy=None) as connection:
        async for message in connection:
            await connection.send(message)


if __name__ == "__main__":
    if sys.argv[2] == "uvloop":
        import uvloop

        uvloop.run(main(sys.argv[1]))
    else:
        asyncio.run(main(sys.argv[1]))
