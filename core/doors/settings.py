"""What can be asked without starting anything: settings, profiles, this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.doors.choice import Choice, check_city, check_strategy, tell


def check_settings(
    choice: Choice, report: Callable[[str], None] = tell, *, for_engine: bool = False
) -> dict[str, Any]:
    """
    Read settings, instruments and the user's own signal without starting anything.

    Args:
        choice: Settings, and where runs and data are.
        report: Told what of the user's own looks wrong.
        for_engine: An engine is to be started with them: a Python strategy has to be one
            that it can run, which a backtest's need not.

    Raises:
        ConfigurationError: With one line that says what is wrong where.
    """
    from core.settings.loader import settings_hash
    from core.settings.markets import markets_of

    settings = choice.settings()
    entries = [entry for market in markets_of(settings) for entry in market.entries]
    check_city(settings.city)
    if for_engine:
        check_strategy(choice, settings)
    signal = choice.own_signal(settings, report)
    return {
        "ok": True,
        "profile": settings.profile,
        "mode": settings.mode.value,
        "instruments": [entry.symbol for entry in entries],
        "settings_hash": settings_hash(settings, entries),
        "signal": asdict(signal) if signal else None,
    }


def live_question(choice: Choice) -> tuple[str, str]:
    """
    Say what is at stake with real money, and which word has to be typed for it.

    Returns:
        The sentence and the word; both empty where no real money is at stake.
    """
    from core.settings.live_guard import live_word, warning

    settings = choice.settings()
    word = live_word(settings)
    return (warning(settings), word) if word else ("", "")


def settings_table(choice: Choice) -> list[dict[str, str]]:
    """Every setting with its value, where it came from and what it means."""
    from core.settings.listing import list_settings

    return [asdict(line) for line in list_settings(choice.load())]


def profile_names() -> tuple[str, ...]:
    """Names of the profiles that ship with the program."""
    from core.settings.loader import profile_names as names

    return names()


def diagnose(run_dir: Path, profile: str | None = None) -> list[dict[str, str]]:
    """Check machine and installation: name, state (ok, warning, problem) and text of each."""
    from core.settings import doctor

    return [asdict(check) for check in doctor.diagnose(run_dir, profile)]
