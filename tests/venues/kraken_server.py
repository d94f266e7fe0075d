"""Kraken's public WebSocket, version 2, on a port of this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zlib import crc32

from tests.venues.loopback import LoopbackServer


class KrakenServer(LoopbackServer):
    """
    Serves books that prove themselves, trades, heartbeats and pongs.

    The checksum is computed from the numbers as they are written, independently of the
    client's code. Sizes keep their trailing zeros, as at Kraken.
    """

    def __init__(self, *symbols: str) -> None:
        super().__init__()
        self.books = {symbol: _book() for symbol in symbols or ("BTC/USD",)}
        self.is_deaf = False
        """Never acknowledge a subscription."""
        self.is_asleep = False
        """Acknowledge, and then say nothing."""
        self.answers_pings = True
        self.hours_ahead = 0
        """How far its clock is from this machine's."""
        self.wrong_checksums = 0
        """So many messages carry a wrong checksum."""
        self.subscriptions = 0

    async def on_connect(self, connection) -> None:
        data = [{"version": "2.0.10", "system": "online", "api_version": "v2"}]
        await self.send({"channel": "status", "type": "update", "data": data}, connection)

    async def on_message(self, connection, message) -> None:
        if message["method"] == "ping":
            if self.answers_pings:
                shown = datetime.now(UTC) + timedelta(hours=self.hours_ahead)
                times = dict.fromkeys(("time_in", "time_out"), f"{shown:%Y-%m-%dT%H:%M:%S.%fZ}")
                pong = {"method": "pong", "req_id": message["req_id"], **times}
                await self.send(pong, connection)
            return
        params = message["params"]
        if message["method"] != "subscribe" or self.is_deaf or params["channel"] == "instrument":
            return
        for symbol in params["symbol"]:
            await self._subscribe(connection, message, params["channel"], symbol)

    async def _subscribe(self, connection, message, channel: str, symbol: str) -> None:
        head = {"method": "subscribe", "req_id": message["req_id"]}
        if symbol not in self.books:
            error = f"Currency pair not supported {symbol}"
            await self.send({**head, "error": error, "success": False, "symbol": symbol})
            return
        result = {"channel": channel, "symbol": symbol, "snapshot": True}
        if channel == "book":
            result["depth"] = message["params"]["depth"]
            self.subscriptions += 1
        await self.send({**head, "result": result, "success": True}, connection)
        if channel == "book" and not self.is_asleep:
            bids, asks = self.books[symbol]
            await self.send(self.frame(symbol, "snapshot", bids, asks), connection)

    async def move(self, symbol: str = "BTC/USD", *, bids=(), asks=(), is_told=True) -> None:
        """Change levels, given as texts, and tell of it unless that is lost."""
        for side, changes in zip(self.books[symbol], (bids, asks), strict=True):
            for price, size in changes:
                side.pop(price, None)
                if float(size):
                    side[price] = size
        self._truncate(symbol)
        if is_told:
            await self.send(self.frame(symbol, "update", dict(bids), dict(asks)))

    def frame(self, symbol: str, kind: str, bids: dict, asks: dict) -> str:
        """One book message, its numbers as they are written."""
        checksum = self.checksum(symbol)
        if self.wrong_checksums:
            self.wrong_checksums -= 1
            checksum ^= 1
        return (
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{symbol}",'
            f'"bids":[{_levels(bids)}],"asks":[{_levels(asks)}],"checksum":{checksum},'
            '"timestamp":"2026-05-20T10:00:00.001440Z"}]}'
        )

    def checksum(self, symbol: str) -> int:
        bids, asks = self.books[symbol]
        best = [*sorted(asks.items(), key=_price)[:10]]
        best += sorted(bids.items(), key=_price, reverse=True)[:10]
        text = ""
        for pair in best:
            for number in pair:
                text += number.replace(".", "").lstrip("0")
        return crc32(text.encode())

    async def trade(self, trade_id: int, side: str = "sell", kind: str = "update") -> None:
        await self.send(
            f'{{"channel":"trade","type":"{kind}","data":[{{"symbol":"BTC/USD","side":"{side}",'
            f'"price":64210.1,"qty":0.00200000,"ord_type":"market","trade_id":{trade_id},'
            '"timestamp":"2026-05-20T10:00:00.708706Z"}]}'
        )

    async def heartbeat(self) -> None:
        await self.send({"channel": "heartbeat"})

    def _truncate(self, symbol: str) -> None:
        bids, asks = self.books[symbol]
        for side, is_bid in ((bids, True), (asks, False)):
            for pair in sorted(side.items(), key=_price, reverse=is_bid)[10:]:
                del side[pair[0]]


def _book() -> tuple[dict[str, str], dict[str, str]]:
    bids = {f"642{10 - n:02d}.1": f"0.{n + 1}0000000" for n in range(10)}
    asks = {f"642{11 + n}.0": f"0.0{n + 1}000010" for n in range(10)}
    return bids, asks


def _price(pair: tuple[str, str]) -> float:
    return float(pair[0])


def _levels(side: dict[str, str]) -> str:
    return ",".join(f'{{"price":{price},"qty":{size}}}' for price, size in side.items())
