"""Recognizing what a file is."""

from __future__ import annotations

import pytest

from core.data.loader import load_data
from core.domain.errors import DataError
from tests.unit.data.recordings import diff, price_row, snapshot, write, write_prices, write_trades

STREAM = [
    snapshot(1_000, 100, [["9.98", "5.0"]], [["10.01", "4.0"]]),
    diff(2_000, 101, 102, [["9.97", "1.0"]]),
]


def test_trades_named_beside_their_prices_are_read_once(tmp_path):
    write_prices(tmp_path, [price_row(0)])
    write_trades(tmp_path, ["0;;;JAMS;S;5;1"])
    assert len(load_data([tmp_path / "*.csv"]).events) == 2


def test_trades_alone_are_refused(tmp_path):
    path = write_trades(tmp_path, ["0;;;JAMS;S;5;1"])
    with pytest.raises(DataError, match="trades only; name the prices file"):
        load_data([path])


def test_an_unknown_format_is_told_what_was_looked_for(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    with pytest.raises(DataError, match=r"not recognized; looked for .*Prosperity .*Binance"):
        load_data([path])


def test_a_binary_file_is_of_no_known_format(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(DataError, match="not recognized"):
        load_data([path])


def test_clocks_that_have_nothing_in_common_are_not_mixed(tmp_path):
    prices = write_prices(tmp_path, [price_row(0)])
    stream = write(tmp_path / "stream.gz", STREAM)
    with pytest.raises(DataError, match="name one kind"):
        load_data([prices, stream])


def test_first_and_last_time_are_those_of_the_events(tmp_path):
    data = load_data([write(tmp_path / "stream", STREAM)])
    assert (data.first_ts_ns, data.last_ts_ns) == (1_000, 2_000)
