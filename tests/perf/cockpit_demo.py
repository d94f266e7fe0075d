"""Run the cockpit on a fake engine that moves: `python -m tests.perf.cockpit_demo [fps]`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

from cockpit.app import CockpitApp
from core.api.client import Message, Notices
from core.domain.snapshot import EngineSnapshot
from tests.unit.cockpit.fake_engine import FakeEngine, make_notices, make_snapshot

FRAMES = 60
"""Prepared once each, while the measurement warms up."""

NOTICE_EVERY = 5
"""Frames between two lines of the trade log."""


def main(fps: float) -> None:
    """Show prepared snapshots, so that making them costs the cockpit nothing."""
    frames: list[EngineSnapshot] = []
    notices = make_notices()

    async def script() -> AsyncIterator[Message]:
        yield Notices(notices)
        frame = 0
        while True:
            if len(frames) < FRAMES:
                frames.append(make_snapshot(frame / 10))
            yield frames[frame % FRAMES]
            frame += 1
            if frame % NOTICE_EVERY == 0:
                yield Notices((replace(notices[frame % len(notices)], number=1000 + frame),))
            await (asyncio.sleep(1 / fps) if fps else asyncio.Event().wait())

    CockpitApp(lambda: FakeEngine(script=script)).run()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
