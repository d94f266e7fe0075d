"""The order of the state's bytes."""

from __future__ import annotations

from decimal import Decimal

from core.domain import layout as module
from core.domain.enums import IntEnum, Outcome
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.layout import N_LIVE_SECTIONS, N_SHOWN_SECTIONS, layout, layout_hash
from core.domain.memory import allocate
from core.domain.records import PARAMS
from core.kernel.state import KernelState, make_state, to_bytes


def test_the_layout_is_that_of_the_kernels_state() -> None:
    """Names, types, rows and size: a viewer reads what the kernel writes."""
    instruments = [Instrument(Symbol(name), Decimal("0.1")) for name in ("a", "b", "c")]
    state = make_state(instruments, allocate(PARAMS, 1), 7)
    sections = layout(len(instruments))
    saved = state[: len(sections)]
    assert tuple(section.name for section in sections) == KernelState._fields[: len(saved)]
    assert [(s.dtype, s.rows) for s in sections] == [(a.dtype, len(a)) for a in saved]
    assert sum(section.nbytes for section in sections) == len(to_bytes(state))


def test_what_is_left_to_the_fits_and_the_users_signal_are_no_part_of_what_is_saved() -> None:
    """A step reads none of it back, so two runs that differ in it only are the same."""
    names = {section.name for section in layout(1)}
    assert set(KernelState._fields) - names == {"bars", "quotes", "addresses", "scratch"}


def test_the_live_sections_come_first_then_the_samples_then_the_models() -> None:
    names = [section.name for section in layout(1)]
    assert names[:N_LIVE_SECTIONS] == [
        "account",
        "params",
        "instruments",
        "orders",
        "spreads",
        "brackets",
    ]
    assert names[N_LIVE_SECTIONS:N_SHOWN_SECTIONS] == ["history", "timeline", "edges", "examples"]
    assert names[N_SHOWN_SECTIONS:] == ["filters", "regimes", "detectors", "channels"]


def test_a_new_word_changes_the_hash(monkeypatch) -> None:
    """Two builds with other codes must not read each other, though their bytes fit."""
    before = layout_hash()
    renumbered = IntEnum("Outcome", {word.name: word.value + 1 for word in Outcome})
    words = tuple(renumbered if kind is Outcome else kind for kind in module._WORDS)
    monkeypatch.setattr(module, "_WORDS", words)
    layout_hash.cache_clear()
    try:
        assert layout_hash() != before
    finally:
        layout_hash.cache_clear()
