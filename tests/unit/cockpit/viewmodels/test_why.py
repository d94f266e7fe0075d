"""A decision, explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.spreads import spread_line, spread_name, spreads_of
from cockpit.viewmodels.why import parts_line, verdict, why_foot, why_lines, why_title
from cockpit.viewmodels.why_page import why_page_lines
from core.domain.decision import ChangeView, EdgeView
from core.domain.enums import Outcome, Signal, SignalFault
from core.domain.snapshot import OutcomeView
from core.domain.spreads import SpreadState
from tests.unit.cockpit import fake_engine as fake
from tests.unit.cockpit.viewmodels.test_panes import make_view, text_of, with_instrument


def test_the_chain_goes_from_the_expected_move_to_the_target() -> None:
    edge = EdgeView(-0.3125, 0.0, 1.25)
    view = with_instrument(2, edge=edge, combined=-0.2, confidence=0.64, target=-9.0)
    assert text_of([why_lines(view, 79, 5)[0]]) == (
        "expects -0.312 ticks, cost 1.250  strength -.20  confidence 0.64  target -9"
    )
    assert text_of([why_foot(view)]) == "move -0.312 cost 1.250  str -.20  conf 0.64  target -9"


def test_the_foot_fits_the_edge_of_the_smallest_full_screen() -> None:
    edge = EdgeView(-1234.5, 0.0, 4321.0)
    view = with_instrument(0, edge=edge, combined=-1.0, confidence=1.0, target=-200.0)
    assert line_width(why_foot(view)) <= 72


def test_the_title_says_how_it_ended() -> None:
    assert text_of([why_title(make_view())]) == "1_Eisbach ∅ signal too weak .21 < .35"
    assert text_of([why_title(make_view(selected=1))]) == "2_Eisbach_Call ✓ traded"
    waiting = replace(
        fake.make_instrument(0), outcome=OutcomeView(Outcome.BETTER_PRICE_DUE, -0.3, 0.0, 0, 1)
    )
    assert verdict(waiting)[1][0] == "better price due"


def test_parts_that_do_not_fit_are_counted() -> None:
    instrument = fake.make_instrument(0)
    line = parts_line(instrument, 40)
    assert text_of([line]) == "dep +0.354 fai +0.257 +6 more"
    assert text_of([parts_line(instrument, 200)]).count("0.") == 8


def test_without_a_part_that_is_said() -> None:
    nothing = replace(fake.make_instrument(0), parts_ticks=(0.0,) * len(Signal))
    assert "no signal has a part" in text_of([parts_line(nothing, 60)])


def test_stops_and_quarantine_come_before_spreads() -> None:
    view = with_instrument(6, mine_fault=SignalFault.OUT_OF_BOUNDS, stopped_side=-1)
    lines = why_lines(view, 79, 5)
    assert text_of([lines[2]]).startswith("✗ your own signal is out: it left [-1, 1]")
    assert text_of([lines[3]]) == "■ stopped out short: waits for the signal to turn"
    assert text_of([lines[4]]).startswith("basket 7_ETF / 2 legs")


def test_spreads_without_room_are_counted() -> None:
    """1_Eisbach is in two; the third row of three says so."""
    assert "pair 1_Eisbach / 3_Weather" in text_of(why_lines(make_view(), 79, 3))
    doubled = fake.make_snapshot(spreads=fake.make_spreads() * 2)
    lines = why_lines(make_view(snapshot=doubled), 79, 5)
    assert text_of([lines[-1]]) == "2 more spreads: press w"


class TestSpreads:
    def test_those_of_which_it_is_the_target_come_first(self) -> None:
        snapshot = fake.make_snapshot()
        names = [spread_name(make_view(), spread) for spread in spreads_of(snapshot, 4)]
        assert names == ["basket 7_ETF / 2 legs", "pair 6_Airport / 5_Flights"]
        assert spreads_of(snapshot, 1) == []

    @pytest.mark.parametrize(
        ("place", "words"),
        [
            (0, "t½ 61   not cointegrated"),
            (1, "t½ 41   TRADING"),
            (2, "t½ -    WARMING"),
        ],
    )
    def test_a_narrow_line_keeps_what_matters(self, place, words) -> None:
        line = spread_line(make_view(), fake.make_spreads()[place], 57)
        assert text_of([line]).endswith(words)
        assert line_width(line) <= 57

    def test_a_wide_line_says_state_and_reason(self) -> None:
        text = text_of([spread_line(make_view(), fake.make_spreads()[0], 79)])
        assert text.endswith("half-life 61   SUSPENDED not cointegrated")

    def test_a_leg_without_a_price_is_said(self) -> None:
        spread = replace(fake.make_spreads()[1], is_complete=False)
        assert text_of([spread_line(make_view(), spread, 79)]).endswith("a leg has no price")

    def test_a_far_spread_stands_out(self) -> None:
        near, far = (replace(fake.make_spreads()[1], z=z) for z in (-1.99, -2.0))
        assert ("-1.99 ", "text") in spread_line(make_view(), near, 79)
        assert ("-2.00 ", "strong") in spread_line(make_view(), far, 79)

    def test_state_is_a_word_and_a_tone(self) -> None:
        tones = {
            state: spread_line(make_view(), replace(fake.make_spreads()[1], state=state), 79)[-1]
            for state in SpreadState
        }
        assert tones[SpreadState.TRADING] == ("TRADING", "up")
        assert tones[SpreadState.SUSPENDED] == ("SUSPENDED", "warn")


class TestPage:
    def test_every_live_signal_has_value_reach_and_part_at_80x24(self) -> None:
        text = text_of(why_page_lines(make_view(), 78, 19))
        depth = next(line for line in text.splitlines() if "depth price" in line)
        assert depth.split()[2:7] == ["+.67", "±.26", "1.700", "0.310", "+0.354"]
        assert "silent: weather, flights, your own" in text

    def test_signals_give_way_to_what_surrounds_them(self) -> None:
        """The last rows are there, and the signals left out are counted."""
        lines = why_page_lines(make_view(), 78, 19)
        text = text_of(lines)
        assert len(lines) <= 19
        assert "pair 1_Eisbach / 3_Weather" in text
        assert "basket 7_ETF / 2 legs" in text
        assert "4 more" in text

    def test_it_says_regime_change_level_and_models(self) -> None:
        text = text_of(why_page_lines(make_view(), 78, 30))
        assert "regime  mean-reverting 81 %   T  12 %" in text
        assert "change  =change= 12 bars ago, 3.0s, confirmed" in text
        assert "level   3,412.38 ± 1.60  mid 3,412.50" in text
        assert "models  24 updates taken, 0 refused   edges fitted at 13:58" in text

    def test_a_signal_in_quarantine_has_no_value(self) -> None:
        text = text_of(why_page_lines(with_instrument(0, mine_fault=SignalFault.RAISED), 78, 30))
        own = next(line for line in text.splitlines() if line.startswith(" your own"))
        assert own.split()[2] == "out"
        assert "your own signal is out: it raised an error" in text

    def test_an_unknown_model_is_not_claimed(self) -> None:
        text = text_of(why_page_lines(with_instrument(0, model=None), 78, 30))
        assert "edges" not in text

    def test_a_quiet_instrument_says_so(self) -> None:
        change = ChangeView(0.0, 0, None, 0, is_confirmed=False)
        view = with_instrument(1, change=change, level=float("nan"))
        text = text_of(why_page_lines(view, 78, 30))
        assert "no change seen" in text
        assert "no prediction yet" in text
