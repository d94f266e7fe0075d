"""Commands on the store of recorded markets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cockpit.cli.group import main
from cockpit.cli.world import World, honest

_data = click.argument("data", nargs=-1, required=True)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
_store = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Another store (default: data/ in the run directory).",
)


@main.group()
def data() -> None:
    """Keep recorded markets as data sets of your own, list them, check them."""


@data.command("import")
@click.argument("name")
@_data
@_store
@click.option("--force", is_flag=True, help="Replace a data set of this name.")
@_as_json
@click.pass_obj
@honest
def data_import(
    world: World, name: str, data: tuple[str, ...], store: Path | None, force: bool, as_json: bool
) -> None:
    """
    Write DATA into the store under a NAME, which every command then takes for DATA.

    Files are read one after the other, so that together they may be larger than memory.
    """
    from core.doors.store import run_data_import

    document, text = run_data_import(world, name, data, store=store, force=force)
    click.echo(json.dumps(document, indent=2) if as_json else text)


@data.command("list")
@_store
@_as_json
@click.pass_obj
@honest
def data_list(world: World, store: Path | None, as_json: bool) -> None:
    """List the data sets of the store."""
    from core.doors.store import run_data_list

    document, text = run_data_list(world, store)
    click.echo(json.dumps(document, indent=2) if as_json else text)


@data.command("check")
@_data
@_store
@click.option(
    "--gap",
    "gap_steps",
    type=click.FloatRange(1, 1e9),
    metavar="STEPS",
    help="How many usual steps between two books make a gap (default: 100).",
)
@_as_json
@click.pass_obj
@honest
def data_check(
    world: World,
    data: tuple[str, ...],
    store: Path | None,
    gap_steps: float | None,
    as_json: bool,
) -> None:
    """
    Say what DATA is like: books, gaps, clocks, and what was left out and why.

    Of a data set of the store the checksums are compared as well. Exit code 0: fine;
    5: damaged.
    """
    from core.doors.store import run_data_check

    code, document, text = run_data_check(world, data, store=store, gap_steps=gap_steps)
    click.echo(json.dumps(document, indent=2) if as_json else text)
    sys.exit(code)


@main.command()
@click.argument("source", metavar="RUN|DATA")
@click.argument("path", metavar="FILE.parquet", type=click.Path(path_type=Path, dir_okay=False))
@_as_json
@click.pass_obj
@honest
def export(world: World, source: str, path: Path, as_json: bool) -> None:
    """
    Write a RUN with all its events and decisions, or DATA, into one Parquet file.

    The file is DATA as well: of a run then, what it heard from the market and the city.
    """
    from core.doors.store import run_export

    document, text = run_export(world, (source,), path)
    click.echo(json.dumps(document, indent=2) if as_json else text)
