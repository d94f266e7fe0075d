"""Orders on Kraken spot, over its WebSocket API v2."""
