"""The word that `imc-cockpit kill` leaves in a run directory for the engine that comes next."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import msgspec

_Int64 = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

KILLED = "killed.json"


@dataclass(frozen=True, slots=True)
class KillWord:
    """What a killed engine may not have lived to write into its journal."""

    ts_ns: _Int64
    """When, UTC; 0 if the word cannot be read."""
    token: _Int64
    """Of the lease that was taken."""
    orders: _Int64
    """Canceled at the venue."""


def leave_word(run_dir: Path, word: KillWord) -> None:
    """
    Have the next engine of a run directory come up halted.

    Raises:
        OSError: If it cannot be written.
    """
    unfinished = run_dir / f"{KILLED}.tmp"
    unfinished.write_text(json.dumps(asdict(word)) + "\n", encoding="utf-8")
    unfinished.replace(run_dir / KILLED)


def read_word(run_dir: Path) -> KillWord | None:
    """Read it; None if there is none. One that is damaged still says that there was a kill."""
    try:
        return msgspec.json.decode((run_dir / KILLED).read_bytes(), type=KillWord)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return KillWord(0, 0, 0)


def remove_word(run_dir: Path) -> None:
    """Forget it: the journal has it now."""
    with suppress(FileNotFoundError):
        (run_dir / KILLED).unlink()
