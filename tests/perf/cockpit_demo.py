"""Run the cockpit on a fake engine that moves: `python -m tests.perf.cockpit_demo --help`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from cockpit.app import CockpitApp
from cockpit.settings.loader import shipped_settings
from core.api.client import Message, Notices
from core.domain.snapshot import EngineSnapshot, RunMeta
from tests.unit.cockpit.fake_engine import FakeEngine, make_meta, make_notices, make_snapshot

FRAMES = 60
"""Prepared once each, while the measurement warms up."""

NOTICE_EVERY = 5
"""Frames between two lines of the trade log, where no other number is asked for."""


def main(options: argparse.Namespace) -> None:
    """Show prepared snapshots, so that making them costs the cockpit nothing."""
    frames: list[EngineSnapshot] = []
    notices = make_notices()

    async def script() -> AsyncIterator[Message]:
        yield Notices(notices * (options.trades // len(notices)) + notices)
        frame = number = 0
        while True:
            if len(frames) < FRAMES:
                frames.append(_crowded(make_snapshot(frame / 10), options.instruments))
            yield frames[frame % FRAMES]
            frame += 1
            due = options.notices or frame % NOTICE_EVERY == 0
            if due:
                first, number = number, number + max(1, options.notices)
                yield Notices(
                    tuple(
                        replace(notices[each % len(notices)], number=100_000 + each)
                        for each in range(first, number)
                    )
                )
            await (asyncio.sleep(1 / options.fps) if options.fps else asyncio.Event().wait())

    settings = shipped_settings().model_copy(update={"low_bandwidth": options.low_bandwidth})
    meta = _crowded_meta(options.instruments)
    CockpitApp(lambda: FakeEngine(script=script, meta=meta), settings=settings).run()


def _crowded(snapshot: EngineSnapshot, count: int) -> EngineSnapshot:
    """As many instruments as are wanted, those of the fake again and again."""
    few = snapshot.instruments
    many = tuple(
        replace(few[index % len(few)], symbol=_name(few[index % len(few)].symbol, index, len(few)))
        for index in range(count)
    )
    return replace(snapshot, instruments=many)


def _crowded_meta(count: int) -> RunMeta:
    meta = make_meta()
    few = meta.instruments
    many = tuple(
        replace(few[index % len(few)], symbol=_name(few[index % len(few)].symbol, index, len(few)))
        for index in range(count)
    )
    return replace(meta, instruments=many)


def _name(symbol: str, index: int, few: int) -> str:
    return symbol if index < few else f"{index + 1}_{symbol.partition('_')[2]}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fps", type=float, default=10.0, help="snapshots a second; 0 sends one")
    parser.add_argument("--low-bandwidth", default="auto", help="as the setting")
    parser.add_argument("--instruments", type=int, default=8)
    parser.add_argument("--trades", type=int, default=0, help="lines in the log at first")
    parser.add_argument("--notices", type=int, default=0, help="new lines with every snapshot")
    return parser.parse_args()


if __name__ == "__main__":
    main(_options())
