"""The ways to run: with a screen, without one, in one process, on a recording."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.cli.world import World, say
from cockpit.cockpit_name import cockpit_name
from core.api.socket_client import SocketClient

if TYPE_CHECKING:
    from cockpit.app import CockpitApp
    from cockpit.link import Launcher
    from cockpit.styles.look import Look
    from core.api.client import EngineClient
    from core.domain.snapshot import RunMeta


def has_terminal() -> bool:
    """Tell whether somebody can look at a screen here and press keys."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def run_headless(world: World, limit_s: float | None) -> int:
    """Run the engine in the foreground; log lines instead of a screen."""
    from core.doors.engine import run_engine

    return run_engine(world, limit_s=limit_s, is_verbose=True, report=say)


def run_cockpit(world: World) -> int:
    """Open the cockpit; the engine runs in a process of its own."""
    from cockpit.launcher import ProcessLauncher
    from core.doors.settings import check_settings

    # A wrong setting is said here, where it can be read, and not on a screen that closes.
    check_settings(world, for_engine=True)
    app = open_cockpit(
        world,
        lambda: SocketClient(world.run_dir, cockpit_name()),
        launcher=ProcessLauncher(world.run_dir, world.arguments()),
    )
    return show(app, app.run)


def run_in_process(world: World) -> int:
    """Open the cockpit with the engine as a task inside it."""
    from cockpit.launcher import InProcessLauncher
    from core.doors.engine import InProcessEngine

    engine = InProcessEngine(world)
    launcher = InProcessLauncher(engine.start, engine.stop)
    app = open_cockpit(world, launcher.connect, launcher=launcher)

    async def run() -> None:
        try:
            await app.run_async()
        finally:
            await launcher.stop()

    return show(app, lambda: asyncio.run(run()))


def open_cockpit(
    world: World,
    connect: Callable[[], EngineClient],
    *,
    launcher: Launcher | None = None,
    read_only: bool = False,
    fps: float | None = None,
) -> CockpitApp:
    """
    Make a cockpit as its settings and its terminal want it; the rest is as for `CockpitApp`.

    Raises:
        ConfigurationError: If the cockpit's settings cannot be used.
    """
    from cockpit.app import CockpitApp
    from cockpit.settings.loader import load_cockpit_settings

    settings = load_cockpit_settings(world.cockpit_files).settings
    if world.is_low_bandwidth:
        settings = settings.model_copy(update={"low_bandwidth": "always"})
    look = look_here("always" if world.is_ascii else settings.ascii, settings.theme)
    return CockpitApp(
        connect, launcher=launcher, read_only=read_only, fps=fps, look=look, settings=settings
    )


def look_here(ascii_choice: str, theme: str) -> Look:
    """
    Choose what the terminal of this process can show.

    Args:
        ascii_choice: auto, always or never.
        theme: The one that is wanted.
    """
    from cockpit.styles.look import Look
    from cockpit.styles.terminal import color_system_here, lacks_unicode, theme_for

    # Textual draws on the standard error stream.
    encoding = getattr(sys.__stderr__, "encoding", None)
    lacks = lacks_unicode(os.environ, encoding)
    is_ascii = ascii_choice == "always" or (ascii_choice == "auto" and lacks)
    return Look(theme_for(theme, os.environ, color_system_here()), is_ascii)


async def touch(client: SocketClient) -> RunMeta:
    """
    Say what is there to attach to.

    Raises:
        EngineUnavailable: Now, with a sentence, if there is nothing.
    """
    try:
        return await client.connect()
    finally:
        await client.close()


def show(app: CockpitApp, run: Callable[[], object]) -> int:
    """Run a cockpit until it is left, or until its terminal is gone."""
    from cockpit.hangup import watch_terminal

    watch_terminal(app)
    run()
    return 0


def watch_replay(
    world: World, data: tuple[str, ...], speed: float, part: str | None, limit_s: float | None
) -> int:
    """Open the cockpit on a replay of recorded data, which ends with it."""
    from core.doors.store import data_path

    paths = [data_path(world, path) for path in data]
    words = ["--speed", str(speed), "--replay", *paths]
    if part is not None:
        words += ["--part", part]
    return _watch(world, words, limit_s)


def watch_run(world: World, folder: Path, speed: float, limit_s: float | None) -> int:
    """Open the cockpit on a replay of a run, which ends with it."""
    words = ["--speed", str(speed), "--replay-run", str(folder.resolve())]
    return _watch(world, words, limit_s)


def _watch(world: World, words: list[str], limit_s: float | None) -> int:
    from cockpit.launcher import ProcessLauncher

    # A world of its own: a replay must never meet a live engine's socket.
    run_dir = world.run_dir / f"replay-{os.getpid()}"
    own = World(world.profile, world.files, world.overrides, run_dir)
    if limit_s is not None:
        words = [*words, "--for", str(limit_s)]
    launcher = ProcessLauncher(run_dir, [*own.arguments(), *words], ends_with_us=True)
    app = open_cockpit(world, lambda: SocketClient(run_dir, cockpit_name()), launcher=launcher)
    try:
        return show(app, app.run)
    finally:
        asyncio.run(launcher.stop())
        shutil.rmtree(run_dir, ignore_errors=True)
