"""How a sweep's page looks: as a backtest's, with what its own pictures need."""

from __future__ import annotations

from core.reports.page_style import STYLE as BACKTEST_STYLE

STYLE = (
    BACKTEST_STYLE
    + """
.tiles { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)) }
.tile { white-space: normal }
.points td, .points th { font-size: .8rem }
.stretch { fill: currentColor; fill-opacity: .03 } .stretch.odd { fill-opacity: .09 }
.pair .curve { stroke-opacity: .55 } .pair .dot { stroke: none }
.hollow { fill: var(--ground); stroke: var(--tone); stroke-width: 1.8 }
.maps { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start }
.heat { fill: var(--up) } .marked { stroke: currentColor; stroke-width: 2 }
.small text { font-size: 10.5px; opacity: .75 }
.post { stroke: currentColor; stroke-opacity: .5; stroke-width: 1; fill: none }
.thread { stroke: var(--up); stroke-width: 1.4; fill: none } .thread circle { fill: var(--up) }
.vain { stroke: currentColor; stroke-dasharray: 2 4; opacity: .45 }
.vain circle { fill: currentColor }
.bold { stroke: var(--down); stroke-width: 3.2 } .bold circle { fill: var(--down) }
.on-ground text { paint-order: stroke; stroke: var(--ground); stroke-width: 4px }
.beaten { fill: currentColor; fill-opacity: .3 } .chosen { fill: var(--down) }
.front { fill: none; stroke: var(--up); stroke-dasharray: 5 4; stroke-opacity: .8 }
.key.bold::before, .key.chosen::before { background: var(--down) }
.key.thread::before, .key.dot::before { background: var(--up) }
.key.beaten::before { background: currentColor; opacity: .3 }
pre { border: 1px solid var(--rule); border-radius: .5rem; padding: .6rem .9rem;
  overflow-x: auto; font-size: .85rem }
.told td:last-child { white-space: normal; overflow-wrap: anywhere }
"""
)
