"""
Replay that proves: every event of a run once more, every decision byte for byte.

The state is made as the run made it and stepped through the run's journal. What the
kernel wants at each event must be what it wanted then, and the state must be the one
that was saved, wherever one was saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from core import jit
from core.domain.errors import DataError
from core.domain.layout import layout_hash
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS, PARAMS
from core.journal.beginning import Beginning, records_hash
from core.journal.manifest import JOURNAL
from core.journal.reader import Checkpoint, JournalReader
from core.kernel.state import KernelState, make_state, to_bytes
from core.kernel.step import step
from core.runtime.difference import Difference, difference_of_decisions, difference_of_states
from core.strategies.plugins import LoadedSignal, install

_CHUNK = 4_096

Observe: TypeAlias = Callable[[Rows, int, Rows], None]
"""Told (EVENT rows, which of them was applied, INTENT rows that it caused)."""


@dataclass(slots=True)
class Verification:
    """What a run's second life had in common with its first."""

    run_id: str
    kernel_recorded: str
    """Fingerprint of the kernel's sources that decided then, and of those now."""
    kernel_now: str
    events: int = 0
    """Stepped through, that of the difference included."""
    decisions: int = 0
    """Compared: events at which something was wanted, then or now."""
    states: int = 0
    """Saved states compared."""
    unrecorded: int = 0
    """Newest events whose decisions a crash kept from being written: not compared."""
    first_difference: Difference | None = None
    damage: str = ""
    """Where the journal ends to be readable; empty if all of it is."""
    decision_hash: str = ""
    """Running hash of every intent and its time, as the kernel has it now."""
    remarks: list[str] = field(default_factory=list)
    """What was not compared, and why."""

    @property
    def identical(self) -> bool:
        """True if all of the run could be read and nothing differs."""
        return self.first_difference is None and not self.damage


def read_beginning(folder: Path) -> Beginning:
    """
    Read what a run began with.

    Raises:
        DataError: If there is no journal, or not one that a replay can be compared with.
    """
    path = folder / JOURNAL
    with JournalReader(path) as journal:
        if not journal.has_decisions:
            raise DataError(
                path,
                f"is a journal of version {journal.version}, which holds no decisions to compare; "
                "those of runs that this program made do",
            )
        try:
            beginning = Beginning.from_meta(journal.meta)
        except ValueError as error:
            raise DataError(path, f"cannot be replayed: {error}") from error
    if beginning.records != records_hash():
        raise DataError(
            path,
            "was written by a version whose events or orders have another shape; "
            "use that version for it",
        )
    names = set(PARAMS.names or ())
    strange = sorted(names ^ beginning.parameters.keys())
    if strange:
        raise DataError(
            path,
            f"was written by a version with other parameters ({', '.join(strange[:3])}); "
            "use that version for it",
        )
    return beginning


def verify(folder: Path, beginning: Beginning, signal: LoadedSignal | None) -> Verification:
    """
    Step through a run again and compare, up to the first difference.

    Args:
        folder: Of the run.
        beginning: As `read_beginning` gives it.
        signal: The user's own signal, if the run had one.

    Raises:
        DataError: If the journal cannot be opened, or the signal is not the run's.
    """
    state = first_state(folder, beginning, signal)
    with JournalReader(folder / JOURNAL) as journal:
        comparison = Comparison(journal, state, beginning)
        for _ in comparison.chunks():
            pass
        return comparison.result


def first_state(folder: Path, beginning: Beginning, signal: LoadedSignal | None) -> KernelState:
    """
    Make the state that a run began with.

    Args:
        folder: Of the run.
        beginning: As `read_beginning` gives it.
        signal: The user's own signal, if the run had one.

    Raises:
        DataError: If the signal is not the run's.
    """
    found = signal.fingerprint if signal is not None else ""
    if found != beginning.signal_hash:
        raise DataError(
            folder / JOURNAL,
            f'was traded with signals.mine = "{beginning.signal}" as its file was then '
            f"({beginning.signal_hash or 'none'}), which is not as it is now ({found or 'none'}); "
            "bring that file back to verify the run",
        )
    params = allocate(PARAMS, 1)
    for name, value in beginning.parameters.items():
        params[name] = value
    state = make_state(
        beginning.instruments,
        params,
        beginning.capital_nanos,
        bars_kept=beginning.bars_kept,
        quotes_kept=beginning.quotes_kept,
    )
    state.account["adopts_orphans"] = beginning.adopts_orphans
    install(state, signal)
    return state


