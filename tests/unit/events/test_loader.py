"""Profiles as files: those that ship, and what is said of mistakes in one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.events.loader import event_names, load_event
from core.feeds.port import Quantity

GOOD = """
title = "A day of weather"

[window]
start = "2026-05-02T09:00"
end = "2026-05-02T15:00"
time_zone = "Europe/Berlin"

[[observation]]
name = "warm"
quantity = "temperature_c"
unit = "F"
bin_minutes = 30
typical = 60
error_now = 1
error_day = 2

[[observation]]
name = "landed"
quantity = "arrivals"
unit = "flights"
bin_minutes = 60
bin_value = "sum"
outlook = "daily"
typical = 9
error_now = 3
error_day = 3
lowest = 0

[terms]
swing = "max(warm) - min(warm)"

[[product]]
symbol = "WX"
tick_size = "1"
position_limit = 100
settlement = "sum(warm) + swing"
certainty = "published"

[[product]]
symbol = "AIR"
tick_size = "1"
position_limit = 100
settlement = "3 * sum(landed)"
certainty = "agreed"

[[product]]
symbol = "BOTH"
tick_size = "1"
position_limit = 100
parts = { WX = 1, AIR = 2 }
certainty = "agreed"

[[group]]
name = "A"
weight = 2
products = ["BOTH"]
"""


def load(folder: Path, text: str = GOOD):
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return load_event("mine", folder=folder)


def complaint(folder: Path, old: str, new: str) -> str:
    """What is said of the good file after one change."""
    assert old in GOOD
    with pytest.raises(ConfigurationError) as caught:
        load(folder, GOOD.replace(old, new, 1))
    label, _, sentence = str(caught.value).partition("mine.toml: ")
    assert label
    return sentence


def test_the_shipped_events_load() -> None:
    assert event_names() == ("launchpad-burger", "london-2026", "munich-2025", "prosperity")
    for name in event_names():
        assert load_event(name).products


def test_munich_is_a_day_in_local_time() -> None:
    event = load_event("munich-2025")
    assert event.start_ts_ns == datetime(2025, 11, 22, 9, tzinfo=UTC).timestamp() * 1e9
    assert event.end_ts_ns - event.start_ts_ns == 24 * 3_600_000_000_000
    assert [product.symbol for product in event.products] == [
        "1_Eisbach",
        "2_Eisbach_Call",
        "3_Weather",
        "4_Weather",
        "5_Flights",
        "6_Airport",
        "7_ETF",
        "8_ETF_Strangle",
    ]
    assert (Quantity.FLOW_M3_S, "16515005") in event.quantities
    assert {entry.name: entry.bins for entry in event.series}["temperature"] == 48


def test_a_series_that_includes_the_start_has_one_value_more() -> None:
    tide = load_event("london-2026").series[0]
    assert tide.shape.bins == 97
    assert tide.ends_ts_ns[0] == tide.start_ts_ns


def test_one_file_is_a_new_event(tmp_path) -> None:
    event = load(tmp_path)
    assert event.title == "A day of weather"
    assert event.order == ("WX", "AIR", "BOTH")
    assert event.groups[0].weight == 2


def test_an_event_nobody_knows_is_told_the_nearest(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match=r'"munch-2025" is not in .*did you mean munich'):
        load_event("munch-2025")
    with pytest.raises(ConfigurationError, match="known: none"):
        load_event("any", folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[window]", "[windows]", "windows is not a setting; did you mean window?"),
        ("unit =", "units =", "observation[1].units is not a setting; did you mean "),
        ("[[group]]", "[group]", "group must be written as [[group]] tables"),
        ('title = "A day of weather"', "", "title is missing"),
        ('unit = "F"\n', "", "observation[1].unit is missing"),
        (
            'quantity = "temperature_c"',
            'quantity = "temperature"',
            'observation[1].quantity = "temperature" is not one of temperature_c, humidity_pct',
        ),
        ('unit = "F"', 'unit = "R"', 'observation[1].unit = "R" is not a unit of temperature_c'),
        ("bin_minutes = 30", "bin_minutes = 0", "observation[1].bin_minutes = 0 is below 1"),
        (
            "bin_minutes = 30",
            "bin_minutes = 50",
            "observation[1].bin_minutes = 50 does not divide the window of 6 h",
        ),
        ("typical = 9", "typical = -9", "observation[2].typical = -9 is not between lowest = 0"),
        ('name = "warm"', 'name = "sum"', 'observation[1].name = "sum" is a function'),
        ('name = "landed"', 'name = "warm"', 'observation[2].name = "warm" is the same as in '),
        ('time_zone = "Europe/Berlin"', 'time_zone = "Berlin"', 'window.time_zone = "Berlin" is'),
        ("T15:00", "T08:00", "window.end = 2026-05-02T08:00 is -1 h after start"),
        ("2026-05-02T09:00", "2026-02-30T09:00", "window.start = 2026-02-30T09:00 is not a date"),
        ("2026-05-02T09:00", "2026-03-29T02:30", "window.start = 2026-03-29T02:30 happens never"),
        ("2026-05-02T09:00", "2025-10-26T02:30", "window.start = 2025-10-26T02:30 happens twice"),
        ("max(warm)", "max(worm)", "terms.swing: unknown name worm; did you mean warm?"),
        ("swing =", "warm =", "terms.warm: warm is taken"),
        ("swing =", '"a b" =', "terms.a b: write letters, digits and underscores"),
        ('"max(warm) - min(warm)"', "3", "terms.swing = 3 must be a formula in quotes"),
        ("sum(warm) + swing", "warm", "product[1].settlement is a series of 12 bins of 30 min"),
        ("sum(warm) + swing", "sum(warm + landed)", "product[1].settlement: a series of 12 bins"),
        ("AIR = 2", "ARI = 2", 'product[3].parts = "ARI" is not in this file; did you mean AIR?'),
        ("AIR = 2", "BOTH = 2", "product: BOTH settle on each other"),
        (
            'settlement = "3 * sum(landed)"',
            "",
            (
                'product[2].symbol = "AIR" needs one of settlement, parts, underlying, is_market; '
                "found: none"
            ),
        ),
        (
            "parts = {",
            'settlement = "1"\nparts = {',
            (
                'product[3].symbol = "BOTH" needs one of settlement, parts, underlying, is_market; '
                "found: settlement and parts"
            ),
        ),
        (
            "parts = { WX = 1, AIR = 2 }",
            'underlying = "WX"',
            'product[3].symbol = "BOTH" needs underlying and options together',
        ),
        ('certainty = "published"', 'certainty = "sure"', 'product[1].certainty = "sure" is not '),
        ('symbol = "AIR"', 'symbol = "WX"', 'product[2].symbol = "WX" is the same as in '),
        (
            '"max(warm) - min(warm)"',
            '"1"\nAIR = "2"',
            'product[2].symbol = "AIR" is also the name of an observation or term',
        ),
        ('products = ["BOTH"]', 'products = ["BOT"]', 'group[1].products = "BOT" is not in this'),
        ("position_limit = 100", "position_limit = -1", "product[1].position_limit = -1 is below"),
    ],
)
def test_mistakes_are_told_where_they_are(tmp_path, old, new, sentence) -> None:
    assert complaint(tmp_path, old, new).startswith(sentence)


def test_a_mistake_in_a_formula_has_file_key_and_caret(tmp_path) -> None:
    told = complaint(tmp_path, "sum(warm) + swing", "sum(warm) + swung")
    assert told.splitlines() == [
        "product[1].settlement: unknown name swung; did you mean swing?",
        "    sum(warm) + swung",
        "                ^^^^^",
    ]


def test_correlated_series_need_the_same_bins(tmp_path) -> None:
    pair = '[[correlation]]\nof = ["warm", "{}"]\nvalue = 0.5\n\n[terms]'
    told = complaint(tmp_path, "[terms]", pair.format("landed"))
    assert told.startswith("correlation[1].of: warm is a series of 12 bins of 30 min, landed is")
    told = complaint(tmp_path, "[terms]", pair.format("land"))
    assert told == 'correlation[1].of = "land" is not in this file; did you mean landed?'


def test_a_file_without_products_is_no_event(tmp_path) -> None:
    head = GOOD.partition("[[product]]")[0]
    with pytest.raises(ConfigurationError, match=r"needs at least one \[\[product\]\] table"):
        load(tmp_path, head)


def test_text_that_is_no_toml_is_named_by_its_line(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match=r"not valid TOML.*line 2"):
        load(tmp_path, GOOD.replace("title =", "title", 1))


def test_the_manual_s_own_example_is_an_event(tmp_path) -> None:
    manual = Path(__file__).parents[3] / "docs" / "city" / "events.md"
    text = manual.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    assert load(tmp_path, text).order == ("WX", "WX_CALL")
