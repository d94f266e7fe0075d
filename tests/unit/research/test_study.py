"""From a recording to a report, and from a report to text, JSON and page."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from core.data.dataset import DataSet, SourceFile
from core.data.loader import load_data
from core.domain import events
from core.domain.enums import Channel, Signal
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import as_records
from core.models.refusal import Refusal
from core.research.drawings import decay_curve
from core.research.findings import PairFound, RegimesFound, Verdict
from core.research.page import html_report
from core.research.report import to_dict
from core.research.study import study
from core.research.text import WIDTH, text_report
from tests.unit.research.markets import MS, PARAMS, START_NS, books

REGIMES = RegimesFound(
    names=("trending", "calm & quiet"),
    share_of_time=(0.3, 0.7),
    mean_duration_s=(12.5, 31.0),
    features=("return", "log volatility"),
    feature_means=((0.2, 1.5), (-0.01, -0.8)),
)
PAIRS = (
    PairFound(("ETF", "<River>"), 0.004, 12.5, (1.0, -2.5), True, "below 1 % after adjustment"),
    PairFound(("A", "B"), 0.62, None, (1.0, 3.0), False, "no common path"),
)


def leaning(count=900, seed=4):
    """The first instrument's mid follows the thicker side; the second's follows nothing."""
    rng = np.random.default_rng(seed)
    rows = []
    river, etf = 400, 9_000
    for beat in range(count):
        bid_lots, ask_lots = rng.integers(1, 60, 2)
        rows.append((100 * beat, 0, river, bid_lots, river + 1, ask_lots))
        rows.append((100 * beat, 1, etf, *rng.integers(1, 60, 1), etf + 4, rng.integers(1, 60)))
        if rng.random() < 0.8:
            river += 2 * int(np.sign(bid_lots - ask_lots))
        etf += int(rng.integers(-1, 2))
    return books(rows)


@pytest.fixture(scope="module")
def report():
    data = leaning()
    source = SourceFile("a<b.csv", "12ab", 1_800, {"not a whole number": 2}, {"sorted": 1})
    data = DataSet(data.instruments, data.profile, data.events, (source,))
    return study(data, PARAMS, pairs=PAIRS, regimes={"ETF": REGIMES})


def test_an_edge_is_found_where_it_was_put_and_only_there(report):
    river, etf = report.instruments
    assert river.obi.verdict is Verdict.EDGE
    assert {s.name: s.verdict for s in river.signals.signals}["microprice"] is Verdict.EDGE
    assert etf.obi.verdict is Verdict.NONE
    assert all(signal.verdict is Verdict.NONE for signal in etf.signals.signals)


def test_a_report_says_what_was_recorded(report):
    _, etf = report.instruments
    assert (etf.books.good, etf.books.bad) == (900, 0)
    assert etf.books.span_s == pytest.approx(89.9)
    assert etf.books.mean_gap_s == pytest.approx(0.1)
    assert etf.market.mean_spread_ticks == etf.market.median_spread_ticks == 4.0
    # 3 bps of about 9,000 ticks.
    assert etf.market.taker_fee_ticks == pytest.approx(2.7, abs=0.05)
    # Ten steps a second of -1, 0 or 1, each with variance 2/3.
    assert etf.market.volatility_ticks == pytest.approx(np.sqrt(20 / 3), rel=0.25)


def test_the_sentences_name_the_edge_and_where_there_is_none(report):
    said = "\n".join(report.findings)
    assert "<River>: microprice has an edge: r = +" in said
    assert "<River>: order-book imbalance: edge. AUC" in said
    assert "ETF: no edge in any signal" in said
    assert "ETF: order-book imbalance: no edge." in said
    assert "ETF: regimes: trending 30 % of the time, 12.5 s at a stretch" in said
    assert "pair ETF ~ <River>: p = 0.0040, half-life 12.5 s; below 1 %" in said
    assert "A ~ B" not in said


def test_the_document_is_json_and_keyed_by_name(report):
    document = json.loads(json.dumps(to_dict(report), allow_nan=False))
    river = document["instruments"]["<River>"]
    assert set(river["signals"]) == {signal.name.lower() for signal in Signal}
    assert river["signals"]["microprice"]["verdict"] == "edge"
    assert river["signals"]["microprice"]["horizons"][-1]["q_value"] <= 1
    assert river["obi"]["all_states"]["auc"]["value"] > 0.6
    assert river["prediction"]["half_spread_ticks"] == 0.5
    assert river["regimes"] == {"refused": "no model was fitted"}
    assert document["instruments"]["ETF"]["regimes"]["names"][0] == "trending"
    assert document["pairs"][0]["kept"] is True
    assert document["sources"][0]["skipped"] == {"not a whole number": 2}


def test_the_text_fits_its_columns_and_holds_every_table(report):
    lines = text_report(report).split("\n")
    assert max(len(line) for line in lines) <= WIDTH
    text = "\n".join(lines)
    for part in ("FINDINGS", "half-life", "before a move", "order flow  0.5 s", "PAIRS"):
        assert part in text
    assert "regime calm & quiet: 70.0 % of the time" in text
    assert "A ~ B: left out, p 0.6200, half-life -" in text
    assert "skipped 2: not a whole number" in text
    assert "repaired 1: sorted" in text


def test_the_page_is_self_contained_escaped_and_well_formed(report):
    page = html_report(report)
    assert "&lt;River&gt;" in page
    assert "<River>" not in page
    assert "a&lt;b.csv" in page
    assert "src=" not in page
    assert "script" not in page
    assert "calm &amp; quiet" in page
    drawn = re.findall(r"<svg.*?</svg>", page)
    # A heat map, a curve for each signal that moves and the reliability of either instrument.
    assert len(drawn) == 2 * (2 + 6)
    for drawing in drawn:
        ET.fromstring(drawing)


def test_the_page_draws_inside_its_frames(report):
    for drawing in re.findall(r"<svg.*?</svg>", html_report(report)):
        root = ET.fromstring(drawing)
        _, _, width, height = map(float, root.get("viewBox").split())
        for line in root.iter("polyline"):
            points = [tuple(map(float, p.split(","))) for p in line.get("points").split()]
            assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        for label in root.iter("text"):
            assert 0 <= float(label.get("y")) <= height


def test_the_heat_map_frames_what_is_certain(report):
    heat = re.search(r"<svg.*?</svg>", html_report(report)).group()
    river = report.instruments[0].signals.signals
    certain = sum(h.q_value < 0.05 for signal in river for h in signal.future)
    assert heat.count(" real") == certain > 0


def test_a_curve_is_drawn_above_its_zero_where_the_correlation_is_positive(report):
    signals = report.instruments[0].signals.signals
    signal = next(one for one in signals if one.name == "microprice")
    root = ET.fromstring(decay_curve(signal))
    zero = float(re.search(r" ([\d.]+)H", root.find("path[@class='rule']").get("d")).group(1))
    dots = [float(dot.get("cy")) for dot in root.iter("circle")]
    assert [y < zero for y in dots] == [h.correlation.value > 0 for h in signal.future]


BAD = {
    "nothing": [],
    "one book": [(0, 0, 100, 5, 101, 7)],
    "constant": [(100 * n, 0, 100, 5, 101, 7) for n in range(600)],
    "constant mid": [(100 * n, 0, 100, 5 + n % 7, 101, 7 + n % 3) for n in range(600)],
    "one-sided": [(100 * n, 0, 100 + n % 5, 5, 0, 0) for n in range(600)],
    "crossed": [(100 * n, 0, 105 + n % 5, 5, 101, 7) for n in range(600)],
    "one time": [(0, 0, 100 + n % 5, 5 + n % 7, 106, 7) for n in range(600)],
    "only up": [(100 * n, 0, 100 + n, 5, 101 + n, 7) for n in range(600)],
    "one jump": [(100 * n, 0, 100 + 10**9 * (n > 300), 5, 101 + 10**9 * (n > 300), 7)
                 for n in range(600)],
    "a short burst": [(n / 1_000, 0, 100 + n % 5, 5 + n % 7, 106, 7) for n in range(600)],
}  # fmt: skip


@pytest.mark.parametrize("kind", list(BAD))
def test_a_bad_recording_is_a_sentence_and_not_an_exception(kind):
    """Whatever one instrument lacks, the report is whole, and no signal has an edge."""
    found = study(books(BAD[kind]), PARAMS)
    json.dumps(to_dict(found), allow_nan=False)
    assert max(len(line) for line in text_report(found).split("\n")) <= WIDTH
    assert html_report(found).endswith("</html>\n")
    said = "\n".join(found.findings)
    for instrument in found.instruments:
        assert f"{instrument.symbol}: " in said
    assert "has an edge" not in said


def test_what_a_bad_recording_lacks_is_named():
    said = "\n".join(study(books(BAD["one-sided"]), PARAMS).findings)
    assert "<River>: 600 of 600 books were crossed, one-sided or empty." in said
    assert "ETF: no signal was judged: 0 quotes after the warm-up" in said


def test_a_wild_signal_is_reported_as_reversed():
    """The mid runs away from the thicker side: an edge, against what the imbalance says."""
    rng = np.random.default_rng(7)
    rows, mid = [], 4_000
    for beat in range(900):
        bid_lots, ask_lots = rng.integers(1, 60, 2)
        rows.append((100 * beat, 0, mid, bid_lots, mid + 1, ask_lots))
        mid -= 2 * int(np.sign(bid_lots - ask_lots))
    river = Instrument(Symbol("RIVER"), Decimal(1), taker_fee_bps=400.0)
    found = study(books(rows, (river,)), PARAMS)
    said = "\n".join(found.findings)
    assert "it points the other way: trade against it" in said
    assert "a taker fee of" in said
    assert "a reason to post, not to take" in said


def test_pairs_that_all_fail_are_no_edge_and_refused_pairs_are_silent():
    data = books(BAD["one book"])
    said = study(data, PARAMS, pairs=PAIRS[1:]).findings
    assert said[-1] == "pairs: no edge; none of 1 holds together beyond chance."
    refused = study(data, PARAMS, pairs=Refusal("one instrument makes no pair"))
    assert not any("pair" in sentence for sentence in refused.findings)
    assert to_dict(refused)["pairs"] == {"refused": "one instrument makes no pair"}


def test_the_first_quote_moves_the_windows_of_order_flow(recorded):
    path = recorded / "binance_l2/spot_ethusdt_20240808.gz"
    data = load_data([path])
    shifted = study(data, PARAMS, first_quote_ns={"ETHUSDT": data.first_ts_ns - 127_703_099})
    windows = shifted.instruments[0].ofi.windows
    assert [window.r2 for window in windows] == pytest.approx(
        [0.657, 0.714, 0.773, 0.827], abs=0.02
    )


def foretold(count=900, seed=5):
    """Add a fair value that the first instrument's mid follows a second later, and flights."""
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(count) < 0.2, rng.integers(-9, 10, count), 0)
    fair = 4_000 + np.cumsum(steps)
    mids = np.append([4_000, 4_000], fair[:-2]) + rng.integers(-1, 2, count)
    rows = []
    for beat in range(count):
        rows.append((500 * beat, 0, mids[beat], 5, mids[beat] + 1, 7))
        rows.append((500 * beat, 1, 9_000 + int(rng.integers(-2, 3)), 5, 9_004, 6))
    data = books(rows)
    told = []
    for beat in range(count):
        at_ns = START_NS + 500 * beat * MS
        for row in (
            events.observation(Channel.FAIR_VALUE, float(fair[beat]), at_ns, instrument=0),
            events.observation(Channel.FLIGHTS, float(rng.integers(5, 30)), at_ns),
            events.observation(Channel.AIR_QUALITY, 40.0 + beat // 300, at_ns),
        ):
            events.stamp(row, 0, at_ns)
            told.append(row)
    joined = np.concatenate([data.events, events.load(told)])
    order = np.argsort(joined["ts_ns"], kind="stable")
    return DataSet(data.instruments, data.profile, as_records(joined[order]), ())


@pytest.fixture(scope="module")
def city_report():
    return study(foretold(), PARAMS)


def test_a_recording_without_a_city_says_nothing_of_one(report):
    assert to_dict(report)["city"] == {"refused": "the recording holds no city data"}
    assert not any(sentence.startswith("city:") for sentence in report.findings)
    assert "\nCITY\n" not in text_report(report)
    assert "City:" not in html_report(report)


def test_the_sentences_say_who_leads_who_does_not_and_who_was_not_judged(city_report):
    said = [sentence for sentence in city_report.findings if sentence.startswith("city:")]
    assert len(said) == 3
    assert said[0].startswith("city: fair value of <River> leads <River> by 1 s (r = +0.")
    assert said[1].startswith("city: no lead in flights: no move beyond chance")
    assert said[2] == (
        "city: not judged: air quality: it changed in 2 bars; fewer than 20 say nothing."
    )


def test_the_document_has_every_series_with_every_product(city_report):
    document = json.loads(json.dumps(to_dict(city_report), allow_nan=False))
    found = {(one["series"], one["symbol"]): one for one in document["city"]}
    assert len(found) == 3 * 2
    river = found["fair value of <River>", "<River>"]
    assert (river["verdict"], river["best"]["lag_s"]) == ("leads", 1.0)
    assert river["best"]["q_value"] < 1e-6
    assert len(river["best"]["by_lag"]) == 41
    assert found["flights", "ETF"]["verdict"] == "no lead"
    assert found["air quality", "ETF"] == {
        "series": "air quality",
        "symbol": "ETF",
        "verdict": "not judged",
        "best": {"refused": "it changed in 2 bars; fewer than 20 say nothing"},
    }


def test_the_text_has_what_is_real_and_counts_the_rest(city_report):
    text = text_report(city_report)
    assert max(len(line) for line in text.split("\n")) <= WIDTH
    table = text.split("\nCITY\n")[1]
    assert table.startswith(
        "  fair value of <River> leads <River>: lag +1 s on bars of 0.5 s, r +0."
    )
    assert "no lead in 3 pairs of a series and a product; too little to judge in 2" in table


def test_the_page_draws_the_lead_and_tables_all(city_report):
    page = html_report(city_report)
    section = page.split("<h2>City: lead and lag with prices</h2>")[1]
    assert "<River>" not in section
    assert "&lt;River&gt;" in section
    (drawn,) = re.findall(r"<svg.*?</svg>", section)
    root = ET.fromstring(drawn)
    _, _, width, height = map(float, root.get("viewBox").split())
    bars = list(root.iter("rect"))
    assert len(bars) == 41
    for bar in bars:
        x, y, across, down = (float(bar.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + across <= width
        assert 0 <= y <= y + down <= height
    for words in root.iter("text"):
        if words.get("text-anchor") == "start":
            assert float(words.get("x")) + 8.2 * len(words.text) <= width
    heights = [float(bar.get("height")) for bar in bars]
    # Two bars of half a second to the right of the middle.
    assert int(np.argmax(heights)) == 20 + 2
    assert section.count("<tr>") == 1 + 4


def test_many_products_are_counted_and_not_all_named():
    """Six products that one number moves: the sentence stays one."""
    rng = np.random.default_rng(8)
    steps = np.where(rng.random(600) < 0.2, rng.integers(-9, 10, 600), 0)
    products = tuple(Instrument(Symbol(f"P{n}"), Decimal(1)) for n in range(6))
    rows, told = [], []
    path = 4_000 + np.cumsum(steps)
    for beat in range(600):
        rows += [(500 * beat, n, path[max(0, beat - 3)] + n, 5, 4_500, 6) for n in range(6)]
        row = events.observation(Channel.WEATHER, float(path[beat]), START_NS + beat)
        events.stamp(row, 0, START_NS + 500 * beat * MS)
        told.append(row)
    data = books(rows, products)
    joined = np.concatenate([data.events, events.load(told)])
    order = np.argsort(joined["ts_ns"], kind="stable")
    data = DataSet(products, "practice", as_records(joined[order]), ())
    (said,) = [one for one in study(data, PARAMS).findings if one.startswith("city:")]
    assert said.count(" by 1.5 s (r = ") == 4
    assert said.endswith(", and 2 more.")
