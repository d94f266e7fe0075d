"""Public market data of a hundred more venues, through the library ccxt."""
