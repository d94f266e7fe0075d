"""
A cockpit on an engine of memory that never rests: `python -m ... FOLDER [CHOICE]`.

In FOLDER, `pushed` counts the snapshots that were taken and `commands` lists what was asked.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from cockpit.app import CockpitApp
from cockpit.settings.loader import shipped_settings
from core.api.client import Message, Notices
from tests.unit.cockpit.fake_engine import FakeEngine, make_notices, make_snapshot

PERIOD_S = 0.02


def main(folder: Path, low_bandwidth: str) -> None:
    """Push a snapshot as soon as the one before has been taken and a moment has passed."""
    frames = [make_snapshot(number / 10) for number in range(20)]
    engines: list[FakeEngine] = []

    async def script() -> AsyncIterator[Message]:
        yield Notices(make_notices())
        pushed = 0
        while True:
            yield frames[pushed % len(frames)]
            pushed += 1
            (folder / "pushed").write_text(str(pushed))
            names = [command.name for engine in engines for command in engine.commands]
            (folder / "commands").write_text(" ".join(names))
            await asyncio.sleep(PERIOD_S)

    def connect() -> FakeEngine:
        engines.append(FakeEngine(script=script))
        return engines[-1]

    settings = shipped_settings().model_copy(update={"low_bandwidth": low_bandwidth})
    CockpitApp(connect, settings=settings).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "auto")
