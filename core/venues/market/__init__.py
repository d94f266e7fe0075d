"""Public market data of venues, as events."""
