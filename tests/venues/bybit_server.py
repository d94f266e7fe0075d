"""Bybit's public spot WebSocket on a port of this machine."""

from __future__ import annotations

from tests.venues.loopback import LoopbackServer

TS = 1_779_271_200_000
PONGS = {
    "spot": {"success": True, "ret_msg": "pong", "conn_id": "c", "req_id": "ping", "op": "ping"},
    "private": {"req_id": "ping", "op": "pong", "args": [str(TS)], "conn_id": "c"},
    "trade": {"retCode": 0, "retMsg": "OK", "op": "pong", "data": [str(TS)], "connId": "c"},
}


class BybitServer(LoopbackServer):
    """
    Serves `orderbook.50` and `publicTrade`.

    A request with a bad topic is refused, and silences the good topics that came with it.
    """

    def __init__(self, *symbols: str) -> None:
        super().__init__()
        self.update_ids = dict.fromkeys(symbols or ("BTCUSDT",), 18_521_288)
        self.is_deaf = False
        self.is_asleep = False
        self.pong = "spot"
        """Dialect; empty for no answer."""
        self.silenced: set[str] = set()

    async def on_message(self, connection, message) -> None:
        if message["op"] == "ping":
            if self.pong:
                await self.send(PONGS[self.pong], connection)
            return
        if self.is_deaf:
            return
        topics = message["args"]
        bad = [topic for topic in topics if topic.rpartition(".")[2] not in self.update_ids]
        reply = {"success": not bad, "ret_msg": message["op"], "op": message["op"]}
        if bad:
            reply["ret_msg"] = f"error:handler not found,topic:{bad[0]}"
            self.silenced.update(topics)
        reply |= {"req_id": message["req_id"], "conn_id": "c"}
        await self.send(reply, connection)
        if bad or message["op"] != "subscribe" or self.is_asleep:
            return
        for topic in topics:
            if topic.startswith("orderbook.50."):
                await self.snapshot(topic.rpartition(".")[2], connection)

    async def snapshot(self, symbol="BTCUSDT", connection=None, **changes) -> None:
        data = {
            "s": symbol,
            "b": [["64210.10", "0.006"], ["64210.00", "0.100"]],
            "a": [["64210.20", "0.029"], ["64211.00", "0.213"]],
            "u": self.update_ids[symbol],
            "seq": 7_961_638_724,
        }
        await self.send(_book(symbol, "snapshot", data | changes), connection)

    async def move(self, symbol="BTCUSDT", *, is_lost=False, **changes) -> dict:
        """Change a level and tell of it unless that is lost; `changes` overwrite fields."""
        self.update_ids[symbol] += 1
        data = {"s": symbol, "b": [["64209.90", "1.593"]], "a": [], "seq": 7_961_638_730}
        data["u"] = self.update_ids[symbol]
        message = _book(symbol, "delta", data | changes)
        if not is_lost:
            await self.send(message)
        return message

    async def trade(self, name: str, side="Buy", symbol="BTCUSDT") -> None:
        trade = {"T": TS + 37, "s": symbol, "S": side, "v": "0.001", "p": "64210.20", "i": name}
        topic = f"publicTrade.{symbol}"
        await self.send({"topic": topic, "type": "snapshot", "ts": TS + 40, "data": [trade]})


def _book(symbol: str, kind: str, data: dict) -> dict:
    return {
        "topic": f"orderbook.50.{symbol}",
        "type": kind,
        "ts": TS + 20,
        "data": data,
        "cts": TS + 18,
    }
