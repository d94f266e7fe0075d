"""Which engine is meant, how words become values, and how an error becomes an exit code."""

from __future__ import annotations

import math
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, TypeVar

import click

from core.domain.errors import FatalError
from core.doors.choice import Choice

P = ParamSpec("P")
T = TypeVar("T")

EXIT_INTERNAL = 70
MAX_SPEED = 1e6


@dataclass(frozen=True, slots=True)
class World(Choice):
    """What stands before a command: which engine is meant, and how its cockpit looks."""

    cockpit_files: tuple[Path, ...] = ()
    """Of the cockpit's own settings, over the user's."""
    is_ascii: bool = False
    """Whether plain letters are asked for, whatever the settings say."""
    is_low_bandwidth: bool = False
    """Whether the line to the terminal is to be spared, whatever the settings say."""

    def sparing(self, wanted: bool) -> World:
        """Also where it is said after the command."""
        return replace(self, is_low_bandwidth=self.is_low_bandwidth or wanted)

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


low_bandwidth_option = click.option(
    "--low-bandwidth", is_flag=True, help="Spare the line: few pictures, at most 5 kB a second."
)


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
