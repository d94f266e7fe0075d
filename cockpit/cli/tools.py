"""Commands that need no engine."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cockpit.cli.group import main
from cockpit.cli.world import World, honest, say


@main.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="0 picks a free one.")
@click.option(
    "--cmi-port",
    type=click.IntRange(0, 65_535),
    help="The same market as an IMC CMI exchange too (REST and SSE); 0 picks a free port.",
)
@click.option(
    "--cmi-requests-per-s",
    type=click.FloatRange(0, 1_000),
    default=0.0,
    help="Refuse more requests of one CMI user with 429; 0 takes all.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=7, show_default=True)
@click.option("--speed", type=click.FloatRange(0.1, 100), default=1.0, show_default=True)
@click.option(
    "--faults",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What is to go wrong; edit the file while it runs.",
)
@honest
def exchange(
    port: int | None,
    cmi_port: int | None,
    cmi_requests_per_s: float,
    seed: int,
    speed: float,
    faults: Path | None,
) -> None:
    """Run the practice exchange alone, until Ctrl-C."""
    from core.doors.engine import run_exchange

    code = run_exchange(
        port, seed, speed, faults, cmi_port=cmi_port, cmi_requests_per_s=cmi_requests_per_s
    )
    sys.exit(code)


@main.command()
@honest
def profiles() -> None:
    """List the profiles."""
    from core.doors.settings import profile_names

    for name in profile_names():
        click.echo(name)


WIDEST_VALUE = 32
"""A longer value pushes its origin aside, and not those of all others."""


@main.group()
def config() -> None:
    """Look at the settings without starting anything."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@honest
def config_show(world: World, as_json: bool) -> None:
    """Every setting, its value and where it came from; the cockpit's own come last."""
    from cockpit.settings.listing import cockpit_table
    from core.doors.settings import settings_table

    rows = [
        *settings_table(world),
        *cockpit_table(world.cockpit_files),
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    width = max(len(row["key"]) for row in rows)
    value_width = min(WIDEST_VALUE, max(len(row["value"]) for row in rows))
    for row in rows:
        click.echo(f"{row['key']:<{width}}  {row['value']:>{value_width}}  {row['origin']}")


@config.command("check")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
@honest
def config_check(world: World, as_json: bool) -> None:
    """Say whether the settings can be used, and if not, what is wrong where."""
    from cockpit.settings.loader import load_cockpit_settings
    from core.doors.settings import check_settings

    found = check_settings(world)
    loaded = load_cockpit_settings(world.cockpit_files)
    found["cockpit"] = sorted(set(loaded.origins.values()))
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
    from core.doors.settings import diagnose

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
    from core.doors.engine import warm_up

    click.echo(f"the kernel is ready after {warm_up(say):.1f} s")
