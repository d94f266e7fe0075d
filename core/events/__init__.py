"""
What an event settles on: its profile, its formulas, and what they are worth before the end.

Not to be mixed up with `core.domain.events`, which are the kernel's. Nothing here has a socket
or a clock: observations and forecasts come in, fair values go out.

`model` and `loader` read a profile; `formula`, `shapes`, `functions` and `evaluate` are the
language of settlements; `timeline` keeps what was observed and forecast; `errors` measures how
wrong forecasts were; `outlook` continues a series by itself; `paths` draws what may come;
`pricer` makes fair values of it; `backtest` says whether they were honest.
"""
