"""What each pane says of a snapshot."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from cockpit.viewmodels.book import book_lines, book_title, level_at, prediction_mark
from cockpit.viewmodels.cells import Line, line_width
from cockpit.viewmodels.heatmap import heatmap_lines
from cockpit.viewmodels.help import help_lines
from cockpit.viewmodels.numbers import number
from cockpit.viewmodels.obi import gauge, obi_lines
from cockpit.viewmodels.orders import Tab, orders_screen_lines
from cockpit.viewmodels.pnl import pnl_lines, pnl_title
from cockpit.viewmodels.positions import instrument_at, positions_lines
from cockpit.viewmodels.regime import (
    axis,
    change_words,
    letters,
    model_words,
    regime_lines,
    regime_title,
)
from cockpit.viewmodels.status import status_lines
from cockpit.viewmodels.trades import measured, trades_lines, trades_title
from cockpit.viewmodels.view import HeatMode, LinkState, LinkView, View
from cockpit.viewmodels.why import why_lines
from cockpit.viewmodels.why_page import why_page_lines
from core.domain.decision import ChangeView, EdgeView, ModelView
from core.domain.enums import (
    N_SIGNALS,
    BookState,
    Mode,
    Outcome,
    Readiness,
    Regime,
    SignalFault,
    StateReason,
    TradingState,
)
from core.domain.snapshot import BookLevel, InstrumentMeta, OutcomeView, Timeline
from tests.unit.cockpit import fake_engine as fake

NO_CHANGE = ChangeView(0.02, 0, None, 0, is_confirmed=False)
LIVE = LinkView(state=LinkState.LIVE)
PANES = [
    status_lines, pnl_lines, obi_lines, book_lines, heatmap_lines, regime_lines,
    positions_lines, trades_lines, why_lines, why_page_lines,
]  # fmt: skip
SIZES = [(26, 3), (37, 6), (58, 12), (77, 21), (158, 40)]


def make_view(**changes) -> View:
    """A live view of the fake's first second."""
    view = View(
        meta=fake.make_meta(),
        snapshot=fake.make_snapshot(),
        notices=fake.make_notices(),
        link=LIVE,
    )
    return replace(view, **changes)


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def tones_of(line: Line) -> dict[str, str]:
    return {text.strip(): tone for text, tone in line}


def with_account(**changes) -> View:
    return make_view(snapshot=fake.make_snapshot(account=fake.make_account(**changes)))


def with_instrument(index: int = 0, **changes) -> View:
    """A view in which one instrument is unusual, and selected."""
    snapshot = fake.make_snapshot()
    instruments = list(snapshot.instruments)
    instruments[index] = replace(instruments[index], **changes)
    return make_view(snapshot=replace(snapshot, instruments=tuple(instruments)), selected=index)


def with_coins(**changes) -> View:
    """The first product is a coin: cents, and hundred-thousandths of it."""
    view = with_instrument(0, symbol="BTCUSDT", **changes)
    coin = InstrumentMeta("BTCUSDT", 0.01, 0.00001, 2, 5, 1e-7, 0.0)
    return replace(view, meta=replace(view.meta, instruments=(coin, *view.meta.instruments[1:])))


