"""Hyperliquid's WebSocket on a port of this machine."""

from __future__ import annotations

from tests.venues.loopback import LoopbackServer

TIME = 1_779_271_200_000


class HyperliquidServer(LoopbackServer):
    """Serves `l2Book` and `trades`."""

    def __init__(self, *coins: str) -> None:
        super().__init__()
        self.coins = coins or ("BTC",)
        self.is_deaf = False
        self.is_asleep = False
        self.answers_pings = True
        self.time = TIME
        self._subscribed: set[tuple] = set()

    async def on_connect(self, connection) -> None:
        self._subscribed.clear()

    async def on_message(self, connection, message) -> None:
        if message["method"] == "ping":
            if self.answers_pings:
                await self.send({"channel": "pong"}, connection)
            return
        if self.is_deaf:
            return
        wanted = message["subscription"]
        key = (wanted["type"], wanted["coin"])
        if message["method"] == "unsubscribe":
            self._subscribed.discard(key)
            return
        text = f'{{"type":"{key[0]}","coin":"{key[1]}"}}'
        if wanted["coin"] not in self.coins:
            data = f"Invalid subscription {text}"
            await self.send({"channel": "error", "data": data}, connection)
            return
        if key in self._subscribed:
            data = f"Already subscribed: {text}"
            await self.send({"channel": "error", "data": data}, connection)
            return
        self._subscribed.add(key)
        data = {"method": "subscribe", "subscription": wanted}
        await self.send({"channel": "subscriptionResponse", "data": data}, connection)
        if wanted["type"] == "l2Book" and not self.is_asleep:
            await self.book(wanted["coin"])

    async def book(self, coin="BTC", size="0.97139", price="64210.0", later_ms=5) -> None:
        self.time += later_ms
        bids = [{"px": price, "sz": size, "n": 4}, {"px": "64209.0", "sz": "1.2", "n": 2}]
        asks = [{"px": "64211.0", "sz": "0.04396", "n": 1}]
        data = {"coin": coin, "time": self.time, "levels": [bids, asks]}
        await self.send({"channel": "l2Book", "data": data})

    async def trade(self, trade_id: int, side="A") -> None:
        trade = {"coin": "BTC", "side": side, "px": "64210.0", "sz": "0.005"}
        trade |= {"time": self.time, "hash": "0xab", "tid": trade_id}
        await self.send({"channel": "trades", "data": [trade]})
