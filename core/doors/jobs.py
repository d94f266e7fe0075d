"""How many processes, where nobody says."""

from __future__ import annotations

import os
from collections.abc import Callable


def default_jobs() -> int:
    """As many as this process may use processors."""
    count: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return count() or 1