def broken_snapshot() -> View:
    """Every float that can be NaN is NaN, and every list is empty."""
    nan = math.nan
    snapshot = fake.make_snapshot()
    nans = (nan,) * N_SIGNALS
    empty = Timeline((), (), (), (), (), (), ())
    instruments = tuple(
        replace(
            instrument,
            bids=(), asks=(), bid=nan, ask=nan, mid=nan, microprice=nan, level=nan,
            last_price=nan, obi=nan, ofi=nan, level_deviation=nan, volatility=nan, combined=nan,
            signals=nans, correlation=(nans,) * N_SIGNALS, confidence=nan, target=nan,
            reach_ticks=nans, coefficients=nans, parts_ticks=nans, deviations=nans,
            edge=EdgeView(nan, nan, nan), change=ChangeView(nan, 0, None, 0, is_confirmed=False),
            model=None, mine_fault=SignalFault.NOT_FINITE, stopped_side=-1,
            avg_entry_price=nan, unrealized_pnl=nan, exposure_pct=nan, timeline=empty,
            regime_probability={}, book_state=BookState.EMPTY, regime=Regime.UNKNOWN,
            outcome=OutcomeView(Outcome.NUMERIC_FAILURE, nan, nan, 0, 3),
        )
        for instrument in snapshot.instruments
    )  # fmt: skip
    account = fake.make_account(nan, unrealized_pnl=nan, drawdown_pct=nan, exposure_pct=nan)
    telemetry = fake.make_telemetry(feeds=(), events_per_second=nan)
    return make_view(
        snapshot=replace(
            snapshot,
            instruments=instruments,
            account=account,
            telemetry=telemetry,
            orders=(),
            equity_ts_ns=(),
            equity=snapshot.equity[:0],
            parameters=(),
            spreads=tuple(
                replace(spread, z=nan, half_life_bars=nan, is_complete=False)
                for spread in snapshot.spreads
            ),
        )
    )


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    "view",
    [make_view(), broken_snapshot(), View(), make_view(selected=7, heat=HeatMode.VALUES)],
    ids=["live", "broken", "empty", "values"],
)
def test_no_pane_fails_at_any_size(pane, width, height, view) -> None:
    """NaN, empty lists and no snapshot at all are things to show, not to crash on."""
    assert len(pane(view, width, height)) <= height


class TestStatus:
    def test_it_says_what_is_at_stake_first(self) -> None:
        first = status_lines(make_view(), 120, 2)[0]
        assert first[0] == (" PAPER ", "stamp_paper")

    @pytest.mark.parametrize("mode", list(Mode))
    def test_every_mode_has_its_own_stamp(self, mode) -> None:
        line = status_lines(make_view(meta=fake.make_meta(mode=mode)), 120, 2)[0]
        assert line[0] == (f" {mode} ", f"stamp_{mode.lower()}")

    def test_safe_mode_says_who_and_since_when(self) -> None:
        view = with_account(
            trading_state=TradingState.HALTED, state_reason=StateReason.DRAWDOWN_HALT
        )
        assert "SAFE MODE  drawdown limit 14m00s" in text_of(status_lines(view, 120, 2))

    def test_equity_has_a_sign_that_is_not_a_color(self) -> None:
        assert "equity 98,500.00 -1.50 %" in text_of(
            status_lines(with_account(equity=98_500.0), 120, 2)
        )

    def test_limits_stand_beside_what_they_limit(self) -> None:
        text = text_of(status_lines(make_view(), 120, 2))
        assert "dd  0.8/15/25 %" in text
        assert "exp 34/80 %" in text

    def test_limits_are_those_that_hold_now(self) -> None:
        """A limit changed on the parameter screen changes here."""
        parameters = list(fake.make_snapshot().parameters)
        parameters[4:7] = [60.0, 10.0, 12.5]
        view = make_view(snapshot=fake.make_snapshot(parameters=tuple(parameters)))
        text = text_of(status_lines(view, 120, 2))
        assert "0.8/10/12.5 %" in text
        assert "34/60 %" in text

    def test_an_engine_without_such_parameters_shows_no_limits(self) -> None:
        text = text_of(status_lines(make_view(meta=fake.make_meta(parameters=())), 120, 2))
        assert "dd  0.8 %" in text

    def test_a_stale_feed_has_another_shape(self) -> None:
        assert "feeds ●●●◌" in text_of(status_lines(make_view(), 120, 2))

    def test_readiness_is_a_word(self) -> None:
        view = with_account(readiness=Readiness.RECONCILING)
        assert "reconciling" in text_of(status_lines(view, 120, 2))

    def test_an_old_snapshot_says_how_old(self) -> None:
        view = make_view(link=LinkView(state=LinkState.LIVE, age_s=7.5))
        assert "link silent, 7.5s old" in text_of(status_lines(view, 80, 2))

    def test_a_lost_link_says_why_and_how_old_the_picture_is(self) -> None:
        link = LinkView(state=LinkState.LOST, text="link lost: reset", age_s=75.0)
        text = text_of(status_lines(make_view(link=link), 120, 2))
        assert "1m15s old  link lost: reset" in text

    def test_losses_are_counted_where_everybody_sees_them(self) -> None:
        snapshot = fake.make_snapshot(telemetry=fake.make_telemetry(gaps=2, refused_messages=5))
        link = replace(LIVE, missed=9)
        text = text_of(status_lines(make_view(snapshot=snapshot, link=link), 160, 2))
        assert "gaps 2  refused 5  notices missed 9" in text

    def test_a_replay_says_how_fast_it_runs(self) -> None:
        meta = fake.make_meta(mode=Mode.REPLAY)
        fast = fake.make_snapshot(telemetry=fake.make_telemetry(replay_speed=8.0))
        assert "speed x8" in text_of(status_lines(make_view(meta=meta, snapshot=fast), 160, 2))
        assert "replay on hold" in text_of(status_lines(make_view(meta=meta), 160, 2))

    def test_a_long_wait_is_counted(self) -> None:
        """Thirty seconds of compiling must not look stuck."""
        waiting = View(link=LinkView(text="compiling the kernel", age_s=17.0))
        assert "compiling the kernel (17s)" in text_of(status_lines(waiting, 80, 2))

    def test_a_tiny_terminal_is_told_what_it_needs(self) -> None:
        text = text_of(status_lines(make_view(), 40, 10))
        assert "needs 80x24, is 40x10" in text
        assert "equity" in text
        assert "s safe" in text

    @pytest.mark.parametrize("width", [41, 60, 80, 120, 160])
    def test_lines_fit_the_terminal(self, width) -> None:
        assert all(line_width(line) <= width for line in status_lines(make_view(), width, 4))


