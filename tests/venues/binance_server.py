"""Binance's spot streams and depth snapshots on a port of this machine."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.venues.loopback import HTML, LoopbackServer

TIME_MS = 1_779_271_200_000


class BinanceServer(LoopbackServer):
    """
    Serves `/stream` and `/api/v3/depth`.

    Every symbol has a book of three levels a side around 64210; `move` changes it. Requests
    for other symbols are acknowledged and stay silent, as at Binance.
    """

    path = "/stream"

    def __init__(self, *symbols: str) -> None:
        super().__init__()
        self.books = {symbol: _Book() for symbol in symbols or ("BTCUSDT",)}
        self.is_deaf = False
        """Never acknowledge a subscription."""
        self.http_faults: list[tuple[int, bytes, dict[str, str]]] = []
        """Answers to the next snapshot requests, before good ones."""
        self.stale_snapshots = 0
        """So many snapshots are older than the stream."""
        self.snapshots = 0
        self.is_asleep = False
        """Acknowledge, and then say nothing."""

    async def on_message(self, connection, message) -> None:
        if message.get("method") == "SUBSCRIBE" and not self.is_deaf:
            await self.send({"result": None, "id": message["id"]}, connection)
            if not self.is_asleep:
                for symbol in self.books:
                    await self.move(symbol)

    def on_http(self, path: str):
        parts = urlsplit(path)
        if parts.path != "/api/v3/depth":
            return None
        self.snapshots += 1
        if self.http_faults:
            return self.http_faults.pop(0)
        symbol = parse_qs(parts.query)["symbol"][0]
        if symbol not in self.books:
            return 400, b'{"code":-1121,"msg":"Invalid symbol."}', {}
        book = self.books[symbol]
        age = 0
        if self.stale_snapshots:
            self.stale_snapshots -= 1
            age = 500
        return 200, msgspec.json.encode(book.snapshot(age)), {}

    async def move(self, symbol: str = "BTCUSDT", **changes) -> None:
        """Change a level and tell it; `changes` overwrite fields of the message."""
        await self.send(self.delta(symbol, **changes))

    def delta(self, symbol: str = "BTCUSDT", **changes) -> dict:
        data = {"e": "depthUpdate", "E": TIME_MS, "s": symbol, **self.books[symbol].change()}
        return {"stream": f"{symbol.lower()}@depth@100ms", "data": data | changes}

    async def trade(self, trade_id: int, symbol: str = "BTCUSDT", *, is_sell=False) -> None:
        data = {
            "e": "trade",
            "E": TIME_MS + 3,
            "s": symbol,
            "t": trade_id,
            "p": "64210.11000000",
            "q": "0.00200000",
            "T": TIME_MS + 1,
            "m": is_sell,
            "M": True,
        }
        await self.send({"stream": f"{symbol.lower()}@trade", "data": data})

    async def shut_down(self, connection) -> None:
        data = {"e": "serverShutdown", "E": TIME_MS}
        await self.send({"stream": "!serverShutdown", "data": data}, connection)


class _Book:
    def __init__(self) -> None:
        self.update_id = 1000
        self.size = 1
        self.bids = {"64210.10000000": "0.51200000", "64209.50000000": "0.00030000"}
        self.asks = {"64210.11000000": "0.30000000", "64212.40000000": "0.10000000"}

    def change(self) -> dict:
        first = self.update_id + 1
        self.update_id += 3
        self.size = self.size % 9 + 1
        self.bids["64210.00000000"] = f"{self.size}.00000000"
        return {
            "U": first,
            "u": self.update_id,
            "b": [["64210.00000000", self.bids["64210.00000000"]]],
            "a": [["64999.00000000", "0.00000000"]],
        }

    def snapshot(self, age: int) -> dict:
        return {
            "lastUpdateId": self.update_id - age,
            "bids": sorted(self.bids.items(), reverse=True),
            "asks": sorted(self.asks.items()),
        }


FAULTY = {
    "html": (200, HTML, {"Content-Type": "text/html"}),
    "429": (429, b'{"code":-1003,"msg":"Too many requests."}', {"Retry-After": "0.2"}),
    "418": (418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "0.3"}),
    "500": (500, b"", {}),
}
