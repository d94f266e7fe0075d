"""
Run the cockpit on a fake engine that moves: `python -m tests.perf.cockpit_demo [FPS [CHOICE]]`.

CHOICE is that of the setting low_bandwidth.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

from cockpit.app import CockpitApp
from cockpit.settings.loader import shipped_settings
from core.api.client import Message, Notices
from core.domain.snapshot import EngineSnapshot
from tests.unit.cockpit.fake_engine import FakeEngine, make_notices, make_snapshot

FRAMES = 60
"""Prepared once each, while the measurement warms up."""

NOTICE_EVERY = 5
"""Frames between two lines of the trade log."""


def main(fps: float, low_bandwidth: str) -> None:
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

    settings = shipped_settings().model_copy(update={"low_bandwidth": low_bandwidth})
    CockpitApp(lambda: FakeEngine(script=script), settings=settings).run()


if __name__ == "__main__":
    words = sys.argv[1:]
    main(float(words[0]) if words else 10.0, words[1] if len(words) > 1 else "auto")
