"""Public market data of live venues: what every venue shares, and the client that runs it."""
