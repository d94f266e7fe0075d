"""From a recording to a model file and back, and to a report of what it holds."""

from __future__ import annotations

import json

import pytest

from tests.integration.program import Program
from tests.recorded_data import find
from tests.unit.data.recordings import price_row, write_prices

DAY = "prosperity2/round3/prices_round_3_day_0.csv.gz"
ETH = "binance_l2/spot_ethusdt_20240808.gz"


@pytest.fixture
def program(tmp_path, monkeypatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path / "run")


def lively(folder, count=1_500, products=("JAMS", "AMBER")):
    """Books that move, a little differently for each product but the last, which is still."""
    rows = [
        price_row(100 * i, product, f"{97 + (i + 3 * k) // 5 % 4};5", f"{101 + i // 5 % 4};4")
        for i in range(count)
        for k, product in enumerate(products)
    ]
    rows += [price_row(100 * i, "STILL") for i in range(count)]
    return str(write_prices(folder, rows))


def test_a_fit_is_written_told_and_started_with(program, tmp_path) -> None:
    """Fitted on one half, tested on the other: another run than without the models."""
    day = str(find(DAY))
    told = program.call("fit", day, "--part", "0:50", "--json")
    assert told.code == 0, told.err
    fit = told.json()
    assert {"path", "version", "bar_ms", "bars", "models", "refused", "part"} <= set(fit)
    assert (fit["path"], fit["bar_ms"], fit["part"]) == ("prosperity-model.json", 1_000, [0, 50])
    assert {"edge", "kalman", "regime", "basket"} <= {model["kind"] for model in fit["models"]}
    assert all(refused["reason"] for refused in fit["refused"])
    stored = json.loads((tmp_path / fit["path"]).read_text())
    assert stored["version"] == fit["version"]
    assert stored["data"][0].startswith("prices_round_3_day_0.csv.gz ")
    assert stored["data"][0].endswith(" 0:50")

    tested = program.call("backtest", day, "--part", "50:100", "--models", fit["path"], "--json")
    assert tested.code == 0, tested.err
    same = Program(tmp_path / "run", "--set", f"models.file={fit['path']}").call(
        "backtest", day, "--part", "50:100", "--json"
    )
    plain = program.call("backtest", day, "--part", "50:100", "--json")
    assert tested.json()["part"] == [50, 100]
    for name in ("decision_hash", "settings_hash"):
        assert tested.json()[name] == same.json()[name] != plain.json()[name]
    replayed = program.call(
        "replay", day, "--part", "50:100", "--models", fit["path"], "--speed", "max", "--json"
    )
    assert replayed.json()["decision_hash"] == tested.json()["decision_hash"]


def test_a_fit_for_people_says_what_was_found_and_how_to_use_it(program, tmp_path) -> None:
    told = program.call("fit", lively(tmp_path), "-o", "mine.json")
    assert told.code == 0, told.err
    assert told.out.startswith("fitted on ")
    assert "\nAMBER\n  edge " in told.out
    assert "edge     STILL: the mid never moves" in told.out.split("not fitted")[1]
    last = told.out.strip().splitlines()[-1]
    assert last == "written to mine.json; use it with: --set models.file=mine.json"
    assert (tmp_path / "mine.json").is_file()


def test_parts_of_a_backtest_are_the_events_of_the_whole(program, tmp_path) -> None:
    path = lively(tmp_path)
    events = [
        program.call("backtest", path, "--json", *words).json()["events"]
        for words in ([], ["--part", "0:37.5"], ["--part", "37.5:100"])
    ]
    assert events[0] == events[1] + events[2]


@pytest.mark.parametrize("command", ["backtest", "fit", "research", "replay"])
@pytest.mark.parametrize("part", ["50:50", "0:101", "half", "nan:1", "0:"])
def test_a_part_that_is_none_is_refused_before_anything_is_read(program, command, part) -> None:
    words = ["--no-ui"] if command == "replay" else []
    told = program.call(command, "there-is-no-such-file.csv", "--part", part, *words)
    assert (told.code, told.out) == (2, "")
    assert told.sentence.startswith(f'imc-cockpit: --part: "{part}" is not of the form A:B')


def test_nothing_to_fit_is_a_sentence_and_no_file(program, tmp_path) -> None:
    path = write_prices(tmp_path, [price_row(100 * i) for i in range(1_500)])
    told = program.call("fit", str(path), "-o", "mine.json")
    assert (told.code, told.out) == (5, "")
    assert told.sentence == f"imc-cockpit: {path}: the mid never moves"
    assert not (tmp_path / "mine.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["fit", "-o", "no/such/folder/model.json"], 5, "cannot be written"),
        (["research", "--report", "no/such/folder/page.html"], 2, "cannot be written"),
        (["backtest", "--models", "nowhere.json"], 2, "No such file"),
    ],
)
def test_a_file_that_cannot_be_is_named(program, tmp_path, words, code, part) -> None:
    command, option, name = words
    told = program.call(command, lively(tmp_path), option, name)
    assert (told.code, told.out) == (code, "")
    assert name in told.sentence
    assert part in told.sentence


def test_a_model_file_whose_name_is_a_number_is_a_file(program, tmp_path) -> None:
    path = lively(tmp_path)
    assert program.call("fit", path, "-o", "5").code == 0
    assert program.call("backtest", path, "--models", "5", "--json").code == 0


def test_a_report_says_what_a_market_holds(program, tmp_path) -> None:
    """The known figures of a known recording, its windows counted from the first quote."""
    told = program.call("research", str(find(ETH)), "--json", "--report", "page.html")
    assert told.code == 0, told.err
    found = told.json()["instruments"]["ETHUSDT"]
    assert [window["r2"] for window in found["ofi"]["windows"]] == pytest.approx(
        [0.657, 0.714, 0.773, 0.827], abs=0.002
    )
    assert found["obi"]["before_move"]["auc"]["value"] == pytest.approx(0.926, abs=0.02)
    assert set(found["regimes"]["names"]) == {"trending", "mean-reverting", "high-volatility"}
    assert told.json()["pairs"] == {"refused": "a pair takes two instruments"}
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_a_report_knows_baskets_pairs_and_where_there_is_no_edge(program) -> None:
    """The spread signal lives, because the kernel reads with the models that it starts with."""
    told = program.call("research", str(find(DAY)), "--part", "0:60", "--json")
    assert told.code == 0, told.err
    report = told.json()
    assert report["part"] == [0, 60]
    assert len(report["pairs"]) == 6
    basket = report["instruments"]["GIFT_BASKET"]
    assert basket["obi"]["verdict"] == "no edge"
    assert basket["signals"]["spread"]["reason"] == ""


def test_a_report_for_people_begins_with_its_findings(program, tmp_path) -> None:
    told = program.call("research", lively(tmp_path), "--part", "0:90")
    assert told.code == 0, told.err
    assert told.out.startswith("part 0 to 90 % of the time\nFINDINGS\n")
