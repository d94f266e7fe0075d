"""Commands that write down what a screen would show, for somebody who is not in front of it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from cockpit.cli.group import main
from cockpit.cli.screen import touch
from cockpit.cli.world import World, honest, say
from core.api.address import claimant
from core.api.socket_client import SocketClient

if TYPE_CHECKING:
    from cockpit.app import CockpitApp
    from core.domain.snapshot import RunMeta

_DEFAULT_SIZE = (160, 48)
_PAGE_ENDINGS = (".html", ".htm")


class Size(click.ParamType[tuple[int, int]]):
    """Columns and rows of a terminal: `160x48`."""

    name = "size"
    _least: ClassVar[tuple[int, int]] = (20, 5)
    _most: ClassVar[tuple[int, int]] = (400, 120)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read a size."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,4})x(\d{1,4})", str(value).strip().lower())
        columns, rows = (int(match[1]), int(match[2])) if match else (0, 0)
        (low, lowest), (high, highest) = self._least, self._most
        if not (low <= columns <= high and lowest <= rows <= highest):
            self.fail(
                f"{value!r} is not a size from {low}x{lowest} to {high}x{highest}, "
                "such as 160x48 (columns and rows)",
                param,
                ctx,
            )
        return columns, rows


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--size",
    type=Size(),
    default=_DEFAULT_SIZE,
    metavar="160x48",
    help="Columns and rows of the terminal.",
)
@click.option("--page", default="main", metavar="NAME", help="Such as orders or statistics.")
@click.option("--instrument", "symbol", metavar="SYMBOL", help="The one to look at.")
@click.option("--theme", metavar="NAME", help="Instead of that of your settings.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
@honest
def screenshot(
    world: World,
    file: Path | None,
    size: tuple[int, int],
    page: str,
    symbol: str | None,
    theme: str | None,
    force: bool,
) -> None:
    """
    Write down what the cockpit shows of the running engine, or of a replay.

    FILE ends in .svg, .png or .txt; without it a name is found and printed. Only looks:
    nothing is asked of the engine but what it shows.
    """
    from cockpit.pictures.camera import check_page, take_picture
    from cockpit.pictures.picture import exists_already, kind_of

    check_page(page)
    if file is not None:
        # Before anything is waited for.
        kind_of(file)
        if file.exists() and not force:
            raise exists_already(file)
    run_dir = _run_dir_of(world.run_dir)
    meta = asyncio.run(touch(SocketClient(run_dir, "screenshot", read_only=True)))
    app = _cockpit(world, run_dir, theme)
    picture = asyncio.run(take_picture(app, size, page, symbol))
    path = file or _free_name(meta, page)
    picture.write(path, force=force)
    click.echo(str(path))


@main.command()
@click.argument("words", nargs=-1, metavar="[RUN] [FILE.html]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Where to write (default: RUN.html here).",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
@honest
def report(world: World, words: tuple[str, ...], out: Path | None, force: bool) -> None:
    """
    Write a session as one page: curve, regimes, trades with reasons, outcomes, commands.

    RUN is its folder, its name in the run directory, or `latest`, which is also the default.
    `report RUN.html` writes the run of that name, or the latest one if there is none.

    The run is gone through and compared on the way. Exit code 0: identical; 4: different;
    5: the journal is damaged; the page is written and says so.
    """
    from core.doors.runs import run_report

    run, path = _run_and_page(world, words, out)
    code, written, verdict = run_report(world, run, path, force=force, report=say)
    say(verdict)
    click.echo(str(written))
    sys.exit(code)


def _run_and_page(
    world: World, words: tuple[str, ...], out: Path | None
) -> tuple[str, Path | None]:
    """Tell the run from the page by the ending."""
    from core.domain.errors import ConfigurationError
    from core.doors.runs import find_run

    pages = [Path(word) for word in words if word.lower().endswith(_PAGE_ENDINGS)]
    runs = [word for word in words if not word.lower().endswith(_PAGE_ENDINGS)]
    if len(runs) > 1:
        raise ConfigurationError(f"report takes one run, not {len(runs)}")
    if len(pages) + (out is not None) > 1:
        raise ConfigurationError("report writes one page: name it once, as FILE.html or with --out")
    if out is not None and not out.name.lower().endswith(_PAGE_ENDINGS):
        raise ConfigurationError(f"{out} has another ending; allowed: {', '.join(_PAGE_ENDINGS)}")
    if runs:
        return runs[0], pages[0] if pages else out
    if pages and find_run(world, pages[0].stem):
        return pages[0].stem, pages[0]
    return "latest", pages[0] if pages else out


def _run_dir_of(run_dir: Path) -> Path:
    """Where to look: the engine's run directory, or that of the one replay that is watched."""
    if claimant(run_dir):
        return run_dir
    replays = [folder for folder in sorted(run_dir.glob("replay-*")) if claimant(folder)]
    return replays[0] if len(replays) == 1 else run_dir


def _cockpit(world: World, run_dir: Path, theme: str | None) -> CockpitApp:
    """Make a cockpit in the look of the person's settings; a file can show all of it."""
    from cockpit.app import CockpitApp
    from cockpit.settings.loader import load_cockpit_settings
    from cockpit.styles.look import Look
    from cockpit.styles.themes import MONO, THEMES
    from core.domain.errors import ConfigurationError

    settings = load_cockpit_settings(world.cockpit_files).settings
    if theme is not None and theme not in THEMES:
        raise ConfigurationError(f"there is no theme {theme!r}; allowed: {', '.join(THEMES)}")
    plain = MONO.name if os.environ.get("NO_COLOR") else settings.theme
    is_ascii = world.is_ascii or settings.ascii == "always"
    return CockpitApp(
        lambda: SocketClient(run_dir, "screenshot", read_only=True),
        read_only=True,
        look=Look(THEMES[theme or plain], is_ascii),
        settings=settings,
    )


def _free_name(meta: RunMeta, page: str) -> Path:
    """Name of a file that is not there yet."""
    stem = f"{meta.run_id}-{page}"
    names = (Path(f"{stem}{f'-{number}' if number > 1 else ''}.svg") for number in count(1))
    return next(path for path in names if not path.exists())
