"""Products of a file, in integers the engine can trade."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.settings.instruments import load_instruments
from core.tables.paths import config_dir

GOOD = """
[[instrument]]
symbol = "7_ETF"
tick_size = "0.1"
lot_size = "2"
position_limit = 200
maker_fee_bps = -0.5
taker_fee_bps = 2
start_price = "51.4"
"""


def load(tmp_path: Path, text: str):
    (tmp_path / "some.toml").write_text(text, encoding="utf-8")
    return load_instruments("some", folder=tmp_path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_decimals_become_ticks_and_lots(tmp_path: Path) -> None:
    (entry,) = load(tmp_path, GOOD)
    instrument = entry.to_instrument()
    assert instrument.tick_size == Decimal("0.1")
    assert instrument.tick_value_nanos == 200_000_000
    assert instrument.position_limit_lots == 100
    assert instrument.maker_fee_bps == -0.5
    assert instrument.to_ticks(Decimal("51.4")) == 514


@pytest.mark.parametrize("file", sorted((config_dir() / "instruments").glob("*.toml")))
def test_every_file_that_ships_loads(file: Path) -> None:
    assert load_instruments(file.stem)


def test_a_number_is_as_good_as_text(tmp_path: Path) -> None:
    (entry,) = load(tmp_path, GOOD.replace('"0.1"', "0.1"))
    assert entry.tick_size == Decimal("0.1")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "tick_size",
            "tik_size",
            "some.toml: instrument[1].tik_size is not a setting; did you mean instrument[1].tick_",
        ),
        (
            '"0.1"',
            '"0"',
            'some.toml: instrument[1].tick_size = "0" is below 1e-09 (allowed: 1e-09 to 1000000)',
        ),
        ('"0.1"', "true", "some.toml: instrument[1].tick_size = true must be a number"),
        ("200", "-200", "some.toml: instrument[1].position_limit = -200 is below 0"),
        (
            "200",
            "201",
            "some.toml: instrument 7_ETF: position_limit = 201 is not a multiple of lot_size = 2",
        ),
        ('"7_ETF"', '"7 ETF"', 'some.toml: instrument[1].symbol = "7 ETF" does not fit'),
        ('"0.1"', '"0.0000000015"', "some.toml: instrument 7_ETF: one tick of one lot is worth"),
        ("[[instrument]]", "[[product]]", "some.toml: product is not a setting; known: instrument"),
        ("[[instrument]]", "[instrument]", "some.toml: needs at least one [[instrument]] table"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert refusal(tmp_path, GOOD.replace(old, new)).startswith(sentence)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    text = '[[instrument]]\nsymbol = "A"\n'
    assert refusal(tmp_path, text) == "some.toml: instrument[1].tick_size is missing"


def test_a_product_stands_once(tmp_path: Path) -> None:
    assert refusal(tmp_path, GOOD + GOOD) == (
        'some.toml: instrument[2].symbol = "7_ETF" is the same as in instrument[1]'
    )


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "needs at least one" in refusal(tmp_path, "")


def test_an_unknown_file_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "lisbon.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"known: lisbon$"):
        load_instruments("munich", folder=tmp_path)
