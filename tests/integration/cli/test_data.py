"""Recordings that cannot be used, or only in part: exit code 5, or what was skipped counted."""

from __future__ import annotations

import gzip

import pytest

from tests.integration.program import Program
from tests.unit.data.recordings import (
    PRICES_HEADER,
    diff,
    price_row,
    print_trade,
    snapshot,
    write,
    write_prices,
)

NOISE = bytes(range(251, 0, -1)) * 8
MANY = 400


def rows(count=MANY):
    return [price_row(100 * i, bid=f"{97 + i % 3};5", ask=f"{101 + i % 3};4") for i in range(count)]


UNUSABLE = {
    "an empty file": ("prices_round_1_day_0.csv", b""),
    "an empty compressed file": ("prices_round_1_day_0.csv.gz", gzip.compress(b"")),
    "random bytes": ("prices_round_1_day_0.csv", NOISE),
    "random bytes that claim to be compressed": ("stream.gz", b"\x1f\x8b" + NOISE),
    "a header alone": ("prices_round_1_day_0.csv", PRICES_HEADER.encode() + b"\n"),
    "other columns": ("prices_round_1_day_0.csv", b"a;b;c\n1;2;3\n"),
    "a column too few": (
        "prices_round_1_day_0.csv",
        PRICES_HEADER.replace(";ask_price_1", "").encode() + b"\n0;0;JAMS;97;5\n",
    ),
    "text": ("notes.gz", gzip.compress(b"hello\nworld\n")),
    "a stream of nothing known": ("stream.gz", gzip.compress(b'1723161255000000000 {"a":1}\n')),
}


@pytest.mark.parametrize(
    "command",
    [["backtest"], ["replay", "--no-ui", "--speed", "max"], ["fit"], ["research"]],
)
@pytest.mark.parametrize("what", UNUSABLE)
def test_an_unusable_file_ends_with_a_sentence_that_names_it(tmp_path, what, command) -> None:
    name, data = UNUSABLE[what]
    (tmp_path / name).write_bytes(data)
    told = Program(tmp_path / "run").call(*command, str(tmp_path / name), "--json")
    assert (told.code, told.out) == (5, "")
    assert name in told.err.strip().splitlines()[-1]
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("name", "part"),
    [("missing.csv", "no such file"), ("*.nothing", "no file matches"), (".", "is a folder")],
)
def test_data_that_is_not_there_is_said_not_to_be(tmp_path, name, part) -> None:
    """As a process, for its exit code: scripts go by it."""
    told = Program(tmp_path / "run").run("backtest", str(tmp_path / name))
    assert (told.code, told.out) == (5, "")
    assert part in told.sentence


def test_a_file_cut_short_is_used_as_far_as_it_goes_and_says_so(tmp_path) -> None:
    path = write_prices(tmp_path, rows(), "prices_round_1_day_0.csv.gz", cut=200)
    told = Program(tmp_path / "run").call("backtest", str(path), "--json")
    assert told.code == 0, told.err
    (used,) = told.json()["data"]
    assert 0 < used["rows"] < MANY
    assert any("cut short" in reason for reason in used["skipped"])


@pytest.mark.parametrize("price", ["nan", "-97", "0", "1e999", "inf", "ninety", "97.00001x"])
def test_impossible_prices_are_left_out_and_counted(tmp_path, price) -> None:
    bad = price_row(100 * MANY, bid=f"{price};5")
    path = write_prices(tmp_path, [*rows(), bad])
    told = Program(tmp_path / "run").call("backtest", str(path), "--json")
    assert told.code == 0, told.err
    summary = told.json()
    (used,) = summary["data"]
    assert sum(used["skipped"].values()) + sum(used["repaired"].values()) == 1
    assert sum(summary["outcomes"].values()) == summary["decisions"] > 0


def test_crossed_and_one_sided_books_are_outcomes_and_no_orders(tmp_path) -> None:
    """The kernel refuses them one by one, and each refusal is counted."""
    crossed = [price_row(100 * i, bid="105;5", ask="101;4") for i in range(50)]
    one_sided = [price_row(100 * i, bid="97;5", ask="") for i in range(50, 80)]
    path = write_prices(tmp_path, crossed + one_sided)
    told = Program(tmp_path / "run").call("backtest", str(path), "--json")
    assert told.code == 0, told.err
    summary = told.json()
    assert summary["outcomes"]["CROSSED_BOOK"] == 50
    assert summary["outcomes"]["ONE_SIDED_BOOK"] == 30
    assert summary["orders"] == 0


def test_a_stream_with_a_gap_and_broken_lines_is_counted_and_goes_on(tmp_path) -> None:
    """A lost update makes its book unknown until the next snapshot; the rest is used."""
    start = 10**18
    path = write(
        tmp_path / "xyz_20240808.gz",
        [
            snapshot(start, 10, [["100.1", "5"]], [["100.3", "4"]]),
            diff(start + 10**9, 11, 12, bids=[["100.2", "1"]]),
            f"{start} not json",
            diff(start + 2 * 10**9, 20, 21, asks=[["100.4", "NaN"]]),
            print_trade(start + 3 * 10**9, "-100.2", "1"),
            snapshot(start + 4 * 10**9, 30, [["100.1", "5"]], [["100.3", "4"]]),
            diff(start + 5 * 10**9, 31, 32, bids=[["100.2", "7"]]),
        ],
    )
    told = Program(tmp_path / "run").call("backtest", str(path), "--json")
    assert told.code == 0, told.err
    summary = told.json()
    assert sum(summary["data"][0]["skipped"].values()) >= 3
    assert summary["events"] > 0


def test_a_report_that_cannot_be_written_is_said_so(tmp_path) -> None:
    path = write_prices(tmp_path, rows(20))
    page = tmp_path / "nowhere" / "page.html"
    told = Program(tmp_path / "run").call("backtest", str(path), "--report", str(page))
    assert told.code == 2
    assert "page.html: cannot be written" in told.err
