"""What observers have in mind comes back as it was, and nothing of it is forgotten."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import pytest

from core.runtime.bracket_watch import BracketWatch
from core.runtime.doubts import Doubts
from core.runtime.replay_memory import recall, remember
from core.runtime.reporter import Reporter
from core.runtime.session_ledger import SessionLedger
from core.runtime.standing import Standing
from core.runtime.trials import Trials
from tests.unit.runtime.data_rig import DataRig, market, wanted

PLAIN = (bool, int, float, str, bytes, dict, list, set, deque)


@dataclass
class Inner:
    count: int = 1


@dataclass
class Outer:
    inner: Inner = field(default_factory=Inner)


class Part:
    MEMORY = ("word",)

    def __init__(self) -> None:
        self.word = "first"


class Holder:
    MEMORY = ("number", "names", "queue", "known", "sums", "row", "part")

    def __init__(self) -> None:
        self.number = 3
        self.names = {7: Outer(), 2: Outer()}
        self.queue = deque([1, 2, 3], maxlen=3)
        self.known = {4}
        self.sums = [Outer(), Outer()]
        self.row = np.arange(3)
        self.part = Part()
        self.other = "not in mind"

    def change(self) -> None:
        self.number += 1
        self.names[7].inner.count += 5
        del self.names[2]
        self.queue.append(9)
        self.known.add(5)
        self.sums[1].inner.count = 8
        self.row[0] = 6
        self.part.word = "second"
        self.other = "changed"


def seen(holder: Holder) -> tuple[object, ...]:
    return (
        holder.number, holder.names, list(holder.names), holder.queue, holder.queue.maxlen,
        holder.known, holder.sums, holder.row.tolist(), holder.part.word,
    )  # fmt: skip


def test_what_was_in_mind_comes_back_however_often() -> None:
    holder = Holder()
    memory = remember(holder)
    for _ in range(2):
        holder.change()
        assert seen(holder) != seen(Holder())
        recall(holder, memory)
        assert seen(holder) == seen(Holder())
    assert holder.other == "changed"


def test_parts_stay_the_same_objects() -> None:
    """Others hold on to them."""
    holder = Holder()
    part, memory = holder.part, remember(holder)
    recall(holder, memory)
    assert holder.part is part


def test_memory_is_counted() -> None:
    holder = Holder()
    small = remember(holder).n_bytes
    holder.names = {number: Outer() for number in range(1_000)}
    assert remember(holder).n_bytes - small > 50_000


@pytest.mark.parametrize("kind", [Reporter, Standing, Doubts, BracketWatch, SessionLedger, Trials])
def test_all_that_can_change_is_in_the_memory(kind) -> None:
    """A new attribute must be named there, or going back would leave it as it is."""
    rig = DataRig(market(2), wanted(), 0.0, 32, 1)
    reporter, ledger, trials, _ = rig.minds
    known = (
        reporter, reporter._standing, reporter._doubts, reporter._brackets, ledger, trials,
    )  # fmt: skip
    (holder,) = (each for each in known if type(each) is kind)
    fixed = {"_instruments"}
    plain = {name for name, value in vars(holder).items() if isinstance(value, PLAIN)}
    assert plain - fixed <= set(holder.MEMORY)
