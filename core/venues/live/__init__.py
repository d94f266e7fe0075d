"""A real account: public market data and private orders as one venue."""
