"""Commands on recorded order books."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import click

from cockpit.cli.group import main
from cockpit.cli.screen import has_terminal, watch_replay
from cockpit.cli.world import Speed, World, honest, say
from core.domain.errors import ConfigurationError

_data = click.argument("data", nargs=-1, required=True)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
_page = click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write a page to look at.",
)
_part = click.option(
    "--part", metavar="A:B", help="Only this stretch, in per cent of the time, e.g. 0:50."
)
_models = click.option(
    "--models",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Start with the models of this file; short for --set models.file=FILE.",
)


def _with_models(world: World, models: Path | None) -> World:
    if models is None:
        return world
    # Quoted, so that no name of a file is taken for a number.
    override = f"models.file={json.dumps(str(models))}"
    return changed(world, overrides=(*world.overrides, override))


@main.command()
@_data
@_part
@_models
@_as_json
@_page
@click.pass_obj
@honest
def backtest(
    world: World,
    data: tuple[str, ...],
    part: str | None,
    models: Path | None,
    as_json: bool,
    page: Path | None,
) -> None:
    """
    Run the strategy on recorded order books.

    DATA is a path or pattern: Prosperity prices (prices_*.csv[.gz], trades beside them) or
    Binance raw streams (*.gz). The profile that fits the data is used unless one is named.
    """
    from core.__main__ import run_backtest

    world = _with_models(world, models)
    summary, text = run_backtest(
        world.profile,
        world.files,
        world.overrides,
        data,
        page=page,
        part=part,
        progress=_progress(),
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
@_data
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write (default: PROFILE-model.json here).",
)
@_part
@_as_json
@click.pass_obj
@honest
def fit(
    world: World, data: tuple[str, ...], path: Path | None, part: str | None, as_json: bool
) -> None:
    """
    Measure on recorded order books what each signal is worth, and write a model file.

    Edges, levels, regimes, baskets and pairs; what cannot be fitted is said with its
    reason. Fit on --part 0:50, test with `backtest --part 50:100 --models FILE`.
    """
    from core.__main__ import run_fit

    document, text = run_fit(
        world.profile, world.files, world.overrides, data, path=path, part=part
    )
    click.echo(json.dumps(document, indent=2) if as_json else text)


@main.command()
@_data
@_part
@_as_json
@_page
@click.pass_obj
@honest
def research(
    world: World, data: tuple[str, ...], part: str | None, as_json: bool, page: Path | None
) -> None:
    """
    Report what recorded order books hold for a strategy, or that there is no edge.

    How well each signal foretells returns, what the book's imbalance and its order flow
    say, which pairs move together, and the regimes.
    """
    from core.__main__ import run_research

    document, text = run_research(
        world.profile, world.files, world.overrides, data, page=page, part=part
    )
    click.echo(json.dumps(document, indent=2) if as_json else text)


@main.command()
@_data
@click.option(
    "--speed",
    type=Speed(),
    default="1",
    show_default=True,
    help="Recorded seconds a second, or max.",
)
@click.option("--no-ui", is_flag=True, help="Log lines instead of a screen.")
@click.option(
    "--verify",
    is_flag=True,
    help="Step through a RUN again (folder, name or latest) and compare every decision.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures at the end as JSON.")
@_part
@_models
@click.pass_obj
@honest
def replay(
    world: World,
    data: tuple[str, ...],
    speed: float,
    no_ui: bool,
    verify: bool,
    as_json: bool,
    part: str | None,
    models: Path | None,
) -> None:
    """
    Play recorded order books through the engine, on the same screen.

    Change the speed with `+` and `-`, pause with space, or `imc-cockpit send speed X`.

    With --verify DATA is a run of the engine: its folder, its name in the run directory, or
    `latest`. Every event is applied again and every decision compared with the journal's,
    byte for byte. Exit code 0: identical; 4: different; 5: the journal is damaged.
    """
    if verify:
        sys.exit(_verify(world, data, speed=speed, part=part, models=models, as_json=as_json))
    _refuse_runs(world, data)
    world = _with_models(world, models)
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
            part=part,
            report=say,
            is_verbose=not as_json,
        )
        click.echo(json.dumps(figures, indent=2) if as_json else _lines(figures))
        sys.exit(code)
    sys.exit(watch_replay(world, data, speed, part))


def _verify(
    world: World,
    runs: tuple[str, ...],
    *,
    speed: float,
    part: str | None,
    models: Path | None,
    as_json: bool,
) -> int:
    if len(runs) != 1:
        raise ConfigurationError(f"replay --verify takes one run, not {len(runs)}")
    if part is not None or models is not None or speed != 1.0:
        raise ConfigurationError(
            "replay --verify applies all of a run as it was: "
            "--part, --models and --speed do not go with it"
        )
    from core.__main__ import run_verify

    code, document, text = run_verify(runs[0], world.profile, world.files, world.run_dir, say)
    click.echo(json.dumps(document, indent=2) if as_json else text)
    return code


def _refuse_runs(world: World, data: tuple[str, ...]) -> None:
    """A run is no recording: it is compared, not watched."""
    from core.__main__ import is_run

    for name in data:
        if is_run(name, world.run_dir):
            raise ConfigurationError(
                f"{name} is a run of the engine, not a recording: "
                f"check it with `imc-cockpit replay {name} --verify`; watching one is not offered"
            )


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:<14} {value}" for name, value in figures.items())
