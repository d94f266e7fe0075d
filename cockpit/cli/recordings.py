"""Commands on recorded order books."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from cockpit.cli.group import main
from cockpit.cli.progress import progress_line
from cockpit.cli.screen import has_terminal, watch_replay, watch_run
from cockpit.cli.world import Duration, Speed, World, honest, low_bandwidth_option, say
from core.domain.errors import ConfigurationError

data_argument = click.argument("data", nargs=-1, required=True)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
page_option = click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write a page to look at.",
)
part_option = click.option(
    "--part", metavar="A:B", help="Only this stretch, in per cent of the time, e.g. 0:50."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 1_024), help="Processes (default: one for each processor)."
)
models_option = click.option(
    "--models",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Start with the models of this file; short for --set models.file=FILE.",
)


def _unfinished(summary: dict[str, Any]) -> list[str]:
    """Say what of a strategy of one's own did not come to its end."""
    if "by_day" in summary:
        return [f"{day}: {reason}" for day, reason in summary["unfinished"].items()]
    reason = summary.get("strategy", {}).get("unfinished", "")
    return [reason] if reason else []


def _with_models(world: World, models: Path | None) -> World:
    if models is None:
        return world
    # Quoted, so that no name of a file is taken for a number.
    return world.but(f"models.file={json.dumps(str(models))}")


@main.command()
@data_argument
@click.option(
    "--strategy",
    metavar="FILE.py:CLASS",
    help="Your own, or an IMC Trader; short for --set strategy.python=...",
)
@click.option(
    "--match-trades",
    type=click.Choice(["all", "worse", "none"]),
    default="all",
    show_default=True,
    help="Market trades that a Trader's orders meet: at their price or worse, worse, none.",
)
@click.option("--timeout", "limit_s", type=Duration(), help="Of one call into it, e.g. 5s.")
@click.option(
    "--log",
    "log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.log",
    help="Write a Trader's log as IMC's site does.",
)
@click.option("--verbose-trader", is_flag=True, help="Show what it prints, on standard error.")
@click.option(
    "--by-day", is_flag=True, help="Each day by itself, from a flat account, side by side."
)
@jobs_option
@part_option
@models_option
@as_json_option
@page_option
@click.pass_obj
@honest
def backtest(
    world: World,
    data: tuple[str, ...],
    strategy: str | None,
    match_trades: str,
    limit_s: float | None,
    log: Path | None,
    verbose_trader: bool,
    by_day: bool,
    jobs: int | None,
    part: str | None,
    models: Path | None,
    as_json: bool,
    page: Path | None,
) -> None:
    """
    Run the strategy on recorded order books: the built-in one, or your own.

    DATA is a path or pattern: Prosperity prices (prices_*.csv[.gz], trades beside them) or
    logs, Binance raw streams (*.gz), bars, or a table that [data] in the settings describes;
    or one data set of the store by name, an export or a run. The profile that fits the data
    is used unless one is named.
    """
    from core.doors.recordings import run_backtest

    if jobs is not None and not by_day:
        raise ConfigurationError("--jobs goes with --by-day: one run is one process")
    world = _with_models(world, models)
    own = []
    if strategy is not None:
        own.append(f"strategy.python={json.dumps(strategy)}")
    if limit_s is not None:
        own.append(f"strategy.timeout_s={limit_s!r}")
    code, summary, text = run_backtest(
        world.but(*own),
        data,
        page=page,
        part=part,
        progress=progress_line("events"),
        match_trades=match_trades,
        shows_prints=verbose_trader,
        log=log,
        by_day=by_day,
        jobs=jobs,
    )
    click.echo(json.dumps(summary, indent=2) if as_json else text)
    for line in _unfinished(summary):
        say(f"imc-cockpit: {line}")
    sys.exit(code)


@main.command()
@data_argument
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write (default: PROFILE-model.json here).",
)
@part_option
@as_json_option
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
    from core.doors.recordings import run_fit

    document, text = run_fit(world, data, path=path, part=part)
    click.echo(json.dumps(document, indent=2) if as_json else text)


@main.command()
@data_argument
@part_option
@as_json_option
@page_option
@click.pass_obj
@honest
def research(
    world: World, data: tuple[str, ...], part: str | None, as_json: bool, page: Path | None
) -> None:
    """
    Report what recorded order books hold for a strategy, or that there is no edge.

    DATA is recorded data or a run (its folder, its name in the run directory, or `latest`).

    How well each signal foretells returns, what the book's imbalance and its order flow
    say, which pairs move together, and the regimes; of a run with city data, whether the
    city and fair values lead the prices.
    """
    from core.doors.recordings import run_research

    document, text = run_research(world, data, page=page, part=part)
    click.echo(json.dumps(document, indent=2) if as_json else text)


