"""Commands on recorded order books."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cockpit.cli.group import main
from cockpit.cli.screen import has_terminal, watch_replay
from cockpit.cli.world import Speed, World, honest, say


@main.command()
@click.argument("data", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write a page to look at.",
)
@click.pass_obj
@honest
def backtest(world: World, data: tuple[str, ...], as_json: bool, page: Path | None) -> None:
    """
    Run the strategy on recorded order books.

    DATA is a path or pattern: Prosperity prices (prices_*.csv[.gz], trades beside them) or
    Binance raw streams (*.gz). The profile that fits the data is used unless one is named.
    """
    from core.__main__ import run_backtest

    summary, text = run_backtest(
        world.profile, world.files, world.overrides, data, page=page, progress=_progress()
    )
    click.echo(json.dumps(summary, indent=2) if as_json else text)


def _progress() -> Callable[[int, int], None] | None:
    """Show how far it is, where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        click.echo(f"\r{done:,} of {total:,} events{end}", err=True, nl=False)

    return show


@main.command()
@click.argument("data", nargs=-1, required=True)
@click.option(
    "--speed",
    type=Speed(),
    default="1",
    show_default=True,
    help="Recorded seconds a second, or max.",
)
@click.option("--no-ui", is_flag=True, help="Log lines instead of a screen.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures at the end as JSON.")
@click.pass_obj
@honest
def replay(world: World, data: tuple[str, ...], speed: float, no_ui: bool, as_json: bool) -> None:
    """
    Play recorded order books through the engine, on the same screen.

    Change the speed with `+` and `-`, pause with space, or `imc-cockpit send speed X`.
    """
    if no_ui or as_json or not has_terminal():
        from core.__main__ import run_replay

        code, figures = run_replay(
            world.profile,
            world.files,
            world.overrides,
            world.run_dir,
            data,
            speed,
            ends_itself=True,
            report=say,
            is_verbose=not as_json,
        )
        click.echo(json.dumps(figures, indent=2) if as_json else _lines(figures))
        sys.exit(code)
    sys.exit(watch_replay(world, data, speed))


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:<14} {value}" for name, value in figures.items())