class TestPnl:
    def test_the_title_is_the_profit_after_fees(self) -> None:
        assert text_of([pnl_title(with_account(equity=101_284.5))]) == "+1,284.50 EUR"

    def test_under_the_capital_the_curve_has_another_tone(self) -> None:
        tones = {tone for line in pnl_lines(make_view(), 60, 12) for _, tone in line}
        assert {"up_area", "down_area"} <= tones

    @pytest.mark.parametrize(("width", "height"), [(26, 3), (42, 8), (58, 13)])
    def test_the_parts_are_written_in_full(self, width, height) -> None:
        lines = pnl_lines(with_account(equity=99_000.0), width, height)
        assert all(line_width(line) <= width for line in lines)
        assert "+980.00" in text_of(lines)
        assert "-42.00" in text_of(lines)


class TestObi:
    def test_selling_is_left_and_buying_right(self) -> None:
        selling, buying = text_of([gauge(-0.5, 41)]), text_of([gauge(0.5, 41)])
        assert selling.index("▀") < selling.index("│")
        assert buying.index("▀") > buying.index("│")
        assert selling.endswith("-.50")
        assert buying.endswith("+.50")

    def test_the_word_of_the_stronger_side_stands_out(self) -> None:
        assert tones_of(gauge(-0.5, 41))["sell"] == "down"
        assert tones_of(gauge(0.5, 41))["sell"] == "dim"

    @pytest.mark.parametrize("value", [-3.0, -1.0, 0.0, 1.0, 7.0, math.nan])
    def test_no_value_breaks_the_gauge(self, value) -> None:
        assert line_width(gauge(value, 41)) in (40, 41)


class TestBook:
    def test_the_touch_stands_in_the_middle(self) -> None:
        lines = book_lines(make_view(), 40, 11)
        assert "mid" in text_of([lines[5]])
        prices = [float(line[0][0].replace(",", "")) for line in lines]
        assert prices == sorted(prices, reverse=True)

    def test_our_own_size_is_marked(self) -> None:
        assert "◂4" in text_of(book_lines(make_view(), 40, 11))

    def test_a_crossed_book_says_so(self) -> None:
        view = with_instrument(2, book_state=BookState.CROSSED)
        assert text_of([book_title(view)]) == "3_Weather CROSSED"

    @pytest.mark.parametrize(
        ("price", "mark"),
        [(50.0, "◆"), (50.4, "◆"), (50.6, "┊"), (47.5, "┊"), (47.4, " "), (52.6, " ")],
    )
    def test_the_predicted_price_and_its_band_are_marked(self, price, mark) -> None:
        """Predicted 50, usually within 2.5, in ticks of 1."""
        instrument = replace(fake.make_instrument(0), level=50.0, level_deviation=2.5)
        assert prediction_mark(instrument, price, 1.0) == mark

    def test_without_a_prediction_nothing_is_marked(self) -> None:
        instrument = replace(fake.make_instrument(0), level=math.nan)
        assert prediction_mark(instrument, 50.0, 1.0) == " "

    def test_an_empty_book_says_where_to_look(self) -> None:
        lines = book_lines(with_instrument(0, book_state=BookState.EMPTY), 24, 6)
        assert " ".join(text_of(lines).split()) == "no book yet; press n: what the venue says"
        assert all(line_width(line) <= 24 for line in lines)

    def test_coins_have_all_digits_of_their_prices_and_most_of_their_sizes(self) -> None:
        """In the narrowest pane; a price that was rounded would make one level of two."""
        levels = (BookLevel(61_836.98, 0.32333, 0.0), BookLevel(61_836.97, 12.5, 0.00561))
        view = with_coins(asks=(), bids=levels)
        lines = book_lines(view, 24, 6)
        best, next_one = (line.split()[:2] for line in text_of(lines).splitlines() if line)
        assert best == ["61836.98", ".3233"]
        assert next_one == ["61836.97", "12.50"]
        assert "◂.0056" in text_of(lines)
        assert all(line_width(line) <= 24 for line in lines)

    def test_a_one_sided_book_keeps_its_place(self) -> None:
        """The missing side stays empty, so that prices do not jump."""
        lines = book_lines(with_instrument(0, asks=()), 40, 11)
        assert lines[:5] == [()] * 5
        assert len(lines) == 11