@main.command()
@data_argument
@click.option(
    "--speed",
    type=Speed(),
    show_default="1; max for a run with --json",
    help="Recorded seconds a second, or max; 0 waits.",
)
@click.option("--no-ui", is_flag=True, help="Log lines instead of a screen.")
@click.option("--for", "limit_s", type=Duration(), help="End in order after this long, e.g. 60s.")
@click.option(
    "--verify",
    is_flag=True,
    help="Only compare: a RUN with its journal, DATA in both loops, byte for byte.",
)
@low_bandwidth_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures at the end as JSON.")
@part_option
@models_option
@click.pass_obj
@honest
def replay(
    world: World,
    data: tuple[str, ...],
    speed: float | None,
    no_ui: bool,
    limit_s: float | None,
    verify: bool,
    low_bandwidth: bool,
    as_json: bool,
    part: str | None,
    models: Path | None,
) -> None:
    """
    Play a run of the engine again, or recorded order books, on the same screen.

    DATA is a run (its folder, its name in the run directory, or `latest`) or recorded
    data. Change the speed with `+` and `-`, pause with space, or say where to be with
    `imc-cockpit send`: speed X, step N, seek 14:03:27 | +30s | -30s | fill | -alert | end.

    A run is played from its journal alone, orders, fills and commands included: there is
    no venue. Decisions are compared with the recorded ones on the way. --verify only
    compares; recorded data is traded by the compiled loop and by the live engine's.
    Exit code 0: identical; 4: different; 5: the journal is damaged.
    """
    if verify:
        if speed is not None or limit_s is not None:
            raise ConfigurationError(_ONLY_COMPARED)
        sys.exit(_verify(world, data, part=part, models=models, as_json=as_json))
    world = world.sparing(low_bandwidth)
    is_watched = not (no_ui or as_json) and has_terminal()
    folder = _find_run(world, data, "replay plays")
    if folder is not None:
        if part is not None or models is not None:
            raise ConfigurationError(
                "a run is played as it was: --part and --models do not go with it; "
                "`imc-cockpit send seek 14:03:27` goes to a time"
            )
        if is_watched:
            sys.exit(watch_run(world, folder, 1.0 if speed is None else speed, limit_s))
        sys.exit(_play_run(world, folder, speed, limit_s, as_json=as_json))
    world = _with_models(world, models)
    pace = 1.0 if speed is None else speed
    if is_watched:
        sys.exit(watch_replay(world, data, pace, part, limit_s))
    from core.doors.recordings import run_replay

    code, figures = run_replay(
        world,
        data,
        pace,
        ends_itself=True,
        limit_s=limit_s,
        part=part,
        report=say,
        is_verbose=not as_json,
    )
    click.echo(json.dumps(figures, indent=2) if as_json else _lines(figures))
    sys.exit(code)


@main.command()
@click.argument("run")
@click.argument("key")
@click.argument("value")
@click.option(
    "--at",
    "where",
    default="start",
    show_default=True,
    metavar="WHERE",
    help="From where on: 14:03:27 (UTC), seq 12345, fill, alert, ...",
)
@as_json_option
@click.pass_obj
@honest
def whatif(world: World, run: str, key: str, value: str, where: str, as_json: bool) -> None:
    """
    Compare the rest of a RUN with the same market and another parameter.

    Both lives begin with the run's state at that moment and are traded on a simulated
    venue, so their difference is the parameter's. In a replay: `send whatif KEY VALUE`.
    """
    from core.doors.runs import run_whatif

    document, text = run_whatif(world, run, key, value, where.lower(), report=say)
    click.echo(json.dumps(document, indent=2) if as_json else text)


_ONLY_COMPARED = "replay --verify only compares: --speed and --for do not go with it"

_AS_IT_WAS = "replay --verify applies all of a run as it was: --part and --models do not go with it"


def _find_run(world: World, data: tuple[str, ...], command: str) -> Path | None:
    """Folder of the run that is meant; None if it is recorded data."""
    from core.doors.runs import find_run

    folders = [find_run(world, name) for name in data]
    if any(folders) and len(data) > 1:
        raise ConfigurationError(f"{command} one run at a time, not {len(data)}")
    return folders[0]


def _names_run(world: World, data: tuple[str, ...]) -> bool:
    """Whether a run is meant, be there one of that name or not."""
    if _find_run(world, data, "replay --verify compares") is not None:
        return True
    from core.doors.store import data_path

    place = data_path(world, data[0])
    is_name = place.replace("-", "").isalnum() and not Path(place).exists()
    return len(data) == 1 and is_name


def _play_run(
    world: World, folder: Path, speed: float | None, limit_s: float | None, *, as_json: bool
) -> int:
    from core.doors.runs import run_replay_of_run

    if speed is None:
        # Whoever asks for figures waits for them; whoever reads lines, reads along.
        speed = math.inf if as_json else 1.0
    code, document, text = run_replay_of_run(
        world,
        str(folder),
        # For figures alone nobody has to find it, and an engine may be running here.
        None if as_json else world.run_dir,
        speed,
        ends_itself=True,
        limit_s=limit_s,
        report=say,
        is_verbose=not as_json,
    )
    click.echo(json.dumps(document, indent=2) if as_json else text)
    return code


def _verify(
    world: World,
    data: tuple[str, ...],
    *,
    part: str | None,
    models: Path | None,
    as_json: bool,
) -> int:
    from core.doors.recordings import run_verify_data
    from core.doors.runs import run_verify

    if _names_run(world, data):
        if part is not None or models is not None:
            raise ConfigurationError(_AS_IT_WAS)
        code, document, text = run_verify(world, data[0], say)
    else:
        world = _with_models(world, models)
        code, document, text = run_verify_data(world, data, part=part, report=say)
    click.echo(json.dumps(document, indent=2) if as_json else text)
    return code


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:<14} {value}" for name, value in figures.items())
