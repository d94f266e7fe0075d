"""Public market data of Binance."""
