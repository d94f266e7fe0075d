"""
Can an engine run this Python strategy? Asked in a process of its own.

Whoever asks never imports what may hang, print or die.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core.domain.errors import ConfigurationError, FatalError
from core.strategies.limits import START_S
from core.strategies.prints import printing_to
from core.strategies.python_class import load_class, refuse_trader


def refuse_unfit(name: str, folders: Sequence[Path], limit_s: float = START_S) -> None:
    """
    Refuse what a live engine could only halt for.

    Args:
        name: `package.module:Class`, or `path/to/file.py:Class`.
        folders: Searched for a module before the usual places.
        limit_s: Longest that importing and making it may take.

    Raises:
        ConfigurationError: If it cannot be imported or made, takes too long, or is an IMC
            Trader.
    """
    command = [sys.executable, "-m", "core.strategies.probe", name, *map(str, folders)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env=env, timeout=limit_s,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(
            f'strategy "{name}" is not ready after {limit_s:g} s: its module or its constructor '
            "does not come to an end"
        ) from error
    if done.returncode != 0:
        raise ConfigurationError(done.stdout or f'strategy "{name}" ended the process that made it')


def main(name: str, folders: Sequence[str]) -> int:
    """Import and make a strategy; why that is not possible goes to standard output."""
    try:
        with printing_to(None):
            loaded = load_class(name, [Path(folder) for folder in folders])
            refuse_trader(loaded)
            loaded.make()
    except FatalError as error:
        sys.stdout.write(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
