"""What is left to the fits: in order, bounded, and without a say in any decision."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.enums import CommandKind
from core.domain.instrument import NANOS
from core.kernel.state import to_bytes
from tests.unit.kernel.kernel_rig import KernelRig

BAR_MS = 100
MS = 1_000_000


def ring(rows, index: int, kept: int, recorded: int):
    """Rows of one instrument, oldest first."""
    places = np.arange(max(0, recorded - kept), recorded) % kept
    return rows[index * kept + places]


def walk(rig: KernelRig, books: int, index: int = 0, bid: int = 3400, after_ms: float = 40) -> list:
    """Feed books whose mid goes up by one, then by two, ...; (time, mid) of each."""
    seen = []
    for beat in range(books):
        bid += beat % 3
        rig.book(bid, bid + 3, 10 + beat, 7, index, after_ms)
        seen.append((rig.ts_ns, bid + 1.5))
    return seen


def test_every_good_book_leaves_what_the_signals_say_in_ticks() -> None:
    rig = KernelRig(quotes_kept=64, bar_ms=BAR_MS)
    seen = walk(rig, 10)
    rig.book(3402, 3400)
    quotes = ring(rig.state.quotes, 0, 64, int(rig.instrument()["quotes_recorded"]))
    assert [(int(row["ts_ns"]), float(row["mid_ticks"])) for row in quotes] == seen
    instrument = rig.instrument()
    assert (
        quotes["reach"][-1].tolist() == (instrument["signals"] * instrument["reach_ticks"]).tolist()
    )
    assert np.count_nonzero(quotes["reach"][-1]) >= 3


def test_every_bar_leaves_what_was_known_when_it_ended() -> None:
    """Its mid is the last one inside it; its features are those it was decided on with."""
    rig = KernelRig(bars_kept=32, bar_ms=BAR_MS)
    walk(rig, 30)
    bars = ring(rig.state.bars, 0, 32, int(rig.instrument()["bars_recorded"]))
    assert bars["number"].tolist() == list(range(1, len(bars) + 1))
    assert set(np.diff(bars["ts_ns"])) == {BAR_MS * MS}
    known = rig.instrument()["features"].tolist(), int(rig.instrument()["regime"])
    mid = rig.instrument()["mid2_ticks"] / 2
    rig.book(9_000, 9_002, after_ms=BAR_MS)
    newest = ring(rig.state.bars, 0, 32, int(rig.instrument()["bars_recorded"]))[-1]
    assert newest["number"] == len(bars) + 1
    assert newest["mid_ticks"] == mid
    assert (newest["features"].tolist(), newest["regime"]) == known
    assert newest["change_probability"] == 0.0


def test_a_bar_is_stamped_with_its_end() -> None:
    rig = KernelRig(bars_kept=8, bar_ms=BAR_MS)
    walk(rig, 2)
    start = int(rig.instrument()["bar_start_ns"])
    walk(rig, 3)
    assert rig.state.bars[0]["ts_ns"] == start + BAR_MS * MS


def test_a_silence_is_a_jump_of_the_number_and_no_row() -> None:
    rig = KernelRig(bars_kept=8, bar_ms=BAR_MS)
    walk(rig, 2)
    rig.book(after_ms=7 * BAR_MS)
    rig.book(after_ms=BAR_MS)
    assert rig.instrument()["bars_recorded"] == 2
    assert rig.state.bars["number"][:3].tolist() == [1, 8, 0]


def test_a_full_ring_forgets_the_oldest() -> None:
    rig = KernelRig(bars_kept=5, quotes_kept=7, bar_ms=BAR_MS)
    seen = walk(rig, 61)
    instrument = rig.instrument()
    quotes = ring(rig.state.quotes, 0, 7, int(instrument["quotes_recorded"]))
    assert quotes["ts_ns"].tolist() == [ts_ns for ts_ns, _ in seen[-7:]]
    bars = ring(rig.state.bars, 0, 5, int(instrument["bars_recorded"]))
    last = int(instrument["bars"])
    assert bars["number"].tolist() == list(range(last - 4, last + 1))


def test_instruments_have_rings_of_their_own() -> None:
    rig = KernelRig(bars_kept=5, quotes_kept=7, bar_ms=BAR_MS)
    walk(rig, 9, index=0)
    walk(rig, 23, index=1, bid=500)
    assert (ring(rig.state.quotes, 0, 7, 9)["mid_ticks"] > 3_000).all()
    assert (ring(rig.state.quotes, 1, 7, 23)["mid_ticks"] < 1_000).all()
    assert rig.state.bars["mid_ticks"][:5].max() > 3_000 > rig.state.bars["mid_ticks"][5:].max()
    assert rig.instrument(1)["bars_recorded"] > rig.instrument(0)["bars_recorded"] > 0


@pytest.mark.parametrize("bars_kept", [0, 3])
@pytest.mark.parametrize("quotes_kept", [0, 4])
def test_rings_never_change_a_decision(bars_kept, quotes_kept) -> None:
    """But for the counts of what was recorded, the state has the same bytes."""
    plain, watched = KernelRig(), KernelRig(bars_kept=bars_kept, quotes_kept=quotes_kept)
    for rig in (plain, watched):
        rig.warm()
        rig.push()
        rig.command(CommandKind.HALT)
    assert plain.account["orders"] > 0
    recorded = watched.instrument()
    assert (recorded["bars_recorded"] > 0, recorded["quotes_recorded"] > 0) == (
        bars_kept > 0, quotes_kept > 0,
    )  # fmt: skip
    for field in ("bars_recorded", "quotes_recorded"):
        watched.state.instruments[field] = 0
    assert to_bytes(watched.state) == to_bytes(plain.state)
    assert plain.ts_ns > NANOS
