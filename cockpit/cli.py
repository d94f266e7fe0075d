"""
`imc-cockpit`: what is asked of it, by whom, and with which exit code it ends.

Everything heavy is imported where it is needed: `status` loads neither the compiled
kernel nor the screen.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, TypeVar

import click

from core.api.address import claimant
from core.api.socket_client import SocketClient
from core.domain.commands import CommandResult
from core.domain.errors import ConfigurationError, EngineUnavailable, FatalError
from core.domain.snapshot import EngineSnapshot, RunMeta

P = ParamSpec("P")
T = TypeVar("T")

EXIT_INTERNAL = 70
MAX_SPEED = 1e6
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class World:
    """Which engine is meant: its settings and where it lives."""

    profile: str | None
    files: tuple[Path, ...]
    overrides: tuple[str, ...]
    run_dir: Path

    def arguments(self) -> list[str]:
        """The same choice for a process of its own."""
        words = ["--run-dir", str(self.run_dir)]
        if self.profile is not None:
            words += ["--profile", self.profile]
        for file in self.files:
            words += ["--config", str(file.resolve())]
        for override in self.overrides:
            words += ["--set", override]
        return words


class Duration(click.ParamType[float]):
    """A length of time: `90`, `90s`, `15m`, `2h`."""

    name = "duration"
    _units: ClassVar[dict[str, float]] = {"s": 1.0, "m": 60.0, "h": 3600.0}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read a duration in seconds."""
        text = str(value).strip().lower()
        unit = self._units.get(text[-1:], 0.0)
        try:
            seconds = float(text[:-1]) * unit if unit else float(text)
        except ValueError:
            seconds = -1.0
        if not 0 < seconds < 1e9:
            self.fail(f"{value!r} is not a length of time such as 60s, 15m or 2h", param, ctx)
        return seconds


def say(text: str) -> None:
    """Tell the person at the terminal, without disturbing what is piped."""
    click.echo(text, err=True)


def honest(command: Callable[P, T]) -> Callable[P, T]:
    """End with the sentence and the exit code of a fatal error, never with a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except FatalError as error:
            say(f"imc-cockpit: {error}")
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            say("imc-cockpit: interrupted")
            sys.exit(130)
        except BrokenPipeError:
            # The reader of our output has left, as `head` does.
            sys.stderr.close()
            sys.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001  the last line of defence says what broke
            say(f"imc-cockpit: internal error in {_place(error)}: {type(error).__name__}: {error}")
            sys.exit(EXIT_INTERNAL)

    return wrapped


def _place(error: Exception) -> str:
    """Innermost line of ours that an error came through, for a report of it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", metavar="NAME", help="Settings to start from (default: practice).")
@click.option(
    "--config",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A TOML file over the profile; may be given several times.",
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="One setting, for this run."
)
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where runs and the engine's socket live; two directories are two worlds.",
)
@click.option("--no-ui", is_flag=True, help="Engine in the foreground, log lines, no screen.")
@click.option("--for", "limit_s", type=Duration(), help="End in order after this long, e.g. 60s.")
@click.option("--in-process", is_flag=True, help="Engine as a worker inside the cockpit.")
@click.version_option(package_name="imc-cockpit", prog_name="imc-cockpit")
@click.pass_context
@honest
def main(
    context: click.Context,
    profile: str | None,
    files: tuple[Path, ...],
    overrides: tuple[str, ...],
    run_dir: Path | None,
    no_ui: bool,
    limit_s: float | None,
    in_process: bool,
) -> None:
    """
    Run a trading algorithm, see why it acts, and stop it safely.

    Without a command: the cockpit on the profile's engine. It attaches if one runs in
    the run directory, else it starts one.
    """
    from core.__main__ import default_run_dir

    world = World(profile, files, overrides, (run_dir or default_run_dir()).resolve())
    context.obj = world
    if context.invoked_subcommand is not None:
        if no_ui or limit_s is not None or in_process:
            raise ConfigurationError(
                "--no-ui, --for and --in-process go without a command; "
                f"{context.invoked_subcommand} has options of its own"
            )
        return
    if no_ui or limit_s is not None:
        sys.exit(_headless(world, limit_s))
    if not _has_terminal():
        say("imc-cockpit: no terminal here, so no screen: running headless (like --no-ui)")
        sys.exit(_headless(world, None))
    sys.exit(_in_process(world) if in_process else _cockpit(world))


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _headless(world: World, limit_s: float | None) -> int:
    from core.__main__ import run_engine

    return run_engine(
        world.profile,
        world.files,
        world.overrides,
        world.run_dir,
        limit_s=limit_s,
        is_verbose=True,
        report=say,
    )


