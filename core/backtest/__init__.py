"""A backtest: recorded markets, the kernel and the simulated venue, and nothing else."""