class Comparison:
    """
    One journal, one state, and how far they have come together.

    Args:
        journal: Of the run.
        state: As `first_state` makes it; driven along.
        beginning: What the run began with.
        observe: Told of every event once it is applied; with it the run is stepped through
            beyond a difference, behind which nothing is compared.
    """

    def __init__(
        self,
        journal: JournalReader,
        state: KernelState,
        beginning: Beginning,
        observe: Observe | None = None,
    ) -> None:
        self._journal = journal
        self._state = state
        self._observe = observe
        self._instruments = beginning.instruments
        self._intents = allocate(INTENT, MAX_INTENTS)
        self._intent_bytes = memoryview(self._intents.view(np.uint8)).cast("B")
        self._none = self._intents[:0]
        self._wanted = 0
        self._recorded: dict[int, bytes] = {}
        self._saved: list[int] = []
        self.result = Verification(beginning.run_id, beginning.kernel_hash, jit.kernel_hash())
        if beginning.layout == layout_hash():
            self._saved = [seq for seq in journal.checkpoint_seqs() if seq > 0]
        else:
            self.result.remarks.append(
                "saved states were not compared: the state of this version has another layout"
            )

    def chunks(self, size: int = _CHUNK) -> Iterator[tuple[int, int]]:
        """
        Compare until the end, the first difference or the first damage; then see `result`.

        Args:
            size: Events between two looks at something else.

        Yields:
            The last event that was applied, and the run's last.
        """
        result = self.result
        try:
            # A running engine writes on: what comes after this moment is not looked at.
            last = self._journal.last_seq()
            decided = self._journal.decided_seq()
            for done in self._step_through(last, decided, size):
                yield done, last
            if result.first_difference is None:
                self._look_for_strays()
        except DataError as error:
            result.damage = error.reason
        result.decision_hash = f"{int(self._state.account['decision_hash'][0]):016x}"

    def _step_through(self, last: int, decided: int, size: int) -> Iterator[int]:
        for rows in self._journal.events(chunk=size):
            first = int(rows["seq"][0])
            count = min(len(rows), last - first + 1)
            if count <= 0:
                return
            self._recorded = self._journal.decisions(first, first + count - 1)
            for index in range(count):
                differs = self._differs(rows, index, first + index, decided)
                if self._observe is not None:
                    wanted = self._wanted
                    self._observe(rows, index, self._intents[:wanted] if wanted else self._none)
                elif differs:
                    return
            yield first + count - 1

    def _differs(self, rows: Rows, index: int, seq: int, decided: int) -> bool:
        """Apply one event; True if that is where the two lives part."""
        result = self.result
        result.events += 1
        replayed = self._decide(rows, index, seq)
        if result.first_difference is not None:
            return True
        recorded = self._recorded.get(seq)
        if recorded is not None or replayed is not None:
            if recorded is None and seq > decided:
                result.unrecorded += 1
            else:
                result.decisions += 1
                if recorded != replayed:
                    result.first_difference = difference_of_decisions(
                        rows[index], recorded, replayed, self._instruments
                    )
                    return True
        return bool(self._saved) and seq == self._saved[0] and self._state_differs(rows[index])

    def _decide(self, rows: Rows, index: int, seq: int) -> bytes | None:
        try:
            count = step(self._state, rows, index, self._intents)
        except Exception as error:  # noqa: BLE001  the engine goes on to its halt; so does this
            self.result.remarks.append(
                f"event {seq} could not be applied: {type(error).__name__}: {error}"
            )
            count = 0
        self._wanted = count
        return bytes(self._intent_bytes[: count * INTENT.itemsize]) if count else None

    def _state_differs(self, event: Rows) -> bool:
        saved = self._checkpoint(self._saved.pop(0))
        if saved is None:
            return False
        self.result.states += 1
        replayed = to_bytes(self._state)
        if saved.state == replayed:
            return False
        self.result.first_difference = difference_of_states(
            event, saved.state, replayed, self._instruments
        )
        return True

    def _checkpoint(self, seq: int) -> Checkpoint | None:
        saved = self._journal.checkpoint(before=seq)
        # A running engine forgets its oldest state whenever it saves one.
        return saved if saved is not None and saved.seq == seq else None

    def _look_for_strays(self) -> None:
        stray = self._journal.stray_decision()
        if stray:
            seq, payload = stray
            self.result.first_difference = difference_of_decisions(
                None, payload, None, self._instruments, seq=seq
            )
