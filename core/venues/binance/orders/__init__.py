"""Orders on Binance spot, over its WebSocket API."""