def _cockpit(world: World) -> int:
    from cockpit.app import CockpitApp
    from cockpit.launcher import ProcessLauncher
    from core.__main__ import check_settings

    # A wrong setting is said here, where it can be read, and not on a screen that closes.
    check_settings(world.profile, world.files, world.overrides)
    app = CockpitApp(
        lambda: SocketClient(world.run_dir, "cockpit"),
        launcher=ProcessLauncher(world.run_dir, world.arguments()),
    )
    return _show(app.run)


def _in_process(world: World) -> int:
    from cockpit.app import CockpitApp
    from cockpit.launcher import InProcessLauncher
    from core.__main__ import InProcessEngine

    engine = InProcessEngine(world.profile, world.files, world.overrides, world.run_dir)
    launcher = InProcessLauncher(engine.start, engine.stop)
    app = CockpitApp(launcher.connect, launcher=launcher)

    async def run() -> None:
        try:
            await app.run_async()
        finally:
            await launcher.stop()

    return _show(lambda: asyncio.run(run()))


def _show(run: Callable[[], object]) -> int:
    run()
    return 0


@main.command()
@click.option("--read-only", is_flag=True, help="Look, but send nothing.")
@click.option("--fps", type=click.FloatRange(0.2, 60), default=10.0, show_default=True)
@click.pass_obj
@honest
def attach(world: World, read_only: bool, fps: float) -> None:
    """Open the cockpit on a running engine; never starts one."""
    if not _has_terminal():
        raise ConfigurationError("attach needs a terminal; `imc-cockpit status` does not")
    from cockpit.app import CockpitApp

    def connect() -> SocketClient:
        return SocketClient(world.run_dir, "cockpit", read_only=read_only, snapshots_per_second=fps)

    asyncio.run(_touch(connect()))
    CockpitApp(connect, read_only=read_only, fps=fps).run()


async def _touch(client: SocketClient) -> None:
    """Fail now, with a sentence, if there is nothing to attach to."""
    try:
        await client.connect()
    finally:
        await client.close()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
@click.pass_obj
@honest
def status(world: World, as_json: bool) -> None:
    """Look once at the running engine: exit 0 healthy, 3 none running, 4 halted or stale."""
    from core.api.status import exit_code, status_json, status_text

    async def look(client: SocketClient, meta: RunMeta) -> tuple[RunMeta, EngineSnapshot]:
        return meta, await client.look()

    meta, snapshot = _ask(world, look, read_only=True)
    text = status_text(meta, snapshot)
    click.echo(json.dumps(status_json(meta, snapshot), indent=2) if as_json else text)
    sys.exit(exit_code(snapshot))


