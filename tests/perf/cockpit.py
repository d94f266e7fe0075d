"""What the screen costs, with everything on it moving ten times a second."""

from __future__ import annotations

from tests.perf.cockpit_load import FULL, SPARED
from tests.perf.cockpit_load import measure as weigh
from tests.perf.row import Row, Target

SECONDS = 8.0
CROWD = (*FULL, "--instruments", "200", "--trades", "10000")
SLOW_SECONDS = 20.0
"""Few pictures: they need more time to average out."""
IDLE_SECONDS = 5.0
IDLE_CPU_PCT = 1.0
"""What is called nearly nothing."""


def measure() -> list[Row]:
    """Weigh the cockpit in a large and in a small terminal, and at rest."""
    rows = []
    for columns, lines in ((160, 48), (80, 24)):
        load = weigh(SECONDS, columns, lines)
        name = f"cockpit {columns}x{lines}"
        rows += [
            Row(f"{name}, processor", load["cpu_pct"], "% of a core", Target(10)),
            Row(f"{name}, terminal", load["bytes_per_s"] / 1e3, "kB/s", Target(30)),
        ]
    for columns, lines in ((80, 24), (160, 48)):
        load = weigh(SLOW_SECONDS, columns, lines, options=SPARED)
        rows.append(
            Row(
                f"cockpit {columns}x{lines}, low bandwidth",
                load["bytes_per_s"] / 1e3,
                "kB/s",
                Target(5),
            )
        )
    crowd = weigh(SECONDS, 160, 48, options=CROWD)
    rows += [
        Row(
            "cockpit, 200 instruments and 10,000 trades, processor",
            crowd["cpu_pct"],
            "% of a core",
            Target(10),
        ),
        Row("cockpit, same, terminal", crowd["bytes_per_s"] / 1e3, "kB/s", Target(30)),
    ]
    idle = weigh(IDLE_SECONDS, 160, 48, fps=0)
    return [
        *rows,
        Row("cockpit idle, processor", idle["cpu_pct"], "% of a core", Target(IDLE_CPU_PCT)),
        Row("cockpit idle, terminal", idle["bytes_per_s"] / 1e3, "kB/s", Target(1)),
    ]
