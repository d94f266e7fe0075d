"""How far something is, on one line of a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

_REDRAW_S = 0.1


def progress_line(unit: str) -> Callable[[int, int], None] | None:
    """Make a line with count, rate and time left, where somebody watches; else None."""
    if not sys.stderr.isatty():
        return None
    started_s = drawn_s = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal drawn_s
        now_s = time.monotonic()
        is_over = done >= total
        if now_s - drawn_s < _REDRAW_S and not is_over:
            return
        drawn_s = now_s
        rate = done / max(now_s - started_s, 1e-9)
        left = "" if is_over or rate <= 0 else f", {_left((total - done) / rate)} left"
        line = f"{done:,} of {total:,} {unit}, {rate:,.0f} a second{left}"
        click.echo(f"\r{line:<78}" + ("\n" if is_over else ""), err=True, nl=False)

    return show


def _left(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"
