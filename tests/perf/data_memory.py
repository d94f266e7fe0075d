"""`python -m tests.perf.data_memory PATTERN`: what reading recorded days takes at its peak."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from core.data.loader import load_data
from tests.recorded_data import FOLDER

_WARM_UP = "prosperity3/round0/prices_round_0_day_-1.csv.gz"
_RESET_PEAK = "5"


def main(pattern: str) -> None:
    """Load libraries with another day, then the days that count."""
    load_data([FOLDER / _WARM_UP])
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    before_mb = _status_mb("VmRSS")
    data = load_data([FOLDER / pattern])
    found = {"peak_mb": _status_mb("VmHWM") - before_mb, "events_mb": data.events.nbytes / 1e6}
    sys.stdout.write(json.dumps(found))


def _status_mb(key: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    match = re.search(rf"{key}:\s+(\d+) kB", text)
    if match is None:
        raise LookupError(key)
    return int(match[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(sys.argv[1])
