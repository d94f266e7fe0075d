"""What a figure is worth, and how it is told."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from tests.perf import __main__ as bench
from tests.perf.registry import MEASURES
from tests.perf.row import Row, Target, Unmeasurable, number, percentile


def make_row(value: float | None = 76.0, **fields: object) -> Row:
    return Row("wire", value, "us", **fields)


def test_a_value_at_its_bound_is_reached() -> None:
    assert make_row(target=Target(76)).is_ok is True
    assert make_row(target=Target(75.9)).is_ok is False
    assert make_row(target=Target(76, "least")).is_ok is True
    assert make_row(target=Target(76.1, "least")).is_ok is False


def test_a_ratio_is_judged_and_not_the_value() -> None:
    row = make_row(target=Target(2, of="ratio"), reference="echo", reference_value=49.0)
    assert row.ratio == pytest.approx(76 / 49)
    assert row.is_ok is True


def test_without_a_reference_a_ratio_is_neither_good_nor_bad() -> None:
    """A peer that is not installed must not fail the rest."""
    row = make_row(target=Target(10, "least", "ratio"), reference="peer")
    assert row.ratio is None
    assert row.is_ok is None


def test_what_was_not_measured_is_neither_good_nor_bad() -> None:
    assert make_row(None, target=Target(1)).is_ok is None
    assert make_row().is_ok is None


def test_percentiles_are_measured_values() -> None:
    """Nearest rank: no value is made up between two."""
    taken = [5.0, 1.0, 9.0, 3.0]
    assert percentile(taken, 50) == 3.0
    assert percentile(taken, 75) == 5.0
    assert percentile(taken, 99) == 9.0
    assert percentile([4.0], 50) == 4.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (1_234_567.0, "1,234,567"), (104.6, "105"), (0.8126, "0.813"), (0.0, "0")],
)
def test_numbers_have_three_digits_that_matter(value: float | None, text: str) -> None:
    assert number(value) == text


def test_the_table_aligns_and_explains() -> None:
    rows = [
        make_row(target=Target(50), note="why it is so"),
        Row("a much longer name", 3.0, "ms", None, "echo", 1.5),
    ]
    lines = bench.table(rows).splitlines()
    assert lines[2].startswith("wire ")
    assert lines[2].endswith("MISSED")
    assert lines[3] == "    why it is so"
    assert lines[0].index("unit") == lines[2].index("us") == lines[4].index("ms")


def test_every_measure_can_be_found() -> None:
    """Peers are imported in processes of their own, so no measure needs them to load."""
    for name in MEASURES:
        assert callable(import_module(f"tests.perf.{name}").measure)


def test_one_broken_measure_does_not_cost_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(name: str) -> list[Row]:
        if name == "step":
            raise ZeroDivisionError("no events")
        if name == "backtest":
            raise Unmeasurable("no data on this machine")
        return [make_row(target=Target(100), reference="echo", reference_value=38.0)]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench, "run", run)
    code = bench.main(["--only", "step", "--only", "backtest", "--only", "journal"])
    step, backtest, journal = json.loads((tmp_path / "bench.json").read_text())
    assert code == 1
    assert step["note"] == "broke: ZeroDivisionError: no events"
    assert (backtest["value"], backtest["note"]) == (None, "no data on this machine")
    assert journal == {
        "name": "wire",
        "value": 76.0,
        "unit": "us",
        "reference": "echo",
        "reference_value": 38.0,
        "ratio": 2.0,
        "target": "<= 100",
        "ok": True,
        "note": None,
    }
    assert "no data on this machine" in capsys.readouterr().out


def test_what_cannot_be_measured_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(name: str) -> list[Row]:
        raise Unmeasurable(f"{name} needs a terminal")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench, "run", run)
    assert bench.main(["--only", "cockpit"]) == 0
