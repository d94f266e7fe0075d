"""
What an event settles on: its profile, its formulas, and what they are worth before the end.

Not to be mixed up with `core.domain.events`, which are the kernel's. Nothing here has a socket
or a clock: observations and forecasts come in, fair values go out.

`model`, `loader` and `profile` read an event; `formula`, `shapes`, `functions` and `evaluate` are
the language of settlements, which `settlement` applies; `timeline` and `history` keep what was
observed and forecast; `outlook` continues a series by itself; `measure`, `errors` and `curves` say
how wrong all that was; `paths` and `draws` make what may come of it, `pricer` fair values;
`backtest` says whether they were honest.
"""