class TestRegime:
    def test_the_title_says_it_in_words(self) -> None:
        assert "mean-reverting" in text_of([regime_title(make_view())])

    def test_the_newest_letter_is_on_the_right(self) -> None:
        instrument = fake.make_instrument(0)
        timeline = replace(
            instrument.timeline,
            regime=(Regime.TRENDING,) * 239 + (Regime.HIGH_VOLATILITY,),
        )
        seen = replace(instrument, timeline=timeline, change=NO_CHANGE)
        assert text_of([letters(seen, 240)]).endswith("TTH")

    def test_small_letters_are_below_the_threshold_of_certainty(self) -> None:
        instrument = fake.make_instrument(0)
        timeline = replace(
            instrument.timeline,
            regime=(Regime.TRENDING,) * 240,
            regime_probability=(0.39,) * 237 + (0.4, 0.9, math.nan),
        )
        seen = replace(instrument, timeline=timeline, change=NO_CHANGE)
        assert text_of([letters(seen, 240, 0.4)]).endswith("ttTTT")

    @pytest.mark.parametrize(("confirmed", "mark"), [(False, "┊"), (True, "┃")])
    def test_a_change_stands_where_it_happened(self, confirmed, mark) -> None:
        """Seventy seconds ago, in a history of a column a second."""
        instrument = fake.make_instrument(0)
        ts_ns = instrument.timeline.ts_ns[-71]
        change = ChangeView(0.1, 1, 280, ts_ns, is_confirmed=confirmed)
        text = text_of([letters(replace(instrument, change=change), 240)])
        assert text.index(mark) == len(text) - 71
        assert text.count("┊") + text.count("┃") == 1

    def test_a_change_before_the_history_has_no_mark(self) -> None:
        instrument = fake.make_instrument(0)
        change = ChangeView(0.1, 1, 9_000, 1, is_confirmed=True)
        text = text_of([letters(replace(instrument, change=change), 240)])
        assert "┃" not in text

    def test_the_axis_names_the_change_below_its_mark(self) -> None:
        instrument = fake.make_instrument(0)
        change = ChangeView(0.1, 1, 480, instrument.timeline.ts_ns[-121], is_confirmed=True)
        line = axis(replace(instrument, change=change), 240)
        assert text_of([line]).index("=change=") == 240 - 121 - 4
        assert line_width(line) == 240

    def test_below_the_threshold_the_regime_is_uncertain(self) -> None:
        probability = {Regime.MEAN_REVERTING: 0.39}
        view = with_instrument(0, regime_probability=probability)
        assert "UNCERTAIN mean-rev 39 %" in text_of([regime_title(view)])

    def test_a_fresh_change_is_in_the_title_and_an_old_one_is_not(self) -> None:
        """Fresh is as long as the change costs confidence: 20 bars here."""
        fresh = ChangeView(0.1, 1, 19, fake.START_NS, is_confirmed=False)
        assert "=change= 19 bars" in text_of([regime_title(with_instrument(0, change=fresh))])
        old = replace(fresh, bars_ago=20)
        assert "=change=" not in text_of([regime_title(with_instrument(0, change=old))])

    def test_a_likely_change_is_said_before_it_is_declared(self) -> None:
        view = with_instrument(0, change=replace(NO_CHANGE, probability=0.73))
        assert "=change= 73 %?" in text_of([regime_title(view)])

    @pytest.mark.parametrize(
        ("model", "words"),
        [
            (None, ""),
            (ModelView(0, 0), "edges assumed, not fitted yet"),
            (ModelView(9, fake.START_NS - 75 * fake.NS), "edges fitted at 14:02, 1m15s ago"),
        ],
    )
    def test_the_model_in_force(self, model, words) -> None:
        assert text_of([model_words(model, fake.START_NS)]) == words

    @pytest.mark.parametrize(("confirmed", "words"), [(True, "confirmed"), (False, "suspected")])
    def test_a_change_in_words(self, confirmed, words) -> None:
        now_ns = fake.START_NS
        change = ChangeView(0.07, 3, 12, now_ns - 3 * fake.NS, is_confirmed=confirmed)
        text = text_of([change_words(change, now_ns)])
        assert text == f"=change= 12 bars ago, 3.0s, {words}  now 7 %"
        short = text_of([change_words(change, now_ns, short=True)])
        assert short == f"=change= 12 bars ago, {words}  now 7 %"
        assert text_of([change_words(NO_CHANGE, now_ns)]) == "no change seen  now 2 %"

    def test_a_tall_pane_shows_the_others_too(self) -> None:
        assert "2_Eisbach_Call" in text_of(regime_lines(make_view(), 58, 10))


