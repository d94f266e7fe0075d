"""How a session report looks: on a screen, in light and dark, and on paper."""

from __future__ import annotations

STYLE = """
:root { --t: #2a6fdb; --m: #0f9d78; --h: #d97706; --u: #9ca3af; --ground: #fff }
@media (prefers-color-scheme: dark) {
  :root { --t: #3f7fe0; --m: #14886a; --h: #b86a0c; --u: #566070; --ground: #0f141b }
}
body { background: var(--ground) }
.tiles { grid-template-columns: repeat(7, 1fr) } .tile { font-size: .8rem; white-space: nowrap }
.tile b { font-size: 1rem }
@media (max-width: 56rem) { .tiles { grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)) } }
h1 { margin-bottom: 0 } h1 + p { margin-top: .25rem }
.grid { stroke: var(--rule); stroke-width: .6; fill: none }
.zero { stroke: currentColor; stroke-opacity: .45; stroke-width: .8; fill: none }
.line { fill: none; stroke: var(--up); stroke-width: 1.8; stroke-linejoin: round }
.under { fill: var(--up); fill-opacity: .1 }
.peak { fill: none; stroke: currentColor; stroke-opacity: .55; stroke-dasharray: 5 4 }
.fall { fill: var(--down); fill-opacity: .2 }
.fall-line { fill: none; stroke: var(--down); stroke-width: 1.4 }
.alarm { fill: var(--down) }
.regime-0 { fill: var(--u); fill-opacity: .35 } .regime-1 { fill: var(--t); fill-opacity: .55 }
.regime-2 { fill: var(--m); fill-opacity: .55 } .regime-3 { fill: var(--h); fill-opacity: .6 }
.key { white-space: nowrap; margin-right: 1em }
.key::before { content: ""; display: inline-block; width: 1em; height: .8em; border-radius: 2px;
  margin-right: .3em }
.key.t::before { background: var(--t) } .key.m::before { background: var(--m) }
.key.h::before { background: var(--h) } .key.u::before { background: var(--u) }
td, th { white-space: nowrap }
:is(.trades, .told, .parameters) td:last-child, .trades td:nth-child(6) { white-space: normal }
.warning { border-left: 4px solid var(--down); padding: .5rem 1rem; margin: 1rem 0 }
.told td, .told th { text-align: left; vertical-align: top }
.told td:first-child, .trades td:first-child { white-space: nowrap }
.trades td, .trades th { text-align: left; vertical-align: top }
.trades :is(td, th):is(:nth-child(4), :nth-child(5)) { text-align: right }
.trades td:nth-child(6) { min-width: 8rem }
.trades td, .told td, .parameters td { font-size: .86rem }
.parameters td:last-child, .parameters th:last-child { text-align: left }
@media print {
  body { max-width: none; margin: 0; font-size: 11px }
  h2 { break-after: avoid } tr, svg, .tiles { break-inside: avoid }
  thead { display: table-header-group } .scroll { overflow: visible }
}
"""
