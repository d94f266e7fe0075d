"""Comparisons that are asked for in a replay, one at a time and beside everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import numpy as np

from core.domain.errors import ConfigurationError, DataError
from core.domain.parameters import ParameterSpec
from core.domain.records import PARAMS
from core.domain.whatif import WhatIfState, WhatIfView
from core.journal.reader import JournalReader
from core.kernel.state import KernelState
from core.runtime.places import clock
from core.runtime.refusals import CommandRefused, nearest, read_number
from core.runtime.rewind import Traveler
from core.runtime.run_index import RunIndex
from core.runtime.whatif import WhatIf
from core.settings.model import Settings
from core.settings.parameters import parameter_specs, with_parameters

MOST_POINTS = 120
"""Of a curve that is shown: about one for each column of a wide terminal."""

_SLICE_S = 0.005
"""Seconds after which others have a turn."""


class WhatIfRunner:
    """
    Takes the requests and works on the newest.

    Args:
        journal: Of the run.
        index: What was found when it was gone through.
        make_state: Makes a state of the run's instruments.
        settings: Of the run: which values are allowed.
        prepare: Has what is needed compiled; awaited before the first comparison.
    """

    def __init__(
        self,
        journal: JournalReader,
        index: RunIndex,
        make_state: Callable[[], KernelState],
        settings: Settings,
        prepare: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._journal = journal
        self._index = index
        self._make_state = make_state
        self._settings = settings
        self._prepare = prepare
        self._specs = {spec.key: spec for spec in parameter_specs(settings)}
        self._asked = asyncio.Event()
        self._next: tuple[WhatIf, WhatIfView] | None = None
        self.view: WhatIfView | None = None
        """The newest comparison with its whole curves; None before the first."""
        self.shown: WhatIfView | None = None
        """The same, thinned."""

    def begin(self, key: str, text: str, position: int) -> str:
        """
        Compare from a position on; a comparison that is still being made is given up.

        Args:
            key: Of a live parameter.
            text: Its value.
            position: How many events have happened.

        Raises:
            CommandRefused: If there is no such parameter, or it may not have this value.
        """
        if key not in self._specs:
            raise CommandRefused(
                f"{key or '(none)'} is no live parameter{nearest(key, self._specs)}"
            )
        spec, new = self._specs[key], read_number(text, key)
        values = self._values_at(position)
        old = values[spec.index]
        if new == old:
            raise CommandRefused(f"{key} is {old:.12g} there already: there is nothing to compare")
        self._check(spec, values, new)
        whatif = WhatIf(self._journal, self._index, self._make_state, position, spec.index, new)
        index = self._index
        view = WhatIfView(
            key, old, new, spec.unit, WhatIfState.RUNNING, "", 0.0,
            position, index.ts_at(position), index.length, index.ts_at(index.length),
        )  # fmt: skip
        self._next = (whatif, view)
        self._show(view)
        self._asked.set()
        unit = f" {spec.unit}" if spec.unit else ""
        return (
            f"comparing {key} {old:.12g} with {new:.12g}{unit} "
            f"from {clock(view.from_ts_ns)} to the end"
        )

    def cancel(self) -> str:
        """
        Give up the comparison that is being made.

        Raises:
            CommandRefused: If there is none.
        """
        if self.view is None or self.view.state is not WhatIfState.RUNNING:
            raise CommandRefused("no comparison is being made")
        self._next = None
        self._asked.set()
        self._show(replace(self.view, state=WhatIfState.CANCELED, text="given up"))
        return "the comparison was given up"

    async def run(self) -> None:
        """Work on what is asked for, until canceled."""
        await self._asked.wait()
        await self._prepare()
        while True:
            # Only the newest is left of what was asked for meanwhile.
            self._asked.clear()
            if (taken := self._take()) is not None:
                await self._work(*taken)
            await self._asked.wait()

    def _take(self) -> tuple[WhatIf, WhatIfView] | None:
        taken, self._next = self._next, None
        return taken

    async def _work(self, whatif: WhatIf, view: WhatIfView) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time() + _SLICE_S
        try:
            for share in whatif.run():
                if loop.time() < due_s:
                    continue
                view = _begun(replace(view, done_pct=share * 100.0), whatif)
                self._show(view)
                await asyncio.sleep(0)
                if self._asked.is_set():
                    return
                due_s = loop.time() + _SLICE_S
        except DataError as error:
            self._show(replace(view, state=WhatIfState.FAILED, text=error.reason))
            return
        result = whatif.result
        assert result is not None
        self._show(
            replace(
                _begun(view, whatif),
                state=WhatIfState.DONE,
                done_pct=100.0,
                recorded=result.recorded,
                base=result.base,
                changed=result.changed,
            )
        )

    def _show(self, view: WhatIfView) -> None:
        self.view = view
        curves = {
            name: curve.thinned(MOST_POINTS)
            for name in ("recorded", "base", "changed")
            if (curve := getattr(view, name)) is not None
        }
        self.shown = replace(view, **curves)

    def _values_at(self, position: int) -> list[float]:
        """Live parameters as they were after so many events."""
        traveler = Traveler(self._journal, self._index.frames, self._make_state())
        traveler.start_for(position)
        traveler.advance(position, lambda: False)
        values: list[float] = traveler.state.params.view(np.float64).tolist()
        return values[: len(PARAMS.names or ())]

    def _check(self, spec: ParameterSpec, values: list[float], new: float) -> None:
        changed = [*values]
        changed[spec.index] = new
        try:
            with_parameters(self._settings, changed)
        except ConfigurationError as error:
            raise CommandRefused(str(error).removeprefix("set: ")) from error


def _begun(view: WhatIfView, whatif: WhatIf) -> WhatIfView:
    """Say where it really began, which is where the venue was connected next."""
    beginning = whatif.beginning
    if beginning is None or beginning.position == view.from_seq:
        return view
    return replace(
        view,
        from_seq=beginning.position,
        from_ts_ns=beginning.ts_ns,
        text=f"begins at {clock(beginning.ts_ns)}, when the venue was connected",
    )
