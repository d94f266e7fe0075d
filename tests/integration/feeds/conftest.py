"""Feeds over real sockets, with deadlines that a test can wait for."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from random import Random

import pytest

from core.venues.market.client import LiveFeed
from core.venues.market.feeds import profile_of
from core.venues.market.timing import Timing
from tests.venues.listener import Listener

SHORT = Timing(ack_s=0.4, first_data_s=0.4, silence_s=5.0, pong_s=0.4, crossed_s=0.2, retry_s=0.05)


@pytest.fixture
async def started():
    """Run a feed of `venue` against a server; gives the feed and what it tells."""
    running = []

    async def start(venue, server, instruments, *, keepalive_s=20.0, **timing):
        feed = LiveFeed(
            profile_of(venue),
            instruments,
            url=server.url,
            timing=replace(SHORT, **timing),
            keepalive_s=keepalive_s,
            random=Random(5),
        )
        listener = Listener()
        task = asyncio.ensure_future(feed.run(listener))
        running.append((feed, task))
        return feed, listener

    yield start
    for feed, task in running:
        await feed.close()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)
