"""Several loops that live and end together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable


async def run_together(parts: Iterable[Awaitable[None]], *, until_one_ends: bool = False) -> None:
    """
    Run parts side by side until all have ended or one fails; what still runs is cancelled.

    Args:
        parts: Begun at once, in order.
        until_one_ends: Whether a part that ends in order ends the others, too.

    Raises:
        Exception: What the first part that failed raised.
    """
    tasks = [asyncio.ensure_future(part) for part in parts]
    when = asyncio.FIRST_COMPLETED if until_one_ends else asyncio.FIRST_EXCEPTION
    try:
        done, _ = await asyncio.wait(tasks, return_when=when)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
