"""Commands for an engine that runs already."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import click

from cockpit.cli.group import main
from cockpit.cli.screen import has_terminal, open_cockpit, show, touch
from cockpit.cli.world import World, honest, low_bandwidth_option
from cockpit.cockpit_name import cockpit_name
from core.api.address import claimant
from core.api.socket_client import SocketClient
from core.domain.commands import CommandResult
from core.domain.errors import ConfigurationError, EngineUnavailable
from core.domain.snapshot import EngineSnapshot, RunMeta

T = TypeVar("T")

_POLL_S = 0.02


@main.command()
@click.option("--read-only", is_flag=True, help="Look, but send nothing.")
@click.option("--fps", type=click.FloatRange(0.2, 60), help="Pictures a second, at most.")
@low_bandwidth_option
@click.option("--ssh", "destination", metavar="USER@HOST", help="The engine of another machine.")
@click.option("--run-dir", metavar="DIR", help="Of the engine; with --ssh over there.")
@click.option(
    "--remote-command",
    metavar="PATH",
    help="With --ssh: what imc-cockpit is called over there.",
)
@click.pass_obj
@honest
def attach(
    world: World,
    read_only: bool,
    fps: float | None,
    low_bandwidth: bool,
    destination: str | None,
    run_dir: str | None,
    remote_command: str | None,
) -> None:
    """
    Open the cockpit on a running engine; never starts one.

    With --ssh the engine's socket is forwarded by the system's ssh and everything is drawn
    here. `ssh USER@HOST` has to work without a password being typed.
    """
    if not has_terminal():
        raise ConfigurationError("attach needs a terminal; `imc-cockpit status` does not")
    world = world.sparing(low_bandwidth)
    if destination is not None:
        from cockpit.cli.ssh import attach_over_ssh

        there = run_dir or _run_dir_before_the_command()
        sys.exit(
            attach_over_ssh(world, destination, there, remote_command, read_only=read_only, fps=fps)
        )
    if remote_command is not None:
        raise ConfigurationError("--remote-command goes with --ssh")
    folder = world.run_dir if run_dir is None else Path(run_dir).resolve()

    def connect() -> SocketClient:
        return SocketClient(folder, cockpit_name(), read_only=read_only)

    asyncio.run(touch(connect()))
    app = open_cockpit(world, connect, read_only=read_only, fps=fps)
    sys.exit(show(app, app.run))


def _run_dir_before_the_command() -> str | None:
    """As it was written: it means a folder of the other machine."""
    parent = click.get_current_context().parent
    given = parent.params.get("run_dir") if parent is not None else None
    return None if given is None else str(given)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
@honest
def where(world: World, as_json: bool) -> None:
    """Print the run directory, the engine's socket and its process; `attach --ssh` asks it."""
    from core.api.address import socket_path

    found = {
        "run_dir": str(world.run_dir),
        "socket": str(socket_path(world.run_dir)),
        "pid": claimant(world.run_dir),
    }
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, value in found.items():
        click.echo(f"{name:<8} {value or 'none: no engine runs here'}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
@click.pass_obj
@honest
def status(world: World, as_json: bool) -> None:
    """Look once at the running engine: exit 0 healthy, 3 none running, 4 halted or stale."""
    from core.api.status import exit_code, status_json, status_text

    async def look(client: SocketClient, meta: RunMeta) -> tuple[RunMeta, EngineSnapshot]:
        return meta, await client.look()

    meta, snapshot = _ask(world, look, only_looks=True)
    text = status_text(meta, snapshot)
    click.echo(json.dumps(status_json(meta, snapshot), indent=2) if as_json else text)
    sys.exit(exit_code(snapshot))


@main.command(
    # No -h: `seek -1h` would be taken for it.
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": True,
        "help_option_names": ["--help"],
    },
)
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_obj
@honest
def send(world: World, words: tuple[str, ...], as_json: bool) -> None:
    """
    Ask something of the running engine.

    halt | resume [--word resume] | pause | flatten [INSTRUMENT] | cancel ID |
    cancel-all (of this engine) | cancel-everything (of the account) |
    set KEY VALUE [--for 30s] | keep [KEY] |
    buy|sell INSTRUMENT QUANTITY [@ PRICE] [ioc] [post-only] | stop

    Of a replay: speed X | step N | seek 14:03:27 | seek +30s | seek fill | seek -alert |
    whatif KEY VALUE [@ WHERE] | whatif cancel
    """
    _send(world, words, as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_obj
@honest
def stop(world: World, as_json: bool) -> None:
    """End the running engine in order: cancel, confirm, close the journal."""
    _send(world, ("stop",), as_json=as_json, wait_for_end=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the JSON contract.")
@click.pass_obj
@honest
def kill(world: World, as_json: bool) -> None:
    """
    Cancel everything at the venue without the engine, and keep it from placing any more.

    Works while the engine is stopped, hangs or is dead. Give the profile and settings of
    the engine. Exit 0 no order is left, 3 no venue answers, 4 something is left.
    """
    from core.doors.engine import run_kill

    code, report, text = run_kill(world)
    click.echo(json.dumps(report, indent=2) if as_json else text)
    sys.exit(code)


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
    only_looks: bool = False,
) -> T:
    """Connect, do one thing, disconnect. Commands reach an engine of any build."""

    async def run() -> T:
        client = SocketClient(
            world.run_dir,
            "cli",
            read_only=only_looks,
            snapshots_per_second=0,
            reads_state=only_looks,
        )
        try:
            return await action(client, await client.connect())
        finally:
            await client.close()

    return asyncio.run(run())
