"""What stands before every command: which settings, and where runs and data are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from core.data.part import Part
    from core.settings.city import CitySettings
    from core.settings.data import DataSettings
    from core.settings.loader import LoadedSettings
    from core.settings.model import Settings
    from core.strategies.plugins import LoadedSignal


def tell(text: str) -> None:
    """Say it to whoever started this process."""
    sys.stderr.write(f"imc-cockpit: {text}\n")
    sys.stderr.flush()


def default_run_dir() -> Path:
    """`logs/` in a checkout, else the user's state directory."""
    from core.tables import paths

    return paths.default_run_dir()


@dataclass(frozen=True, slots=True)
class Choice:
    """
    Which settings are meant, and where things live.

    Its methods raise ConfigurationError, with one line that says what is wrong where.
    """

    profile: str | None = None
    """None for the usual one; of recorded markets, for the one of their kind."""
    files: Sequence[Path] = ()
    """Settings over the profile; modules of the user's own are looked for beside them."""
    overrides: Sequence[str] = ()
    """Single settings over those, as `key=value`."""
    run_dir: Path = field(default_factory=default_run_dir)
    """Where runs, the engine's socket and the store of data sets are."""

    def but(self, *overrides: str, files: Sequence[Path] = ()) -> Self:
        """The same with more settings over it."""
        return replace(self, files=(*self.files, *files), overrides=(*self.overrides, *overrides))

    def load(self, fitting: str = "") -> LoadedSettings:
        """Read all settings, with their origins; without a profile over the `fitting` one."""
        from core.settings.loader import load_settings

        return load_settings(self.profile or fitting or None, self.files, self.overrides)

    def settings(self, fitting: str = "") -> Settings:
        """Read all settings; without a profile over the `fitting` one."""
        return self.load(fitting).settings

    def columns(self) -> DataSettings:
        """Read what the settings say of recorded data, and nothing else of them."""
        from core.settings.loader import load_data_settings

        return load_data_settings(self.profile, self.files, self.overrides)

    @property
    def own_folders(self) -> list[Path]:
        """Where modules of the user's own are looked for."""
        return [Path.cwd(), *(file.parent for file in self.files)]

    def own_signal(
        self, settings: Settings, report: Callable[[str], None] = tell
    ) -> LoadedSignal | None:
        """Load the user's own signal, target or strategy, if the settings name one."""
        wanted, strategy = settings.signals, settings.strategy
        if not (wanted.mine or strategy.target or strategy.python):
            return None
        from core.strategies.own import OwnNames, load_own

        names = OwnNames(wanted.mine, strategy.target, strategy.python)
        own = load_own(names, self.own_folders)
        if own is not None and own.complaint:
            key = "signals.mine = " if wanted.mine and not strategy.target else ""
            report(
                f'{key}"{own.name}" {own.complaint} on every sample row; '
                "where it does so in trading, it is quarantined"
            )
        return own


def stretch_of(part: str | None) -> Part | None:
    """Read which part of a recording is meant; None for all of it."""
    if part is None:
        return None
    from core.data.part import parse_part

    return parse_part(part)


def check_strategy(choice: Choice, settings: Settings) -> None:
    """
    Refuse a Python strategy that an engine could only halt for; most runs have none.

    Raises:
        ConfigurationError: With one line that says what is wrong where.
    """
    if not settings.strategy.python:
        return
    from core.strategies.probe import refuse_unfit

    refuse_unfit(settings.strategy.python, choice.own_folders)


def check_city(wanted: CitySettings) -> None:
    """
    Refuse a place, an event or a source that cannot be; most runs want none of them.

    Raises:
        ConfigurationError: With one line that says what is wrong where.
    """
    if wanted.feeds == "off" and not wanted.event:
        return
    from core.assembly.event import check_city as check

    check(wanted)
