"""
`imc-cockpit`: what is asked of it, by whom, and with which exit code it ends.

Everything heavy is imported where it is needed: `status` loads neither the compiled
kernel nor the screen.
"""

from __future__ import annotations

import click

from cockpit.cli import data, engine, experiments, pictures, recordings, tools
from cockpit.cli.group import main
from cockpit.cli.world import say

COMMANDS = (data, engine, experiments, pictures, recordings, tools)
"""Importing them is what makes `main` know them."""


def run() -> int:
    """Do what the command line asks, and return the exit code; wrong usage is one line too."""
    try:
        return int(main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.NoSuchOption as error:
        say(f"imc-cockpit: {_misplaced(error) or error.format_message()}{_more(error)}")
        return error.exit_code
    except click.ClickException as error:
        say(f"imc-cockpit: {error.format_message()}{_more(error)}")
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error


def _misplaced(error: click.NoSuchOption) -> str:
    """Say where an option belongs that stands behind a command, but is one of all of them."""
    context = error.ctx
    everywhere = {name for option in main.params for name in option.opts}
    if context is None or context.parent is None or error.option_name not in everywhere:
        return ""
    command = context.command_path.removeprefix(context.find_root().command_path).strip()
    name = error.option_name
    return f"{name} stands before the command: imc-cockpit {name} ... {command}"


def _more(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" (see `{context.command_path} --help`)" if context else ""
