"""
`imc-cockpit`: what is asked of it, by whom, and with which exit code it ends.

Everything heavy is imported where it is needed: `status` loads neither the compiled
kernel nor the screen.
"""

from __future__ import annotations

import click

from cockpit.cli import engine, pictures, recordings, tools
from cockpit.cli.group import main
from cockpit.cli.world import say

COMMANDS = (engine, pictures, recordings, tools)
"""Importing them is what makes `main` know them."""


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