class TestPositions:
    def test_the_selected_one_has_a_mark(self) -> None:
        lines = positions_lines(make_view(selected=2), 77, 20)
        assert text_of([lines[3]]).startswith("▸ 3_Weather")

    def test_a_flat_position_has_no_entry(self) -> None:
        line = positions_lines(make_view(), 77, 20)[2]
        assert text_of([line]).split()[:3] == ["2_Eisbach_Call", "0", "-"]

    def test_working_size_stands_beside_the_position(self) -> None:
        assert "B4 S7" in text_of(positions_lines(make_view(), 35, 8))

    def test_orders_that_do_not_fit_are_counted(self) -> None:
        assert "5 more: press o" in text_of(positions_lines(make_view(), 57, 14))

    def test_a_stop_and_a_quarantined_signal_have_a_mark(self) -> None:
        fault = positions_lines(with_instrument(2, mine_fault=SignalFault.RAISED), 77, 20)
        assert "3_Weather      ✗" in text_of([fault[3]])
        stop = positions_lines(with_instrument(2, stopped_side=1), 77, 20)
        assert "3_Weather      ■" in text_of([stop[3]])

    def test_a_filled_part_is_shown(self) -> None:
        assert "2/9" in text_of(positions_lines(make_view(), 77, 22))

    @pytest.mark.parametrize("width", [35, 40, 54, 77])
    def test_fractions_of_coins_fit_under_their_titles(self, width) -> None:
        lines = positions_lines(with_coins(position=-1.23456, avg_entry_price=61_836.985), width, 9)
        assert all(line_width(line) <= width for line in lines)
        assert "-1.23456" in text_of(lines) or "-1.2346" in text_of(lines)

    def test_the_selected_one_stays_in_sight(self) -> None:
        assert "8_ETF" in text_of(positions_lines(make_view(selected=7), 35, 3))


