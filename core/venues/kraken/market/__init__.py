"""Public market data of Kraken."""
