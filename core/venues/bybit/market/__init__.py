"""Public market data of Bybit."""
