"""Logs of Prosperity's site, in three parts or as one JSON document."""

from __future__ import annotations

import json

import pytest

from core.data.loader import load_data
from core.domain.enums import EventKind
from core.domain.errors import DataError
from tests.unit.data.recordings import PRICES_HEADER, price_row, write_prices, write_trades

SANDBOX = json.dumps({"sandboxLog": "", "lambdaLog": "Activities log:\nno", "timestamp": 0})
ROWS = (price_row(0), price_row(100, bid="98;6"))


def a_trade(timestamp=0, symbol="JAMS", price=101.0, quantity=3, buyer="", seller="Pia"):
    return {
        "timestamp": timestamp, "buyer": buyer, "seller": seller, "symbol": symbol,
        "currency": "SEASHELLS", "price": price, "quantity": quantity,
    }  # fmt: skip


def loosely(trades):
    """A list of trades as the site writes it: with a comma after each last field."""
    objects = (
        "  {\n" + "".join(f'    "{k}": {json.dumps(v)},\n' for k, v in t.items()) + "  }"
        for t in trades
    )
    return "[\n" + ",\n".join(objects) + "\n]"


def old_log(folder, trades, rows=ROWS, ending=None):
    activities = ("Activities log:", PRICES_HEADER, *rows, "", "", "")
    history = ("Trade History:", loosely(trades) if ending is None else ending)
    parts = ("Sandbox logs:", SANDBOX, SANDBOX, "", "", *activities, *history)
    path = folder / "17.log"
    path.write_text("\n".join(parts))
    return path


def new_log(folder, trades, rows=ROWS):
    document = {
        "submissionId": "4f1c",
        "activitiesLog": "\n".join((PRICES_HEADER, *rows)),
        "logs": [json.loads(SANDBOX)],
        "tradeHistory": trades,
    }
    path = folder / "18.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("log", [old_log, new_log])
def test_a_log_is_the_day_that_its_prices_and_trades_would_be(tmp_path, log):
    path = write_prices(tmp_path, ROWS)
    write_trades(tmp_path, ["0;;Pia;JAMS;SEASHELLS;101.0;3", "100;Ed;;JAMS;SEASHELLS;98;2"])
    trades = [a_trade(), a_trade(100, price=98, quantity=2, buyer="Ed", seller="")]
    found = load_data([log(tmp_path, trades)])
    assert found.events.tobytes() == load_data([path]).events.tobytes()
    assert (found.profile, [str(i.symbol) for i in found.instruments]) == ("prosperity", ["JAMS"])
    assert [(source.rows, source.skipped) for source in found.sources] == [(4, {})]


@pytest.mark.parametrize("log", [old_log, new_log])
def test_own_trades_stay_out_and_are_counted(tmp_path, log):
    own = [a_trade(buyer="SUBMISSION"), a_trade(seller="SUBMISSION"), a_trade()]
    data = load_data([log(tmp_path, own)])
    assert (data.events["kind"] == EventKind.TRADE).sum() == 1
    assert data.sources[0].skipped == {"the submission's own trade": 2}


def test_trades_that_cannot_be_are_counted_by_reason(tmp_path):
    bad = [a_trade(symbol="ROSES"), a_trade(price=0), a_trade(price=1.5), a_trade(-1)]
    data = load_data([new_log(tmp_path, [*bad, {"timestamp": "soon"}, 7])])
    assert data.sources[0].skipped == {
        "unknown product": 1,
        "price or volume not positive": 1,
        "not a whole number": 1,
        "timestamp negative": 1,
        "not a trade": 2,
    }


def test_a_trade_that_is_cut_off_is_counted(tmp_path):
    ending = loosely([a_trade(), a_trade()])[:-40]
    data = load_data([old_log(tmp_path, [], ending=ending)])
    assert data.sources[0].skipped == {"not a trade": 1}
    assert len(data.events) == 3


def test_a_log_without_trades_has_books_alone(tmp_path):
    path = new_log(tmp_path, None)
    assert len(load_data([path]).events) == 2


def test_trades_of_several_days_belong_to_no_day(tmp_path):
    data = load_data([new_log(tmp_path, [a_trade()], [*ROWS, price_row(0, day=1)])])
    assert data.sources[0].skipped == {"trade of a log with several days, so of no day": 1}


def test_a_log_and_prices_of_one_day_are_refused(tmp_path):
    with pytest.raises(DataError, match="both hold day 0 of JAMS"):
        load_data([write_prices(tmp_path, ROWS), new_log(tmp_path, [])])


def test_a_log_without_prices_says_so(tmp_path):
    path = tmp_path / "17.log"
    path.write_text(f"Sandbox logs:\n{SANDBOX}\n")
    with pytest.raises(DataError, match='without the heading "Activities log:"'):
        load_data([path])
    path.write_text('{"submissionId": "x", "activitiesLog": "day;')
    with pytest.raises(DataError, match="no whole JSON log"):
        load_data([path])
