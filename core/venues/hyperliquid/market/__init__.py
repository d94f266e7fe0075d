"""Public market data of Hyperliquid."""