@main.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
)
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_obj
@honest
def send(world: World, words: tuple[str, ...], as_json: bool) -> None:
    """
    Ask something of the running engine.

    halt | resume | pause | cancel-all | flatten [INSTRUMENT] | cancel ID | set KEY VALUE |
    buy|sell INSTRUMENT QUANTITY [@ PRICE] [ioc] [post-only] | stop | speed X
    """
    _send(world, words, as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_obj
@honest
def stop(world: World, as_json: bool) -> None:
    """End the running engine in order: cancel, confirm, close the journal."""
    _send(world, ("stop",), as_json=as_json, wait_for_end=True)


def _send(
    world: World, words: tuple[str, ...], *, as_json: bool, wait_for_end: bool = False
) -> None:
    from core.api.commands import parse_command

    async def exchange(client: SocketClient, meta: RunMeta) -> CommandResult:
        result = await client.send(parse_command(words, "cli", meta))
        if result.accepted and wait_for_end:
            await _wait_for_the_end(client, world.run_dir)
        return result

    try:
        # Read before connecting: a typing mistake is worth the same answer without an engine.
        parse_command(words, "cli")
        result = _ask(world, exchange)
    except ConfigurationError as error:
        if not as_json:
            raise
        result = CommandResult(0, accepted=False, text=str(error))
    if as_json:
        click.echo(json.dumps({"accepted": result.accepted, "text": result.text}))
    else:
        click.echo(result.text)
    sys.exit(0 if result.accepted else 2)


async def _wait_for_the_end(client: SocketClient, run_dir: Path) -> None:
    """Until the run directory is free: journal closed, exchange ended."""
    with suppress(EngineUnavailable):
        async for _ in client.messages():
            pass
    while claimant(run_dir):
        await asyncio.sleep(_POLL_S)


def _ask(
    world: World,
    action: Callable[[SocketClient, RunMeta], Awaitable[T]],
    *,
    read_only: bool = False,
) -> T:
    """Connect, do one thing, disconnect."""

    async def run() -> T:
        client = SocketClient(world.run_dir, "cli", read_only=read_only, snapshots_per_second=0)
        try:
            return await action(client, await client.connect())
        finally:
            await client.close()

    return asyncio.run(run())


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


class Speed(click.ParamType[float]):
    """Recorded seconds per second, or `max`."""

    name = "speed"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read a speed."""
        if str(value).lower() in {"max", "inf"}:
            return math.inf
        try:
            speed = float(value)
        except ValueError:
            speed = -1.0
        if not 0 <= speed <= MAX_SPEED:
            self.fail(f"{value!r} is not a speed from 0 to {MAX_SPEED:g}, or max", param, ctx)
        return speed


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
    if no_ui or as_json or not _has_terminal():
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
    sys.exit(_watch_replay(world, data, speed))


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:<14} {value}" for name, value in figures.items())


def _watch_replay(world: World, data: tuple[str, ...], speed: float) -> int:
    from cockpit.app import CockpitApp
    from cockpit.launcher import ProcessLauncher

    # A world of its own: a replay must never meet a live engine's socket.
    run_dir = world.run_dir / f"replay-{os.getpid()}"
    own = World(world.profile, world.files, world.overrides, run_dir)
    paths = [str(Path(path).resolve()) if Path(path).exists() else path for path in data]
    launcher = ProcessLauncher(
        run_dir, [*own.arguments(), "--speed", str(speed), "--replay", *paths], ends_with_us=True
    )
    app = CockpitApp(lambda: SocketClient(run_dir, "cockpit"), launcher=launcher)
    try:
        app.run()
    finally:
        asyncio.run(launcher.stop())
        shutil.rmtree(run_dir, ignore_errors=True)
    return 0


@main.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="0 picks a free one.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=7, show_default=True)
@click.option("--speed", type=click.FloatRange(0.1, 100), default=1.0, show_default=True)
@honest
def exchange(port: int | None, seed: int, speed: float) -> None:
    """Run the practice exchange alone, until Ctrl-C."""
    from core.__main__ import run_exchange

    sys.exit(run_exchange(port, seed, speed))


@main.command()
@honest
def profiles() -> None:
    """List the profiles."""
    from core.__main__ import profile_names

    for name in profile_names():
        click.echo(name)


@main.group()
def config() -> None:
    """Look at the settings without starting anything."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@honest
def config_show(world: World, as_json: bool) -> None:
    """Every setting, its value and where it came from."""
    from core.__main__ import settings_table

    rows = settings_table(world.profile, world.files, world.overrides)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    width = max(len(row["key"]) for row in rows)
    value_width = max(len(row["value"]) for row in rows)
    for row in rows:
        click.echo(f"{row['key']:<{width}}  {row['value']:>{value_width}}  {row['origin']}")


@config.command("check")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@honest
def config_check(world: World, as_json: bool) -> None:
    """Say whether the settings can be used, and if not, what is wrong where."""
    from core.__main__ import check_settings

    found = check_settings(world.profile, world.files, world.overrides)
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(f"settings are good: profile {found['profile']}, hash {found['settings_hash']}")


@main.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@honest
def doctor(world: World, as_json: bool) -> None:
    """Check this machine and this installation; exit 0 if everything needed is there."""
    from core.__main__ import diagnose

    checks = diagnose(world.run_dir, world.profile)
    if as_json:
        click.echo(json.dumps(checks, indent=2))
    else:
        for check in checks:
            mark = {"ok": "✓", "warning": "!", "problem": "✗"}[check["state"]]
            click.echo(f"{mark} {check['name']:<22} {check['text']}")
    sys.exit(2 if any(check["state"] == "problem" for check in checks) else 0)


@main.command()
@honest
def warm() -> None:
    """Compile the kernel now, so that the first start is as quick as any."""
    from core.__main__ import warm_up

    click.echo(f"the kernel is ready after {warm_up(say):.1f} s")


def run() -> int:
    """Do what the command line asks, and return the exit code; wrong usage is one line too."""
    try:
        return int(main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        more = f" (see `{context.command_path} --help`)" if context else ""
        say(f"imc-cockpit: {error.format_message()}{more}")
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
