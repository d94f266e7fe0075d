"""How a backtest's page looks: as a session's, with what its own pictures need."""

from __future__ import annotations

from core.reports.session_style import STYLE as SESSION_STYLE

STYLE = (
    SESSION_STYLE
    + """
.tiles { grid-template-columns: repeat(6, 1fr) } .tile small { display: block; opacity: .7 }
@media (max-width: 56rem) { .tiles { grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)) } }
.verdict { border-left: 4px solid var(--up); padding: .4rem 1rem; margin: 1rem 0;
  font-size: 1.05rem }
.verdict p { margin: .2rem 0 }
.thin { fill: none; stroke: currentColor; stroke-opacity: .7; stroke-width: 1.1 }
.gain { fill: var(--up); fill-opacity: .75 } .loss { fill: var(--down); fill-opacity: .75 }
.sum { fill-opacity: 1 } .plain { fill: currentColor; fill-opacity: .35 }
.maker { --tone: var(--up) } .taker { --tone: var(--down) } .none { --tone: var(--u) }
.band { fill: var(--tone, var(--up)); fill-opacity: .14; stroke: none }
.curve { fill: none; stroke: var(--tone); stroke-width: 2; stroke-linejoin: round }
.cost { fill: none; stroke: var(--tone); stroke-dasharray: 5 4; stroke-opacity: .8 }
.name text { fill: var(--tone) } .dot { fill: var(--tone, var(--up)) }
.multiples { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)) }
.multiples + .scroll, svg + .scroll { margin-top: 1rem } th, td { padding: .25rem .45rem }
"""
)
