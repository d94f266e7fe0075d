"""A sweep for a terminal: plain lines, no colors, 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from core.reports.text import figure

_WIDTH = 80
_BEST = 5


def sweep_text(document: Mapping[str, Any]) -> str:
    """Write the document of a sweep for a person."""
    out = document["out_of_sample"]
    lines = [
        *_wrapped(
            f"{document['tried']:,} points tried ({document['sampler']}), "
            f"{document['folds']} folds, {document['scheme']}, embargo "
            f"{document['embargo_s']:g} s, sought: {', '.join(document['objectives'])}"
            + (f"; {document['given_up']:,} given up" if document["given_up"] else "")
        ),
        "",
        *(line for sentence in document["verdict"] for line in _wrapped(sentence)),
        "",
        "out of sample",
        *_wrapped(
            f"  PnL {_ranged(out['pnl_pct'])} % of the capital   max drawdown "
            f"{figure(out['drawdown_pct'])} %",
            "  ",
        ),
        *_wrapped(
            f"  Sharpe a year {_ranged(out['sharpe'])}   fills {out['fills']:,}   turnover "
            f"{figure(out['turnover'])} x",
            "  ",
        ),
        f"  {document['objective']} where it was chosen {figure(document['in_sample'])} (mean)",
        "",
        f"{'judged on':<12}{'chosen by':<16}{'in sample':>12}{'out of sample':>16}{'fills':>9}",
        *map(_split, document["splits"]),
        "",
        "best on all folds (in sample)",
        *_trials(document),
        "",
        *_use(document["chosen"]["overrides"]),
    ]
    for failure in document["failures"]:
        lines += _wrapped(f"not run: {failure}")
    return "\n".join(lines)


def _ranged(found: Mapping[str, Any]) -> str:
    shown = {name: _telling(value) for name, value in found.items()}
    if found["low"] is None:
        return shown["value"]
    return f"{shown['value']} [{shown['low']}, {shown['high']}]"


def _telling(value: float | None) -> str:
    """Two decimals, or two digits where those would show nothing."""
    if value is None or value == 0.0 or abs(value) >= 0.1:
        return figure(value)
    return f"{value:.2g}"


def _split(entry: Mapping[str, Any]) -> str:
    folds = ",".join(str(fold + 1) for fold in entry["chosen_by"])
    folds = folds if len(folds) <= 14 else f"{len(entry['chosen_by'])} others"
    return (
        f"{'fold ' + str(entry['judged_on'] + 1):<12}{folds:<16}"
        f"{figure(entry['in_sample']):>12}{figure(entry['out_of_sample']):>16}"
        f"{entry['fills']:>9,}"
    )


def _trials(document: Mapping[str, Any]) -> Iterator[str]:
    scored = [trial for trial in document["trials"] if trial["scores"]]
    is_low = document["objective"] == "drawdown"
    scored.sort(key=lambda trial: trial["scores"][0], reverse=not is_low)
    for trial in scored[:_BEST]:
        values = "  ".join(
            f"{key.rpartition('.')[2]} {_plain(value)}" for key, value in trial["values"].items()
        )
        yield from _wrapped(f"  {figure(trial['scores'][0])}  {values}", "    ")


def _use(overrides: list[str]) -> Iterator[str]:
    """Lines to paste before a command."""
    yield "use it:"
    yield from (f"  --set {entry} \\" for entry in overrides)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
