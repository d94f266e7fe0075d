"""`imc-cockpit` itself, and what stands before a command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cockpit.cli.screen import has_terminal, run_cockpit, run_headless, run_in_process
from cockpit.cli.world import Duration, World, honest, low_bandwidth_option, say
from core.domain.errors import ConfigurationError
from core.doors.choice import default_run_dir


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
    "--cockpit",
    "cockpit_files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A TOML file over your own cockpit.toml; may be given several times.",
)
@click.option("--ascii", "is_ascii", is_flag=True, help="Draw with plain letters only.")
@low_bandwidth_option
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where runs and the engine's socket live; two directories are two worlds.",
)
@click.option("--no-ui", is_flag=True, help="Engine in the foreground, log lines, no screen.")
@click.option("--for", "limit_s", type=Duration(), help="End in order after this long, e.g. 60s.")
@click.option("--in-process", is_flag=True, help="Engine as a worker inside the cockpit.")
@click.option("--live", is_flag=True, help="Real money is meant; a word is asked for.")
@click.option("--confirm-live", "word", metavar="WORD", help="That word, where nobody can type.")
@click.version_option(package_name="imc-cockpit", prog_name="imc-cockpit")
@click.pass_context
@honest
def main(
    context: click.Context,
    profile: str | None,
    files: tuple[Path, ...],
    overrides: tuple[str, ...],
    cockpit_files: tuple[Path, ...],
    is_ascii: bool,
    low_bandwidth: bool,
    run_dir: Path | None,
    no_ui: bool,
    limit_s: float | None,
    in_process: bool,
    live: bool,
    word: str | None,
) -> None:
    """
    Run a trading algorithm, see why it acts, and stop it safely.

    Without a command: the cockpit on the profile's engine. It attaches if one runs in
    the run directory, else it starts one.
    """
    folder = (run_dir or default_run_dir()).resolve()
    overrides = _with_live(overrides, live, word)
    world = World(profile, files, overrides, folder, cockpit_files, is_ascii, low_bandwidth)
    context.obj = world
    if context.invoked_subcommand is not None:
        if no_ui or limit_s is not None or in_process:
            raise ConfigurationError(
                "--no-ui, --for and --in-process go without a command; "
                f"{context.invoked_subcommand} has options of its own"
            )
        return
    if no_ui or limit_s is not None:
        sys.exit(run_headless(world, limit_s))
    if not has_terminal():
        say("imc-cockpit: no terminal here, so no screen: running headless (like --no-ui)")
        sys.exit(run_headless(world, None))
    if live and word is None:
        world = _confirmed(world)
    sys.exit(run_in_process(world) if in_process else run_cockpit(world))


def _with_live(overrides: tuple[str, ...], live: bool, word: str | None) -> tuple[str, ...]:
    """Say it as settings, which every way to start an engine passes on."""
    if word is not None and not live:
        raise ConfigurationError("--confirm-live goes with --live")
    said = ("venue.live=true",) if live else ()
    return (*overrides, *said, *((f"venue.confirm_live={word}",) if word else ()))


def _confirmed(world: World) -> World:
    """Have the word typed by who sits here; a wrong one is refused by the engine."""
    from core.doors.settings import live_question

    sentence, word = live_question(world)
    if not word:
        return world
    say(sentence)
    typed = click.prompt(f"Type {word} to go on", err=True, default="", show_default=False)
    if typed.strip() != word:
        raise ConfigurationError(f"not {word}: nothing was started")
    return world.but(f"venue.confirm_live={word}")
