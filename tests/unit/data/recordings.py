"""Small recordings, written by the tests that need them."""

from __future__ import annotations

import gzip
import json

PRICES_HEADER = (
    "day;timestamp;product;bid_price_1;bid_volume_1;bid_price_2;bid_volume_2;"
    "bid_price_3;bid_volume_3;ask_price_1;ask_volume_1;ask_price_2;ask_volume_2;"
    "ask_price_3;ask_volume_3;mid_price;profit_and_loss"
)
TRADES_HEADER = "timestamp;buyer;seller;symbol;currency;price;quantity"


def price_row(timestamp, product="JAMS", bid="97;5", ask="101;4", day=0):
    """One row with one level a side; a side may be left empty."""
    return f"{day};{timestamp};{product};{bid or ';'};;;;;{ask or ';'};;;;;99.0;0.0"


def write(path, lines, *, cut=0):
    """Write lines, compressed if the name says so, without the last `cut` bytes."""
    data = ("\n".join(lines) + "\n").encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    path.write_bytes(data[: len(data) - cut])
    return path


def write_prices(folder, rows, name="prices_round_1_day_0.csv", cut=0):
    return write(folder / name, [PRICES_HEADER, *rows], cut=cut)


def write_trades(folder, rows, name="trades_round_1_day_0.csv"):
    return write(folder / name, [TRADES_HEADER, *rows])


def line(ts_ns, payload, stream=None):
    """One line of a Binance recording."""
    message = payload if stream is None else {"stream": stream, "data": payload}
    return f"{ts_ns} {json.dumps(message)}"


def snapshot(ts_ns, last, bids, asks):
    return line(ts_ns, {"lastUpdateId": last, "bids": bids, "asks": asks})


def diff(ts_ns, first, last, bids=(), asks=(), previous=None, symbol="XYZ"):
    payload = {"e": "depthUpdate", "E": ts_ns // 10**6, "s": symbol, "U": first, "u": last}
    if previous is not None:
        payload["pu"] = previous
    return line(ts_ns, {**payload, "b": list(bids), "a": list(asks)}, "xyz@depth")


def ticker(ts_ns, update, bid, ask):
    payload = {"u": update, "s": "XYZ", "b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}
    return line(ts_ns, payload, "xyz@bookTicker")


def print_trade(ts_ns, price, quantity, *, is_buyer_maker=False):
    payload = {"e": "trade", "E": ts_ns // 10**6, "s": "XYZ", "p": price, "q": quantity}
    return line(ts_ns, {**payload, "m": is_buyer_maker}, "xyz@trade")
