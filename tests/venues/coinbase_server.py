"""Coinbase Advanced Trade's market data on a port of this machine."""

from __future__ import annotations

from tests.venues.loopback import LoopbackServer

TIME = "2026-05-20T10:00:00.714964855Z"


class CoinbaseServer(LoopbackServer):
    """Serves `level2`, `market_trades` and `heartbeats`, numbered over the connection."""

    compression = "deflate"

    def __init__(self, *products: str) -> None:
        super().__init__()
        self.compression = "deflate"
        self.products = products or ("BTC-USD",)
        self.extra_levels = 0
        """Makes snapshots as large as they are in life."""
        self.is_deaf = False
        self.is_asleep = False
        self.sequence = 0
        self._subscribed: dict[str, list[str]] = {}

    async def on_connect(self, connection) -> None:
        self.sequence = 0
        self._subscribed = {}

    async def on_message(self, connection, message) -> None:
        if self.is_deaf or message["type"] != "subscribe":
            return
        channel = message["channel"]
        if channel not in {"level2", "market_trades", "heartbeats"}:
            await self.send({"type": "error", "message": "authentication failure"}, connection)
            return
        products = message.get("product_ids", [])
        if channel == "level2" and not self.is_asleep:
            for product in products:
                if product in self.products:
                    await self.tell("l2_data", [self.snapshot(product)])
        self._subscribed[channel] = products or [channel]
        await self.tell("subscriptions", [{"subscriptions": self._subscribed}])

    async def tell(self, channel: str, events: list, *, is_lost=False) -> dict:
        """Send the next message, or lose it."""
        message = {
            "channel": channel,
            "client_id": "",
            "timestamp": TIME,
            "sequence_num": self.sequence,
            "events": events,
        }
        self.sequence += 1
        if not is_lost:
            await self.send(message)
        return message

    async def move(self, side="bid", price="64209.70", size="0.5", *, is_lost=False) -> dict:
        update = _update(side, price, size)
        event = {"type": "update", "product_id": self.products[0], "updates": [update]}
        return await self.tell("l2_data", [event], is_lost=is_lost)

    async def trade(self, trade_id: str, side="BUY", price="64210.2", kind="update") -> None:
        trade = {
            "product_id": self.products[0],
            "trade_id": trade_id,
            "price": price,
            "size": "0.3",
            "time": "2026-05-20T10:00:00.265Z",
            "side": side,
        }
        await self.tell("market_trades", [{"type": kind, "trades": [trade]}])

    async def heartbeat(self, counter: int) -> None:
        await self.tell("heartbeats", [{"heartbeat_counter": str(counter)}])

    def snapshot(self, product: str) -> dict:
        updates = [_update("bid", "64210.10", "0.06317902"), _update("offer", "64210.20", "0.5")]
        far = (_update("bid", f"{n // 100}.{n % 100:02d}", "1") for n in range(1, 1_000_000))
        updates += [update for update, _ in zip(far, range(self.extra_levels), strict=False)]
        return {"type": "snapshot", "product_id": product, "updates": updates}


def _update(side: str, price: str, size: str) -> dict:
    return {"side": side, "event_time": TIME, "price_level": price, "new_quantity": size}
