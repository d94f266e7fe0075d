"""Fits on disk: what comes back, and what is refused with which sentence."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from core.domain.enums import EventKind, ModelKind
from core.domain.errors import ConfigurationError, DataError
from core.domain.events import EVENT_BYTES, load
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.records import MAX_SPREADS
from core.domain.spreads import SpreadKind, SpreadModel, spread_values
from core.models.model_file import read_models, write_models
from core.models.model_set import Kind, Model, ModelSet, Refused, SpreadRows, model_events

PAIR = tuple(
    spread_values(
        SpreadModel(
            SpreadKind.PAIR, [0, 1], [1.0, -0.5], is_fitted=True, variance=4.0,
            observation_variance=4.0, half_life_bars=9.0,
        )
    ).tolist()
)  # fmt: skip
FIT = ModelSet(
    500,
    1_234,
    (
        Model(Kind.EDGE, ("ETF",), (0.25, -0.5, 0.0), "obi"),
        Model(Kind.KALMAN, ("RIVER",), (2.0, 0.125, 0.0, 0.0)),
        Model(Kind.PAIR, ("RIVER", "ETF"), PAIR, "hedge 0.5"),
    ),
    (Refused(Kind.REGIME, ("ETF",), "59 rows; regimes need 60"),),
)
SYMBOLS = {"ETF", "RIVER"}


def instruments(*symbols):
    return tuple(Instrument(Symbol(symbol), Decimal(1)) for symbol in symbols)


def written(tmp_path, **changes):
    path = tmp_path / "models.json"
    write_models(path, FIT, ("day.csv 12ab",))
    if changes:
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


def refusal(path, bar_ms=500, symbols=SYMBOLS):
    with pytest.raises(ConfigurationError) as caught:
        read_models(path, bar_ms, symbols)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.startswith("models.file: ")
    return sentence


def test_what_is_written_comes_back(tmp_path) -> None:
    content = read_models(written(tmp_path), 500, SYMBOLS)
    assert content.fit == FIT
    assert content.data == ("day.csv 12ab",)
    assert [path.name for path in tmp_path.iterdir()] == ["models.json"]


def test_the_version_is_that_of_the_numbers() -> None:
    again = ModelSet(500, 99, FIT.models, ())
    assert again.version == FIT.version > 0
    assert ModelSet(250, 1_234, FIT.models).version != FIT.version
    assert ModelSet(500, 1_234, FIT.models[:2]).version != FIT.version


def test_a_file_of_another_time_place_or_hand_is_refused(tmp_path) -> None:
    fit = json.loads(written(tmp_path).read_text())["fit"]
    fit["models"][0]["values"][0] = 0.75
    assert "of format 9, this program reads 1" in refusal(written(tmp_path, format=9))
    assert "does not match its own fingerprint" in refusal(written(tmp_path, fit=fit))
    assert "bars of 500 ms, but strategy.bar_ms = 250" in refusal(written(tmp_path), bar_ms=250)
    assert "knows ETF, RIVER, and none of ROSES" in refusal(written(tmp_path), symbols={"ROSES"})


def test_a_damaged_or_missing_file_is_refused(tmp_path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:200])
    assert "is no model file" in refusal(path)
    assert "is no model file" in refusal(written(tmp_path, surprise=1))
    assert "No such file" in refusal(tmp_path / "nothing.json")
    assert "directory" in refusal(tmp_path)


def test_a_place_that_cannot_be_written_leaves_nothing_behind(tmp_path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        write_models(tmp_path / "no" / "models.json", FIT, ())
    assert list(tmp_path.iterdir()) == []


def test_models_become_updates_of_the_instruments_that_are_traded_here() -> None:
    rows = model_events(FIT, instruments("OTHER", "RIVER", "ETF"), SpreadRows())
    assert {len(row) for row in rows} == {EVENT_BYTES}
    decoded = load(rows)
    assert set(decoded["kind"].tolist()) == {EventKind.MODEL_UPDATED}
    assert decoded["code"].tolist() == [ModelKind.EDGE, ModelKind.KALMAN, ModelKind.SPREAD]
    assert decoded["instrument"].tolist() == [2, 1, -1]
    assert set(decoded["key"].tolist()) == {FIT.version}
    numbers = decoded[2]["bid_ticks"].view(float)
    assert numbers[5:7].tolist() == [1.0, 2.0], "the legs are numbered as they are traded here"
    assert len(model_events(FIT, instruments("RIVER"), SpreadRows())) == 1


def test_a_spread_keeps_its_row_and_there_are_only_so_many() -> None:
    rows = SpreadRows()
    assert [rows.row_of(("A", str(n))) for n in range(MAX_SPREADS)] == list(range(MAX_SPREADS))
    assert rows.row_of(("A", "one more")) is None
    assert rows.row_of(("A", "3")) == 3
    full = model_events(FIT, instruments("RIVER", "ETF"), rows)
    assert [row["code"] for row in load(full)] == [ModelKind.EDGE, ModelKind.KALMAN]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"instruments": ["ETF"]', '"instruments": []'),
        ('"values": [0.25', f'"values": [{"1," * 41}0.25'),
        ('"bar_ms": 500', f'"bar_ms": {2**70}'),
        ('"bar_ms": 500', '"bar_ms": 0'),
        ('"bars": 1234', '"bars": -1'),
        ('"day.csv 12ab"', '"\udcff"'),
        ('"day.csv 12ab"', "[" * 200_000),
    ],
)
def test_numbers_that_no_fit_writes_are_refused(tmp_path, old, new) -> None:
    path = tmp_path / "models.json"
    write_models(path, FIT, ("day.csv 12ab",))
    text = json.dumps(json.loads(path.read_text()))
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    assert "is no model file" in refusal(path)