class TestTrades:
    def test_the_title_counts_trades_of_looks(self) -> None:
        assert text_of([trades_title(make_view())]) == "219 of 18,422 looks"

    def test_an_order_comes_with_side_size_price_and_its_whole_reason(self) -> None:
        text = " ".join(text_of(trades_lines(make_view(), 57, 21)).split())
        assert "1_Eisbach BUY 4 @ 3,409 post" in text
        assert "mic +.41 obi +.45 ofi +.23 rev -.12 = +.62t str +.38" in text
        assert "conf 0.72 mean-rev 81%" in text
        assert "target +36" in text

    def test_a_narrow_pane_gives_its_lines_to_what_happened(self) -> None:
        lines = trades_lines(make_view(), 41, 8)
        assert all(text_of([line])[0] != " " for line in lines)

    def test_silence_comes_with_value_and_limit(self) -> None:
        text = text_of(trades_lines(make_view(), 77, 21))
        assert "signal too weak .21 < .35" in text
        assert "exposure limit 81.4 > 80" in text
        assert "x12" in text

    def test_a_yes_or_no_has_no_numbers(self) -> None:
        outcome = OutcomeView(Outcome.STATE_HALTED, 1.0, 0.0, 0, 5)
        text = text_of(trades_lines(with_instrument(0, outcome=outcome), 77, 21))
        assert " ".join(text.split("1_Eisbach")[-1].split()[:3]) == "safe mode x5"

    def test_a_stop_without_a_position_has_no_distance(self) -> None:
        assert measured(OutcomeView(Outcome.STOP_LOSS, 0.0, 12.5, 0, 1)) == ""
        assert measured(OutcomeView(Outcome.STOP_LOSS, 14.0, 12.5, 0, 1)) == "14 > 12.5"

    def test_a_failed_signal_of_ones_own_is_said_with_its_cause(self) -> None:
        view = with_instrument(3, mine_fault=SignalFault.NOT_FINITE)
        text = text_of(trades_lines(view, 41, 8))
        assert "✗ own signal out: it was not a number  4_W" in text
        outcome = OutcomeView(Outcome.BAD_SIGNAL, 1.0, 0.0, 0, 1)
        view = with_instrument(0, mine_fault=SignalFault.RAISED, outcome=outcome)
        text = text_of(trades_lines(view, 77, 21))
        assert "own signal failed: it raised an error" in text

    def test_the_selected_instrument_comes_first(self) -> None:
        lines = trades_lines(make_view(selected=4), 41, 8)
        assert text_of([lines[-2]]).startswith("∅ 5_Flights")

    def test_an_instrument_on_its_target_is_no_trouble(self) -> None:
        assert "∅ 4_Weather" not in text_of(trades_lines(make_view(), 77, 21))

    def test_what_the_venue_writes_cannot_move_the_cursor(self) -> None:
        notice = replace(fake.make_notices()[5], text="refused\x1b[2J\r\n", reason="\x07bell")
        text = text_of(trades_lines(make_view(notices=(notice,)), 77, 8))
        assert "\x1b" not in text
        assert "\x07" not in text


def test_the_orders_screen_marks_nothing_once_the_chosen_order_is_gone() -> None:
    """A cursor that jumps to a neighbor would cancel the wrong order."""
    assert "▸" in text_of(orders_screen_lines(make_view(), Tab.WORKING, 219, 0, 80, 12))
    assert "▸" not in text_of(orders_screen_lines(make_view(), Tab.WORKING, 218, 0, 80, 12))


def test_the_legend_fits_the_smallest_full_screen() -> None:
    assert max(line_width(line) for line in help_lines([], 78, 19)) <= 78


@pytest.mark.parametrize("height", [3, 6, 7, 8, 11, 30])
def test_a_row_of_the_ladder_is_the_price_that_stands_in_it(height) -> None:
    view = make_view()
    decimals = view.describe(view.selected).price_decimals
    lines = book_lines(view, 34, height)
    for row, line in enumerate(lines):
        level = level_at(view, height, row)
        text = text_of([line])
        if level is None:
            assert "mid" in text or not text.strip()
        else:
            assert text.split()[0] == number(level[1], decimals)
    assert level_at(view, height, -1) is None
    assert level_at(view, height, height) is None


@pytest.mark.parametrize("height", [3, 8, 9, 20])
@pytest.mark.parametrize("selected", [0, 7])
def test_a_row_of_positions_is_the_instrument_that_stands_in_it(height, selected) -> None:
    view = replace(make_view(), selected=selected)
    symbols = [row.symbol for row in view.snapshot.instruments]
    for row, line in enumerate(positions_lines(view, 78, height)):
        index = instrument_at(view, height, row)
        if index is not None:
            assert symbols[index] in text_of([line])
    assert instrument_at(view, height, height) is None


def test_before_the_first_regime_nothing_is_said_of_its_age() -> None:
    """The engine has not been watching since 1970."""
    view = make_view()
    rows = tuple(replace(row, regime_since_ns=0) for row in view.snapshot.instruments)
    view = replace(view, snapshot=replace(view.snapshot, instruments=rows))
    text = text_of([regime_title(view), *regime_lines(view, 58, 12)])
    assert "since" not in text
    assert "for " not in text
