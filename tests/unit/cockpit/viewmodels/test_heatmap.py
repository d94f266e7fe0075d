"""The signals as a heat map."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.heatmap import heatmap_lines, heatmap_title, shade
from cockpit.viewmodels.view import HeatMode, View
from core.domain.enums import N_SIGNALS, Signal, SignalFault
from core.domain.snapshot import InstrumentView
from tests.unit.cockpit import fake_engine as fake
from tests.unit.cockpit.viewmodels.test_panes import make_view, text_of, tones_of, with_instrument


def only(*signals: Signal) -> dict[str, tuple[float, ...]]:
    """Fields of an instrument in which just these signals move."""
    return {
        "signals": tuple(0.25 if s in signals else 0.0 for s in Signal),
        "deviations": tuple(0.5 if s in signals else 0.0 for s in Signal),
    }


def selected(view: View) -> InstrumentView:
    assert view.instrument is not None
    return view.instrument


@pytest.mark.parametrize(
    ("value", "tone"),
    [(-1.0, "heat-4"), (-0.4, "heat-2"), (0.0, "heat0"), (0.6, "heat+2"), (2.0, "heat+4")],
)
def test_shades(value, tone) -> None:
    assert shade(value) == tone


def test_a_cell_has_its_value_beside_its_shade() -> None:
    view = make_view()
    value = selected(view).correlation[Signal.MICROPRICE][Signal.SPREAD]
    header, first, *_ = heatmap_lines(view, 24, 6)
    assert text_of([header]).split() == ["mic", "dep", "spr", "fai", "air"]
    cell = text_of([first])[4 + 2 * 4 : 4 + 3 * 4]
    assert cell == f"{value:+.2f}".replace("0.", ".")
    assert tones_of(first)[cell] == shade(value)


def test_the_diagonal_is_what_the_signal_says() -> None:
    """Its correlation with itself would say nothing."""
    view = make_view()
    lines = heatmap_lines(view, 24, 6)
    value = selected(view).signals[Signal.DEPTH]
    assert text_of([lines[2]])[8:12] == f"{value:+.2f}".replace("0.", ".")
    assert tones_of(lines[2])["+.67"] == "up"


def test_only_signals_that_live_have_a_row() -> None:
    view = with_instrument(0, **only(Signal.MOMENTUM, Signal.SPREAD))
    lines = heatmap_lines(view, 58, 10)
    assert [text_of([line]).split()[0] for line in lines[1:]] == ["mom", "spr"]


def test_signals_that_do_not_fit_are_counted() -> None:
    assert "corr +6" in text_of([heatmap_title(make_view(), 24, 6)])
    assert "correlation +2 more 1_Eisbach" in text_of([heatmap_title(make_view(), 58, 10)])
    every = heatmap_title(with_instrument(0, **only(Signal.OBI)), 24, 6)
    assert text_of([every]) == "corr 1_Eisbach"


def test_cells_keep_their_width_when_signals_come_and_go() -> None:
    few = heatmap_lines(with_instrument(0, **only(Signal.OBI, Signal.OFI)), 58, 10)
    many = heatmap_lines(make_view(), 58, 10)
    assert text_of([few[0]]).index("ofi") - text_of([few[0]]).index("obi") == 5
    assert text_of([many[0]]).index("ofi") - text_of([many[0]]).index("obi") == 5


def test_a_wide_pane_adds_each_signals_part_of_the_move() -> None:
    lines = heatmap_lines(make_view(), 43, 7)
    assert text_of([lines[0]]).endswith("ticks")
    assert text_of([lines[3]]).endswith("+0.354")
    assert all(line_width(line) <= 43 for line in lines)


def test_parts_are_drawn_against_the_largest() -> None:
    lines = heatmap_lines(make_view(heat=HeatMode.PARTS), 24, 6)
    bars = {text_of([line])[:3]: text_of([line]).count("█") for line in lines[1:]}
    assert bars["dep"] == max(bars.values()) == 5
    assert bars["fai"] == 3


def test_a_signal_in_quarantine_is_out() -> None:
    """Words and not only a tone: its value is a zero like any other."""
    view = with_instrument(0, **only(Signal.OBI), mine_fault=SignalFault.NOT_FINITE)
    lines = heatmap_lines(view, 24, 6)
    assert text_of([lines[-1]]).startswith("own")
    assert text_of([lines[-1]]).endswith("out")


def test_before_anything_moves_that_is_said() -> None:
    still = {"signals": (0.0,) * N_SIGNALS, "deviations": (0.0,) * N_SIGNALS}
    assert "no signal has moved" in text_of(heatmap_lines(with_instrument(0, **still), 24, 6))


def test_values_keep_the_selected_instrument_in_sight() -> None:
    view = make_view(heat=HeatMode.VALUES, selected=7)
    assert "8_E" in text_of(heatmap_lines(view, 24, 6))


def test_values_end_with_the_strength_where_there_is_room() -> None:
    view = make_view(heat=HeatMode.VALUES)
    lines = heatmap_lines(view, 58, 10)
    assert text_of([lines[0]]).split()[-1] == "all"
    expected = f"{selected(view).combined:+.2f}".replace("0.", ".")
    assert text_of([lines[1]]).split()[-1] == expected


def test_the_three_pictures_follow_each_other_in_a_circle() -> None:
    mode = HeatMode.CORRELATION
    seen = []
    for _ in HeatMode:
        seen.append(mode)
        mode = mode.following
    assert set(seen) == set(HeatMode)
    assert mode is HeatMode.CORRELATION


def test_a_signal_that_is_not_a_number_is_shown_and_not_hidden() -> None:
    values = list(fake.make_instrument(0).signals)
    values[Signal.FLIGHTS] = float("nan")
    snapshot = make_view().snapshot
    assert snapshot is not None
    broken = replace(snapshot.instruments[0], signals=tuple(values))
    view = make_view(snapshot=replace(snapshot, instruments=(broken,)))
    assert "fly" in text_of(heatmap_lines(view, 80, 20))
