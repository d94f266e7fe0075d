"""Public market data of Coinbase."""
