"""What `imc-cockpit doctor` looks at: this machine, this terminal, this installation."""

from __future__ import annotations

import locale
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from core import jit
from core.domain.errors import ConfigurationError
from core.settings.instruments import load_instruments
from core.settings.loader import load_settings, profile_names
from core.settings.venue import VenueSettings
from core.tables.paths import checkout_dir

OLDEST_PYTHON = (3, 11)
SMALLEST_SCREEN = (80, 24)
DATA_VARIABLE = "IMC_COCKPIT_DATA"
"""Environment variable that names the folder of recorded data."""

_LEAST_FREE_MB = 500
_CONNECT_S = 0.5
_LIBRARIES = ("numba", "numpy", "pydantic", "textual", "websockets")


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It works, with less comfort or later."""
    PROBLEM = "problem"
    """It will not work until this is mended."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    text: str
    """What was found and, unless all is well, what to do."""


def diagnose(
    run_dir: Path,
    profile: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
) -> tuple[Check, ...]:
    """
    Look at everything that starting needs, without starting or changing anything.

    Args:
        run_dir: Where runs will be written.
        profile: Profile whose exchange will be used; None means practice.
        environment: Variables to look at; None means the process's own.
    """
    variables = os.environ if environment is None else environment
    return (
        _python(),
        _libraries(),
        _settings(),
        _kernel(),
        _run_dir(run_dir),
        _exchange(profile),
        _screen(variables),
        _colors(variables),
        _unicode(),
        _data(variables),
    )


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return Check("python", State.PROBLEM, f"{found}; 3.11 or newer is needed")
    return Check("python", State.OK, found)


def _libraries() -> Check:
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        return Check("libraries", State.PROBLEM, f"not installed: {', '.join(missing)}")
    return Check(
        "libraries", State.OK, ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"


def _settings() -> Check:
    try:
        for name in profile_names():
            load_instruments(load_settings(name).settings.instruments.file)
    except ConfigurationError as error:
        return Check("settings", State.PROBLEM, str(error))
    return Check("settings", State.OK, f"profiles {', '.join(profile_names())}")


def _kernel() -> Check:
    if jit.is_warm():
        return Check("kernel", State.OK, f"compiled: {jit.cache_dir()}")
    text = "not compiled yet: the first start takes longer; `imc-cockpit warm` does it now"
    return Check("kernel", State.WARNING, text)


def _run_dir(run_dir: Path) -> Check:
    folder = run_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            free_mb = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        text = f"{run_dir}: cannot be written: {error.strerror}; choose another with --run-dir"
        return Check("run directory", State.PROBLEM, text)
    if free_mb < _LEAST_FREE_MB:
        text = f"{run_dir}: only {free_mb} MB free; a journal that cannot be written halts trading"
        return Check("run directory", State.WARNING, text)
    return Check("run directory", State.OK, f"{run_dir}, {free_mb // 1_000} GB free")


def _exchange(profile: str | None) -> Check:
    try:
        venue = load_settings(profile).settings.venue
    except ConfigurationError as error:
        return Check("exchange", State.PROBLEM, str(error))
    if venue.kind == "recorded":
        return Check("exchange", State.OK, "recorded data needs none")
    if venue.kind == "cmi" and not venue.start_exchange:
        return Check("exchange", State.OK, f"{venue.url} is not asked: every request counts there")
    return _practice_exchange(venue)


def _practice_exchange(venue: VenueSettings) -> Check:
    address = urlsplit(venue.url)
    if address.port == 0:
        return Check("exchange", State.OK, "started by the engine on a free port of its own")
    host, port = (
        address.hostname or "",
        address.port or (443 if address.scheme in {"wss", "https"} else 80),
    )
    if _answers(host, port):
        text = f"something answers at {venue.url}; it is used if it is a practice exchange"
        return Check("exchange", State.OK, text)
    if venue.start_exchange:
        return Check("exchange", State.OK, f"{host}:{port} is free for the practice exchange")
    text = f"nothing answers at {venue.url}; start one with `imc-cockpit exchange`"
    return Check("exchange", State.WARNING, text)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_S):
            return True
    except OSError:
        return False


def _screen(variables: Mapping[str, str]) -> Check:
    if not sys.stdout.isatty():
        text = "no terminal: the engine runs without a screen, as with --no-ui"
        return Check("screen", State.WARNING, text)
    columns, lines = shutil.get_terminal_size()
    wanted_columns, wanted_lines = SMALLEST_SCREEN
    if columns < wanted_columns or lines < wanted_lines:
        text = f"{columns}x{lines}; from {wanted_columns}x{wanted_lines} on everything is shown"
        return Check("screen", State.WARNING, text)
    return Check("screen", State.OK, f"{columns}x{lines}, TERM={variables.get('TERM', '')}")


def _colors(variables: Mapping[str, str]) -> Check:
    if variables.get("NO_COLOR"):
        return Check("colors", State.WARNING, "NO_COLOR is set: signs and words say the same")
    if variables.get("COLORTERM") in {"truecolor", "24bit"}:
        return Check("colors", State.OK, "16 million")
    if "256color" in variables.get("TERM", ""):
        return Check("colors", State.OK, "256; COLORTERM=truecolor gives finer shades")
    return Check("colors", State.WARNING, "few or none: signs and words say the same")


def _unicode() -> Check:
    encoding = sys.stdout.encoding or locale.getpreferredencoding(do_setlocale=False)
    try:
        "▁▂▃▄▅▆▇█●◐│".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        text = f"{encoding} cannot show bars and dots; set LANG to a UTF-8 locale"
        return Check("unicode", State.WARNING, text)
    return Check("unicode", State.OK, encoding)


def _data(variables: Mapping[str, str]) -> Check:
    named = variables.get(DATA_VARIABLE)
    root = checkout_dir()
    folder = Path(named) if named else root.parent / "shared" / "data" if root else None
    if folder is not None and folder.is_dir():
        return Check("recorded data", State.OK, str(folder))
    where = f"{folder} is not there; " if folder else ""
    text = f"{where}{DATA_VARIABLE} names its folder; only tests and examples need it"
    return Check("recorded data", State.WARNING, text)
