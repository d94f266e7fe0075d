"""Which signals live, and which of them count most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.signals import foremost, is_live, loudest, ticks
from core.domain.enums import Signal, SignalFault
from tests.unit.cockpit import fake_engine as fake


def quiet(**changes):
    """An instrument in which nothing moves and nothing counts."""
    zeros = (0.0,) * len(Signal)
    names = ("signals", "deviations", "coefficients", "reach_ticks", "parts_ticks")
    return replace(fake.make_instrument(0), **{**dict.fromkeys(names, zeros), **changes})


def by_signal(**values: float) -> tuple[float, ...]:
    return tuple(values.get(signal.name.lower(), 0.0) for signal in Signal)


def test_a_signal_lives_by_what_it_says_or_has_said() -> None:
    assert not is_live(quiet(), Signal.OBI)
    assert is_live(quiet(signals=by_signal(obi=-0.005)), Signal.OBI)
    assert not is_live(quiet(signals=by_signal(obi=-0.0049)), Signal.OBI)
    assert is_live(quiet(deviations=by_signal(obi=0.005)), Signal.OBI)


def test_a_coefficient_without_a_feed_does_not_make_a_signal_live() -> None:
    assert not is_live(quiet(coefficients=by_signal(weather=0.2)), Signal.WEATHER)


def test_ones_own_signal_lives_on_in_quarantine() -> None:
    faulty = quiet(mine_fault=SignalFault.RAISED)
    assert is_live(faulty, Signal.MINE)
    assert not is_live(faulty, Signal.OBI)


def test_those_that_usually_move_the_edge_most_are_kept_in_their_order() -> None:
    """Depth: 0.2 x 3 x 0.5 ticks; momentum moves most and counts nothing."""
    instrument = quiet(
        deviations=by_signal(momentum=0.9, obi=0.5, depth=0.2, ofi=0.4),
        coefficients=by_signal(obi=-0.1, depth=0.5, ofi=0.1),
        reach_ticks=by_signal(momentum=9.0, obi=1.0, depth=3.0, ofi=1.0),
    )
    assert foremost((instrument,), 2) == ([Signal.OBI, Signal.DEPTH], 2)
    assert foremost((instrument,), 3) == ([Signal.OBI, Signal.OFI, Signal.DEPTH], 1)
    assert foremost((instrument,), 9)[0][0] is Signal.MOMENTUM
    assert foremost((instrument,), -1) == ([], 4)


def test_of_several_instruments_the_one_where_it_counts_most_decides() -> None:
    left = quiet(deviations=by_signal(obi=0.1, ofi=0.2))
    right = quiet(deviations=by_signal(obi=0.3))
    assert foremost((left, right), 1) == ([Signal.OBI], 1)


def test_the_loudest_have_the_largest_parts_whatever_their_sign() -> None:
    instrument = quiet(parts_ticks=by_signal(obi=-0.3, depth=0.2, spread=0.25))
    assert loudest(instrument) == [Signal.OBI, Signal.SPREAD, Signal.DEPTH]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0004, "0"), (-0.0006, "-0.001"), (9.9994, "+9.999"), (9.9996, "+10.0"),
        (-99.94, "-99.9"), (99.96, "+100"), (12_345.6, "+12,346"), (float("nan"), "-"),
    ],
)  # fmt: skip
def test_ticks_keep_three_digits_that_matter(value, text) -> None:
    assert ticks(value) == text
