"""Commands that try many settings: sweep, ab, and the cluster for sweeps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cockpit.cli.group import main
from cockpit.cli.progress import progress_line
from cockpit.cli.recordings import (
    as_json_option,
    data_argument,
    jobs_option,
    page_option,
    part_option,
)
from cockpit.cli.world import Duration, World, honest, say
from core.domain.errors import ConfigurationError


@main.command()
@data_argument
@click.option(
    "--space",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE.toml",
    help="What is varied, and within what.",
)
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random", "grid"]),
    default="tpe",
    show_default=True,
    help="How points are chosen; grid tries all.",
)
@click.option(
    "--trials",
    type=click.IntRange(1, 100_000),
    default=64,
    show_default=True,
    help="Points of each search.",
)
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    type=click.Choice(["sharpe", "sortino", "calmar", "pnl", "drawdown"]),
    help="What is sought (default sharpe); several are sought together, the first one decides.",
)
@click.option("--folds", type=int, default=5, show_default=True, help="Stretches of equal time.")
@click.option(
    "--scheme",
    type=click.Choice(["walk-forward", "purged"]),
    default="walk-forward",
    show_default=True,
    help="Chosen by the folds before, or by all others.",
)
@click.option(
    "--embargo",
    "embargo_s",
    type=Duration(),
    default=60.0,
    show_default="60s",
    help="Time next to a judged fold that does not count for choosing.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--prune", is_flag=True, help="Give up points that fall behind on the first folds.")
@jobs_option
@click.option("--cluster", metavar="ADDRESS", default="", help="A Dask scheduler instead.")
@click.option(
    "--study",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.db",
    help="Keep what is evaluated here; the same sweep goes on from it.",
)
@part_option
@as_json_option
@page_option
@click.pass_obj
@honest
def sweep(
    world: World,
    data: tuple[str, ...],
    space: Path,
    sampler: str,
    trials: int,
    objectives: tuple[str, ...],
    folds: int,
    scheme: str,
    embargo_s: float,
    seed: int,
    prune: bool,
    jobs: int | None,
    cluster: str,
    study: Path | None,
    part: str | None,
    as_json: bool,
    page: Path | None,
) -> None:
    """
    Search settings on recorded order books, judged where they were not chosen.

    The recording is cut into folds. Settings are chosen by some and judged on another, so
    the headline is out of sample; how likely the search found luck is said beside it.
    """
    from core.doors.experiments import run_sweep

    show = progress_line("evaluations")
    document, text = run_sweep(
        world,
        data,
        space=space,
        sampler=sampler,
        trials=trials,
        objectives=objectives or ("sharpe",),
        folds=folds,
        scheme=scheme,
        embargo_s=embargo_s,
        seed=seed,
        prunes=prune,
        jobs=jobs,
        cluster=cluster,
        study=study,
        page=page,
        part=part,
        told=show or (lambda _done, _total: None),
        report=say,
    )
    if show is not None:
        click.echo(err=True)
    click.echo(json.dumps(document, indent=2) if as_json else text)


@main.command()
@data_argument
@click.option("--a", "first", multiple=True, metavar="KEY=VALUE", help="A setting of A.")
@click.option("--b", "second", multiple=True, metavar="KEY=VALUE", help="A setting of B.")
@click.option(
    "--a-config",
    "first_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="Settings of A.",
)
@click.option(
    "--b-config",
    "second_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="Settings of B.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@part_option
@as_json_option
@page_option
@click.pass_obj
@honest
def ab(
    world: World,
    data: tuple[str, ...],
    first: tuple[str, ...],
    second: tuple[str, ...],
    first_files: tuple[Path, ...],
    second_files: tuple[Path, ...],
    seed: int,
    part: str | None,
    as_json: bool,
    page: Path | None,
) -> None:
    """
    Run two settings on the same recorded order books: is B better than A?

    Without --a, A is the settings as they are. The answer comes with an interval, a p
    value, and how large a difference would have been seen.
    """
    from core.doors.experiments import run_ab

    if (first, first_files) == (second, second_files):
        raise ConfigurationError(
            "A and B are the same: say what differs, for example --b strategy.min_signal=0.3"
        )
    document, text = run_ab(
        (world.but(*first, files=first_files), world.but(*second, files=second_files)),
        data,
        names=(_name(first, first_files), _name(second, second_files)),
        part=part,
        page=page,
        seed=seed,
        progress=progress_line("events"),
    )
    click.echo(json.dumps(document, indent=2) if as_json else text)


def _name(overrides: tuple[str, ...], files: tuple[Path, ...]) -> str:
    """Call a variant by what it sets."""
    return " ".join([*(file.name for file in files), *overrides]) or "as it is"


@main.group()
def cluster() -> None:
    """Machines that sweep together: one scheduler, and workers for it."""


@cluster.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8_786, show_default=True)
@honest
def scheduler(host: str, port: int) -> None:
    """
    Run the scheduler that workers and sweeps connect to.

    Whoever reaches its port can run code on the workers: listen only where you trust all.
    """
    from core.doors.experiments import run_scheduler

    sys.exit(run_scheduler(host, port, say))


@cluster.command()
@click.argument("address")
@jobs_option
@honest
def worker(address: str, jobs: int | None) -> None:
    """Run workers for the scheduler at ADDRESS, such as tcp://10.0.0.1:8786."""
    from core.doors.experiments import run_workers

    sys.exit(run_workers(address, jobs, say))
