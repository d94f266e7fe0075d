"""The rest of a run with another parameter, compared in one go and without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.api.notice_log import NoticeLog
from core.assembly.replay_run import settings_of
from core.assembly.verify import find, own_signal
from core.domain.errors import ConfigurationError, DataError
from core.domain.whatif import Curve, WhatIfState, WhatIfView
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.runtime.places import clock
from core.runtime.refusals import CommandRefused
from core.runtime.run_index import Indexer
from core.runtime.run_playback import RunPlayback
from core.runtime.verify import first_state, read_beginning
from core.runtime.warm import prepare_comparisons, warm
from core.runtime.whatif_runner import WhatIfRunner

_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class WhatIfOptions:
    """What is to be compared."""

    run: str
    """Its folder, its name in `runs`, or `latest`."""
    profile: str | None
    """Whose latest run; None for that of any."""
    runs: Path
    """Where runs are."""
    signal_folders: Sequence[Path]
    """Where the user's own signal is looked for."""
    key: str
    """Of a live parameter."""
    value: str
    where: str
    """From where; see `core.runtime.run_playback.RunPlayback.seek`."""
    report: Callable[[str], None] = print


def whatif(options: WhatIfOptions) -> WhatIfView:
    """
    Compare the rest of a run with and without a change.

    Raises:
        FatalError: If there is no such run, place or parameter, or it may not have this value.
    """
    folder = find(options.run, options.profile, options.runs)
    beginning = read_beginning(folder)
    signal = own_signal(beginning.signal, options.signal_folders)
    warm(options.report)
    make_state = partial(first_state, folder, beginning, signal)
    with JournalReader(folder / JOURNAL) as journal:
        settings = settings_of(journal, options.report)
        indexer = Indexer(journal, beginning, make_state())
        for _ in indexer.run():
            pass
        index = indexer.index
        playback = RunPlayback(
            journal, index, make_state(), make_state(), NoticeLog(1), 0.0, lambda _: None
        )
        runner = WhatIfRunner(journal, index, make_state, settings, prepare_comparisons)
        try:
            position = playback.find(options.where)
            runner.begin(options.key, options.value, position)
        except CommandRefused as refusal:
            raise ConfigurationError(f"whatif: {refusal}") from refusal
        view = asyncio.run(_finish(runner))
    if view.state is WhatIfState.FAILED:
        raise DataError(folder / JOURNAL, view.text)
    return view


async def _finish(runner: WhatIfRunner) -> WhatIfView:
    working = asyncio.create_task(runner.run())
    try:
        while runner.view is None or runner.view.state is WhatIfState.RUNNING:
            if working.done():
                working.result()
            await asyncio.sleep(_POLL_S)
        return runner.view
    finally:
        working.cancel()


def whatif_json(view: WhatIfView) -> dict[str, Any]:
    """Write a comparison as `whatif --json` prints it: times in ns UTC, money in the currency."""
    return asdict(view)


def whatif_text(view: WhatIfView) -> str:
    """Say the same to people."""
    unit = f" {view.unit}" if view.unit else ""
    assert view.recorded is not None
    assert view.base is not None
    assert view.changed is not None
    lines = [
        f"{view.key} {view.old:.12g} -> {view.new:.12g}{unit}, "
        f"{clock(view.from_ts_ns)} to {clock(view.until_ts_ns)} UTC"
        + (f" ({view.text})" if view.text else ""),
        f"{'':<12} {'PnL':>14} {'fees':>10} {'fills':>7} {'drawdown':>9}  state at the end",
        _line("changed", view.changed),
        _line("unchanged", view.base),
        _line("recorded", view.recorded),
    ]
    worth = f"{view.changed.pnl - view.base.pnl:+,.2f}"
    return "\n".join(
        [
            *lines,
            f"the change is worth {worth}: both are simulated; recorded is what really happened",
        ]
    )


def _line(name: str, curve: Curve) -> str:
    return (
        f"{name:<12} {curve.pnl:>+14,.2f} {curve.fees:>10,.2f} {curve.fills:>7,} "
        f"{curve.max_drawdown_pct:>7.2f} %  {curve.trading_state}"
    )
